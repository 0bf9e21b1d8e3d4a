/**
 * The security policy database (RFC 4301 section 4.4.1): ordered entries, the first that takes a packet decides. What none
 * takes is discarded, and that is the caller's to do. How it is found without a scan: docs/decisions/0511-policy-index.md.
 */
import type { PacketView } from '../../ip/packet.ts'
import { createFlowCache } from '../flow-cache.ts'
import type { FlowCache } from '../flow-cache.ts'
import { createBoxIndex } from './box-index.ts'
import type { BoxIndex } from './box-index.ts'
import type { PolicyEntry } from './entry.ts'
import type { PolicyDirection } from './policy.ts'

export interface PolicyDatabase {
  /** In the order in which they are asked. */
  entries(): readonly PolicyEntry[]
  /** How often it was edited: whoever remembers what a lookup gave asks again when this has changed. */
  generation(): number
  /**
   * The entry that decides about a packet; undefined: none does, discard it (RFC 4301 section 5.1, 5.2). For the packet that an
   * ICMP error quotes, ask in the direction in which that one went (section 6).
   */
  lookup(direction: PolicyDirection, view: PacketView): PolicyEntry | undefined
  /** The same without what earlier packets found. */
  lookupUncached(direction: PolicyDirection, view: PacketView): PolicyEntry | undefined
  /** The first entry for whoever proves this identity. */
  named(identity: string): PolicyEntry | undefined
  /** At the place `place`, what stood there comes behind it; absent or beyond the end: last. */
  insert(entry: PolicyEntry, place?: number): void
  /** Takes the entry to the place that it has afterwards; false when it is not there. */
  move(entry: PolicyEntry, place: number): boolean
  remove(entry: PolicyEntry): boolean
  /** All at once. */
  replaceAll(entries: readonly PolicyEntry[]): void
}

interface Side {
  /** Made at the first lookup after an edit. */
  index: BoxIndex | undefined
  readonly cache: FlowCache<{ readonly entry: PolicyEntry | undefined }>
}

export function createPolicyDatabase(initial: readonly PolicyEntry[] = []): PolicyDatabase {
  const entries = [...initial]
  /** One for each direction that was asked for. */
  const sides = new Map<PolicyDirection, Side>()
  let generation = 0

  const edited = (): void => {
    generation += 1
    for (const side of sides.values()) {
      side.index = undefined
      side.cache.clear()
    }
  }
  const sideOf = (direction: PolicyDirection): Side => {
    const known = sides.get(direction)
    if (known !== undefined) return known
    const side: Side = { index: undefined, cache: createFlowCache() }
    sides.set(direction, side)
    return side
  }
  const find = (direction: PolicyDirection, side: Side, view: PacketView): PolicyEntry | undefined =>
    (side.index ??= createBoxIndex(entries, direction)).find(view)
  const place = (wanted: number): number => Math.max(0, Math.min(entries.length, Math.trunc(wanted)))

  return {
    entries: () => entries,
    generation: () => generation,
    lookup(direction, view) {
      const side = sideOf(direction)
      const known = side.cache.get(view)
      if (known !== undefined) return known.entry
      const entry = find(direction, side, view)
      side.cache.put(view, { entry })
      return entry
    },
    lookupUncached: (direction, view) => find(direction, sideOf(direction), view),
    named: (identity) => entries.find(({ names }) => names.includes(identity)),
    insert(entry, at = entries.length) {
      entries.splice(place(at), 0, entry)
      edited()
    },
    move(entry, to) {
      const from = entries.indexOf(entry)
      if (from < 0) return false
      entries.splice(from, 1)
      entries.splice(place(to), 0, entry)
      edited()
      return true
    },
    remove(entry) {
      const at = entries.indexOf(entry)
      if (at < 0) return false
      entries.splice(at, 1)
      edited()
      return true
    },
    replaceAll(next) {
      entries.splice(0, entries.length, ...next)
      edited()
    },
  }
}
