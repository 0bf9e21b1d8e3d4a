export const question = {
  title: {
    password: 'Ihr Passwort',
    psk: 'Der vereinbarte Schlüssel',
    'p12-password': 'Das Passwort Ihrer Zertifikatsdatei',
    'key-password': 'Das Passwort Ihres Schlüssels',
    'one-time-code': 'Der Einmalcode',
  },
  codeHint: 'Von Ihrem Telefon oder Token. Er wird nie behalten.',
  answer: 'Weiter',
}
