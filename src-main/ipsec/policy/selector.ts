/** What a policy entry asks of a packet (RFC 4301 section 4.4.1.1), as values; the forms that lookups compare stand in box.ts. */
import {
  addressBits,
  compareAddresses,
  highestAddress,
  lowestAddress,
  prefixFirst,
  prefixLast,
} from '../../ip/address.ts'
import type { IpAddress, IpPrefix } from '../../ip/address.ts'
import { PROTOCOL } from '../../ip/packet.ts'

/** Both ends included, of one family. */
export interface AddressRange {
  readonly start: IpAddress
  readonly end: IpAddress
}

/** Both ends included. */
export interface NumberRange {
  readonly first: number
  readonly last: number
}

/** `any` is every address of both families; a list is what any of its ranges holds, so an empty one takes nothing. */
export type AddressSelector = 'any' | readonly AddressRange[]

/**
 * `any` takes every packet, also those that do not show the field; `opaque` takes only those: later fragments, and protocols
 * that are encrypted or have no such field (RFC 4301 section 4.4.1.1).
 */
export type FieldSelector = 'any' | 'opaque' | readonly NumberRange[]

/** `opaque`, IPv6 alone: a later fragment whose next layer stands behind extension headers of the first one. */
export type ProtocolSelector = 'any' | 'opaque' | number

/** Seen from this host: `local` is the source of what leaves and the destination of what comes in. */
export interface PolicySelector {
  readonly local: AddressSelector
  readonly remote: AddressSelector
  readonly protocol: ProtocolSelector
  /** Of TCP, UDP, UDP-Lite, SCTP and DCCP. */
  readonly localPorts: FieldSelector
  readonly remotePorts: FieldSelector
  /** ICMP and ICMPv6: type × 256 + code; Mobility Header: its type × 256, code 0. */
  readonly message: FieldSelector
}

/** Every packet of both families. */
export const everyPacket: PolicySelector = {
  local: 'any',
  remote: 'any',
  protocol: 'any',
  localPorts: 'any',
  remotePorts: 'any',
  message: 'any',
}

const withPorts: readonly number[] = [
  PROTOCOL.tcp,
  PROTOCOL.udp,
  PROTOCOL.dccp,
  PROTOCOL.sctp,
  PROTOCOL.udpLite,
]
const withMessages: readonly number[] = [PROTOCOL.icmp, PROTOCOL.icmpv6, PROTOCOL.mobility]

export const hasTwoPorts = (protocol: number): boolean => withPorts.includes(protocol)
export const hasMessageType = (protocol: number): boolean => withMessages.includes(protocol)

/** IPv6 extension headers: as the "protocol" of a later fragment they say nothing of the next layer. */
const extensionHeaders: readonly number[] = [0, 43, 44, 51, 60, 139, 140]
export const isExtensionHeader = (protocol: number): boolean => extensionHeaders.includes(protocol)

export const rangeOfPrefix = (prefix: IpPrefix): AddressRange => ({
  start: prefixFirst(prefix),
  end: prefixLast(prefix),
})

export const rangeOfAddress = (address: IpAddress): AddressRange =>
  rangeOfPrefix({ address, length: addressBits(address.family) })

export const rangeOfFamily = (family: 4 | 6): AddressRange => ({
  start: lowestAddress(family),
  end: highestAddress(family),
})

export const isWholeFamily = ({ start, end }: AddressRange): boolean =>
  start.value === 0n && end.value === highestAddress(end.family).value

/** What both name; undefined when they share nothing. */
export function commonRange(a: AddressRange, b: AddressRange): AddressRange | undefined {
  if (a.start.family !== b.start.family) return undefined
  const start = compareAddresses(a.start, b.start) >= 0 ? a.start : b.start
  const end = compareAddresses(a.end, b.end) <= 0 ? a.end : b.end
  return compareAddresses(start, end) <= 0 ? { start, end } : undefined
}

/** All codes of the types from `first` to `last`. */
export const messageTypes = (first: number, last: number): NumberRange => ({
  first: first << 8,
  last: (last << 8) | 255,
})

/** Some codes of one type. */
export const messageCodes = (type: number, first: number, last: number): NumberRange => ({
  first: (type << 8) | first,
  last: (type << 8) | last,
})
