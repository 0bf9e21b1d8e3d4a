/**
 * The selectors of an SA that a packet needs (RFC 4301 section 4.4.2.1, the table "Traffic Selector / SAD Entry"): the entry's own,
 * or where it says so the packet's.
 */
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { PacketView } from '../../ip/packet.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type { SaSelectors } from '../data-plane.ts'
import { isProtocolHidden } from './box-index.ts'
import type { PolicyEntry, PopulatedField } from './entry.ts'
import type { PacketFacts } from './explain.ts'
import type { PolicyDirection } from './policy.ts'
import { hasMessageType, hasTwoPorts, rangeOfAddress, rangeOfFamily } from './selector.ts'
import type { AddressRange, AddressSelector, FieldSelector, NumberRange } from './selector.ts'

/** What a packet shows, as values. */
export function factsOf(view: PacketView): PacketFacts {
  const { protocol, hasPorts } = view
  const family = view.version === 4 ? 4 : 6
  const showsPorts = hasPorts && hasTwoPorts(protocol)
  return {
    source: address(family, view.source0, view.source1, view.source2, view.source3),
    destination: address(family, view.destination0, view.destination1, view.destination2, view.destination3),
    ...(isProtocolHidden(view) ? {} : { protocol }),
    ...(showsPorts ? { sourcePort: view.sourcePort, destinationPort: view.destinationPort } : {}),
    ...(hasPorts && hasMessageType(protocol) ? { message: view.sourcePort } : {}),
  }
}

function address(family: 4 | 6, ...words: readonly number[]): IpAddress {
  const used = family === 4 ? words.slice(0, 1) : words
  return { family, value: used.reduce((value, word) => (value << 32n) | BigInt(word), 0n) }
}

/**
 * The selectors for a new SA, of the packet's own family. Fails where a field is to come from the packet and the packet does not
 * show it: such a packet is discarded. In transport mode addresses are always the packet's, whose ends the SA joins.
 */
export function selectorsFor(
  { selector, populate, action }: PolicyEntry,
  direction: PolicyDirection,
  facts: PacketFacts,
): Result<SaSelectors, PopulatedField> {
  const isOut = direction === 'out'
  const [local, remote] = isOut ? [facts.source, facts.destination] : [facts.destination, facts.source]
  const [localPort, remotePort] = isOut
    ? [facts.sourcePort, facts.destinationPort]
    : [facts.destinationPort, facts.sourcePort]
  const isTransport = action.kind === 'protect' && action.bundle.every(({ mode }) => mode === 'transport')
  const shown: Readonly<Record<PopulatedField, unknown>> = {
    local,
    remote,
    protocol: facts.protocol,
    'local-port': hasOther(facts.protocol) ? 0 : localPort,
    'remote-port': hasOther(facts.protocol) ? 0 : remotePort,
    message: facts.protocol === undefined || hasMessageType(facts.protocol) ? facts.message : 0,
  }
  const missing = populate.find((field) => shown[field] === undefined)
  if (missing !== undefined) return fail(missing)

  const protocol = populate.includes('protocol') ? facts.protocol : selector.protocol
  // RFC 7296 section 3.13.1: 0 is any protocol, and no number says OPAQUE; the ports then do.
  const number = typeof protocol === 'number' ? protocol : 0
  const messages = fieldFor(selector.message, populate.includes('message'), facts.message)
  const side = (
    addresses: AddressSelector,
    own: IpAddress,
    isPopulated: boolean,
    ports: FieldSelector,
  ): readonly TrafficSelector[] =>
    rangesFor(addresses, own, isPopulated || isTransport).flatMap((range) =>
      portPairs(hasMessageType(number) ? messages : ports).map(([startPort, endPort]) => ({
        protocol: number,
        startPort,
        endPort,
        ...range,
      })),
    )
  return ok({
    local: side(
      selector.local,
      local,
      populate.includes('local'),
      fieldFor(selector.localPorts, populate.includes('local-port'), localPort),
    ),
    remote: side(
      selector.remote,
      remote,
      populate.includes('remote'),
      fieldFor(selector.remotePorts, populate.includes('remote-port'), remotePort),
    ),
  })
}

/** Whether the packet's protocol has no ports at all: then there is nothing to take from it. */
const hasOther = (protocol: number | undefined): boolean => protocol !== undefined && !hasTwoPorts(protocol)

function rangesFor(selector: AddressSelector, own: IpAddress, isPopulated: boolean): readonly AddressRange[] {
  if (isPopulated) return [rangeOfAddress(own)]
  if (selector === 'any') return [rangeOfFamily(own.family)]
  return selector.filter(({ start }) => start.family === own.family)
}

const fieldFor = (field: FieldSelector, isPopulated: boolean, own: number | undefined): FieldSelector =>
  isPopulated && own !== undefined ? [{ first: own, last: own }] : field

/** RFC 7296 section 3.13.1: ANY is 0 to 65535, OPAQUE is 65535 to 0. */
function portPairs(field: FieldSelector): readonly (readonly [number, number])[] {
  if (field === 'any') return [[0, 65_535]]
  if (field === 'opaque') return [[65_535, 0]]
  return field.map(({ first, last }: NumberRange) => [first, last] as const)
}

/** The entry that a name's entry becomes once its owner has proved it and has an address (RFC 4301 section 4.4.1.1, "Name"). */
export const boundEntry = (entry: PolicyEntry, side: 'local' | 'remote', own: IpAddress): PolicyEntry => ({
  ...entry,
  names: [],
  selector: { ...entry.selector, [side]: [rangeOfAddress(own)] },
})
