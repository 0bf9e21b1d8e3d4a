/** Virtual addresses: given to whoever comes in, taken back at the end, the same ones again where possible. */
import { addressBits, formatAddress, prefixFirst, prefixLast } from '../ip/address.ts'
import type { IpPrefix } from '../ip/address.ts'

export interface AddressPool {
  readonly prefix: IpPrefix
  /** The gateway's own address in the pool's network: its first host. */
  readonly own: string
  /**
   * An address for this holder: the one it holds already (a session that takes over from another), the one it held last, or
   * any; undefined when all are taken. Each lease wants its release.
   */
  lease(holder: string): string | undefined
  release(holder: string): void
  readonly taken: number
}

/** Holders whose former address is remembered. */
const mostRemembered = 1024

interface Lease {
  readonly value: bigint
  count: number
}

/** The network's first and last address are never given (IPv4's network and broadcast, IPv6's subnet-router anycast). */
export function createAddressPool(prefix: IpPrefix): AddressPool {
  const { family } = prefix.address
  const first = prefixFirst(prefix).value
  const last = prefixLast(prefix).value
  const own = first + 1n
  const usable = { from: first + 2n, to: family === 4 ? last - 1n : last }
  if (usable.from > usable.to || prefix.length >= addressBits(family))
    throw new RangeError('a pool needs room for the gateway and a client')
  const leases = new Map<string, Lease>()
  const taken = new Set<bigint>()
  const remembered = new Map<string, bigint>()
  let next = usable.from
  const text = (value: bigint): string => formatAddress({ family, value })

  const free = (): bigint | undefined => {
    if (BigInt(taken.size) > usable.to - usable.from) return undefined
    for (;;) {
      const candidate = next
      next = next >= usable.to ? usable.from : next + 1n
      if (!taken.has(candidate)) return candidate
    }
  }

  return {
    prefix,
    own: text(own),
    lease(holder) {
      const held = leases.get(holder)
      if (held !== undefined) {
        held.count += 1
        return text(held.value)
      }
      const former = remembered.get(holder)
      const value = former !== undefined && !taken.has(former) ? former : free()
      if (value === undefined) return undefined
      taken.add(value)
      leases.set(holder, { value, count: 1 })
      return text(value)
    },
    release(holder) {
      const held = leases.get(holder)
      if (held === undefined) return
      held.count -= 1
      if (held.count > 0) return
      leases.delete(holder)
      taken.delete(held.value)
      remembered.delete(holder)
      remembered.set(holder, held.value)
      const [oldest] = remembered.keys()
      if (remembered.size > mostRemembered && oldest !== undefined) remembered.delete(oldest)
    },
    get taken() {
      return taken.size
    },
  }
}
