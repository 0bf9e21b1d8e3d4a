/** CAST-128 with keys of 128 bits (RFC 2144): blocks of 8 bytes, 16 rounds. */
import type { BlockCipher } from './block-cipher.ts'
import { castTables } from './cast-tables.ts'

const ROUNDS = 16
const BOX_LENGTH = 256

let boxes: Uint32Array | undefined

function boxesOf(): Uint32Array {
  if (boxes !== undefined) return boxes
  const bytes = Buffer.from(castTables, 'base64')
  boxes = Uint32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(4 * index))
  return boxes
}

const left = (word: number, by: number): number => (word << (by & 31)) | (word >>> (-by & 31))

// ---------------------------------------------------------------- key schedule (RFC 2144 section 2.4)

/** Which of `other`'s bytes go through S5, S6, S7 and S8, and which byte through which of them once more. */
type Look = readonly [number, number, number, number, readonly [box: 5 | 6 | 7 | 8, byte: number]]

/** A word of the next half: a word of this one, masked by bytes of it and of what the half has so far. */
interface Step {
  /** Word of the source. */
  readonly word: number
  /** Bytes that are looked up: of the source in the first word, of the half being made in the others. */
  readonly bytes: readonly [number, number, number, number]
  /** Looked up once more, always in the source. */
  readonly last: readonly [box: 5 | 6 | 7 | 8, byte: number]
}

/** x to z; z to x differs in which words come when. */
const toZ: readonly Step[] = [
  { word: 0, bytes: [0xd, 0xf, 0xc, 0xe], last: [7, 0x8] },
  { word: 2, bytes: [0x0, 0x2, 0x1, 0x3], last: [8, 0xa] },
  { word: 3, bytes: [0x7, 0x6, 0x5, 0x4], last: [5, 0x9] },
  { word: 1, bytes: [0xa, 0x9, 0xb, 0x8], last: [6, 0xb] },
]
const toX: readonly Step[] = [
  { word: 2, bytes: [0x5, 0x7, 0x4, 0x6], last: [7, 0x0] },
  { word: 0, bytes: [0x0, 0x2, 0x1, 0x3], last: [8, 0x2] },
  { word: 1, bytes: [0x7, 0x6, 0x5, 0x4], last: [5, 0x1] },
  { word: 3, bytes: [0xa, 0x9, 0xb, 0x8], last: [6, 0x3] },
]

/** Four subkeys from each half made; of K1 to K4, K5 to K8, K9 to K12 and K13 to K16. */
const subkeyLooks: readonly (readonly Look[])[] = [
  [
    [0x8, 0x9, 0x7, 0x6, [5, 0x2]],
    [0xa, 0xb, 0x5, 0x4, [6, 0x6]],
    [0xc, 0xd, 0x3, 0x2, [7, 0x9]],
    [0xe, 0xf, 0x1, 0x0, [8, 0xc]],
  ],
  [
    [0x3, 0x2, 0xc, 0xd, [5, 0x8]],
    [0x1, 0x0, 0xe, 0xf, [6, 0xd]],
    [0x7, 0x6, 0x8, 0x9, [7, 0x3]],
    [0x5, 0x4, 0xa, 0xb, [8, 0x7]],
  ],
  [
    [0x3, 0x2, 0xc, 0xd, [5, 0x9]],
    [0x1, 0x0, 0xe, 0xf, [6, 0xc]],
    [0x7, 0x6, 0x8, 0x9, [7, 0x2]],
    [0x5, 0x4, 0xa, 0xb, [8, 0x6]],
  ],
  [
    [0x8, 0x9, 0x7, 0x6, [5, 0x3]],
    [0xa, 0xb, 0x5, 0x4, [6, 0x7]],
    [0xc, 0xd, 0x3, 0x2, [7, 0x8]],
    [0xe, 0xf, 0x1, 0x0, [8, 0xd]],
  ],
]

/** K1 to K32: the masking keys, then the rotations. */
function schedule(s: Uint32Array, key: Uint8Array): Uint32Array {
  const look = (box: number, byte: number): number => s[(box - 1) * BOX_LENGTH + byte] ?? 0
  const subkeys = new Uint32Array(2 * ROUNDS)
  let source = new DataView(Uint8Array.from(key).buffer)
  for (let index = 0; index < subkeys.length;) {
    for (const [round, looks] of subkeyLooks.entries()) {
      const from = source
      const half = new DataView(new ArrayBuffer(16))
      for (const [at, { word, bytes, last }] of (round % 2 === 0 ? toZ : toX).entries()) {
        const looked = at === 0 ? from : half
        let value = from.getUint32(4 * word) ^ look(last[0], from.getUint8(last[1]))
        for (const [box, byte] of bytes.entries()) value ^= look(5 + box, looked.getUint8(byte))
        half.setUint32(4 * at, value)
      }
      for (const [a, b, c, d, [box, byte]] of looks) {
        const pairs = [look(5, half.getUint8(a)), look(6, half.getUint8(b)), look(7, half.getUint8(c))]
        const rest = look(8, half.getUint8(d)) ^ look(box, half.getUint8(byte))
        subkeys[index] = pairs.reduce((sum, value) => sum ^ value, rest)
        index += 1
      }
      source = half
    }
  }
  return subkeys
}

// ---------------------------------------------------------------- rounds (RFC 2144 section 2.2)

/** `key`: 16 bytes. */
export function cast(key: Uint8Array): BlockCipher {
  const s = boxesOf()
  const subkeys = schedule(s, key)
  const f = (round: number, half: number): number => {
    const mask = subkeys[round] ?? 0
    const by = (subkeys[ROUNDS + round] ?? 0) & 31
    const kind = round % 3
    const mixed = left(kind === 0 ? (mask + half) | 0 : kind === 1 ? mask ^ half : (mask - half) | 0, by)
    const a = s[mixed >>> 24] ?? 0
    const b = s[BOX_LENGTH + ((mixed >>> 16) & 0xff)] ?? 0
    const c = s[2 * BOX_LENGTH + ((mixed >>> 8) & 0xff)] ?? 0
    const d = s[3 * BOX_LENGTH + (mixed & 0xff)] ?? 0
    if (kind === 0) return ((a ^ b) - c + d) | 0
    return kind === 1 ? ((a - b + c) | 0) ^ d : (((a + b) ^ c) - d) | 0
  }
  const crypt = (view: DataView, at: number, roundAt: (index: number) => number): void => {
    let l = view.getUint32(at)
    let r = view.getUint32(at + 4)
    for (let index = 0; index < ROUNDS; index += 1) {
      const next = l ^ f(roundAt(index), r)
      l = r
      r = next
    }
    view.setUint32(at, r)
    view.setUint32(at + 4, l)
  }
  return {
    blockLength: 8,
    encrypt: (view, at) => crypt(view, at, (index) => index),
    decrypt: (view, at) => crypt(view, at, (index) => ROUNDS - 1 - index),
    destroy: () => void subkeys.fill(0),
  }
}
