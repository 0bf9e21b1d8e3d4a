export const question = {
  title: {
    password: 'Ihr Kennwort',
    psk: 'Der vereinbarte Schlüssel',
    'p12-password': 'Das Kennwort Ihrer Zertifikatsdatei',
    'key-password': 'Das Kennwort Ihres Schlüssels',
    'one-time-code': 'Der Einmalcode',
  },
  codeHint: 'Von Ihrem Telefon oder Token. Er wird nie behalten.',
  answer: 'Weiter',
}
