/** IDEA (Lai, "On the Design and Security of Block Ciphers", 1992): blocks of 8 bytes, keys of 16, eight and a half rounds. */
import type { BlockCipher } from './block-cipher.ts'

const ROUNDS = 8
const SUBKEYS = 6 * ROUNDS + 4
const MODULUS = 0x1_0001

/** Multiplication modulo 2^16 + 1, where 0 stands for 2^16. */
function times(a: number, b: number): number {
  const product = (a === 0 ? 0x1_0000 : a) * (b === 0 ? 0x1_0000 : b)
  return (product % MODULUS) & 0xffff
}

/** The inverse of `times`: a^(2^16 - 1), since the modulus is prime. */
function inverse(a: number): number {
  let result = 1
  for (let bit = 0, power = a; bit < 16; bit += 1, power = times(power, power)) result = times(result, power)
  return result
}

const negative = (a: number): number => -a & 0xffff

/** 16 bits of the key at a time; after eight of them it is rotated by 25 bits. */
function encryptionKeys(key: Uint8Array): Uint16Array {
  const keys = new Uint16Array(SUBKEYS)
  let value = BigInt(`0x${Buffer.from(key).toString('hex')}`)
  for (let index = 0; index < SUBKEYS; index += 1) {
    keys[index] = Number((value >> BigInt(112 - 16 * (index % 8))) & 0xffffn)
    if (index % 8 === 7) value = ((value << 25n) | (value >> 103n)) & ((1n << 128n) - 1n)
  }
  return keys
}

/** The inverses, round by round from the end; the two additive ones change places but in the first and the last. */
function decryptionKeys(keys: Uint16Array): Uint16Array {
  const inverted = new Uint16Array(SUBKEYS)
  const at = (index: number): number => keys[index] ?? 0
  for (let round = 0; round <= ROUNDS; round += 1) {
    const from = 6 * (ROUNDS - round)
    const isOuter = round === 0 || round === ROUNDS
    inverted.set(
      [
        inverse(at(from)),
        negative(at(from + (isOuter ? 1 : 2))),
        negative(at(from + (isOuter ? 2 : 1))),
        inverse(at(from + 3)),
        ...(round === ROUNDS ? [] : [at(from - 2), at(from - 1)]),
      ],
      6 * round,
    )
  }
  return inverted
}

function crypt(keys: Uint16Array, view: DataView, at: number): void {
  const k = (index: number): number => keys[index] ?? 0
  let a = view.getUint16(at)
  let b = view.getUint16(at + 2)
  let c = view.getUint16(at + 4)
  let d = view.getUint16(at + 6)
  for (let round = 0; round < ROUNDS; round += 1) {
    const index = 6 * round
    a = times(a, k(index))
    b = (b + k(index + 1)) & 0xffff
    c = (c + k(index + 2)) & 0xffff
    d = times(d, k(index + 3))
    const first = times(a ^ c, k(index + 4))
    const second = times((first + (b ^ d)) & 0xffff, k(index + 5))
    const sum = (first + second) & 0xffff
    a ^= second
    d ^= sum
    const swapped = b ^ sum
    b = c ^ second
    c = swapped
  }
  view.setUint16(at, times(a, k(6 * ROUNDS)))
  view.setUint16(at + 2, c + k(6 * ROUNDS + 1))
  view.setUint16(at + 4, b + k(6 * ROUNDS + 2))
  view.setUint16(at + 6, times(d, k(6 * ROUNDS + 3)))
}

/** `key`: 16 bytes. */
export function idea(key: Uint8Array): BlockCipher {
  const forward = encryptionKeys(key)
  const backward = decryptionKeys(forward)
  return {
    blockLength: 8,
    encrypt: (view, at) => crypt(forward, view, at),
    decrypt: (view, at) => crypt(backward, view, at),
    destroy() {
      forward.fill(0)
      backward.fill(0)
    },
  }
}
