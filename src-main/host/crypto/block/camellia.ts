/** Camellia (RFC 3713): blocks of 16 bytes, keys of 16, 24 or 32. For BoringSSL, which does not have it. */
import type { BlockCipher } from './block-cipher.ts'

/** SBOX1 (RFC 3713 section 2.4.1). */
const sbox1 = Uint8Array.from(
  Buffer.from(
    '70822cecb327c0e5e4855735ea0cae4123ef6b934519a521ed0e4f4e1d6592bd86b8af8f7ceb1fce3e30dc5f5ec50b1aa6e139cad5475d3dd9015ad651566c4d' +
      '8b0d9a66fbccb02d74122b20f0b18499df4ccbc2347e76056db7a931d11704d714583a61de1b111c320f9c165318f222fe44cfb2c3b57a912408e8a860fc6950' +
      'aad0a07da1896297545b1e95e0ff64d210c40048a3f775db8a03e6da093fdd94875c8302cd4a90337367f6f39d7fbfe2529bd826c837c63b81966f4b13be632e' +
      'e979a78c9f6ebc8e29f5f9b62ffdb4597898066ae74671bad425ab4288a28dfa7207b955f8eeac0a36492a683c38f1a44028d37bbbc943c115e3adf477c7809e',
    'hex',
  ),
)
const rotated = (byte: number, by: number): number => ((byte << by) | (byte >>> (8 - by))) & 0xff
const sbox2 = sbox1.map((byte) => rotated(byte, 1))
const sbox3 = sbox1.map((byte) => rotated(byte, 7))
const sbox4 = sbox1.map((_, index) => sbox1[rotated(index, 1)] ?? 0)

/** Halves of 64 bits are two words here; a function leaves its result in these. */
let high = 0
let low = 0

/** The F-function (RFC 3713 section 2.4.1). */
function substitute(xHigh: number, xLow: number, kHigh: number, kLow: number): void {
  const h = xHigh ^ kHigh
  const l = xLow ^ kLow
  const t1 = sbox1[h >>> 24] ?? 0
  const t2 = sbox2[(h >>> 16) & 0xff] ?? 0
  const t3 = sbox3[(h >>> 8) & 0xff] ?? 0
  const t4 = sbox4[h & 0xff] ?? 0
  const t5 = sbox2[l >>> 24] ?? 0
  const t6 = sbox3[(l >>> 16) & 0xff] ?? 0
  const t7 = sbox4[(l >>> 8) & 0xff] ?? 0
  const t8 = sbox1[l & 0xff] ?? 0
  const y1 = t1 ^ t3 ^ t4 ^ t6 ^ t7 ^ t8
  const y2 = t1 ^ t2 ^ t4 ^ t5 ^ t7 ^ t8
  const y3 = t1 ^ t2 ^ t3 ^ t5 ^ t6 ^ t8
  const y4 = t2 ^ t3 ^ t4 ^ t5 ^ t6 ^ t7
  const y5 = t1 ^ t2 ^ t6 ^ t7 ^ t8
  const y6 = t2 ^ t3 ^ t5 ^ t7 ^ t8
  const y7 = t3 ^ t4 ^ t5 ^ t6 ^ t8
  const y8 = t1 ^ t4 ^ t5 ^ t6 ^ t7
  high = (y1 << 24) | (y2 << 16) | (y3 << 8) | y4
  low = (y5 << 24) | (y6 << 16) | (y7 << 8) | y8
}

const leftByOne = (word: number): number => (word << 1) | (word >>> 31)

// ---------------------------------------------------------------- key schedule (RFC 3713 section 2.2)

const MASK_64 = (1n << 64n) - 1n
const MASK_128 = (1n << 128n) - 1n
const sigma = [
  0xa09e_667f_3bcc_908bn,
  0xb67a_e858_4caa_73b2n,
  0xc6ef_372f_e94f_82ben,
  0x54ff_53a5_f1d3_6f1cn,
  0x10e5_27fa_de68_2d1dn,
  0xb056_88c2_b3e6_c1fdn,
] as const

const wordOf = (value: bigint): number => Number(value & 0xffff_ffffn)

