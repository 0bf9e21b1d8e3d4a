/** The small rules of the data plane, each against the table of its RFC. */
import { describe, expect, it } from 'vitest'
import { millis } from '../../src-shared/brands.ts'
import { datagramKind, isMarked } from '../../src-main/ipsec/encapsulation.ts'
import { espLengths, innerMtu } from '../../src-main/ipsec/overhead.ts'
import { createSequenceCounter, isNearlyExhausted, nextSequence } from '../../src-main/ipsec/sequence.ts'
import { innerTrafficClass, outerTrafficClass } from '../../src-main/ipsec/traffic-class.ts'
import { createUsage, recordUse } from '../../src-main/ipsec/usage.ts'
import { gcm, suites } from '../contracts/data-plane.contract.ts'

describe('innerMtu', () => {
  it('is 1438 and 1418 for AES-GCM over 1500 bytes', () => {
    expect(innerMtu(1500, 4, gcm)).toBe(1438)
    expect(innerMtu(1500, 6, gcm)).toBe(1418)
  })

  it.each(suites)('is the most that fits, whatever the path: %s', (_, suite) => {
    const { ivLength, blockLength, icvLength } = espLengths(suite)
    const outer = (inner: number) =>
      20 + 8 + 8 + ivLength + Math.ceil((inner + 2) / blockLength) * blockLength + icvLength
    for (let path = 576; path < 700; path += 1) {
      const inner = innerMtu(path, 4, suite)
      expect(outer(inner)).toBeLessThanOrEqual(path)
      expect(outer(inner + 1)).toBeGreaterThan(path)
    }
  })

  it('is never negative', () => {
    expect(innerMtu(40, 6, gcm)).toBe(0)
  })
})

describe('ECN', () => {
  const [notEct, ect1, ect0, ce] = [0, 1, 2, 3]
  // RFC 6040 section 4.2, figure 4: rows by inner, columns by outer header.
  const table = [
    [notEct, { [notEct]: notEct, [ect0]: notEct, [ect1]: notEct, [ce]: undefined }],
    [ect0, { [notEct]: ect0, [ect0]: ect0, [ect1]: ect1, [ce]: ce }],
    [ect1, { [notEct]: ect1, [ect0]: ect1, [ect1]: ect1, [ce]: ce }],
    [ce, { [notEct]: ce, [ect0]: ce, [ect1]: ce, [ce]: ce }],
  ] as const
  const dscp = 0b101110_00

  it.each(table)('is combined on the way in as figure 4 says: inner %i', (inner, row) => {
    for (const [outer, expected] of Object.entries(row)) {
      const result = innerTrafficClass(dscp | inner, 0b000001_00 | Number(outer))
      expect(result).toBe(expected === undefined ? undefined : dscp | expected)
    }
  })

  it('is copied out always, DSCP as configured', () => {
    for (const ecn of [notEct, ect0, ect1, ce]) {
      expect(outerTrafficClass(dscp | ecn, true)).toBe(dscp | ecn)
      expect(outerTrafficClass(dscp | ecn, false)).toBe(ecn)
    }
  })
})

describe('datagramKind', () => {
  const kind = (marked: boolean, ...bytes: readonly number[]) =>
    datagramKind(marked, Uint8Array.from([9, ...bytes]), 1, bytes.length)

  it.each([
    ['a keepalive', [0xff], 'keepalive', 'keepalive'],
    ['another single byte', [0xfe], 'malformed', 'ike'],
    ['nothing', [], 'malformed', 'ike'],
    ['three bytes', [0, 0, 0], 'malformed', 'ike'],
    ['the bare marker', [0, 0, 0, 0], 'marked-ike', 'ike'],
    ['IKE behind the marker', [0, 0, 0, 0, 1, 2], 'marked-ike', 'ike'],
    ['ESP', [0, 0, 1, 0, 1, 2], 'esp', 'ike'],
    ['two bytes of ones', [0xff, 0xff], 'malformed', 'ike'],
  ] as const)('tells %s', (_, bytes, marked, plain) => {
    expect(kind(true, ...bytes)).toBe(marked)
    expect(kind(false, ...bytes)).toBe(plain)
  })

  it("knows by the peer port whether an initiator's socket has the marker", () => {
    const peer = (port: number) => ({ address: '192.0.2.1', port })
    expect(isMarked('by-peer-port', peer(500))).toBe(false)
    expect(isMarked('by-peer-port', peer(4500))).toBe(true)
    expect(isMarked('by-peer-port', peer(40_000))).toBe(true)
    expect(isMarked('marked', peer(500))).toBe(true)
    expect(isMarked('plain', peer(4500))).toBe(false)
  })
})

describe('sequence numbers', () => {
  it('carry into the high half only when extended', () => {
    const extended = createSequenceCounter(true, 0xffff_fffen)
    expect(nextSequence(extended) && nextSequence(extended)).toBe(true)
    expect(extended).toMatchObject({ high: 1, low: 0 })
    const short = createSequenceCounter(false, 0xffff_fffen)
    expect(nextSequence(short)).toBe(true)
    expect(nextSequence(short)).toBe(false)
    expect(short).toMatchObject({ high: 0, low: 0xffff_ffff })
  })

  it('call for a rekeying at seven eighths', () => {
    expect(isNearlyExhausted(createSequenceCounter(false, 0xdfff_ffffn))).toBe(false)
    expect(isNearlyExhausted(createSequenceCounter(false, 0xe000_0000n))).toBe(true)
    expect(isNearlyExhausted(createSequenceCounter(true, 0xffff_ffffn))).toBe(false)
    expect(isNearlyExhausted(createSequenceCounter(true, 0xe000_0000_0000_0000n))).toBe(true)
  })
})

describe('recordUse', () => {
  it('reports soft before hard, even when one packet reaches both', () => {
    const told: string[] = []
    const usage = createUsage({ softBytes: 10, hardBytes: 20 })
    recordUse(usage, 30, millis(5), (kind, cause) => told.push(`${kind} ${cause}`))
    recordUse(usage, 30, millis(6), (kind, cause) => told.push(`${kind} ${cause}`))
    expect(told).toEqual(['soft-expired bytes', 'hard-expired bytes'])
    expect(usage).toMatchObject({ packets: 2, bytes: 60, lastAt: 6, stopped: 'bytes' })
  })

  it('says nothing without limits', () => {
    const usage = createUsage()
    recordUse(usage, Number.MAX_SAFE_INTEGER, millis(5), () => {
      throw new Error('told')
    })
    expect(usage.stopped).toBeUndefined()
  })
})
