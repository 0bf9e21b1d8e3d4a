import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError, EncodeError, bits, decode, encode, struct } from '../../src-main/wire/codec.ts'
import type { Codec } from '../../src-main/wire/codec.ts'
import { anyElement, element } from '../../src-main/wire/der.ts'
import { reserved, tag, u16, u24, u32, u64, u8 } from '../../src-main/wire/integers.ts'
import {
  bytes,
  lengthPrefixed,
  link,
  list,
  mapped,
  rest,
  restBetween,
  substructures,
  variant,
} from '../../src-main/wire/sequences.ts'
import { fromHex, latin1Text, toHex, utf8Bytes, utf8Text } from '../../src-main/wire/text.ts'

const hex = (text: string): Uint8Array => {
  const value = fromHex(text.replaceAll(' ', ''))
  if (value === undefined) throw new Error(`no hex: ${text}`)
  return value
}

const reasonOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof DecodeError) return error.reason
    throw error
  }
  return 'none'
}

const size = link(u8)
const count = link(u16)
/** One format that uses every combinator. */
const everything = struct({
  type: tag('everything'),
  a: u8,
  _size: size.field,
  _count: count.field,
  flags: bits(u16, { high: 1, _: 3, low: 12 }),
  _x: reserved(3),
  d: u24,
  e: u32,
  f: u64,
  spi: size.bytes,
  pairs: count.list(struct({ x: u8, y: bytes(2) }), 10),
  sized: lengthPrefixed(u16, list(u16, 100), { plus: 2 }),
  doubled: mapped(
    u8,
    (value) => value * 2,
    (value: number) => value / 2,
  ),
  either: variant<number>(u8, new Map([[1, u16]]), u32, (value) => (value < 0x10000 ? 1 : 9)),
  der: element(0x30, anyElement(lengthless())),
  chain: substructures(3, restBetween(1, 4), 5),
})

function lengthless(): Codec<Uint8Array> {
  return rest
}

const octets = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })

const anything = fc.record({
  type: fc.constant('everything' as const),
  a: fc.integer({ min: 0, max: 255 }),
  flags: fc.record({ high: fc.integer({ min: 0, max: 1 }), low: fc.integer({ min: 0, max: 0xfff }) }),
  d: fc.integer({ min: 0, max: 0xffffff }),
  e: fc.integer({ min: 0, max: 0xffffffff }),
  f: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
  spi: octets(0, 20),
  pairs: fc.array(fc.record({ x: fc.integer({ min: 0, max: 255 }), y: octets(2, 2) }), { maxLength: 10 }),
  sized: fc.array(fc.integer({ min: 0, max: 65535 }), { maxLength: 20 }),
  doubled: fc.integer({ min: 0, max: 255 }).map((value) => value * 2),
  either: fc.integer({ min: 0, max: 0xffffffff }),
  der: fc.record({ tag: fc.constantFrom(2, 4, 0x0c, 0xa0), content: octets(0, 300) }),
  chain: fc.array(octets(1, 4), { minLength: 1, maxLength: 5 }),
})

