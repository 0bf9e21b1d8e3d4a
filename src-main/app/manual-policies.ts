/** The policies of a file: what packet processing asks of them, and what the machine's routes must lead to the adapter. */
import { addressBits, compareAddresses, formatAddress, formatPrefix, rangeToPrefixes } from '../ip/address.ts'
import type { IpAddress } from '../ip/address.ts'
import { createPacketView, PROTOCOL, readPacket } from '../ip/packet.ts'
import { bundleOf } from '../ipsec/policy/entry.ts'
import type { PolicyEntry } from '../ipsec/policy/entry.ts'
import type { PolicyAction, PolicyDirection, SaTemplate } from '../ipsec/policy/policy.ts'
import { rangeOfFamily } from '../ipsec/policy/selector.ts'
import type { AddressSelector, FieldSelector } from '../ipsec/policy/selector.ts'
import { createPolicyDatabase } from '../ipsec/policy/spd.ts'
import { overheadOf } from '../ipsec/processing/apply-association.ts'
import { fits } from '../ipsec/processing/association-database.ts'
import type { Association } from '../ipsec/processing/association.ts'
import type { PolicyDecisions } from '../ipsec/processing/decisions.ts'
import type { InboundRule, TunnelConfiguration } from '../ports.ts'

const directions: readonly PolicyDirection[] = ['out', 'in', 'forward']

/**
 * The entries as packet processing asks them. What leaves and meets none goes in clear, as with a kernel: a file names what it
 * protects. What came in through SAs and meets none is dropped.
 */
export function decisionsOf(entries: readonly PolicyEntry[]): PolicyDecisions {
  const database = createPolicyDatabase(entries)
  const bypass: PolicyAction = { kind: 'bypass' }
  // The same templates each time: SAs are remembered by them.
  const actions = new Map(
    directions.map((direction) => [
      direction,
      new Map(entries.map((entry) => [entry, actionOf(entry, direction)])),
    ]),
  )
  return {
    decide(direction, view) {
      const entry = database.lookup(direction, view)
      if (entry === undefined) return direction === 'out' ? bypass : undefined
      return actions.get(direction)?.get(entry)
    },
  }
}

const actionOf = (entry: PolicyEntry, direction: PolicyDirection): PolicyAction =>
  entry.action.kind === 'protect' ? { kind: 'protect', bundle: bundleOf(entry, direction) } : entry.action

/** Multicast without a policy of its own: what the kernel says of the adapter itself (RFC 3810). It goes nowhere. */
export function isChatter(
  entries: readonly PolicyEntry[],
): (buffer: Uint8Array, offset: number, length: number) => boolean {
  const database = createPolicyDatabase(entries)
  const view = createPacketView()
  return (buffer, offset, length) =>
    readPacket(buffer, offset, length, view) &&
    (view.version === 6 ? view.destination0 >>> 24 === 0xff : view.destination0 >>> 28 === 0xe) &&
    database.lookup('out', view) === undefined
}

type Route = TunnelConfiguration['routes'][number]

/** What goes into the adapter: the destinations of all that is protected or discarded, with the source that the policy names. */
export function routesOf(entries: readonly PolicyEntry[], addresses: readonly IpAddress[]): readonly Route[] {
  const routes = new Map<string, Route>()
  for (const entry of entries) {
    if (!entry.directions.includes('out') || entry.action.kind === 'bypass') continue
    for (const { start, end } of rangesOf(entry.selector.remote)) {
      const source = ownAddressIn(entry.selector.local, start.family, addresses)
      for (const { address, length } of rangeToPrefixes(start, end)) {
        const text = formatAddress(address)
        if (routes.has(`${text}/${length}`)) continue
        routes.set(`${text}/${length}`, {
          address: text,
          length,
          ...(source === undefined ? {} : { source: formatAddress(source) }),
        })
      }
    }
  }
  return [...routes.values()]
}

const rangesOf = (selector: AddressSelector) =>
  selector === 'any' ? [rangeOfFamily(4), rangeOfFamily(6)] : selector

