import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findingsIn } from '../../../src-main/ipsec/policy/findings.ts'
import { readPolicyFile } from '../../../src-main/ipsec/policy/policy-file.ts'
import { everyPacket } from '../../../src-main/ipsec/policy/selector.ts'
import { anyEntry, anyPacket } from './random-policies.ts'
import { referenceLookup } from './reference-model.ts'

const findings = (text: string) => findingsIn(readPolicyFile(text).entries)

describe('what is probably not meant', () => {
  it('never blames an entry that some packet reaches', () => {
    let blamed = 0
    const anyList = fc.oneof(
      fc.array(anyEntry, { maxLength: 10 }),
      // Copies and wide entries, so that something is hidden at all.
      fc
        .array(anyEntry, { minLength: 1, maxLength: 3 })
        .map((entries) => [...entries, ...entries.map((one) => ({ ...one }))]),
      fc
        .array(anyEntry, { maxLength: 4 })
        .chain((entries) =>
          anyEntry.map((one) => [
            { ...one, names: [], selector: { ...everyPacket, protocol: one.selector.protocol } },
            ...entries,
          ]),
        ),
    )
    fc.assert(
      fc.property(
        anyList,
        fc.array(fc.tuple(fc.constantFrom('in' as const, 'out' as const, 'forward' as const), anyPacket), {
          minLength: 20,
          maxLength: 20,
        }),
        (entries, questions) => {
          const hidden = findingsIn(entries).flatMap((one) =>
            one.kind === 'never-met' ? [entries[one.place - 1]] : [],
          )
          blamed += hidden.length
          for (const [direction, packet] of questions) {
            const met = referenceLookup(entries, direction, packet)
            if (met !== undefined) expect(hidden).not.toContain(met)
          }
        },
      ),
      { numRuns: 150 },
    )
    expect(blamed).toBeGreaterThan(25)
  })

  it.each([
    ['a network within another', 'bypass remote 10.0.0.0/8\ndiscard tcp remote 10.1.0.0/16', [2]],
    ['a port within a range', 'bypass tcp remote-port 1-1023\ndiscard tcp remote-port 80,443', [2]],
    ['what shows no port', 'bypass tcp remote-port 0-65535\ndiscard tcp', []],
    ['one way within both', 'bypass\ndiscard in icmp', [2]],
    ['both ways behind one', 'bypass in\ndiscard', []],
    ['what has a name', 'bypass named maria\ndiscard', []],
    ['IPv6 behind IPv4', 'bypass remote 0.0.0.0/0\ndiscard', []],
  ])('sees what is hidden: %s', (_, text, places) => {
    const hidden = findings(text).flatMap((one) => (one.kind === 'never-met' ? [one.place] : []))
    expect(hidden).toEqual(places)
  })

  it.each([
    ['protect with esp transport', 1],
    ['bypass udp local-port 500 remote-port 500\nprotect with esp transport', undefined],
    ['discard\nprotect with esp transport', undefined],
    ['protect tcp with esp transport', undefined],
    ['protect out with esp transport spi 5', undefined],
    ['protect named maria with esp transport', undefined],
  ])('sees IKE that would have to protect itself: %s', (text, place) => {
    const found = findings(text).find(({ kind }) => kind === 'ike-protected')
    expect(found?.kind === 'ike-protected' ? found.place : undefined).toBe(place)
  })
})
