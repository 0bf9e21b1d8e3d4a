/**
 * The outbound security policy database (RFC 4301 section 4.4.1): PROTECT entries only, each made by a Child SA's selectors.
 * What matches none is discarded. The order is by priority; among equals the newest comes first, so that a client that came
 * back is reached on its new SA.
 */
import type { PacketView } from '../ip/packet.ts'
import { createFlowCache } from './flow-cache.ts'
import type { OutboundSa } from './sa.ts'
import { carriesInbound, carriesOutbound } from './selectors.ts'

export interface Policy {
  readonly priority: number
  sa: OutboundSa
}

export interface Spd {
  /** The policy for a packet that leaves through the tunnel; addresses and ports of the view decide. */
  lookup(view: PacketView): Policy | undefined
  /** The policy for an ICMP error about this packet, which came in through the tunnel: the other way round (RFC 4301 section 6). */
  lookupReversed(offending: PacketView): Policy | undefined
  add(sa: OutboundSa, priority: number): void
  /** The policies of `old` lead to `replacement` from now on and keep their place; false when there are none. */
  replace(old: OutboundSa, replacement: OutboundSa): boolean
  remove(sa: OutboundSa): void
}

export function createSpd(): Spd {
  let policies: Policy[] = []
  const cache = createFlowCache<Policy>()
  return {
    lookup(view) {
      const known = cache.get(view)
      if (known !== undefined) return known
      const found = policies.find(({ sa }) => carriesOutbound(sa.selectors, view))
      if (found !== undefined) cache.put(view, found)
      return found
    },
    lookupReversed: (offending) => policies.find(({ sa }) => carriesInbound(sa.selectors, offending)),
    add(sa, priority) {
      const place = policies.findIndex((other) => other.priority >= priority)
      policies.splice(place < 0 ? policies.length : place, 0, { priority, sa })
      cache.clear()
    },
    replace(old, replacement) {
      const affected = policies.filter((policy) => policy.sa === old)
      for (const policy of affected) policy.sa = replacement
      cache.clear()
      return affected.length > 0
    },
    remove(sa) {
      policies = policies.filter((policy) => policy.sa !== sa)
      cache.clear()
    },
  }
}
