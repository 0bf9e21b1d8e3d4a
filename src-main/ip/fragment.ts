/** Fragments an IPv4 packet (RFC 791 section 3.2). */
import { checksum } from './checksum.ts'
import { readU8, readU16, writeU16 } from './octets.ts'
import type { PacketView } from './packet.ts'

const END_OF_OPTIONS = 0
const NO_OPERATION = 1
const MORE_FRAGMENTS = 0x2000

/**
 * Writes each fragment of at most `mtu` bytes into `out` at `outOffset`, one after the other in the same place, and hands over
 * its length; the taker may overwrite it. False, with nothing handed over, when not even 8 bytes of payload fit. The packet
 * itself may be a fragment.
 */
export function fragmentIpv4(
  buffer: Uint8Array,
  offset: number,
  view: PacketView,
  mtu: number,
  out: Uint8Array,
  outOffset: number,
  take: (length: number) => void,
): boolean {
  const { headerLength, length, fragmentOffset, moreFragments } = view
  const room = (mtu - headerLength) & ~7
  if (room < 8) return false
  const reserved = readU16(buffer, offset + 6) & 0x8000
  for (let at = headerLength; at < length; at += room) {
    const payload = Math.min(room, length - at)
    const more = moreFragments || at + payload < length ? MORE_FRAGMENTS : 0
    out.set(buffer.subarray(offset, offset + headerLength), outOffset)
    out.set(buffer.subarray(offset + at, offset + at + payload), outOffset + headerLength)
    if (at > headerLength) keepCopiedOptions(out, outOffset, headerLength)
    writeU16(out, outOffset + 2, headerLength + payload)
    writeU16(out, outOffset + 6, reserved | more | ((fragmentOffset + at - headerLength) >>> 3))
    writeU16(out, outOffset + 10, 0)
    writeU16(out, outOffset + 10, checksum(out, outOffset, headerLength))
    take(headerLength + payload)
  }
  return true
}

/** RFC 791 section 3.1: options without the copied flag stand in the first fragment only; later ones have no-operations there. */
function keepCopiedOptions(out: Uint8Array, offset: number, headerLength: number): void {
  for (let at = 20; at < headerLength;) {
    const kind = readU8(out, offset + at)
    if (kind === END_OF_OPTIONS) return
    const length = kind === NO_OPERATION ? 1 : Math.max(2, readU8(out, offset + at + 1))
    if ((kind & 0x80) === 0) out.fill(NO_OPERATION, offset + at, offset + Math.min(at + length, headerLength))
    at += length
  }
}
