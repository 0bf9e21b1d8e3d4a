import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PolicyEntry } from '../../../src-main/ipsec/policy/entry.ts'
import type { PolicyDirection } from '../../../src-main/ipsec/policy/policy.ts'
import { everyPacket } from '../../../src-main/ipsec/policy/selector.ts'
import { createPolicyDatabase } from '../../../src-main/ipsec/policy/spd.ts'
import { anyEntry, anyPacket, viewOf } from './random-policies.ts'
import { referenceLookup } from './reference-model.ts'

const anyDirection = fc.constantFrom<PolicyDirection>('out', 'in', 'forward')

describe('the security policy database', () => {
  it('finds what a scan in order finds, for any policies and packets, again and again', () => {
    let met = 0
    fc.assert(
      fc.property(
        fc.array(anyEntry, { maxLength: 40 }),
        fc.array(fc.tuple(anyDirection, anyPacket), { minLength: 1, maxLength: 30 }),
        (entries, questions) => {
          const spd = createPolicyDatabase(entries)
          for (const [direction, packet] of [...questions, ...questions]) {
            const expected = referenceLookup(entries, direction, packet)
            const view = viewOf(packet)
            expect(spd.lookup(direction, view)).toBe(expected)
            expect(spd.lookupUncached(direction, view)).toBe(expected)
            if (expected !== undefined) met += 1
          }
        },
      ),
      { numRuns: 200 },
    )
    expect(met).toBeGreaterThan(300)
  })

  it('asks in the new order after each edit, whatever was remembered', () => {
    const edit = fc.oneof(
      fc.record({ kind: fc.constant('insert' as const), entry: anyEntry, place: fc.nat(12) }),
      fc.record({ kind: fc.constant('move' as const), which: fc.nat(12), place: fc.nat(12) }),
      fc.record({ kind: fc.constant('remove' as const), which: fc.nat(12) }),
    )
    fc.assert(
      fc.property(
        fc.array(anyEntry, { minLength: 1, maxLength: 8 }),
        fc.array(edit, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(anyDirection, anyPacket), { minLength: 1, maxLength: 8 }),
        (entries, edits, questions) => {
          const spd = createPolicyDatabase(entries)
          const model = [...entries]
          for (const one of edits) {
            for (const [direction, packet] of questions) {
              expect(spd.lookup(direction, viewOf(packet))).toBe(referenceLookup(model, direction, packet))
            }
            const before = spd.generation()
            const entry = one.kind === 'insert' ? one.entry : model[one.which]
            if (entry === undefined) continue
            if (one.kind !== 'insert') model.splice(model.indexOf(entry), 1)
            if (one.kind !== 'remove') model.splice(Math.min(one.place, model.length), 0, entry)
            if (one.kind === 'insert') spd.insert(entry, one.place)
            else if (one.kind === 'move') spd.move(entry, one.place)
            else spd.remove(entry)
            expect(spd.generation()).toBeGreaterThan(before)
            expect(spd.entries()).toEqual(model)
          }
          for (const [direction, packet] of questions) {
            expect(spd.lookup(direction, viewOf(packet))).toBe(referenceLookup(model, direction, packet))
          }
        },
      ),
      { numRuns: 120 },
    )
  })

  it('finds the same among thousands of entries', () => {
    const entries = fc.sample(anyEntry, { numRuns: 3000, seed: 7 })
    const narrow = entries.filter(({ selector }) => selector.local !== 'any' && selector.remote !== 'any')
    const spd = createPolicyDatabase(narrow)
    for (const packet of fc.sample(anyPacket, { numRuns: 500, seed: 8 })) {
      expect(spd.lookupUncached('out', viewOf(packet))).toBe(referenceLookup(narrow, 'out', packet))
    }
  })

  const bypass: PolicyEntry = {
    directions: ['out'],
    selector: everyPacket,
    names: [],
    action: { kind: 'bypass' },
    populate: [],
  }

  it('does not know an entry that is not there', () => {
    const spd = createPolicyDatabase([bypass])
    expect(spd.remove({ ...bypass })).toBe(false)
    expect(spd.move({ ...bypass }, 0)).toBe(false)
    expect(spd.generation()).toBe(0)
  })

  it('gives an entry with a name to whoever proves it, and to no packet', () => {
    const forMaria = { ...bypass, names: ['maria@example.org'] }
    const spd = createPolicyDatabase([forMaria])
    const [packet] = fc.sample(anyPacket, { numRuns: 1, seed: 1 })
    if (packet === undefined) throw new Error('no packet')
    expect(spd.lookup('out', viewOf(packet))).toBeUndefined()
    expect(spd.named('maria@example.org')).toBe(forMaria)
    expect(spd.named('eve@example.org')).toBeUndefined()
  })
})
