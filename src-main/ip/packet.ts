/**
 * What the data plane wants to know of an inner packet, read from its bytes into one reused struct: no object a packet.
 *
 *   IPv4 (RFC 791 section 3.1)                            IPv6 (RFC 8200 section 3)
 *   0  version 4, IHL 4 | traffic class 8 | length 16     0  version 4 | traffic class 8 | flow label 20
 *   4  identification 16 | flags 3, fragment offset 13    4  payload length 16 | next header 8 | hop limit 8
 *   8  TTL 8 | protocol 8 | header checksum 16            8  source 128
 *   12 source 32 | 16 destination 32 | 20 options         24 destination 128
 */
import { adjustedChecksum } from './checksum.ts'
import { readU8, readU16, readU32, writeU16 } from './octets.ts'

export const PROTOCOL = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  dccp: 33,
  icmpv6: 58,
  noNextHeader: 59,
  sctp: 132,
  mobility: 135,
  udpLite: 136,
} as const

export const IPV6_HEADER_LENGTH = 40

/** A packet's flow and the places of its parts. Addresses are 32-bit words, first word first; IPv4 has one, the others are 0. */
export interface PacketView {
  /** 0 before the first packet. */
  version: 0 | 4 | 6
  /** Of the whole packet by its own header: bytes behind it are no part of it. */
  length: number
  /** From the packet's start to the upper-layer protocol: IPv4 options and IPv6 extension headers are in front of it. */
  headerLength: number
  trafficClass: number
  /** Always true for IPv6, which routers do not fragment (RFC 8200 section 5). */
  dontFragment: boolean
  /** In bytes; beyond 0 the packet shows no ports. */
  fragmentOffset: number
  moreFragments: boolean
  /** Upper-layer protocol; in a later IPv6 fragment, the first header behind the fragment header. */
  protocol: number
  /** False for fragments without the upper-layer header and for protocols without ports: OPAQUE (RFC 4301 section 4.4.1.1). */
  hasPorts: boolean
  /** Ports; ICMP has type × 256 + code in both, Mobility Header its type × 256 (RFC 7296 section 3.13.1). */
  sourcePort: number
  destinationPort: number
  source0: number
  source1: number
  source2: number
  source3: number
  destination0: number
  destination1: number
  destination2: number
  destination3: number
}

export const createPacketView = (): PacketView => ({
  version: 0,
  length: 0,
  headerLength: 0,
  trafficClass: 0,
  dontFragment: false,
  fragmentOffset: 0,
  moreFragments: false,
  protocol: 0,
  hasPorts: false,
  sourcePort: 0,
  destinationPort: 0,
  source0: 0,
  source1: 0,
  source2: 0,
  source3: 0,
  destination0: 0,
  destination1: 0,
  destination2: 0,
  destination3: 0,
})

/** Whether the bytes begin with a whole IP packet; then the view describes it, else its content is undefined. Bytes behind the packet are tolerated. */
export const readPacket = (buffer: Uint8Array, offset: number, length: number, view: PacketView): boolean =>
  read(buffer, offset, length, view, false)

/** The same for the beginning of a packet as ICMP errors quote it: `view.length` is then what is there. */
export const readQuotedPacket = (
  buffer: Uint8Array,
  offset: number,
  length: number,
  view: PacketView,
): boolean => read(buffer, offset, length, view, true)

function read(
  buffer: Uint8Array,
  offset: number,
  length: number,
  view: PacketView,
  mayBeCut: boolean,
): boolean {
  if (length < 20) return false
  const version = readU8(buffer, offset) >>> 4
  if (version === 4) return readIpv4(buffer, offset, length, view, mayBeCut)
  if (version === 6) return readIpv6(buffer, offset, length, view, mayBeCut)
  return false
}

function readIpv4(
  buffer: Uint8Array,
  offset: number,
  length: number,
  view: PacketView,
  mayBeCut: boolean,
): boolean {
  const headerLength = (readU8(buffer, offset) & 15) * 4
  const total = readU16(buffer, offset + 2)
  if (headerLength < 20 || headerLength > length || total < headerLength) return false
  if (total > length && !mayBeCut) return false
  const fragment = readU16(buffer, offset + 6)
  view.version = 4
  view.length = Math.min(total, length)
  view.headerLength = headerLength
  view.trafficClass = readU8(buffer, offset + 1)
  view.dontFragment = (fragment & 0x4000) !== 0
  view.moreFragments = (fragment & 0x2000) !== 0
  view.fragmentOffset = (fragment & 0x1fff) * 8
  view.protocol = readU8(buffer, offset + 9)
  view.source0 = readU32(buffer, offset + 12)
  view.source1 = view.source2 = view.source3 = 0
  view.destination0 = readU32(buffer, offset + 16)
  view.destination1 = view.destination2 = view.destination3 = 0
  readPorts(buffer, offset, view)
  return true
}

