/** The outer header of a tunnel (RFC 4301 section 5.1.2). */
import { checksum } from '../../ip/checksum.ts'
import { readU16, writeU16, writeU32 } from '../../ip/octets.ts'
import { IPV6_HEADER_LENGTH, writeTrafficClass } from '../../ip/packet.ts'
import type { PacketView } from '../../ip/packet.ts'
import { innerTrafficClass, outerTrafficClass } from '../traffic-class.ts'
import type { Association } from './association.ts'
import { PROTOCOL_NUMBER } from './header-chain.ts'
import type { WorkingPacket } from './working-packet.ts'

const IPV4_HEADER_LENGTH = 20
/** RFC 4301 section 5.1.2.1, note 2: constructed; no business of the packet inside. */
const HOP_LIMIT = 64
const DONT_FRAGMENT = 0x4000

export const tunnelHeaderLength = ({ destination }: Association): number =>
  destination.family === 4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH

/** The number that says which version of IP is inside. */
export const innerProtocol = ({ version }: PacketView): number =>
  version === 4 ? PROTOCOL_NUMBER.ipv4 : PROTOCOL_NUMBER.ipv6

/** Identifications of IPv4 packets that are made here: never 0, which the kernel would fill in behind the ICV's back. */
export function createIdentifications(): () => number {
  let last = 0
  return () => (last = (last % 0xffff) + 1)
}

/**
 * Writes the SA's outer header at the packet's new beginning, `tunnelHeaderLength` in front of what is there; `inner` is the
 * packet inside. Length and checksum are finished by `finishFront`.
 */
export function putTunnelHeader(
  packet: WorkingPacket,
  sa: Association,
  inner: Pick<PacketView, 'version' | 'trafficClass' | 'dontFragment'>,
  identification: number,
): void {
  const headerLength = tunnelHeaderLength(sa)
  packet.offset -= headerLength
  packet.length += headerLength
  const { buffer, offset } = packet
  const trafficClass = outerTrafficClass(inner.trafficClass, sa.copyDscp)
  if (sa.destination.family === 4) {
    buffer[offset] = 0x45
    buffer[offset + 1] = trafficClass
    writeU16(buffer, offset + 2, packet.length)
    writeU16(buffer, offset + 4, identification)
    // RFC 4301 section 8.1: DF is copied; IPv6 inside, which has none, may travel in fragments outside.
    writeU16(buffer, offset + 6, inner.version === 4 && inner.dontFragment ? DONT_FRAGMENT : 0)
    buffer[offset + 8] = HOP_LIMIT
    buffer[offset + 9] = 0
    writeU16(buffer, offset + 10, 0)
    buffer.set(sa.sourceBytes, offset + 12)
    buffer.set(sa.destinationBytes, offset + 16)
    writeU16(buffer, offset + 10, checksum(buffer, offset, IPV4_HEADER_LENGTH))
    return
  }
  writeU32(buffer, offset, 0x6000_0000 | (trafficClass << 20))
  writeU16(buffer, offset + 4, packet.length - IPV6_HEADER_LENGTH)
  buffer[offset + 6] = 0
  buffer[offset + 7] = HOP_LIMIT
  buffer.set(sa.sourceBytes, offset + 8)
  buffer.set(sa.destinationBytes, offset + 24)
}

/** DSCP and ECN as the header says, of either version. */
export const outerTrafficClassOf = (buffer: Uint8Array, offset: number): number => {
  const first = readU16(buffer, offset)
  return first >>> 12 === 6 ? (first >>> 4) & 255 : first & 255
}

/** Carries congestion's mark inwards (RFC 6040 section 4.2); false when the packet must be dropped for it. */
export function takeCongestionMark(
  buffer: Uint8Array,
  offset: number,
  innerClass: number,
  outerClass: number,
): boolean {
  const marked = innerTrafficClass(innerClass, outerClass)
  if (marked === undefined) return false
  if (marked !== innerClass) writeTrafficClass(buffer, offset, marked)
  return true
}