/** Of this machine; undefined when the policy is for hosts behind it, or for any address. */
function ownAddressIn(
  selector: AddressSelector,
  family: 4 | 6,
  addresses: readonly IpAddress[],
): IpAddress | undefined {
  if (selector === 'any') return undefined
  return addresses.find(
    (address) =>
      address.family === family &&
      selector.some(
        ({ start, end }) =>
          start.family === family &&
          compareAddresses(start, address) <= 0 &&
          compareAddresses(address, end) <= 0,
      ),
  )
}

/** RFC 8200 section 5: every IPv6 link takes this much. */
const IPV6_SMALLEST_MTU = 1_280
const SMALLEST_MTU = 576

/** The adapter's MTU: what goes whole through each bundle on a path that takes `pathMtu` bytes. */
export function adapterMtu(
  entries: readonly PolicyEntry[],
  associations: readonly Association[],
  pathMtu: number,
): number {
  const outbound = associations.filter(({ direction }) => direction === 'outbound')
  const overhead = (template: SaTemplate): number =>
    Math.max(0, ...outbound.filter((sa) => fits(template, sa)).map(overheadOf))
  const bundles = entries
    .filter((entry) => entry.directions.includes('out') && entry.action.kind === 'protect')
    .map((entry) => bundleOf(entry, 'out').reduce((sum, template) => sum + overhead(template), 0))
  const carriesIpv6 = entries.some(({ selector: { remote } }) =>
    rangesOf(remote).some(({ start }) => addressBits(start.family) === 128),
  )
  const wanted = pathMtu - Math.max(0, ...bundles)
  return Math.max(carriesIpv6 ? IPV6_SMALLEST_MTU : SMALLEST_MTU, wanted)
}

/** What may come in in clear: not what policies protect or forbid, but for ESP in UDP to these ports of ours. */
export function inboundRulesOf(
  entries: readonly PolicyEntry[],
  udpPorts: readonly { readonly family: 4 | 6; readonly port: number }[],
): readonly InboundRule[] {
  const everything = { 4: '0.0.0.0/0', 6: '::/0' } as const
  const encapsulated = udpPorts.map(({ family, port }): InboundRule => ({
    action: 'accept',
    remote: everything[family],
    local: everything[family],
    protocol: PROTOCOL.udp,
    localPorts: [port, port],
  }))
  const incoming = entries.filter(({ directions: ways }) => ways.includes('in') || ways.includes('forward'))
  return [...encapsulated, ...incoming.flatMap(inboundRules)]
}

function inboundRules({ action, selector }: PolicyEntry): readonly InboundRule[] {
  const { protocol, remotePorts, localPorts, message } = selector
  // Later fragments and the like: no rule tells them; packet processing does, once they are in.
  if ([protocol, remotePorts, localPorts, message].includes('opaque')) return []
  const prefixes = (addresses: AddressSelector) =>
    rangesOf(addresses).flatMap(({ start, end }) => rangeToPrefixes(start, end))
  const choices = (field: FieldSelector): readonly ([number, number] | undefined)[] =>
    field === 'any' || field === 'opaque' ? [undefined] : field.map(({ first, last }) => [first, last])
  return prefixes(selector.remote).flatMap((remote) =>
    prefixes(selector.local)
      .filter((local) => local.address.family === remote.address.family)
      .flatMap((local) =>
        choices(remotePorts).flatMap((from) =>
          choices(localPorts).flatMap((to) =>
            choices(message).map((told): InboundRule => ({
              action: action.kind === 'bypass' ? 'accept' : 'drop',
              remote: formatPrefix(remote),
              local: formatPrefix(local),
              ...(typeof protocol === 'number' ? { protocol } : {}),
              ...(from === undefined ? {} : { remotePorts: from }),
              ...(to === undefined ? {} : { localPorts: to }),
              ...(told === undefined ? {} : { message: told }),
            })),
          ),
        ),
      ),
  )
}
