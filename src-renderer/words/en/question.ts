export const question = {
  title: {
    password: 'Your password',
    psk: 'The pre-shared key',
    'p12-password': 'The password of your certificate file',
    'key-password': "Your key's password",
    'one-time-code': 'The one-time code',
  },
  codeHint: 'From your phone or token. It is never kept.',
  answer: 'Continue',
}
