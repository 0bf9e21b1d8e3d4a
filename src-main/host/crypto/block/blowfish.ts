/** Blowfish (Schneier, "Description of a New Variable-Length Key, 64-Bit Block Cipher", 1993): blocks of 8 bytes, 16 rounds. */
import { scaledPi } from '../modp.ts'
import type { BlockCipher } from './block-cipher.ts'

const ROUNDS = 16
const SUBKEYS = ROUNDS + 2
const BOX_LENGTH = 256
const WORDS = SUBKEYS + 4 * BOX_LENGTH

let digits: Uint32Array | undefined

/** The first words of the fraction of pi, which the subkeys and then the four S-boxes begin with. */
function wordsOfPi(): Uint32Array {
  if (digits !== undefined) return digits
  const text = scaledPi(32 * WORDS).toString(16)
  // Behind the 3.
  digits = Uint32Array.from({ length: WORDS }, (_, index) =>
    Number(`0x${text.slice(1 + 8 * index, 9 + 8 * index)}`),
  )
  return digits
}

export function blowfish(key: Uint8Array): BlockCipher {
  const words = wordsOfPi().slice()
  const subkeys = words.subarray(0, SUBKEYS)
  const boxes = words.subarray(SUBKEYS)
  const f = (x: number): number => {
    const sum = (boxes[x >>> 24] ?? 0) + (boxes[BOX_LENGTH + ((x >>> 16) & 0xff)] ?? 0)
    return (
      ((sum ^ (boxes[2 * BOX_LENGTH + ((x >>> 8) & 0xff)] ?? 0)) +
        (boxes[3 * BOX_LENGTH + (x & 0xff)] ?? 0)) |
      0
    )
  }
  const crypt = (view: DataView, at: number, subkey: (round: number) => number): void => {
    let left = view.getUint32(at)
    let right = view.getUint32(at + 4)
    for (let round = 0; round < ROUNDS; round += 1) {
      left ^= subkey(round)
      right ^= f(left)
      const swapped = left
      left = right
      right = swapped
    }
    view.setUint32(at, right ^ subkey(ROUNDS + 1))
    view.setUint32(at + 4, left ^ subkey(ROUNDS))
  }
  const forward = (round: number): number => subkeys[round] ?? 0
  const backward = (round: number): number => subkeys[SUBKEYS - 1 - round] ?? 0

  // The key as often as it takes, into the subkeys; then all words are replaced by encryptions of zero, of that, and so on.
  subkeys.forEach((word, index) => {
    let part = 0
    for (let byte = 0; byte < 4; byte += 1) part = (part << 8) | (key[(4 * index + byte) % key.length] ?? 0)
    subkeys[index] = word ^ part
  })
  const block = new DataView(new ArrayBuffer(8))
  for (let index = 0; index < WORDS; index += 2) {
    crypt(block, 0, forward)
    words[index] = block.getUint32(0)
    words[index + 1] = block.getUint32(4)
  }
  return {
    blockLength: 8,
    encrypt: (view, at) => crypt(view, at, forward),
    decrypt: (view, at) => crypt(view, at, backward),
    destroy: () => void words.fill(0),
  }
}
