/** What a configuration means for this machine: the steps, in the order in which they are made. */
import { domainToASCII } from 'node:url'
import {
  formatAddress,
  formatPrefix,
  parseAddress,
  parsePrefix,
  prefixContains,
  prefixOf,
} from '../../ip/address.ts'
import type { Prefix, TunnelConfiguration } from '../../ports.ts'
import type { Step } from './step.ts'

export interface Machine {
  /** Whether IPv6 is switched on. */
  readonly ipv6: boolean
  readonly dns: 'resolved' | 'resolv-conf'
  /** As linux/local-networks.ts gives them. */
  readonly localNetworks: readonly string[]
  /** The families whose packets this machine forwards anyhow, without this tunnel. */
  readonly forwarding: readonly (4 | 6)[]
}

const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4)

/** A prefix of this length or shorter means "everything" (two halves of /1 are the old way to say /0). */
const EVERYTHING = 1

const canonicalAddress = (text: string): string => {
  const address = parseAddress(text)
  return address === undefined ? text : formatAddress(address)
}

const canonicalPrefix = ({ address, length }: Prefix): string => {
  const parsed = parseAddress(address)
  return parsed === undefined ? `${address}/${length}` : formatPrefix(prefixOf(parsed, length))
}

const covers = (outer: string, inner: string): boolean => {
  const [a, b] = [parsePrefix(outer), parsePrefix(inner)]
  return (
    a !== undefined &&
    b !== undefined &&
    a.address.family === b.address.family &&
    a.length <= b.length &&
    prefixContains(a, b.address)
  )
}

/**
 * Local networks that win over the tunnel: only where the tunnel takes everything of the family, and only those that no
 * narrower route of the profile covers. Anything else that the profile routes goes into the tunnel, whatever routes DHCP or
 * an administrator put into the main table (docs/decisions/0201-routing.md).
 */
const exemptNetworks = (routes: readonly string[], localNetworks: readonly string[]): readonly string[] =>
  localNetworks.filter((network) => {
    const same = routes.filter((route) => familyOf(route) === familyOf(network))
    const narrower = same.filter((route) => Number(route.split('/')[1]) > EVERYTHING)
    return narrower.length < same.length && !narrower.some((route) => covers(route, network))
  })

const routingSteps = (
  tunnel: number,
  configuration: TunnelConfiguration,
  machine: Machine,
): readonly Step[] => {
  const families = machine.ipv6 ? ([4, 6] as const) : ([4] as const)
  const sources = new Map(configuration.routes.map((route) => [canonicalPrefix(route), route.source]))
  const routes = [...sources.keys()]
  const { outside, outsideMark: mark, outsidePeers: peers = [] } = configuration
  return families.flatMap((family): readonly Step[] => {
    const ours = routes.filter((route) => familyOf(route) === family)
    const gateway = outside !== undefined && familyOf(outside.gateway) === family ? outside : undefined
    if (ours.length === 0) return []
    const own = configuration.addresses.find(({ address }) => familyOf(address) === family)?.address
    return [
      ...exemptNetworks(ours, machine.localNetworks).map((prefix): Step => ({
        step: 'local-network',
        tunnel,
        prefix,
      })),
      ...ours.map((prefix): Step => {
        const source = sources.get(prefix) ?? own
        return {
          step: 'route',
          tunnel,
          prefix,
          ...(source === undefined ? {} : { source: canonicalAddress(source) }),
        }
      }),
      ...(gateway === undefined && mark === undefined ? [] : [{ step: 'rule-end', tunnel, family } as const]),
      ...(mark === undefined
        ? []
        : [
            { step: 'rule-mark', tunnel, family, mark } as const,
            ...peers
              .filter((peer) => familyOf(peer) === family)
              .flatMap((peer) =>
                (['esp', 'ah'] as const).map((protocol) => ({
                  step: 'rule-peer' as const,
                  tunnel,
                  peer: canonicalAddress(peer),
                  protocol,
                })),
              ),
          ]),
      ...(gateway === undefined
        ? []
        : [
            {
              step: 'rule-outside',
              tunnel,
              gateway: canonicalAddress(gateway.gateway),
              port: gateway.localPort,
            } as const,
          ]),
      // Last: only now do packets go by the table, and the tunnel's own already know their way around it.
      { step: 'rule-table', tunnel, family },
    ]
  })
}

const dnsSteps = (tunnel: number, { dns }: TunnelConfiguration, machine: Machine): readonly Step[] => {
  if (dns === undefined || dns.servers.length === 0) return []
  const domains = dns.domains.map((name) => domainToASCII(name.replace(/^[~.]+/, '').replace(/\.$/, '')))
  return [
    {
      step: machine.dns,
      tunnel,
      servers: dns.servers.map(canonicalAddress),
      domains: [...new Set(domains)].filter((name) => name !== ''),
    },
  ]
}

const inboundSteps = (tunnel: number, { inbound }: TunnelConfiguration): readonly Step[] =>
  inbound === undefined ? [] : [{ step: 'inbound', tunnel, rules: [...inbound] }]

/** The adapter alone, which carries nothing yet: how every tunnel begins. */
export const planDevice = (tunnel: number, uid: number, { ipv6 }: Pick<Machine, 'ipv6'>): readonly Step[] => [
  { step: 'device', tunnel, uid },
  ...(ipv6 ? [{ step: 'quiet', tunnel } as const] : []),
]

/** All steps for a tunnel of this number, owned by this user. Addresses and routes of a family that is off are left out. */
export const planSteps = (
  tunnel: number,
  uid: number,
  configuration: TunnelConfiguration,
  machine: Machine,
): readonly Step[] => [
  ...planDevice(tunnel, uid, machine),
  { step: 'mtu', tunnel, mtu: configuration.mtu },
  { step: 'up', tunnel },
  ...configuration.addresses
    .filter(({ address }) => machine.ipv6 || familyOf(address) === 4)
    .map(({ address, length }): Step => ({
      step: 'address',
      tunnel,
      address: canonicalAddress(address),
      length,
    })),
  ...(configuration.forward === true ? ([4, 6] as const) : [])
    .filter((family) => (machine.ipv6 || family === 4) && !machine.forwarding.includes(family))
    .map((family): Step => ({ step: 'forward', family })),
  ...inboundSteps(tunnel, configuration),
  ...routingSteps(tunnel, configuration, machine),
  ...dnsSteps(tunnel, configuration, machine),
]
