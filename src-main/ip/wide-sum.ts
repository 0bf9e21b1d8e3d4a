/**
 * The Internet checksum over long runs of bytes, by 32-bit words (RFC 1071 section 2: the sum does not mind the byte order as
 * long as it is one). Sums here are of little-endian words; a checksum made of them is written little-endian.
 */

/** The bytes of one memory, as they are and as little-endian words. */
export interface WideBytes {
  readonly view: DataView
  /** Of the same memory, from its start. */
  readonly words: Uint32Array
  /** Where there is a faster way for long runs. */
  readonly sumBlocks?: SumBlocks
}

/** The same sum from one place to another that is a multiple of 32 bytes behind it. */
export type SumBlocks = (from: number, to: number) => number

/** The sum of the 16-bit words, not folded: below 2^32 for up to 64 KB. An odd last byte counts as if a zero followed. */
export function wideSum({ view, words, sumBlocks }: WideBytes, offset: number, length: number): number {
  let even = 0
  let odd = 0
  let at = offset
  if (sumBlocks !== undefined && length >= 64) {
    at += length & ~31
    even = sumBlocks(offset, at)
  }
  const end = offset + length
  if ((at & 3) === 2 && end - at >= 2) {
    even += view.getUint16(at, true)
    at += 2
  }
  if ((at & 3) === 0) {
    let word = at >>> 2
    const last = word + ((end - at) >>> 2)
    for (; word + 4 <= last; word += 4) {
      const a = words[word] ?? 0
      const b = words[word + 1] ?? 0
      const c = words[word + 2] ?? 0
      const d = words[word + 3] ?? 0
      even += (a & 0xffff) + (b & 0xffff) + (c & 0xffff) + (d & 0xffff)
      odd += (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)
    }
    for (; word < last; word += 1) {
      const a = words[word] ?? 0
      even += a & 0xffff
      odd += a >>> 16
    }
    at = last << 2
  }
  for (; at + 2 <= end; at += 2) even += view.getUint16(at, true)
  if (at < end) even += view.getUint8(at)
  return even + odd
}

/** A sum folded to 16 bits. */
export function folded(sum: number): number {
  let value = (sum & 0xffff) + Math.floor(sum / 0x1_0000)
  value = (value & 0xffff) + (value >>> 16)
  return (value & 0xffff) + (value >>> 16)
}

/** A 16-bit number of the host as it counts in a sum of little-endian words. */
export const swapped = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff)
