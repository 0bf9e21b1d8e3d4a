/**
 * The addresses of one side of a policy database as small numbers: between two ends of ranges all addresses are alike, so each
 * such piece has a number, ascending. That makes IPv4 and IPv6 the same to a search, and an address one comparison.
 */
import { highestAddress } from '../../ip/address.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { AddressRange } from './selector.ts'

export interface AddressAxis {
  /** The piece of an address in 32-bit words, first word first; of IPv4 the first alone counts. */
  piece(word0: number, word1: number, word2: number, word3: number): number
  /** First and last piece of a range that the axis was made with. */
  pieces(range: AddressRange): readonly [number, number]
}

/** An axis for ranges of one family; ranges of the other are left out. */
export function createAddressAxis(family: 4 | 6, ranges: Iterable<AddressRange>): AddressAxis {
  const words = family === 4 ? 1 : 4
  const table = family === 4 ? startsOfIpv4(ranges) : startsOfIpv6(ranges)
  const count = table.length / words

  const startsAtOrBelow = (at: number, w0: number, w1: number, w2: number, w3: number): boolean => {
    const first = table[at] ?? 0
    if (words === 1 || first !== w0) return first <= w0
    const second = table[at + 1] ?? 0
    if (second !== w1) return second <= w1
    const third = table[at + 2] ?? 0
    if (third !== w2) return third <= w2
    return (table[at + 3] ?? 0) <= w3
  }
  const piece: AddressAxis['piece'] = (w0, w1, w2, w3) => {
    let low = 0
    let high = count
    // Piece 0 begins at the lowest address: it always lies at or below.
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      if (startsAtOrBelow(middle * words, w0, w1, w2, w3)) low = middle
      else high = middle
    }
    return low
  }
  const pieceOf = ({ value }: IpAddress): number =>
    words === 1
      ? piece(Number(value), 0, 0, 0)
      : piece(wordOf(value, 0), wordOf(value, 1), wordOf(value, 2), wordOf(value, 3))
  return { piece, pieces: ({ start, end }) => [pieceOf(start), pieceOf(end)] }
}

const wordOf = (value: bigint, word: number): number =>
  Number((value >> BigInt(96 - 32 * word)) & 0xffff_ffffn)

/** Where pieces begin, ascending, each once. */
function startsOfIpv4(ranges: Iterable<AddressRange>): Uint32Array {
  const starts = [0]
  for (const { start, end } of ranges) {
    if (start.family !== 4) continue
    starts.push(Number(start.value))
    if (end.value < 0xffff_ffffn) starts.push(Number(end.value) + 1)
  }
  const sorted = Uint32Array.from(starts).sort()
  return sorted.filter((value, index) => index === 0 || value !== sorted[index - 1])
}

function startsOfIpv6(ranges: Iterable<AddressRange>): Uint32Array {
  const starts = new Set([0n])
  for (const { start, end } of ranges) {
    if (start.family !== 6) continue
    starts.add(start.value)
    if (end.value < highestAddress(6).value) starts.add(end.value + 1n)
  }
  const sorted = [...starts].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const table = new Uint32Array(sorted.length * 4)
  for (const [index, value] of sorted.entries()) {
    for (let word = 0; word < 4; word += 1) table[index * 4 + word] = wordOf(value, word)
  }
  return table
}
