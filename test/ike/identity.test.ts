import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  equalDistinguishedNames,
  formatDistinguishedName,
  parseDistinguishedName,
} from '../../src-main/ike/distinguished-name.ts'
import {
  equalIdentities,
  formatIdentity,
  identityFromWire,
  identityToWire,
  parseIdentity,
} from '../../src-main/ike/identity.ts'
import type { Identity } from '../../src-main/ports.ts'
import { fromHex, toHex, utf8Bytes } from '../../src-main/wire/text.ts'

const id = (text: string): Identity => {
  const identity = parseIdentity(text)
  if (identity === undefined) throw new Error(`no identity: ${text}`)
  return identity
}
const hex = (text: string) => fromHex(text.replaceAll(' ', '')) ?? new Uint8Array(0)

/** The subject that `openssl req -new -x509 -utf8 -subj "/C=CH/O=Zürich/CN=gw.example.org"` writes. */
const swiss =
  '3038 310b3009 0603550406 13024348 3110300e 060355040a 0c075ac3bc72696368 31173015 0603550403 0c0e67772e6578616d706c652e6f7267'

describe('identities', () => {
  it.each<[string, Identity['kind'], string]>([
    ['vpn.example.org', 'fqdn', 'vpn.example.org'],
    ['user@example.org', 'email', 'user@example.org'],
    ['10.0.0.1', 'ipv4', '10.0.0.1'],
    ['FD00:0::1', 'ipv6', 'fd00::1'],
    ['keyid:0a0B0c', 'key-id', 'keyid:0a0b0c'],
    ['keyid:#0a', 'key-id', 'keyid:0a'],
    ['keyid:office', 'key-id', 'keyid:6f6666696365'],
    ['@#0a0b', 'key-id', 'keyid:0a0b'],
    ['@vpn', 'fqdn', 'vpn'],
    ['@@me@there', 'email', 'me@there'],
    ['fqdn:10.0.0.1', 'fqdn', 'fqdn:10.0.0.1'],
    ['email:nobody', 'email', 'email:nobody'],
    ['C=CH, O=Example, CN=gw', 'dn', 'C=CH, O=Example, CN=gw'],
    ['dn:CN=a@b', 'dn', 'CN=a@b'],
  ])('reads %s as %s', (text, kind, again) => {
    expect(id(text).kind).toBe(kind)
    expect(formatIdentity(id(text))).toBe(again)
    expect(equalIdentities(id(again), id(text))).toBe(true)
  })

  it.each(['', '%any', 'keyid:', 'ipv4:fd00::1x', 'CN', 'XX=1'].filter((text) => text !== 'CN'))(
    'takes %j for none',
    (text) => {
      expect(parseIdentity(text)).toBeUndefined()
    },
  )

  it('goes to the ID payload and back', () => {
    const cases: readonly (readonly [string, number, string])[] = [
      ['10.0.0.1', 1, '0a000001'],
      ['a.b', 2, '612e62'],
      ['a@b', 3, '614062'],
      ['fd00::1', 5, 'fd000000000000000000000000000001'],
      ['keyid:ff', 11, 'ff'],
      ['CN=a', 9, '300c310a30080603550403130161'],
    ]
    for (const [text, kind, data] of cases) {
      const wire = identityToWire(id(text))
      expect([wire.kind, toHex(wire.data)]).toEqual([kind, data])
      expect(identityFromWire(wire)).toEqual(id(text))
    }
  })

  it.each([
    [1, '0a0000'],
    [5, '0a000001'],
    [2, ''],
    [2, '6100620a'],
    [2, 'ff'],
    [3, '00'],
    [9, '3001'],
    [10, '3000'],
    [99, '61'],
  ])('makes none of an ID payload of type %i with %s', (kind, data) => {
    expect(identityFromWire({ kind, data: hex(data) })).toBeUndefined()
  })

  it('compares names without case, and types never with each other', () => {
    expect(equalIdentities(id('VPN.example.org'), id('vpn.Example.ORG'))).toBe(true)
    expect(equalIdentities(id('vpn.example.org'), id('email:vpn.example.org'))).toBe(false)
    expect(equalIdentities(id('10.0.0.1'), id('fqdn:10.0.0.1'))).toBe(false)
    expect(equalIdentities(id('keyid:0a'), id('keyid:0b'))).toBe(false)
    // Only ASCII letters have two cases in names.
    expect(equalIdentities(id('fqdn:\u212Aelvin'), id('kelvin'))).toBe(false)
  })

  it('never throws, whatever the text or the bytes', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('C', 'N', '=', ',', '"', '\\', '/', '@', '%', ':', '#', '.', '1') }),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const identity = parseIdentity(text)
        if (identity !== undefined) expect(equalIdentities(id(formatIdentity(identity)), identity)).toBe(true)
      }),
      { numRuns: 1000 },
    )
    fc.assert(
      fc.property(fc.nat(12), fc.uint8Array({ maxLength: 40 }), (kind, data) => {
        const identity = identityFromWire({ kind, data })
        if (identity !== undefined) expect(identityToWire(identity)).toEqual({ kind, data })
      }),
      { numRuns: 1000 },
    )
  })
})

