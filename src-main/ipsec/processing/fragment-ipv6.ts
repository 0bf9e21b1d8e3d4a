/** Fragments an IPv6 packet at its source (RFC 8200 section 4.5). */
import { readU8, writeU16, writeU32 } from '../../ip/octets.ts'
import { IPV6_HEADER_LENGTH } from '../../ip/packet.ts'
import type { HeaderPlace } from './header-chain.ts'
import type { WorkingPacket } from './working-packet.ts'

const FRAGMENT = 44
const FRAGMENT_HEADER_LENGTH = 8

/**
 * Writes each fragment of at most `mtu` bytes into `out` at 0, one after the other in the same place, and hands over its length.
 * `place` is where the part ends that every router reads; the packet has no fragment header yet. False, with nothing handed over,
 * when not even 8 bytes of payload fit.
 */
export function fragmentIpv6(
  { buffer, offset, length }: WorkingPacket,
  place: HeaderPlace,
  mtu: number,
  identification: number,
  out: Uint8Array,
  take: (length: number) => void,
): boolean {
  const { frontLength, nextHeaderAt } = place
  const headerLength = frontLength + FRAGMENT_HEADER_LENGTH
  const room = (mtu - headerLength) & ~7
  if (room < 8 || place.fragmentHeaderAt > 0) return false
  for (let at = frontLength; at < length; at += room) {
    const payload = Math.min(room, length - at)
    const more = at + payload < length ? 1 : 0
    out.set(buffer.subarray(offset, offset + frontLength))
    out[nextHeaderAt] = FRAGMENT
    out[frontLength] = readU8(buffer, offset + nextHeaderAt)
    out[frontLength + 1] = 0
    writeU16(out, frontLength + 2, (at - frontLength) | more)
    writeU32(out, frontLength + 4, identification)
    out.set(buffer.subarray(offset + at, offset + at + payload), headerLength)
    writeU16(out, 4, headerLength + payload - IPV6_HEADER_LENGTH)
    take(headerLength + payload)
  }
  return true
}
