/**
 * The security policy database as a person sees it (RFC 4301 section 4.4.1): every entry in force, in the order in which it is
 * asked, from the tunnel's own packets down to what becomes of all the rest.
 */
import type { KillSwitchState, PolicyStatus } from '../../src-shared/status.ts'
import type { ChildSa } from '../ike/child-sa.ts'
import { formatSelector } from '../ip/traffic-selector.ts'
import type { TrafficSelector } from '../ip/traffic-selector.ts'
import type { Endpoint } from '../ports.ts'

export interface PolicySources {
  readonly tunnels: readonly {
    readonly endpoint: Endpoint
    readonly site: {
      readonly localAddress: string
      readonly socket: { readonly localPort: number }
    }
    readonly session: { readonly children: readonly ChildSa[] }
  }[]
  readonly interfaceName?: string | undefined
  readonly killSwitch?: KillSwitchState
}

/** Selectors make entries two by two; what a gateway may list is more than anybody reads. */
const mostEntries = 256

const everything = { local: 'any', remote: 'any', protocol: 'any' } as const

type Sources = PolicySources['tunnels'][number]

const hostAndPort = ({ address, port }: Endpoint): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** RFC 7296 section 2.23: IKE, and ESP in UDP, between the same two ports. They must not be protected by what they carry. */
function bypassOf({ endpoint, site }: Sources): readonly PolicyStatus[] {
  const local = hostAndPort({ address: site.localAddress, port: site.socket.localPort })
  const entry = { action: 'bypass', local, remote: hostAndPort(endpoint), protocol: 'udp' } as const
  return [
    { direction: 'outbound', ...entry, reason: 'IKE, and ESP in UDP, to the gateway' },
    { direction: 'inbound', ...entry, reason: 'IKE, and ESP in UDP, from the gateway' },
  ]
}

const portsOf = (text: string): string => /\[(.*)\]$/.exec(text)?.[1] ?? 'any'
const addressesOf = (text: string): string => text.replace(/\[.*\]$/, '')

/** `tcp/80` of both sides' brackets: the remote side says it, or the local one. */
function protocolOf(local: string, remote: string): string {
  const ours = portsOf(local)
  const theirs = portsOf(remote)
  const both = theirs === 'any' ? ours : ours === 'any' || ours === theirs ? theirs : `${ours} to ${theirs}`
  return both.replaceAll('/', ' ')
}

const pairs = ({ local, remote }: ChildSa): readonly (readonly [string, string])[] =>
  local.flatMap((ours: TrafficSelector) =>
    remote
      .filter(({ start }) => start.family === ours.start.family)
      .map((theirs) => [formatSelector(ours), formatSelector(theirs)] as const),
  )

function protectOf(child: ChildSa): readonly PolicyStatus[] {
  return pairs(child).flatMap(([local, remote]): readonly PolicyStatus[] => {
    const entry = {
      action: 'protect',
      local: addressesOf(local),
      remote: addressesOf(remote),
      protocol: protocolOf(local, remote),
    } as const
    return [
      { direction: 'outbound', ...entry, spi: child.outboundSpi, reason: 'agreed with the gateway' },
      { direction: 'inbound', ...entry, spi: child.inboundSpi, reason: 'agreed with the gateway' },
    ]
  })
}

/** What no other entry takes. */
function restOf({ interfaceName, killSwitch = 'off' }: PolicySources): readonly PolicyStatus[] {
  const inside: readonly PolicyStatus[] =
    interfaceName === undefined
      ? []
      : [
          {
            direction: 'outbound',
            action: 'discard',
            ...everything,
            reason: `is routed to ${interfaceName}, and no Child SA carries it`,
          },
          {
            direction: 'inbound',
            action: 'discard',
            ...everything,
            reason: 'comes through the tunnel, and no Child SA allows it',
          },
        ]
  const outside: PolicyStatus =
    killSwitch === 'off'
      ? {
          direction: 'outbound',
          action: 'bypass',
          ...everything,
          reason: 'is not routed into the tunnel: leaves as without Culvert',
        }
      : { direction: 'outbound', action: 'discard', ...everything, reason: 'the kill switch is on' }
  return [...inside, outside]
}

/** Nothing while there is no tunnel and no kill switch: then nothing is in force. */
export function policiesInForce(sources: PolicySources): readonly PolicyStatus[] {
  const { tunnels, killSwitch = 'off' } = sources
  if (tunnels.length === 0 && killSwitch === 'off') return []
  return [
    ...tunnels.flatMap(bypassOf),
    // Among equals the newest is asked first (ipsec/spd.ts).
    ...tunnels.flatMap(({ session }) => [...session.children].reverse().flatMap(protectOf)),
    ...restOf(sources),
  ].slice(0, mostEntries)
}
