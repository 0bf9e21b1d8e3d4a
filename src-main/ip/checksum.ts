/** The Internet checksum (RFC 1071) and its change in place (RFC 1624). */
import { readU16 } from './octets.ts'

/** The sum of 16-bit words so far, not folded; an odd last byte counts as the high one. `sum` must be below 2^31. */
export function addWords(buffer: Uint8Array, offset: number, length: number, sum = 0): number {
  const even = offset + (length & ~1)
  let total = sum
  for (let at = offset; at < even; at += 2) total += readU16(buffer, at)
  return length & 1 ? total + ((buffer[even] ?? 0) << 8) : total
}

/** One's complement of the folded sum: what stands in a header's checksum field. */
export function foldedChecksum(sum: number): number {
  let folded = (sum & 0xffff) + Math.floor(sum / 0x10000)
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16)
  return ~folded & 0xffff
}

/** The checksum of a run of bytes whose checksum field is zero. */
export const checksum = (buffer: Uint8Array, offset: number, length: number, sum = 0): number =>
  foldedChecksum(addWords(buffer, offset, length, sum))

/** The checksum after one 16-bit word changed (RFC 1624 section 3, equation 3). */
export const adjustedChecksum = (current: number, before: number, after: number): number =>
  foldedChecksum((~current & 0xffff) + (~before & 0xffff) + after)

/** The sum over a pseudo-header: addresses as they stand in the packet, upper-layer length and protocol (RFC 793, RFC 8200 section 8.1). */
export const pseudoHeaderSum = (
  buffer: Uint8Array,
  addressesAt: number,
  addressesLength: number,
  protocol: number,
  length: number,
): number => addWords(buffer, addressesAt, addressesLength, protocol + (length >>> 16) + (length & 0xffff))
