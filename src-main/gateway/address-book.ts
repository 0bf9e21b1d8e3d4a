/** The gateway's pools of both families together: what one client gets. */
import { formatAddress, formatPrefix, prefixFirst } from '../ip/address.ts'
import type { AssignedConfiguration } from '../ike/child-sa.ts'
import type { Prefix } from '../ports.ts'
import { createAddressPool } from './address-pool.ts'
import type { AddressPool } from './address-pool.ts'
import type { GatewayProfile } from './gateway-profile.ts'
import { prefixIn } from './settings.ts'
import { VpnError } from '../../src-shared/errors.ts'

export interface AddressWishes {
  readonly ipv4: boolean
  readonly ipv6: boolean
}

export interface AddressBook {
  /** Undefined when no address of a wished family is left. Each assignment wants its release. */
  assign(holder: string, wishes: AddressWishes): AssignedConfiguration | undefined
  release(holder: string): void
  /** The gateway's own. */
  readonly own: readonly Prefix[]
  /** What is routed to its adapter: the pools. */
  readonly routes: readonly Prefix[]
  readonly networks: readonly string[]
}

/** Addresses, DNS and version as the profile has them. */
export function createAddressBook(profile: GatewayProfile, applicationVersion: string): AddressBook {
  const pool = (text: string | undefined, where: string): AddressPool | undefined => {
    if (text === undefined) return undefined
    try {
      return createAddressPool(prefixIn(where, text))
    } catch (error) {
      if (error instanceof RangeError)
        throw new VpnError('profile-invalid', { where, problem: error.message })
      throw error
    }
  }
  const ipv4 = pool(profile.pools.ipv4, 'pools.ipv4')
  const ipv6 = pool(profile.pools.ipv6, 'pools.ipv6')
  const pools = [ipv4, ipv6].filter((one) => one !== undefined)
  const { dns } = profile
  return {
    assign(holder, wishes) {
      const four = wishes.ipv4 ? ipv4?.lease(holder) : undefined
      const six = wishes.ipv6 ? ipv6?.lease(holder) : undefined
      if (four === undefined && six === undefined) return undefined
      const families = [four === undefined ? undefined : 4, six === undefined ? undefined : 6]
      const servers = dns.servers.filter((server) => families.includes(server.includes(':') ? 6 : 4))
      return {
        addresses: [
          ...(four === undefined ? [] : [{ address: four, length: 32 }]),
          ...(six === undefined ? [] : [{ address: six, length: 128 }]),
        ],
        dnsServers: servers,
        dnsDomains: servers.length === 0 ? [] : dns.domains,
        subnets: [],
        applicationVersion,
      }
    },
    release(holder) {
      for (const one of pools) one.release(holder)
    },
    own: pools.map(({ own, prefix }) => ({ address: own, length: prefix.length })),
    routes: pools.map(({ prefix }) => ({
      address: formatAddress(prefixFirst(prefix)),
      length: prefix.length,
    })),
    networks: pools.map(({ prefix }) => formatPrefix(prefix)),
  }
}
