/** Clamps the maximum segment size that a TCP SYN announces, so that connections fit where "packet too big" gets lost (RFC 9293 section 3.7.1). */
import { adjustedChecksum } from './checksum.ts'
import { readU8, readU16, writeU16 } from './octets.ts'
import { PROTOCOL } from './packet.ts'
import type { PacketView } from './packet.ts'

const TCP_HEADER_LENGTH = 20
const SYN = 0x02
const END_OF_OPTIONS = 0
const NO_OPERATION = 1
const MAXIMUM_SEGMENT_SIZE = 2

/** Lowers the MSS option of a SYN so that a full segment makes a packet of at most `mtu` bytes; true when it did. Never raises it. */
export function clampMss(buffer: Uint8Array, offset: number, view: PacketView, mtu: number): boolean {
  if (view.protocol !== PROTOCOL.tcp || view.fragmentOffset > 0) return false
  const tcp = offset + view.headerLength
  const available = view.length - view.headerLength
  if (available < TCP_HEADER_LENGTH || (readU8(buffer, tcp + 13) & SYN) === 0) return false
  const headerLength = (readU8(buffer, tcp + 12) >>> 4) * 4
  if (headerLength > available) return false
  // RFC 6691 section 2: the MSS counts the fixed headers only, whatever options the packets carry.
  const allowed = mtu - (view.version === 4 ? 20 : 40) - TCP_HEADER_LENGTH
  if (allowed <= 0) return false
  for (let at = TCP_HEADER_LENGTH; at < headerLength;) {
    const kind = readU8(buffer, tcp + at)
    if (kind === END_OF_OPTIONS) return false
    if (kind === NO_OPERATION) {
      at += 1
      continue
    }
    const length = readU8(buffer, tcp + at + 1)
    if (at + 1 >= headerLength || length < 2 || at + length > headerLength) return false
    if (kind === MAXIMUM_SEGMENT_SIZE && length === 4) {
      if (readU16(buffer, tcp + at + 2) <= allowed) return false
      writeInSegment(buffer, tcp, at + 2, allowed)
      return true
    }
    at += length
  }
  return false
}

/** Writes 16 bits at any place of a segment; where they stand across two words of the checksum, both are adjusted. */
function writeInSegment(buffer: Uint8Array, tcp: number, at: number, value: number): void {
  const first = tcp + (at & ~1)
  const firstBefore = readU16(buffer, first)
  const secondBefore = readU16(buffer, first + 2)
  writeU16(buffer, tcp + at, value)
  let sum = adjustedChecksum(readU16(buffer, tcp + 16), firstBefore, readU16(buffer, first))
  if (at & 1) sum = adjustedChecksum(sum, secondBefore, readU16(buffer, first + 2))
  writeU16(buffer, tcp + 16, sum)
}