describe('the codec', () => {
  it('lays fields out in network byte order, reserved bytes zero', () => {
    const format = struct({ method: u16, _: reserved(2), big: u64, data: rest })
    const wire = hex('0102 0000 1122334455667788 aabb')
    expect(encode(format, { method: 0x0102, big: 0x1122334455667788n, data: hex('aabb') })).toEqual(wire)
    // Reserved bytes are ignored on receipt.
    expect(decode(format, hex('0102 ffff 1122334455667788 aabb'))).toEqual({
      method: 0x0102,
      big: 0x1122334455667788n,
      data: hex('aabb'),
    })
  })

  it('gives every value back', () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(decode(everything, encode(everything, value))).toEqual(value)
      }),
    )
  })

  it('throws nothing but DecodeError, whatever the bytes', () => {
    const mutated = fc
      .tuple(anything, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
      .map(([value, changes, length]) => {
        const wire = encode(everything, value)
        for (const [at, byte] of changes) wire[at % wire.length] = byte
        return wire.slice(0, length % (wire.length + 1))
      })
    fc.assert(
      fc.property(fc.oneof(octets(0, 200), mutated), (wire) => {
        reasonOf(() => decode(everything, wire))
      }),
      { numRuns: 2000 },
    )
  })

  it('gives views, at any offset of a larger buffer', () => {
    const buffer = hex('ffffff 0004 01020304 ff')
    const value = decode(lengthPrefixed(u16, rest), buffer.subarray(3, 9))
    expect(value).toEqual(hex('01020304'))
    expect(value.buffer).toBe(buffer.buffer)
  })

  it.each<[string, string, Codec<unknown>]>([
    ['0102', 'truncated', u32],
    ['010203', 'trailing-bytes', u16],
    ['0005 01', 'truncated', lengthPrefixed(u16, rest)],
    ['0001', 'bad-length', lengthPrefixed(u16, rest, { plus: 4 })],
    ['0003 010203', 'trailing-bytes', lengthPrefixed(u16, u16)],
    ['010203', 'too-many', list(u8, 2)],
    ['01', 'bad-length', list(tag('nothing'), 9)],
    ['0102', 'bad-length', restBetween(3, 4)],
    ['05000004', 'bad-value', substructures(3, rest, 9)],
    ['00000004 00000004', 'trailing-bytes', substructures(3, rest, 9)],
    ['03000004', 'truncated', substructures(3, rest, 9)],
    ['3080', 'bad-length', element(0x30, rest)],
    ['308101 00', 'bad-length', element(0x30, rest)],
    ['308401000000', 'bad-length', element(0x30, rest)],
    ['3100', 'bad-value', element(0x30, rest)],
    ['1f8100', 'bad-value', anyElement(rest)],
  ])('refuses %s: %s', (wire, reason, format) => {
    expect(reasonOf(() => decode(format, hex(wire)))).toBe(reason)
  })

  it('checks a count before it reads that many elements', () => {
    const format = struct({ _count: count.field, values: count.list(u8, 4) })
    expect(reasonOf(() => decode(format, hex('ffff 01020304')))).toBe('too-many')
  })

  it('holds a counted chain to its count', () => {
    const format = struct({ _n: size.field, values: size.counting(list(u8, 9)) })
    expect(reasonOf(() => decode(format, hex('03 0102')))).toBe('bad-length')
    expect(decode(format, hex('02 0102'))).toEqual({ values: [1, 2] })
  })

  it('refuses to encode what does not fit', () => {
    const spis = struct({ _size: size.field, _count: count.field, spis: count.list(size.bytes, 9) })
    expect(() => encode(u8, 256)).toThrow(EncodeError)
    expect(() => encode(u16, 1.5)).toThrow(EncodeError)
    expect(() => encode(u64, -1n)).toThrow(EncodeError)
    expect(() => encode(bytes(2), hex('01'))).toThrow(EncodeError)
    expect(() => encode(bits(u8, { a: 1, _: 7 }), { a: 2 })).toThrow(EncodeError)
    expect(() => encode(lengthPrefixed(u8, rest), new Uint8Array(256))).toThrow(EncodeError)
    expect(() => encode(spis, { spis: [hex('0102'), hex('01')] })).toThrow(EncodeError)
    expect(() => encode(substructures(3, rest, 2), [])).toThrow(EncodeError)
  })

  it('grows for values longer than its first guess', () => {
    const data = new Uint8Array(100_000).fill(7)
    expect(encode(rest, data)).toEqual(data)
  })
})

describe('text', () => {
  it('agrees with the platform on UTF-8, both ways', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Bytes(text)).toEqual(Uint8Array.from(new TextEncoder().encode(text)))
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (wire) => {
        let expected: string | undefined
        try {
          expected = strict.decode(wire)
        } catch {
          expected = undefined
        }
        expect(utf8Text(wire)).toBe(expected)
      }),
    )
  })

  it('writes and reads hexadecimal', () => {
    expect(toHex(Uint8Array.of(0, 255, 16))).toBe('00ff10')
    expect(fromHex('00FF10')).toEqual(Uint8Array.of(0, 255, 16))
    expect(fromHex('0')).toBeUndefined()
    expect(fromHex('0g')).toBeUndefined()
    expect(latin1Text(Uint8Array.of(0x41, 0xe9))).toBe('Aé')
  })
})
