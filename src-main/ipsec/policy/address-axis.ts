/**
 * The addresses of one side of a policy database as small numbers: between two ends of ranges all addresses are alike, so each
 * such piece has a number, ascending. That makes IPv4 and IPv6 the same to a search, and one comparison an address.
 */
import { highestAddress } from '../../ip/address.ts'
import type { AddressRange } from './selector.ts'

export interface AddressAxis {
  /** How many pieces there are; their numbers begin at 0. */
  readonly pieces: number
  /** The piece of an address in 32-bit words, first word first; IPv4 has one, the others are not looked at. */
  piece(word0: number, word1: number, word2: number, word3: number): number
  /** First and last piece of a range that the axis was made with. */
  piecesOf(range: AddressRange): readonly [number, number]
}

/** An axis for ranges of one family; ranges of the other are left out. */
export function createAddressAxis(family: 4 | 6, ranges: Iterable<AddressRange>): AddressAxis {
  const highest = highestAddress(family).value
  const starts = new Set<bigint>([0n])
  for (const { start, end } of ranges) {
    if (start.family !== family) continue
    starts.add(start.value)
    if (end.value < highest) starts.add(end.value + 1n)
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const numbers = new Map(sorted.map((value, index) => [value, index]))
  const words = family === 4 ? 1 : 4
  const table = new Uint32Array(sorted.length * words)
  for (const [index, value] of sorted.entries()) {
    for (let word = 0; word < words; word += 1) {
      table[index * words + word] = Number((value >> BigInt(32 * (words - 1 - word))) & 0xffff_ffffn)
    }
  }

  const startsAtOrBelow = (at: number, w0: number, w1: number, w2: number, w3: number): boolean => {
    const first = table[at] ?? 0
    if (words === 1 || first !== w0) return first <= w0
    const second = table[at + 1] ?? 0
    if (second !== w1) return second <= w1
    const third = table[at + 2] ?? 0
    if (third !== w2) return third <= w2
    return (table[at + 3] ?? 0) <= w3
  }

  return {
    pieces: sorted.length,
    piece(w0, w1, w2, w3) {
      let low = 0
      let high = sorted.length
      // Piece 0 begins at the lowest address: it always lies at or below.
      while (high - low > 1) {
        const middle = (low + high) >>> 1
        if (startsAtOrBelow(middle * words, w0, w1, w2, w3)) low = middle
        else high = middle
      }
      return low
    },
    piecesOf({ start, end }) {
      const last = end.value >= highest ? sorted.length : (numbers.get(end.value + 1n) ?? 0)
      return [numbers.get(start.value) ?? 0, last - 1]
    },
  }
}
