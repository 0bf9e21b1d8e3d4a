import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addressFromBytes,
  addressToBytes,
  compareAddresses,
  formatAddress,
  formatPrefix,
  highestAddress,
  lowestAddress,
  netmaskLength,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixFirst,
  prefixLast,
  rangeToPrefix,
  rangeToPrefixes,
} from '../../src-main/ip/address.ts'
import type { IpAddress } from '../../src-main/ip/address.ts'

const at = (text: string): IpAddress => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return address
}

export const anyAddress: fc.Arbitrary<IpAddress> = fc.oneof(
  fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => ({ family: 4 as const, value })),
  fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => ({ family: 6 as const, value })),
  // Many zero groups, where the canonical text is hard.
  fc
    .array(fc.constantFrom<bigint[]>(0n, 0n, 0n, 1n, 0xffffn, 0xabcdn), { minLength: 8, maxLength: 8 })
    .map((groups) => ({
      family: 6 as const,
      value: groups.reduce((sum, group) => (sum << 16n) | group, 0n),
    })),
)

describe('address text', () => {
  // RFC 5952 sections 2, 4 and 5; RFC 4291 section 2.2.
  it.each([
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['::', '::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['192.0.2.255', '192.0.2.255'],
    ['0.0.0.0', '0.0.0.0'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatAddress(at(text))).toBe(canonical)
  })

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4 ',
    '1..3.4',
    '+1.2.3.4',
    '1e1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '::12345',
    'fe80::1%eth0',
    '[::1]',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '::1.2.3',
    ':1:2:3:4:5:6:7',
    'g::',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })

  it('gives back every address through text and through bytes', () => {
    fc.assert(
      fc.property(anyAddress, (address) => {
        expect(parseAddress(formatAddress(address))).toEqual(address)
        expect(addressFromBytes(addressToBytes(address))).toEqual(address)
      }),
    )
  })

  it('never throws, whatever the text or the bytes', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('0', '1', 'f', ':', '.', '/', '-', '%') }),
    )
    fc.assert(fc.property(texts, (text) => [parseAddress(text), parsePrefix(text)].length === 2))
    expect(addressFromBytes(new Uint8Array(5))).toBeUndefined()
  })
})

describe('prefixes', () => {
  it('reads an address with a length, and keeps host bits until asked', () => {
    const prefix = parsePrefix('10.1.2.3/24')
    expect(prefix).toEqual({ address: at('10.1.2.3'), length: 24 })
    if (prefix === undefined) return
    expect(formatAddress(prefixFirst(prefix))).toBe('10.1.2.0')
    expect(formatAddress(prefixLast(prefix))).toBe('10.1.2.255')
    expect(prefixContains(prefix, at('10.1.2.200'))).toBe(true)
    expect(prefixContains(prefix, at('10.1.3.0'))).toBe(false)
    expect(prefixContains(prefix, at('::a01:203'))).toBe(false)
  })

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', '/8', '10.0.0.0/8/8'])(
    'refuses %s',
    (text) => {
      expect(parsePrefix(text)).toBeUndefined()
    },
  )

  it('knows the length of a netmask', () => {
    expect(netmaskLength(at('255.255.255.0'))).toBe(24)
    expect(netmaskLength(at('0.0.0.0'))).toBe(0)
    expect(netmaskLength(at('255.255.255.255'))).toBe(32)
    expect(netmaskLength(at('255.0.255.0'))).toBeUndefined()
  })

  it('covers ranges with the fewest prefixes', () => {
    const texts = (start: string, end: string) => rangeToPrefixes(at(start), at(end)).map(formatPrefix)
    expect(texts('0.0.0.0', '255.255.255.255')).toEqual(['0.0.0.0/0'])
    expect(rangeToPrefixes(lowestAddress(6), highestAddress(6)).map(formatPrefix)).toEqual(['::/0'])
    expect(texts('10.0.0.1', '10.0.0.6')).toEqual([
      '10.0.0.1/32',
      '10.0.0.2/31',
      '10.0.0.4/31',
      '10.0.0.6/32',
    ])
    expect(texts('10.0.0.2', '10.0.0.1')).toEqual([])
    expect(rangeToPrefixes(at('0.0.0.1'), at('255.255.255.254'))).toHaveLength(62)
  })

  it('leaves no gap and no overlap, and finds the single prefix where there is one', () => {
    fc.assert(
      fc.property(anyAddress, anyAddress, (a, b) => {
        fc.pre(a.family === b.family)
        const [start, end] = compareAddresses(a, b) <= 0 ? [a, b] : [b, a]
        const prefixes = rangeToPrefixes(start, end)
        let next = start.value
        for (const prefix of prefixes) {
          expect(prefixFirst(prefix).value).toBe(next)
          next = prefixLast(prefix).value + 1n
        }
        expect(next).toBe(end.value + 1n)
        expect(rangeToPrefix(start, end)).toEqual(prefixes.length === 1 ? prefixes[0] : undefined)
      }),
    )
  })
})
