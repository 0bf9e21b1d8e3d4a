/** ESP that a UDP socket has received, as the packet that it would have come in without UDP (RFC 3948 section 3). */
import { checksum } from '../../ip/checksum.ts'
import { writeU16, writeU32 } from '../../ip/octets.ts'
import type { Association } from './association.ts'
import { PROTOCOL_NUMBER } from './header-chain.ts'

/** The longer of the two headers. */
export const FRONT_LENGTH = 40

export const isInUdp = ({ transform }: Association): boolean =>
  transform.kind === 'esp' && transform.encapsulation !== undefined

/** A fresh packet from and to the SA's own addresses: a NAT may have changed those outside. */
export function standInPacket(
  { sourceBytes, destinationBytes, destination }: Association,
  buffer: Uint8Array,
  offset: number,
  length: number,
  trafficClass: number,
): Uint8Array {
  const front = destination.family === 4 ? 20 : FRONT_LENGTH
  const packet = new Uint8Array(front + length)
  packet.set(buffer.subarray(offset, offset + length), front)
  if (destination.family === 4) {
    packet[0] = 0x45
    packet[1] = trafficClass
    writeU16(packet, 2, packet.length)
    packet[8] = 64
    packet[9] = PROTOCOL_NUMBER.esp
    packet.set(sourceBytes, 12)
    packet.set(destinationBytes, 16)
    writeU16(packet, 10, checksum(packet, 0, 20))
    return packet
  }
  writeU32(packet, 0, 0x6000_0000 | (trafficClass << 20))
  writeU16(packet, 4, length)
  packet[6] = PROTOCOL_NUMBER.esp
  packet[7] = 64
  packet.set(sourceBytes, 8)
  packet.set(destinationBytes, 24)
  return packet
}
