/**
 * AES-XCBC-MAC (RFC 3566) and AES-CMAC (RFC 4493, NIST SP 800-38B): both are CBC-MAC with AES-128 whose last block is
 * masked with a subkey. The chain runs in node:crypto's AES-CBC, one call a message.
 */
import { createCipheriv } from 'node:crypto'
import type { CipherMacName } from '../../../src-shared/algorithms.ts'
import { plain } from './plain.ts'

const BLOCK_LENGTH = 16
const zeroIv = new Uint8Array(BLOCK_LENGTH)

export interface AesMac {
  /** The whole MAC of the parts, taken as one message: 16 bytes of the caller's own. */
  of(...parts: readonly Uint8Array[]): Uint8Array
  destroy(): void
}

/** What the chain is keyed with, and the masks of a last block that is whole and of one that was padded. */
interface Subkeys {
  readonly chain: Uint8Array
  readonly whole: Uint8Array
  readonly padded: Uint8Array
}

function encryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-128-cbc', key, zeroIv).setAutoPadding(false)
  // One block under a zero IV is the bare block cipher.
  return plain(cipher.update(block))
}

/** RFC 4493 section 2.3: a shift by one bit, reduced by x^128 + x^7 + x^2 + x + 1 without a branch on the key. */
function doubled(block: Uint8Array): Uint8Array {
  const result = new Uint8Array(BLOCK_LENGTH)
  const bits = new DataView(block.buffer, block.byteOffset, BLOCK_LENGTH)
  for (let at = 0; at < BLOCK_LENGTH; at += 1) {
    const carried = at + 1 < BLOCK_LENGTH ? bits.getUint8(at + 1) >>> 7 : 0
    result[at] = (bits.getUint8(at) << 1) | carried
  }
  const last = result[BLOCK_LENGTH - 1] ?? 0
  result[BLOCK_LENGTH - 1] = last ^ (-(bits.getUint8(0) >>> 7) & 0x87)
  return result
}

function subkeysOf(name: CipherMacName, key: Uint8Array): Subkeys {
  switch (name) {
    case 'aes-xcbc': {
      // RFC 3566 section 4: K1, K2 and K3 are the key's encryptions of 0x01…, 0x02… and 0x03….
      const derived = (byte: number): Uint8Array => encryptBlock(key, new Uint8Array(BLOCK_LENGTH).fill(byte))
      return { chain: derived(1), whole: derived(2), padded: derived(3) }
    }
    case 'aes-cmac': {
      const zero = encryptBlock(key, zeroIv)
      const whole = doubled(zero)
      zero.fill(0)
      return { chain: Uint8Array.from(key), whole, padded: doubled(whole) }
    }
  }
}

/** `key`: 16 bytes; throws RangeError for another length. */
export function createAesMac(name: CipherMacName, key: Uint8Array): AesMac {
  if (key.length !== BLOCK_LENGTH) throw new RangeError(`${name} has keys of ${BLOCK_LENGTH} bytes`)
  const { chain, whole, padded } = subkeysOf(name, key)
  /** Grows to the longest message. */
  let scratch = new Uint8Array(2048)
  return {
    of(...parts) {
      let length = 0
      for (const part of parts) length += part.length
      // RFC 3566 section 4, RFC 4493 section 2.4: an empty message is one padded block.
      const total = Math.max(BLOCK_LENGTH, Math.ceil(length / BLOCK_LENGTH) * BLOCK_LENGTH)
      if (total > scratch.length) scratch = new Uint8Array(2 * total)
      let position = 0
      for (const part of parts) {
        scratch.set(part, position)
        position += part.length
      }
      const isWhole = length === total
      if (!isWhole) {
        scratch[length] = 0x80
        scratch.fill(0, length + 1, total)
      }
      const mask = isWhole ? whole : padded
      const last = total - BLOCK_LENGTH
      const view = new DataView(scratch.buffer)
      for (let at = 0; at < BLOCK_LENGTH; at += 1)
        scratch[last + at] = view.getUint8(last + at) ^ (mask[at] ?? 0)
      const cipher = createCipheriv('aes-128-cbc', chain, zeroIv).setAutoPadding(false)
      return Uint8Array.from(cipher.update(scratch.subarray(0, total)).subarray(last))
    },
    destroy() {
      for (const secret of [chain, whole, padded, scratch]) secret.fill(0)
    },
  }
}
