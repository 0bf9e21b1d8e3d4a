/** ESP's combined modes, in place (RFC 4106, RFC 4309, RFC 5529, RFC 7634), and AES-GMAC without encryption (RFC 4543 section 3). */
import { createCipheriv, timingSafeEqual } from 'node:crypto'
import type { AeadName } from '../../../src-shared/algorithms.ts'
import type { PacketCipher } from '../../ports.ts'
import { combinedCipher, combinedDecipher, combinedRows } from './combined-mode.ts'
import { createHighHalf } from './integrity.ts'
import { counterIv } from './packet-iv.ts'

const ESP_HEADER_LENGTH = 8
const IV_LENGTH = 8
const PREFIX_LENGTH = ESP_HEADER_LENGTH + IV_LENGTH

export function combined(name: AeadName, keyingMaterial: Uint8Array): PacketCipher {
  const row = combinedRows[name]
  const { tagLength, saltLength } = row
  const keyLength = keyingMaterial.length - saltLength
  const key = Uint8Array.from(keyingMaterial.subarray(0, keyLength))
  // RFC 4106 section 4, RFC 4309 section 4: the salt, then the IV of the packet.
  const nonce = new Uint8Array(saltLength + IV_LENGTH)
  nonce.set(keyingMaterial.subarray(keyLength))
  const nonceIv = nonce.subarray(saltLength)
  const nextIv = counterIv()
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
    ivLength: IV_LENGTH,
    icvLength: tagLength,
    blockLength: 4,
    seal(buffer, offset, length, sequenceHigh, extended) {
      nonceIv.set(nextIv())
      buffer.set(nonceIv, offset + ESP_HEADER_LENGTH)
      const cipher = combinedCipher(row, key, nonce)
      const associated = associatedFor(buffer, offset, sequenceHigh, extended)
      cipher.setAAD(associated, { plaintextLength: length - PREFIX_LENGTH })
      const ciphertext = cipher.update(buffer.subarray(offset + PREFIX_LENGTH, offset + length))
      cipher.final()
      buffer.set(ciphertext, offset + PREFIX_LENGTH)
      buffer.set(cipher.getAuthTag(), offset + length)
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      const end = offset + length - tagLength
      const start = offset + PREFIX_LENGTH
      if (end < start) return false
      nonceIv.set(buffer.subarray(offset + ESP_HEADER_LENGTH, start))
      const decipher = combinedDecipher(row, key, nonce)
      decipher.setAuthTag(buffer.subarray(end, end + tagLength))
      const associated = associatedFor(buffer, offset, sequenceHigh, extended)
      decipher.setAAD(associated, { plaintextLength: end - start })
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

const GMAC_SALT_LENGTH = 4
const GMAC_TAG_LENGTH = 16
const gmacNames: ReadonlyMap<number, 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'> = new Map([
  [16, 'aes-128-gcm'],
  [24, 'aes-192-gcm'],
  [32, 'aes-256-gcm'],
])

/** RFC 4543 section 3: all is associated data, from the SPI to the trailer, the IV too. */
export function gmac(keyingMaterial: Uint8Array): PacketCipher {
  const keyLength = keyingMaterial.length - GMAC_SALT_LENGTH
  const algorithm = gmacNames.get(keyLength)
  if (algorithm === undefined) throw new RangeError(`AES has no keys of ${keyLength} bytes`)
  const key = Uint8Array.from(keyingMaterial.subarray(0, keyLength))
  const nonce = new Uint8Array(GMAC_SALT_LENGTH + IV_LENGTH)
  nonce.set(keyingMaterial.subarray(keyLength))
  const nonceIv = nonce.subarray(GMAC_SALT_LENGTH)
  const nextIv = counterIv()
  const highHalf = createHighHalf()

  const tagOf = (buffer: Uint8Array, offset: number, end: number, high: number, extended: boolean) => {
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: GMAC_TAG_LENGTH })
    const between = highHalf(high, extended)
    if (between === undefined) cipher.setAAD(buffer.subarray(offset, end))
    else {
      // RFC 4543 section 3.3: the high half stands between SPI and low half.
      cipher.setAAD(buffer.subarray(offset, offset + 4))
      cipher.setAAD(between)
      cipher.setAAD(buffer.subarray(offset + 4, end))
    }
    cipher.final()
    return cipher.getAuthTag()
  }
  return {
    ivLength: IV_LENGTH,
    icvLength: GMAC_TAG_LENGTH,
    blockLength: 4,
    seal(buffer, offset, length, sequenceHigh, extended) {
      nonceIv.set(nextIv())
      buffer.set(nonceIv, offset + ESP_HEADER_LENGTH)
      const end = offset + length
      buffer.set(tagOf(buffer, offset, end, sequenceHigh, extended), end)
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      const end = offset + length - GMAC_TAG_LENGTH
      if (end < offset + PREFIX_LENGTH) return false
      nonceIv.set(buffer.subarray(offset + ESP_HEADER_LENGTH, offset + PREFIX_LENGTH))
      const tag = buffer.subarray(end, end + GMAC_TAG_LENGTH)
      return timingSafeEqual(tagOf(buffer, offset, end, sequenceHigh, extended), tag)
    },
    destroy() {
      key.fill(0)
      nonce.fill(0)
    },
  }
}
