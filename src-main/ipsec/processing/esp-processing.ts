/** ESP around and off a packet: transport and tunnel mode, IPv4 and IPv6, also behind UDP (RFC 4303 section 3, RFC 3948). */
import { foldedChecksum, addWords, pseudoHeaderSum } from '../../ip/checksum.ts'
import { readU16, writeU16 } from '../../ip/octets.ts'
import { readPacket } from '../../ip/packet.ts'
import type { PacketView } from '../../ip/packet.ts'
import { createOpenedEsp, espPrefixLength, openEsp, sealEsp } from '../esp.ts'
import { ESP_TRAILER_LENGTH } from '../overhead.ts'
import type { Association, AssociationTransform, UdpEncapsulation } from './association.ts'
import type { ProcessingDropReason } from './drop-reasons.ts'
import { finishFront, moveFront, PROTOCOL_NUMBER } from './header-chain.ts'
import type { HeaderPlace } from './header-chain.ts'
import {
  innerProtocol,
  outerTrafficClassOf,
  putTunnelHeader,
  takeCongestionMark,
  tunnelHeaderLength,
} from './tunnel-header.ts'
import type { WorkingPacket } from './working-packet.ts'

type EspTransform = Extract<AssociationTransform, { kind: 'esp' }>

const UDP_HEADER_LENGTH = 8
/** RFC 4303 section 2.4: at most; and of TFC padding what any path takes. */
const LONGEST_PADDING = 255
const LONGEST_TFC_PADDING = 2_048

/** Bytes that an SA of this kind adds at most, its tunnel's header included. */
export function espOverhead(sa: Association, { cipher, encapsulation }: EspTransform): number {
  const udp = encapsulation === undefined ? 0 : UDP_HEADER_LENGTH
  const padding = Math.min(LONGEST_PADDING, cipher.blockLength - 1)
  const header = sa.mode === 'tunnel' ? tunnelHeaderLength(sa) : 0
  return header + udp + espPrefixLength(cipher) + padding + ESP_TRAILER_LENGTH + cipher.icvLength
}

/** Transport mode: `place` is where ESP comes. The sequence number is taken already. */
export function applyEspTransport(
  packet: WorkingPacket,
  place: HeaderPlace,
  sa: Association,
  transform: EspTransform,
): void {
  const { cipher, encapsulation } = transform
  const { nextHeader, frontLength } = place
  const payloadAt = packet.offset + frontLength
  const payloadLength = packet.length - frontLength
  const udp = encapsulation === undefined ? 0 : UDP_HEADER_LENGTH
  moveFront(packet, place, -(espPrefixLength(cipher) + udp))
  const espLength = sealEsp(cipher, sa.spi, sa.sequence, nextHeader, packet.buffer, payloadAt, payloadLength)
  packet.length = frontLength + udp + espLength
  finish(packet, place, encapsulation, espLength)
}

/** Tunnel mode: the packet that `inner` describes goes inside. The sequence number is taken already. */
export function applyEspTunnel(
  packet: WorkingPacket,
  place: HeaderPlace,
  inner: PacketView,
  sa: Association,
  transform: EspTransform,
  identification: number,
): void {
  const { cipher, encapsulation, padTo = 0 } = transform
  const { buffer } = packet
  // RFC 4303 section 2.7: TFC padding lies between the packet, whose own header says where it ends, and ESP's padding.
  const tfc = Math.min(LONGEST_TFC_PADDING, Math.max(0, padTo - packet.length))
  buffer.fill(0, packet.offset + packet.length, packet.offset + packet.length + tfc)
  const espLength = sealEsp(
    cipher,
    sa.spi,
    sa.sequence,
    innerProtocol(inner),
    buffer,
    packet.offset,
    packet.length + tfc,
  )
  surround(packet, place, inner, sa, encapsulation, espPrefixLength(cipher), espLength, identification)
}

/** A packet of `length` bytes that means nothing, for the peer to throw away (RFC 4303 section 2.6). Tunnel mode's addresses. */
export function makeEspDummy(
  packet: WorkingPacket,
  place: HeaderPlace,
  sa: Association,
  { cipher, encapsulation }: EspTransform,
  length: number,
  identification: number,
): void {
  const { buffer, offset } = packet
  buffer.fill(0, offset, offset + length)
  const espLength = sealEsp(cipher, sa.spi, sa.sequence, PROTOCOL_NUMBER.none, buffer, offset, length)
  const nothing = { version: 4, trafficClass: 0, dontFragment: false } as const
  surround(packet, place, nothing, sa, encapsulation, espPrefixLength(cipher), espLength, identification)
}

