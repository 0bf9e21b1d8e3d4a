/** The networks this machine is plugged into, which stay reachable beside a tunnel that takes everything. */
import * as v from 'valibot'
import { formatPrefix, parsePrefix, prefixContains, type IpPrefix } from '../../ip/address.ts'
import { run } from '../run.ts'

const Routes = v.array(
  v.object({
    dst: v.string(),
    dev: v.optional(v.string()),
    gateway: v.optional(v.string()),
    protocol: v.optional(v.string()),
    type: v.optional(v.string()),
  }),
)

/** RFC 1918, RFC 3927, RFC 4193, RFC 4291 section 2.5.6: what no public host has. */
const privateNetworks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]
  .map(parsePrefix)
  .filter((prefix) => prefix !== undefined)

/** The widest network that passes for a local one: a DHCP server may claim any netmask (CVE-2023-36672, TunnelCrack). */
const widest = { 4: 16, 6: 48 } as const

const isPrivate = (prefix: IpPrefix): boolean =>
  prefix.length >= widest[prefix.address.family] &&
  privateNetworks.some(
    (network) =>
      network.address.family === prefix.address.family &&
      network.length <= prefix.length &&
      prefixContains(network, prefix.address),
  )

/**
 * The prefixes that come from this machine's own addresses: routes the kernel made itself, without a next hop, to private
 * addresses. Routes that DHCP pushed (option 121) never count (CVE-2024-3661, TunnelVision). Canonical text.
 */
export const localNetworksIn = (json: string): readonly string[] => {
  const routes = v.parse(Routes, JSON.parse(json))
  const prefixes = routes
    .filter((route) => route.gateway === undefined && route.protocol === 'kernel')
    .filter((route) => route.dev !== undefined && !/^(?:lo|culvert\d+)$/.test(route.dev))
    .filter((route) => route.type === undefined || route.type === 'unicast')
    .map((route) => parsePrefix(route.dst))
    .filter((prefix) => prefix !== undefined)
  return [...new Set(prefixes.filter(isPrivate).map(formatPrefix))].sort()
}

/** Reads them, of both families. */
export const readLocalNetworks = async (ipv6: boolean): Promise<readonly string[]> => {
  const families = ipv6 ? ['-4', '-6'] : ['-4']
  const tables = await Promise.all(
    families.map((family) => run(['ip', '-j', family, 'route', 'show', 'table', 'main'])),
  )
  return tables.flatMap(({ stdout }) => localNetworksIn(stdout.trim() === '' ? '[]' : stdout))
}
