import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareAddresses, formatPrefix, parseAddress } from '../../src-main/ip/address.ts'
import {
  equalSelectors,
  formatSelector,
  intersectSelectors,
  narrowSelectors,
  parseSelector,
  selectorCovers,
  selectorMatches,
  selectorOfEverything,
  selectorsCover,
  selectorsToPrefixes,
} from '../../src-main/ip/traffic-selector.ts'
import type { TrafficSelector } from '../../src-main/ip/traffic-selector.ts'

const ts = (text: string): TrafficSelector => {
  const selector = parseSelector(text)
  if (selector === undefined) throw new Error(`no selector: ${text}`)
  return selector
}

const small = fc.tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 15 }))
/** Selectors from a small world, so that they often meet. */
export const anySelector: fc.Arbitrary<TrafficSelector> = fc
  .tuple(
    fc.constantFrom<4 | 6>(4, 6),
    fc.constantFrom(0, 0, 1, 6, 17, 58, 99),
    small,
    fc.oneof(
      fc.constant<readonly [number, number]>([0, 65535]),
      fc.constant<readonly [number, number]>([65535, 0]),
      small.map(([a, b]): readonly [number, number] => [Math.min(a, b), Math.max(a, b)]),
    ),
  )
  .map(([family, protocol, [a, b], [startPort, endPort]]) => ({
    protocol,
    startPort,
    endPort,
    start: { family, value: BigInt(Math.min(a, b)) },
    end: { family, value: BigInt(Math.max(a, b)) },
  }))

const anyPacket = fc.record({
  address: fc.record({
    family: fc.constantFrom<4 | 6>(4, 6),
    value: fc.integer({ min: 0, max: 15 }).map(BigInt),
  }),
  protocol: fc.constantFrom(1, 6, 17, 58, 99),
  port: fc.option(fc.integer({ min: 0, max: 16 }), { nil: undefined }),
})

describe('traffic selectors', () => {
  it.each([
    '10.0.0.0/8',
    '10.0.0.0/8[tcp/80]',
    '10.0.0.1-10.0.0.9[udp/1024-2047]',
    'fd00::/8[ipv6-icmp/128]',
    '10.0.0.1/32[icmp/3(4)]',
    '10.0.0.1/32[icmp/3(4)-8(0)]',
    '::/0[any/53]',
    '0.0.0.0/0[99]',
    '0.0.0.0/0[tcp/opaque]',
  ])('writes %s as it was read', (text) => {
    expect(formatSelector(ts(text))).toBe(text)
  })

  it.each([
    '',
    '10.0.0.0/8[',
    '10.0.0.0/8[tcp/70000]',
    '10.0.0.9-10.0.0.1',
    '10.0.0.0-fd00::',
    '10.0.0.0/8[tcp/9-1]',
    '10.0.0.0/8[foo]',
    '10.0.0.0/8[256]',
    '10.0.0.0/8[icmp/300]',
  ])('refuses %j', (text) => {
    expect(parseSelector(text)).toBeUndefined()
  })

  it('gives every selector back through its text', () => {
    fc.assert(fc.property(anySelector, (selector) => equalSelectors(ts(formatSelector(selector)), selector)))
  })

  it('intersects to exactly the packets that both take', () => {
    fc.assert(
      fc.property(anySelector, anySelector, anyPacket, (a, b, { address, protocol, port }) => {
        const both = intersectSelectors(a, b)
        const inBoth =
          selectorMatches(a, address, protocol, port) && selectorMatches(b, address, protocol, port)
        const inResult = both !== undefined && selectorMatches(both, address, protocol, port)
        expect(inResult).toBe(inBoth)
      }),
      { numRuns: 2000 },
    )
  })

  it('covers itself and what it is narrowed to', () => {
    fc.assert(
      fc.property(
        fc.array(anySelector, { maxLength: 4 }),
        fc.array(anySelector, { maxLength: 4 }),
        (a, b) => {
          const narrowed = narrowSelectors(a, b)
          expect(selectorsCover(a, narrowed) && selectorsCover(b, narrowed)).toBe(true)
          for (const one of a) expect(selectorCovers(one, one)).toBe(true)
        },
      ),
    )
  })

  it('narrows to the common part, first wish first, without repetition', () => {
    const proposed = [ts('10.0.0.0/8[tcp/80]'), ts('0.0.0.0/0'), ts('::/0')]
    const allowed = [ts('10.1.0.0/16'), ts('192.168.0.0/24'), ts('10.1.2.0/24')]
    expect(narrowSelectors(proposed, allowed).map(formatSelector)).toEqual(['10.1.0.0/16', '192.168.0.0/24'])
    expect(narrowSelectors([ts('10.0.0.0/8')], [ts('fd00::/8')])).toEqual([])
  })

  it('takes packets without visible ports only when any port is fine, or OPAQUE asks for them', () => {
    const address = parseAddress('10.0.0.1')
    if (address === undefined) throw new Error('no address')
    expect(selectorMatches(ts('10.0.0.0/8[tcp]'), address, 6, undefined)).toBe(true)
    expect(selectorMatches(ts('10.0.0.0/8[tcp/80]'), address, 6, undefined)).toBe(false)
    expect(selectorMatches(ts('10.0.0.0/8[tcp/opaque]'), address, 6, undefined)).toBe(true)
    expect(selectorMatches(ts('10.0.0.0/8[tcp/opaque]'), address, 6, 80)).toBe(false)
    expect(selectorMatches(selectorOfEverything(6), address, 6, 80)).toBe(false)
  })

  it('merges what touches or overlaps into routes', () => {
    const texts = ['10.0.1.0/24', 'fd00::/16', '10.0.0.0/24[tcp/80]', '10.0.0.128/25', '10.0.4.0/24']
    expect(selectorsToPrefixes(texts.map(ts)).map(formatPrefix)).toEqual([
      '10.0.0.0/23',
      '10.0.4.0/24',
      'fd00::/16',
    ])
  })

  it('never throws, whatever the text', () => {
    const unit = fc.constantFrom('0', '1', '9', '.', ':', '/', '-', '[', ']', 't', 'c', 'p', '(', ')')
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit })), (text) => [parseSelector(text)].length === 1),
    )
    expect(compareAddresses(ts('::/0').start, ts('0.0.0.0/0').start)).toBeGreaterThan(0)
  })
})
