/**
 * Where ESP and AH stand among a packet's headers (RFC 4302 section 3.1.1, RFC 4303 section 3.1.1):
 *
 *   IPv4:  IP header with options | AH or ESP | rest
 *   IPv6:  IP header | hop-by-hop, destination*, routing, fragment | AH or ESP | destination* | rest
 */
import { readU8, readU16, writeU16 } from '../../ip/octets.ts'
import { checksum } from '../../ip/checksum.ts'
import { IPV6_HEADER_LENGTH } from '../../ip/packet.ts'
import type { WorkingPacket } from './working-packet.ts'

export const PROTOCOL_NUMBER = { ipv4: 4, udp: 17, ipv6: 41, esp: 50, ah: 51, none: 59 } as const

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const DESTINATION_OPTIONS = 60
const MOST_EXTENSION_HEADERS = 12

/** What stays in front of a security header; all places count from the packet's start. Reused for each packet. */
export interface HeaderPlace {
  version: 4 | 6
  /** Bytes of headers in front. */
  frontLength: number
  /** Where the number stands that says what comes behind the front, and that number. */
  nextHeaderAt: number
  nextHeader: number
  /** Where IPv6's fragment header stands, and where its own number does; 0 without one. */
  fragmentHeaderAt: number
  fragmentNamedAt: number
  /** In bytes. Of a whole datagram both are 0 and false. */
  fragmentOffset: number
  moreFragments: boolean
}

export const createHeaderPlace = (): HeaderPlace => ({
  version: 4,
  frontLength: 0,
  nextHeaderAt: 0,
  nextHeader: 0,
  fragmentHeaderAt: 0,
  fragmentNamedAt: 0,
  fragmentOffset: 0,
  moreFragments: false,
})

/** Which destination options belong to the front: `inbound`: whatever stands before the security header; `outbound`: what routers on the way read. */
export type ChainPurpose = 'inbound' | 'outbound'

/** False when the headers leave the packet, or are too many. The packet's own length is trusted to be right. */
export function findPlace(
  { buffer, offset, length }: WorkingPacket,
  purpose: ChainPurpose,
  place: HeaderPlace,
): boolean {
  place.fragmentHeaderAt = 0
  place.fragmentNamedAt = 0
  place.fragmentOffset = 0
  place.moreFragments = false
  if (readU8(buffer, offset) >>> 4 === 4) {
    const fragment = readU16(buffer, offset + 6)
    place.version = 4
    place.frontLength = (readU8(buffer, offset) & 15) * 4
    place.nextHeaderAt = 9
    place.nextHeader = readU8(buffer, offset + 9)
    place.fragmentOffset = (fragment & 0x1fff) * 8
    place.moreFragments = (fragment & 0x2000) !== 0
    return place.frontLength >= 20 && place.frontLength <= length
  }
  place.version = 6
  place.frontLength = IPV6_HEADER_LENGTH
  place.nextHeaderAt = 6
  place.nextHeader = readU8(buffer, offset + 6)
  if (length < IPV6_HEADER_LENGTH) return false
  for (let count = 0; count < MOST_EXTENSION_HEADERS; count += 1) {
    if (!isOfFront(buffer, offset, length, purpose, place)) return true
    const at = place.frontLength
    if (at + 8 > length) return false
    if (place.nextHeader === FRAGMENT) {
      const fragment = readU16(buffer, offset + at + 2)
      place.fragmentHeaderAt = at
      place.fragmentNamedAt = place.nextHeaderAt
      place.fragmentOffset = fragment & 0xfff8
      place.moreFragments = (fragment & 1) !== 0
    }
    const headerLength = place.nextHeader === FRAGMENT ? 8 : (readU8(buffer, offset + at + 1) + 1) * 8
    if (at + headerLength > length) return false
    place.nextHeaderAt = at
    place.nextHeader = readU8(buffer, offset + at)
    place.frontLength = at + headerLength
    // Behind a later fragment's header there is payload, no header.
    if (place.fragmentOffset > 0) return true
  }
  return false
}

function isOfFront(
  buffer: Uint8Array,
  offset: number,
  length: number,
  purpose: ChainPurpose,
  { nextHeader, frontLength }: HeaderPlace,
): boolean {
  switch (nextHeader) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
      return true
    case DESTINATION_OPTIONS:
      // RFC 8200 section 4.1: those before a routing header are for every destination of its list; all others are protected.
      return purpose === 'inbound' || leadsToRouting(buffer, offset, length, frontLength)
  }
  return false
}

const leadsToRouting = (buffer: Uint8Array, offset: number, length: number, at: number): boolean =>
  at + 8 <= length && readU8(buffer, offset + at) === ROUTING

/** Writes what the packet's own header says of its length and of what is behind the front; IPv4's checksum follows. */
export function finishFront(
  { buffer, offset, length }: WorkingPacket,
  place: HeaderPlace,
  nextHeader: number,
): void {
  buffer[offset + place.nextHeaderAt] = nextHeader
  if (place.version === 6) {
    writeU16(buffer, offset + 4, length - IPV6_HEADER_LENGTH)
    return
  }
  writeU16(buffer, offset + 2, length)
  writeU16(buffer, offset + 10, 0)
  writeU16(buffer, offset + 10, checksum(buffer, offset, place.frontLength))
}

/** Moves the front by `distance` bytes; negative: towards the beginning, which makes room behind it. */
export function moveFront(packet: WorkingPacket, place: HeaderPlace, distance: number): void {
  const { buffer, offset } = packet
  buffer.copyWithin(offset + distance, offset, offset + place.frontLength)
  packet.offset += distance
  packet.length -= distance
}