function substituted(x: bigint, k: bigint): bigint {
  substitute(wordOf(x >> 32n), wordOf(x), wordOf(k >> 32n), wordOf(k))
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

/** Two rounds over 128 bits. */
function mixed(value: bigint, first: bigint, second: bigint): bigint {
  let left = value >> 64n
  let right = value & MASK_64
  right ^= substituted(left, first)
  left ^= substituted(right, second)
  return (left << 64n) | right
}

type Part = 'L' | 'R' | 'A' | 'B'
/** Both halves of a part of the key rotated so far, or one of them. */
type Step = readonly [Part, number] | readonly [Part, number, 'left' | 'right']

/** kw1 kw2, k1 … k6, ke1 ke2, k7 … k12, ke3 ke4, k13 … k18, kw3 kw4 */
const short: readonly Step[] = [
  ['L', 0],
  ['A', 0],
  ['L', 15],
  ['A', 15],
  ['A', 30],
  ['L', 45],
  ['A', 45, 'left'],
  ['L', 60, 'right'],
  ['A', 60],
  ['L', 77],
  ['L', 94],
  ['A', 94],
  ['L', 111],
  ['A', 111],
]
/** The same with ke5 ke6 and k19 … k24. */
const long: readonly Step[] = [
  ['L', 0],
  ['B', 0],
  ['R', 15],
  ['A', 15],
  ['R', 30],
  ['B', 30],
  ['L', 45],
  ['A', 45],
  ['L', 60],
  ['R', 60],
  ['B', 60],
  ['L', 77],
  ['A', 77],
  ['R', 94],
  ['A', 94],
  ['L', 111],
  ['B', 111],
]

/** Subkeys of 64 bits in the order in which a block meets them. */
function schedule(key: Uint8Array): readonly bigint[] {
  const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  const L = numberOf(key.subarray(0, 16))
  const rest = key.length === 16 ? 0n : numberOf(key.subarray(16))
  const R = key.length === 24 ? (rest << 64n) | (rest ^ MASK_64) : rest
  const A = mixed(mixed(L ^ R, sigma[0], sigma[1]) ^ L, sigma[2], sigma[3])
  const B = mixed(A ^ R, sigma[4], sigma[5])
  const parts = { L, R, A, B }
  return (key.length === 16 ? short : long).flatMap(([part, by, half]) => {
    const value = parts[part]
    const turned = ((value << BigInt(by)) | (value >> BigInt(128 - by))) & MASK_128
    if (half === 'left') return [turned >> 64n]
    if (half === 'right') return [turned & MASK_64]
    return [turned >> 64n, turned & MASK_64]
  })
}

/** Decryption is encryption with the subkeys the other way round, the two of each whitening in their order. */
function reversed(keys: readonly bigint[]): readonly bigint[] {
  const inner = keys.slice(2, -2).toReversed()
  return [...keys.slice(-2), ...inner, ...keys.slice(0, 2)]
}

const wordsOf = (keys: readonly bigint[]): Uint32Array =>
  Uint32Array.from(keys.flatMap((key) => [wordOf(key >> 32n), wordOf(key)]))

// ---------------------------------------------------------------- blocks (RFC 3713 section 2.3)

function crypt(keys: Uint32Array, view: DataView, at: number): void {
  const k = (index: number): number => keys[index] ?? 0
  let aHigh = view.getUint32(at) ^ k(0)
  let aLow = view.getUint32(at + 4) ^ k(1)
  let bHigh = view.getUint32(at + 8) ^ k(2)
  let bLow = view.getUint32(at + 12) ^ k(3)
  const end = keys.length - 4
  for (let index = 4, round = 0; index < end; round += 1) {
    if (round > 0 && round % 3 === 0) {
      // FL on the left half, its inverse on the right one (RFC 3713 section 2.4.2).
      aLow ^= leftByOne(aHigh & k(index))
      aHigh ^= aLow | k(index + 1)
      bHigh ^= bLow | k(index + 3)
      bLow ^= leftByOne(bHigh & k(index + 2))
      index += 4
    }
    substitute(aHigh, aLow, k(index), k(index + 1))
    bHigh ^= high
    bLow ^= low
    substitute(bHigh, bLow, k(index + 2), k(index + 3))
    aHigh ^= high
    aLow ^= low
    index += 4
  }
  view.setUint32(at, bHigh ^ k(end))
  view.setUint32(at + 4, bLow ^ k(end + 1))
  view.setUint32(at + 8, aHigh ^ k(end + 2))
  view.setUint32(at + 12, aLow ^ k(end + 3))
}

/** `key`: 16, 24 or 32 bytes. */
export function camellia(key: Uint8Array): BlockCipher {
  const keys = schedule(key)
  const forward = wordsOf(keys)
  const backward = wordsOf(reversed(keys))
  return {
    blockLength: 16,
    encrypt: (view, at) => crypt(forward, view, at),
    decrypt: (view, at) => crypt(backward, view, at),
    destroy() {
      forward.fill(0)
      backward.fill(0)
    },
  }
}
