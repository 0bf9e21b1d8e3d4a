/** RC5-32 (RFC 2040): blocks of 8 bytes, words with their least byte first. */
import type { BlockCipher } from './block-cipher.ts'

/** RFC 2451 section 2.4: what ESP takes. */
const ESP_ROUNDS = 16

const left = (word: number, by: number): number => (word << (by & 31)) | (word >>> (-by & 31))
const right = (word: number, by: number): number => (word >>> (by & 31)) | (word << (-by & 31))

/** RFC 2040 section 5. */
function expanded(key: Uint8Array, rounds: number): Uint32Array {
  const words = new Uint32Array(Math.max(1, Math.ceil(key.length / 4)))
  key.forEach((byte, at) => (words[at >> 2] = (words[at >> 2] ?? 0) | (byte << (8 * (at & 3)))))
  const table = new Uint32Array(2 * (rounds + 1))
  table.forEach((_, at) => (table[at] = at === 0 ? 0xb7e1_5163 : (table[at - 1] ?? 0) + 0x9e37_79b9))
  let a = 0
  let b = 0
  for (let step = 0; step < 3 * Math.max(table.length, words.length); step += 1) {
    const [i, j] = [step % table.length, step % words.length]
    a = left((table[i] ?? 0) + a + b, 3)
    table[i] = a
    b = left((words[j] ?? 0) + a + b, a + b)
    words[j] = b
  }
  words.fill(0)
  return table
}

export function rc5(key: Uint8Array, rounds = ESP_ROUNDS): BlockCipher {
  const table = expanded(key, rounds)
  const s = (index: number): number => table[index] ?? 0
  return {
    blockLength: 8,
    encrypt(view, at) {
      let a = (view.getUint32(at, true) + s(0)) | 0
      let b = (view.getUint32(at + 4, true) + s(1)) | 0
      for (let round = 1; round <= rounds; round += 1) {
        a = (left(a ^ b, b) + s(2 * round)) | 0
        b = (left(b ^ a, a) + s(2 * round + 1)) | 0
      }
      view.setUint32(at, a, true)
      view.setUint32(at + 4, b, true)
    },
    decrypt(view, at) {
      let a = view.getUint32(at, true)
      let b = view.getUint32(at + 4, true)
      for (let round = rounds; round >= 1; round -= 1) {
        b = right(b - s(2 * round + 1), a) ^ a
        a = right(a - s(2 * round), b) ^ b
      }
      view.setUint32(at, a - s(0), true)
      view.setUint32(at + 4, b - s(1), true)
    },
    destroy: () => void table.fill(0),
  }
}
