/** Which entry a packet meets, and why it met none before: what spd.ts decides, one entry after the other and with reasons. */
import type { IpAddress } from '../../ip/address.ts'
import type { PolicyEntry } from './entry.ts'
import type { PolicyDirection } from './policy.ts'
import type { AddressSelector, FieldSelector } from './selector.ts'

/** A packet as a person tells of it. What is absent it does not show. */
export interface PacketFacts {
  readonly source: IpAddress
  readonly destination: IpAddress
  readonly protocol?: number
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** ICMP and ICMPv6: type × 256 + code; Mobility Header: type × 256. */
  readonly message?: number
}

/** The first thing in which entry and packet differ. */
export type Mismatch =
  | { readonly field: 'direction' | 'name' | 'protocol' }
  | { readonly field: 'local' | 'remote'; readonly shown: IpAddress }
  | { readonly field: 'local-port' | 'remote-port' | 'message'; readonly shown: number | undefined }

/** Why the entry does not take the packet: all reasons, the broadest first; none when it does. */
export function mismatches(
  { directions, names, selector }: PolicyEntry,
  direction: PolicyDirection,
  facts: PacketFacts,
): readonly Mismatch[] {
  const isOut = direction === 'out'
  const [local, remote] = isOut ? [facts.source, facts.destination] : [facts.destination, facts.source]
  const [localPort, remotePort] = isOut
    ? [facts.sourcePort, facts.destinationPort]
    : [facts.destinationPort, facts.sourcePort]
  const { protocol } = selector
  const isProtocol =
    protocol === 'any' || (protocol === 'opaque' ? facts.protocol === undefined : protocol === facts.protocol)
  const found: Mismatch[] = []
  if (!directions.includes(direction)) found.push({ field: 'direction' })
  if (names.length > 0) found.push({ field: 'name' })
  if (!takesAddress(selector.remote, remote)) found.push({ field: 'remote', shown: remote })
  if (!takesAddress(selector.local, local)) found.push({ field: 'local', shown: local })
  if (!isProtocol) found.push({ field: 'protocol' })
  if (!takesField(selector.remotePorts, remotePort)) found.push({ field: 'remote-port', shown: remotePort })
  if (!takesField(selector.localPorts, localPort)) found.push({ field: 'local-port', shown: localPort })
  if (!takesField(selector.message, facts.message)) found.push({ field: 'message', shown: facts.message })
  return found
}

const takesAddress = (selector: AddressSelector, { family, value }: IpAddress): boolean =>
  selector === 'any' ||
  selector.some(({ start, end }) => start.family === family && value >= start.value && value <= end.value)

function takesField(selector: FieldSelector, shown: number | undefined): boolean {
  if (selector === 'any') return true
  if (selector === 'opaque') return shown === undefined
  return shown !== undefined && selector.some(({ first, last }) => shown >= first && shown <= last)
}

export interface Explanation {
  /** In the order in which they were asked. */
  readonly passed: readonly {
    readonly entry: PolicyEntry
    /** From 1. */
    readonly place: number
    readonly reasons: readonly Mismatch[]
  }[]
  /** Absent: no entry takes the packet, and it is discarded. */
  readonly met?: { readonly entry: PolicyEntry; readonly place: number }
}

export function explainPacket(
  entries: readonly PolicyEntry[],
  direction: PolicyDirection,
  facts: PacketFacts,
): Explanation {
  const passed: Explanation['passed'][number][] = []
  for (const [index, entry] of entries.entries()) {
    const reasons = mismatches(entry, direction, facts)
    if (reasons.length === 0) return { passed, met: { entry, place: index + 1 } }
    passed.push({ entry, place: index + 1, reasons })
  }
  return { passed }
}
