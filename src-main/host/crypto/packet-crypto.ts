/**
 * ESP's ciphers over node:crypto, working in place on a packet slot. Node makes an object and an output buffer a packet; nothing
 * else is allocated here but views.
 */
import { createCipheriv, createDecipheriv, randomFillSync, timingSafeEqual } from 'node:crypto'
import type { IntegrityName } from '../../../src-shared/algorithms.ts'
import type { PacketCipher, PacketCrypto } from '../../ports.ts'
import { cbcCipher } from './cbc-cipher.ts'
import type { CbcCipher } from './cbc-cipher.ts'
import { combinedCipher, combinedDecipher } from './combined-mode.ts'
import type { CombinedName } from './combined-mode.ts'
import { checkValue, createHighHalf, createPacketIntegrity } from './integrity.ts'

const ESP_HEADER_LENGTH = 8

export const createPacketCrypto = (): PacketCrypto => ({
  integrity: ({ integrity, key }) => createPacketIntegrity(integrity, key),
  cipher: ({ encryption, encryptionKey, integrity, integrityKey }) => {
    switch (encryption) {
      case 'aes-gcm-16':
      case 'chacha20-poly1305':
        // RFC 4106 section 6, RFC 7634 section 2: no other integrity beside it.
        if (integrity !== undefined) throw new TypeError(`${encryption} takes no integrity algorithm`)
        return combined(encryption, encryptionKey)
      case 'aes-cbc':
      case '3des-cbc':
      case 'des-cbc':
        if (integrity === undefined || integrityKey === undefined) {
          throw new TypeError('CBC needs an integrity algorithm')
        }
        return authenticatedCbc(cbcCipher(encryption, encryptionKey), integrity, integrityKey)
    }
  },
})

// ---------------------------------------------------------------- combined modes (RFC 4106, RFC 7634)

const SALT_LENGTH = 4
const COUNTER_IV_LENGTH = 8
const TAG_LENGTH = 16
const HIGHEST_HALF = 0xffff_ffff

function combined(name: CombinedName, keyingMaterial: Uint8Array): PacketCipher {
  const keyLength = keyingMaterial.length - SALT_LENGTH
  const key = keyingMaterial.slice(0, keyLength)
  const prefixLength = ESP_HEADER_LENGTH + COUNTER_IV_LENGTH
  // RFC 4106 section 4: the salt, then the IV of the packet.
  const nonce = new Uint8Array(SALT_LENGTH + COUNTER_IV_LENGTH)
  nonce.set(keyingMaterial.subarray(keyLength))
  const nonceIv = nonce.subarray(SALT_LENGTH)
  const counter = new DataView(nonce.buffer, SALT_LENGTH)
  let ivHigh = 0
  let ivLow = 0
  // RFC 4106 section 5: SPI and sequence number, 32 bits or 64.
  const shortAssociated = new Uint8Array(8)
  const longAssociated = new Uint8Array(12)
  const longView = new DataView(longAssociated.buffer)

  const associatedFor = (buffer: Uint8Array, offset: number, high: number, extended: boolean): Uint8Array => {
    const header = buffer.subarray(offset, offset + ESP_HEADER_LENGTH)
    if (!extended) {
      shortAssociated.set(header)
      return shortAssociated
    }
    longAssociated.set(header.subarray(0, 4))
    longView.setUint32(4, high)
    longAssociated.set(header.subarray(4), 8)
    return longAssociated
  }

  return {
    ivLength: COUNTER_IV_LENGTH,
    icvLength: TAG_LENGTH,
    blockLength: 4,
    seal(buffer, offset, length, sequenceHigh, extended) {
      // A counter never repeats under a key (RFC 4106 section 3.1); the packets of an SA end long before it would.
      counter.setUint32(0, ivHigh)
      counter.setUint32(4, ivLow)
      if (ivLow === HIGHEST_HALF) ivHigh += 1
      ivLow = (ivLow + 1) >>> 0
      buffer.set(nonceIv, offset + ESP_HEADER_LENGTH)
      const cipher = combinedCipher(name, key, nonce)
      const associated = associatedFor(buffer, offset, sequenceHigh, extended)
      cipher.setAAD(associated)
      const ciphertext = cipher.update(buffer.subarray(offset + prefixLength, offset + length))
      cipher.final()
      buffer.set(ciphertext, offset + prefixLength)
      buffer.set(cipher.getAuthTag(), offset + length)
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      const end = offset + length - TAG_LENGTH
      const start = offset + prefixLength
      if (end < start) return false
      nonce.set(buffer.subarray(offset + ESP_HEADER_LENGTH, start), SALT_LENGTH)
      const decipher = combinedDecipher(name, key, nonce)
      const associated = associatedFor(buffer, offset, sequenceHigh, extended)
      decipher.setAAD(associated)
      decipher.setAuthTag(buffer.subarray(end, end + TAG_LENGTH))
      const plaintext = decipher.update(buffer.subarray(start, end))
      try {
        decipher.final()
      } catch {
        return false
      }
      buffer.set(plaintext, start)
      return true
    },
    destroy() {
      key.fill(0)
      nonce.fill(0)
    },
  }
}

// ---------------------------------------------------------------- CBC with an HMAC (RFC 3602, RFC 2451, RFC 2403, RFC 2404, RFC 4868)

/** How many random IVs are fetched at once. */
const IV_BATCH = 256

function authenticatedCbc(
  { algorithm, key: encryptionKey, blockLength }: CbcCipher,
  integrity: IntegrityName,
  integrityKey: Uint8Array,
): PacketCipher {
  const code = checkValue(integrity, integrityKey)
  const icvLength = code.length
  const prefixLength = ESP_HEADER_LENGTH + blockLength
  const nextIv = randomIvs(blockLength)
  const highHalf = createHighHalf()

  return {
    ivLength: blockLength,
    icvLength,
    blockLength,
    seal(buffer, offset, length, sequenceHigh, extended) {
      const start = offset + prefixLength
      const end = offset + length
      const iv = nextIv()
      buffer.set(iv, offset + ESP_HEADER_LENGTH)
      const cipher = createCipheriv(algorithm, encryptionKey, iv).setAutoPadding(false)
      buffer.set(cipher.update(buffer.subarray(start, end)), start)
      buffer.set(code.of(buffer.subarray(offset, end), highHalf(sequenceHigh, extended)), end)
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      const start = offset + prefixLength
      const end = offset + length - icvLength
      if (end < start || (end - start) % blockLength !== 0) return false
      const icv = code.of(buffer.subarray(offset, end), highHalf(sequenceHigh, extended))
      if (!timingSafeEqual(icv, buffer.subarray(end, end + icvLength))) return false
      const iv = buffer.subarray(offset + ESP_HEADER_LENGTH, start)
      const decipher = createDecipheriv(algorithm, encryptionKey, iv).setAutoPadding(false)
      buffer.set(decipher.update(buffer.subarray(start, end)), start)
      return true
    },
    destroy() {
      encryptionKey.fill(0)
      code.destroy()
    },
  }
}

/** RFC 3602 section 3: an IV is random and not to be foretold. Gives a view that is valid until the next call. */
export function randomIvs(length: number): () => Uint8Array {
  const batch = new Uint8Array(IV_BATCH * length)
  let position = batch.length
  return () => {
    if (position === batch.length) {
      randomFillSync(batch)
      position = 0
    }
    position += length
    return batch.subarray(position - length, position)
  }
}