describe('distinguished names', () => {
  it('have the DER that OpenSSL writes', () => {
    const der = parseDistinguishedName('C=CH, O=Zürich, CN=gw.example.org')
    expect(der).toBeDefined()
    // Ours is PrintableString where OpenSSL chose UTF8String: the same name.
    expect(equalDistinguishedNames(der ?? new Uint8Array(0), hex(swiss))).toBe(true)
    expect(formatDistinguishedName(hex(swiss))).toBe('C=CH, O=Zürich, CN=gw.example.org')
  })

  it('are read with quotes, escapes, slashes, dotted types', () => {
    const same = (a: string, b: string) => {
      expect(toHex(parseDistinguishedName(a) ?? hex(''))).toBe(toHex(parseDistinguishedName(b) ?? hex('00')))
    }
    same('O="Example, Inc.",CN=x', 'O=Example\\, Inc.,CN=x')
    same('/C=CH/O=Example/CN=x', 'C=CH, O=Example, CN=x')
    same('2.5.4.3=x', 'cn=x')
    same('emailAddress=a@b.c', 'E=a@b.c')
    expect(formatDistinguishedName(parseDistinguishedName('O=#0c0161') ?? hex(''))).toBe('O=a')
    expect(formatDistinguishedName(parseDistinguishedName('O=a\u0000') ?? hex(''))).toBe('O=#0c026100')
    expect(formatDistinguishedName(parseDistinguishedName('O=a\u0001') ?? hex(''))).toBe('O=#0c026101')
    expect(formatDistinguishedName(parseDistinguishedName('O="a \\"b\\", c"') ?? hex(''))).toBe(
      'O="a \\"b\\", c"',
    )
  })

  it.each(['', 'CN', '=x', 'NOPE=x', 'CN="x', 'CN=x\\', 'CN=a"b', 'C=CH,,CN=x', '3.1=x'])(
    'refuses %j',
    (text) => {
      expect(parseDistinguishedName(text)).toBeUndefined()
    },
  )

  it('are equal without regard to case, surplus space and string type, and in order', () => {
    const equal = (a: string, b: string) =>
      equalDistinguishedNames(parseDistinguishedName(a) ?? hex(''), parseDistinguishedName(b) ?? hex(''))
    expect(equal('O=Example  Inc, CN=X', 'o=example inc,cn=x')).toBe(true)
    expect(equal('O=a, CN=b', 'CN=b, O=a')).toBe(false)
    expect(equal('CN=a', 'O=a')).toBe(false)
    expect(equal('CN=a', 'CN=a, CN=a')).toBe(false)
    expect(equalDistinguishedNames(hex('3000ff'), hex('3000ff'))).toBe(false)
    // BMPString U+0141 is not the letter A (0x41).
    const bmp = hex('300d 310b 3009 0603550403 1e020141')
    expect(formatDistinguishedName(bmp)).toBe('CN=Ł')
    expect(equalDistinguishedNames(bmp, parseDistinguishedName('CN=A') ?? hex(''))).toBe(false)
  })

  it('give every value back through text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (value) => {
        const quoted = `O="${value.replace(/["\\]/g, '\\$&')}", CN=x`
        const der = parseDistinguishedName(quoted)
        const text = formatDistinguishedName(der ?? hex(''))
        expect(text).toBeDefined()
        expect(parseDistinguishedName(text ?? '')).toEqual(der)
        expect(utf8Bytes(value).length).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