function readIpv6(
  buffer: Uint8Array,
  offset: number,
  length: number,
  view: PacketView,
  mayBeCut: boolean,
): boolean {
  if (length < IPV6_HEADER_LENGTH) return false
  const payload = readU16(buffer, offset + 4)
  // RFC 2675: a jumbogram has payload length 0; none fits in a datagram. A packet with nothing behind its header is refused with it.
  if (payload === 0 || (payload + IPV6_HEADER_LENGTH > length && !mayBeCut)) return false
  view.version = 6
  view.length = Math.min(payload + IPV6_HEADER_LENGTH, length)
  view.trafficClass = (readU16(buffer, offset) >>> 4) & 255
  view.dontFragment = true
  view.moreFragments = false
  view.fragmentOffset = 0
  view.source0 = readU32(buffer, offset + 8)
  view.source1 = readU32(buffer, offset + 12)
  view.source2 = readU32(buffer, offset + 16)
  view.source3 = readU32(buffer, offset + 20)
  view.destination0 = readU32(buffer, offset + 24)
  view.destination1 = readU32(buffer, offset + 28)
  view.destination2 = readU32(buffer, offset + 32)
  view.destination3 = readU32(buffer, offset + 36)
  if (!walkExtensionHeaders(buffer, offset, view)) return false
  readPorts(buffer, offset, view)
  return true
}

/** More than anyone sends; a longer chain is refused rather than walked. */
const MAXIMUM_EXTENSION_HEADERS = 12

/** Finds protocol and headerLength (RFC 8200 section 4); false when the chain leaves the packet or is too long. */
function walkExtensionHeaders(buffer: Uint8Array, offset: number, view: PacketView): boolean {
  let next = readU8(buffer, offset + 6)
  let at = IPV6_HEADER_LENGTH
  for (let count = 0; count < MAXIMUM_EXTENSION_HEADERS; count += 1) {
    const kind = extensionKind(next)
    if (kind === 'none' || view.fragmentOffset > 0) {
      view.protocol = next
      view.headerLength = at
      return true
    }
    if (at + 8 > view.length) return false
    if (kind === 'fragment') {
      // RFC 8200 section 4.5: next header, reserved, offset in 8 bytes 13 | reserved 2 | more 1, identification 32.
      const fragment = readU16(buffer, offset + at + 2)
      view.fragmentOffset = fragment & 0xfff8
      view.moreFragments = (fragment & 1) !== 0
    }
    const units = readU8(buffer, offset + at + 1)
    next = readU8(buffer, offset + at)
    at += kind === 'fragment' ? 8 : kind === 'authentication' ? (units + 2) * 4 : (units + 1) * 8
    if (at > view.length) return false
  }
  return false
}

function extensionKind(nextHeader: number): 'options' | 'fragment' | 'authentication' | 'none' {
  switch (nextHeader) {
    case 0: // hop-by-hop options
    case 43: // routing
    case 60: // destination options
    case 139: // host identity
    case 140: // shim6
      return 'options'
    case 44:
      return 'fragment'
    case 51: // RFC 4302 section 2.2: its length counts 4 bytes, minus 2
      return 'authentication'
  }
  return 'none'
}

function readPorts(buffer: Uint8Array, offset: number, view: PacketView): void {
  const at = offset + view.headerLength
  const available = view.length - view.headerLength
  view.hasPorts = false
  view.sourcePort = view.destinationPort = 0
  if (view.fragmentOffset > 0) return
  const { protocol } = view
  if (hasPortFields(protocol)) {
    if (available < 4) return
    view.sourcePort = readU16(buffer, at)
    view.destinationPort = readU16(buffer, at + 2)
  } else if (isIcmp(view)) {
    if (available < 2) return
    view.sourcePort = view.destinationPort = readU16(buffer, at)
  } else if (protocol === PROTOCOL.mobility) {
    if (available < 3) return
    view.sourcePort = view.destinationPort = readU8(buffer, at + 2) << 8
  } else return
  view.hasPorts = true
}

const hasPortFields = (protocol: number): boolean =>
  protocol === PROTOCOL.tcp ||
  protocol === PROTOCOL.udp ||
  protocol === PROTOCOL.sctp ||
  protocol === PROTOCOL.dccp ||
  protocol === PROTOCOL.udpLite

/** ICMP within its own family; the other family's number is just a protocol. */
export const isIcmp = (view: PacketView): boolean =>
  view.protocol === (view.version === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6)

/** Writes DSCP and ECN of the packet at `offset`; IPv4's header checksum follows. */
export function writeTrafficClass(buffer: Uint8Array, offset: number, trafficClass: number): void {
  const before = readU16(buffer, offset)
  if (before >>> 12 === 6) {
    writeU16(buffer, offset, (before & 0xf00f) | (trafficClass << 4))
    return
  }
  const after = (before & 0xff00) | trafficClass
  writeU16(buffer, offset, after)
  writeU16(buffer, offset + 10, adjustedChecksum(readU16(buffer, offset + 10), before, after))
}
