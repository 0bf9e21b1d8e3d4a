import { describe, expect, it } from 'vitest'
import { createRedactor } from '../../src-main/app/redaction.ts'

describe('redaction', () => {
  const redact = createRedactor([
    { label: 'profile', text: 'Acme' },
    { label: 'gateway', text: 'vpn.acme.example' },
    { label: 'user', text: 'li' },
    { label: 'user', text: 'B' },
    { label: 'gateway', text: 'backup.acme.example' },
    { label: 'gateway', text: '198.51.100.7' },
  ])

  it.each([
    ['Acme: vpn.acme.example', '<profile 1>: <gateway 1>'],
    ['ACME and acme, not Acmeville', '<profile 1> and <profile 1>, not Acmeville'],
    ['backup.acme.example', '<gateway 2>'],
    ['mail to maria.k@acme.example.', 'mail to <e-mail 1>.'],
    ['a short name such as li is in listen, too', 'a short name such as <user 1> is in listen, too'],
    ['A B', 'A B'],
    ['from 203.0.113.9:4500 to 203.0.113.9.', 'from <address 1>:4500 to <address 1>.'],
    ['2001:db8::1 and [2001:db8::2]:500', '<address 2> and [<address 3>]:500'],
    ['10.0.0.0/8 through 198.51.100.7', '<address 4>/8 through <address 5>'],
    ['0.0.0.0/0, ::/0, 127.0.0.1', '0.0.0.0/0, ::/0, 127.0.0.1'],
    [
      'at 14:30:07 SPI c0ffee01, version 1.2.3, exit 11:22',
      'at 14:30:07 SPI c0ffee01, version 1.2.3, exit 11:22',
    ],
    ['IKE SA 0011223344556677', 'IKE SA 0011223344556677'],
  ])('of %j', (text, wanted) => {
    expect(redact(text)).toBe(wanted)
  })
})
