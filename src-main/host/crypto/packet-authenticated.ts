/**
 * ESP's ciphers that have an integrity algorithm beside them, in place: CBC (RFC 2451, RFC 3602, RFC 4312), counter mode (RFC 3686,
 * RFC 5529) and NULL (RFC 2410). Encrypted first, then authenticated (RFC 4303 section 3.3.2).
 */
import { timingSafeEqual } from 'node:crypto'
import type { CbcName, CtrName } from '../../../src-shared/algorithms.ts'
import type { PacketCipher } from '../../ports.ts'
import { cbcCipher } from './cbc-cipher.ts'
import { ctrCipher } from './ctr-cipher.ts'
import { createHighHalf } from './integrity.ts'
import type { CheckValue } from './integrity.ts'
import { counterIv, randomIvs } from './packet-iv.ts'

const ESP_HEADER_LENGTH = 8

/** A cipher for packets that knows nothing of integrity. */
export interface BareCipher {
  readonly ivLength: number
  /** ESP's alignment; ciphertexts are a multiple of it. */
  readonly blockLength: number
  /** For the next packet; valid until the next call. */
  readonly nextIv: () => Uint8Array
  /** As long as what is given; may be what is given. */
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
  destroy(): void
}

export function bareCbc(name: CbcName, key: Uint8Array): BareCipher {
  const cipher = cbcCipher(name, key)
  return { ...cipher, ivLength: cipher.blockLength, nextIv: randomIvs(cipher.blockLength) }
}

const NONCE_LENGTH = 4
const COUNTER_IV_LENGTH = 8

/** `keyingMaterial`: the key with its nonce behind it (RFC 3686 section 5.1). */
export function bareCtr(name: CtrName, keyingMaterial: Uint8Array): BareCipher {
  const keyLength = keyingMaterial.length - NONCE_LENGTH
  const cipher = ctrCipher(name, keyingMaterial.subarray(0, keyLength))
  // RFC 3686 section 4: nonce, IV, and a block counter that begins at one.
  const counterBlock = new Uint8Array(16)
  counterBlock.set(keyingMaterial.subarray(keyLength))
  counterBlock[15] = 1
  const crypt = (iv: Uint8Array, data: Uint8Array): Uint8Array => {
    counterBlock.set(iv, NONCE_LENGTH)
    return cipher.crypt(counterBlock, data)
  }
  return {
    ivLength: COUNTER_IV_LENGTH,
    blockLength: 4,
    nextIv: counterIv(),
    encrypt: crypt,
    decrypt: crypt,
    destroy() {
      cipher.destroy()
      counterBlock.fill(0)
    },
  }
}

const noIv = new Uint8Array(0)

/** RFC 2410 section 2: the identity. */
export const bareNull: BareCipher = {
  ivLength: 0,
  blockLength: 4,
  nextIv: () => noIv,
  encrypt: (_iv, plaintext) => plaintext,
  decrypt: (_iv, ciphertext) => ciphertext,
  destroy: () => undefined,
}

export function authenticated(cipher: BareCipher, code: CheckValue): PacketCipher {
  const { ivLength, blockLength } = cipher
  const icvLength = code.length
  const prefixLength = ESP_HEADER_LENGTH + ivLength
  const highHalf = createHighHalf()
  return {
    ivLength,
    icvLength,
    blockLength,
    seal(buffer, offset, length, sequenceHigh, extended) {
      const start = offset + prefixLength
      const end = offset + length
      const iv = cipher.nextIv()
      buffer.set(iv, offset + ESP_HEADER_LENGTH)
      buffer.set(cipher.encrypt(iv, buffer.subarray(start, end)), start)
      buffer.set(code.of(buffer.subarray(offset, end), highHalf(sequenceHigh, extended)), end)
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      const start = offset + prefixLength
      const end = offset + length - icvLength
      if (end < start || (end - start) % blockLength !== 0) return false
      const icv = code.of(buffer.subarray(offset, end), highHalf(sequenceHigh, extended))
      if (!timingSafeEqual(icv, buffer.subarray(end, end + icvLength))) return false
      const iv = buffer.subarray(offset + ESP_HEADER_LENGTH, start)
      buffer.set(cipher.decrypt(iv, buffer.subarray(start, end)), start)
      return true
    },
    destroy() {
      cipher.destroy()
      code.destroy()
    },
  }
}
