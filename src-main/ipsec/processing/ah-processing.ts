/**
 * The authentication header around and off a packet, transport and tunnel mode (RFC 4302 section 2):
 *
 *   next header 8 | payload length 8 (in 32 bits, minus 2) | reserved 16 | SPI 32 | sequence number, low half 32 | ICV | padding
 */
import { readU8, readU16, readU32, writeU16, writeU32 } from '../../ip/octets.ts'
import type { PacketView } from '../../ip/packet.ts'
import type { Association, AssociationTransform } from './association.ts'
import type { ProcessingDropReason } from './drop-reasons.ts'
import { takeInner } from './esp-processing.ts'
import { finishFront, moveFront, PROTOCOL_NUMBER } from './header-chain.ts'
import type { HeaderPlace } from './header-chain.ts'
import { blankFront } from './immutable-fields.ts'
import { innerProtocol, putTunnelHeader, tunnelHeaderLength } from './tunnel-header.ts'
import type { WorkingPacket } from './working-packet.ts'

type AhTransform = Extract<AssociationTransform, { kind: 'ah' }>

const FIXED_LENGTH = 12
/** The longest front that is set aside while the ICV is computed: more is refused. */
const LONGEST_FRONT = 1_024
const LONGEST_ICV = 64

const front = new Uint8Array(LONGEST_FRONT)
const icv = new Uint8Array(LONGEST_ICV)

/** RFC 4302 section 2.6: a multiple of 8 bytes in IPv6, of 4 in IPv4. */
export function ahLength({ integrity, ipv4Alignment = 4 }: AhTransform, family: 4 | 6): number {
  const multiple = family === 6 ? 8 : ipv4Alignment
  return Math.ceil((FIXED_LENGTH + integrity.icvLength) / multiple) * multiple
}

/** Bytes that an SA of this kind adds, its tunnel's header included. */
export const ahOverhead = (sa: Association, transform: AhTransform): number =>
  ahLength(transform, sa.destination.family) + (sa.mode === 'tunnel' ? tunnelHeaderLength(sa) : 0)

/** Transport mode: `place` is where AH comes. The sequence number is taken already. */
export function applyAhTransport(
  packet: WorkingPacket,
  place: HeaderPlace,
  sa: Association,
  transform: AhTransform,
  identification: number,
): ProcessingDropReason | undefined {
  const { nextHeader } = place
  moveFront(packet, place, -ahLength(transform, place.version))
  // The kernel fills in an identification of 0 when it sends, which the ICV covers.
  if (place.version === 4 && readU16(packet.buffer, packet.offset + 4) === 0)
    writeU16(packet.buffer, packet.offset + 4, identification)
  return sign(packet, place, sa, transform, nextHeader)
}

/** Tunnel mode: the packet that `inner` describes goes inside. The sequence number is taken already. */
export function applyAhTunnel(
  packet: WorkingPacket,
  place: HeaderPlace,
  inner: PacketView,
  sa: Association,
  transform: AhTransform,
  identification: number,
): ProcessingDropReason | undefined {
  const { family } = sa.destination
  const length = ahLength(transform, family)
  packet.offset -= length
  packet.length += length
  putTunnelHeader(packet, sa, inner, identification)
  place.version = family
  place.frontLength = tunnelHeaderLength(sa)
  place.nextHeaderAt = family === 4 ? 9 : 6
  return sign(packet, place, sa, transform, innerProtocol(inner))
}

/** Writes the header behind the front, and its ICV over all (RFC 4302 section 3.3.3). */
function sign(
  packet: WorkingPacket,
  place: HeaderPlace,
  sa: Association,
  transform: AhTransform,
  nextHeader: number,
): ProcessingDropReason | undefined {
  const { buffer, offset, length } = packet
  const { frontLength } = place
  if (frontLength > LONGEST_FRONT) return 'header-chain'
  const at = offset + frontLength
  const headerLength = ahLength(transform, place.version)
  buffer[at] = nextHeader
  buffer[at + 1] = headerLength / 4 - 2
  writeU16(buffer, at + 2, 0)
  writeU32(buffer, at + 4, sa.spi)
  writeU32(buffer, at + 8, sa.sequence.low)
  buffer.fill(0, at + FIXED_LENGTH, at + headerLength)
  finishFront(packet, place, PROTOCOL_NUMBER.ah)
  front.set(buffer.subarray(offset, at))
  const isPredictable = blankFront(buffer, offset, frontLength, true)
  if (isPredictable)
    transform.integrity.compute(buffer, offset, length, sa.sequence.high, sa.extended, icv, 0)
  buffer.set(front.subarray(0, frontLength), offset)
  if (!isPredictable) return 'header-chain'
  buffer.set(icv.subarray(0, transform.integrity.icvLength), at + FIXED_LENGTH)
  return undefined
}

/** Takes AH off the packet, in place; `place` is where it stands. Gives why it went no further (RFC 4302 section 3.4). */
export function undoAh(
  packet: WorkingPacket,
  place: HeaderPlace,
  view: PacketView,
  sa: Association,
  { integrity }: AhTransform,
): ProcessingDropReason | undefined {
  const { buffer, offset, length } = packet
  const { frontLength } = place
  const at = offset + frontLength
  const { icvLength } = integrity
  if (frontLength > LONGEST_FRONT) return 'header-chain'
  if (frontLength + FIXED_LENGTH + icvLength > length) return 'malformed'
  const headerLength = (readU8(buffer, at + 1) + 2) * 4
  if (headerLength < FIXED_LENGTH + icvLength || frontLength + headerLength > length) return 'malformed'
  if (place.version === 6 && headerLength % 8 !== 0) return 'malformed'
  const low = readU32(buffer, at + 8)
  const high = sa.window.check(low)
  if (high === undefined) return 'replay'
  if (!verify(packet, place, integrity, high, sa.extended)) return 'integrity'
  sa.window.accept(high, low)
  const nextHeader = readU8(buffer, at)
  if (sa.mode === 'tunnel')
    return takeInner(packet, view, at + headerLength, length - frontLength - headerLength, nextHeader)
  moveFront(packet, place, headerLength)
  finishFront(packet, place, nextHeader)
  return undefined
}

function verify(
  { buffer, offset, length }: WorkingPacket,
  { frontLength }: HeaderPlace,
  integrity: AhTransform['integrity'],
  high: number,
  extended: boolean,
): boolean {
  const at = offset + frontLength
  const { icvLength } = integrity
  front.set(buffer.subarray(offset, at))
  icv.set(buffer.subarray(at + FIXED_LENGTH, at + FIXED_LENGTH + icvLength))
  buffer.fill(0, at + FIXED_LENGTH, at + FIXED_LENGTH + icvLength)
  const isReadable = blankFront(buffer, offset, frontLength, false)
  const isRight = isReadable && integrity.verify(buffer, offset, length, high, extended, icv, 0)
  buffer.set(front.subarray(0, frontLength), offset)
  return isRight
}