function surround(
  packet: WorkingPacket,
  place: HeaderPlace,
  inner: Pick<PacketView, 'version' | 'trafficClass' | 'dontFragment'>,
  sa: Association,
  encapsulation: UdpEncapsulation | undefined,
  prefix: number,
  espLength: number,
  identification: number,
): void {
  const udp = encapsulation === undefined ? 0 : UDP_HEADER_LENGTH
  packet.offset -= prefix + udp
  packet.length = udp + espLength
  putTunnelHeader(packet, sa, inner, identification)
  place.version = sa.destination.family
  place.frontLength = tunnelHeaderLength(sa)
  place.nextHeaderAt = place.version === 4 ? 9 : 6
  finish(packet, place, encapsulation, espLength)
}

/** Ends the header, with UDP between it and ESP where the SA has that. */
function finish(
  packet: WorkingPacket,
  place: HeaderPlace,
  encapsulation: UdpEncapsulation | undefined,
  espLength: number,
): void {
  if (encapsulation === undefined) {
    finishFront(packet, place, PROTOCOL_NUMBER.esp)
    return
  }
  const { buffer } = packet
  const at = packet.offset + place.frontLength
  const length = UDP_HEADER_LENGTH + espLength
  writeU16(buffer, at, encapsulation.sourcePort)
  writeU16(buffer, at + 2, encapsulation.destinationPort)
  writeU16(buffer, at + 4, length)
  // RFC 3948 section 2.1: the checksum should be zero in IPv4; IPv6 has none without (RFC 8200 section 8.1).
  writeU16(buffer, at + 6, 0)
  finishFront(packet, place, PROTOCOL_NUMBER.udp)
  if (place.version === 4) return
  const sum = pseudoHeaderSum(buffer, packet.offset + 8, 32, PROTOCOL_NUMBER.udp, length)
  writeU16(buffer, at + 6, foldedChecksum(addWords(buffer, at, length, sum)) || 0xffff)
}

const opened = createOpenedEsp()

/**
 * Takes ESP off the packet, in place; `place` is where it stands. Gives why it went no further. The window moves for authentic
 * packets alone.
 */
export function undoEsp(
  packet: WorkingPacket,
  place: HeaderPlace,
  view: PacketView,
  sa: Association,
  { cipher }: EspTransform,
): ProcessingDropReason | undefined {
  const { buffer } = packet
  const at = packet.offset + place.frontLength
  const refused = openEsp(
    cipher,
    sa.window,
    sa.extended,
    buffer,
    at,
    packet.length - place.frontLength,
    opened,
  )
  if (refused === 'replay' || refused === 'integrity' || refused === 'padding') return refused
  if (refused !== undefined) return 'malformed'
  // RFC 4303 section 2.6: dummy packets are discarded without prejudice.
  if (opened.nextHeader === PROTOCOL_NUMBER.none) return 'dummy'
  if (sa.mode === 'tunnel') {
    return takeInner(packet, view, opened.offset, opened.length, opened.nextHeader)
  }
  const { offset, length, nextHeader } = opened
  const front = place.frontLength
  moveFront(packet, place, offset - front - packet.offset)
  packet.length = front + length
  finishFront(packet, place, nextHeader)
  return undefined
}

/** The packet that came out of a tunnel becomes the packet (RFC 4301 section 5.2, and 5.1.2 for the headers). */
export function takeInner(
  packet: WorkingPacket,
  view: PacketView,
  offset: number,
  length: number,
  nextHeader: number,
): ProcessingDropReason | undefined {
  const { buffer } = packet
  const outerClass = outerTrafficClassOf(buffer, packet.offset)
  if (!readPacket(buffer, offset, length, view)) return 'mode-mismatch'
  if (nextHeader !== innerProtocol(view)) return 'mode-mismatch'
  if (!takeCongestionMark(buffer, offset, view.trafficClass, outerClass)) return 'ecn'
  packet.offset = offset
  // What lies behind the packet's own end is TFC padding.
  packet.length = view.length
  return undefined
}

/** Where a UDP packet carries ESP: SPI 0 is IKE's marker, and a keepalive is one byte (RFC 3948 section 2). */
export const isEspInUdp = (buffer: Uint8Array, at: number, length: number): boolean =>
  length >= UDP_HEADER_LENGTH + 8 &&
  (readU16(buffer, at + UDP_HEADER_LENGTH) !== 0 || readU16(buffer, at + UDP_HEADER_LENGTH + 2) !== 0)

/** Takes the UDP header off, so that ESP stands behind the front. */
export function undoUdp(packet: WorkingPacket, place: HeaderPlace): void {
  moveFront(packet, place, UDP_HEADER_LENGTH)
  finishFront(packet, place, PROTOCOL_NUMBER.esp)
  place.nextHeader = PROTOCOL_NUMBER.esp
}
