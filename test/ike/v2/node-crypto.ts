/** Just enough of the Crypto port for the tests of the message layer, straight from node:crypto. */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import type { Aead, Cbc, Crypto } from '../../../src-main/ports.ts'

const joined = (parts: readonly Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))

function aead(name: 'aes-gcm-16' | 'chacha20-poly1305', key: Uint8Array): Aead {
  const algorithm = name === 'aes-gcm-16' ? (`aes-${(key.length * 8) as 128 | 256}-gcm` as const) : name
  const options = { authTagLength: 16 } as const
  return {
    seal(nonce, associated, plaintext) {
      const cipher = createCipheriv(algorithm as 'aes-256-gcm', key, nonce, options)
      cipher.setAAD(associated)
      return joined([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    },
    open(nonce, associated, sealed) {
      const decipher = createDecipheriv(algorithm as 'aes-256-gcm', key, nonce, options)
      decipher.setAAD(associated)
      decipher.setAuthTag(sealed.subarray(sealed.length - 16))
      const plaintext = decipher.update(sealed.subarray(0, sealed.length - 16))
      try {
        return joined([plaintext, decipher.final()])
      } catch {
        return undefined
      }
    },
  }
}

function cbc(_name: 'aes-cbc', key: Uint8Array): Cbc {
  const algorithm = `aes-${key.length * 8}-cbc`
  return {
    encrypt(iv, plaintext) {
      const cipher = createCipheriv(algorithm, key, iv).setAutoPadding(false)
      return joined([cipher.update(plaintext), cipher.final()])
    },
    decrypt(iv, ciphertext) {
      const decipher = createDecipheriv(algorithm, key, iv).setAutoPadding(false)
      return joined([decipher.update(ciphertext), decipher.final()])
    },
  }
}

export const nodeCrypto: Pick<Crypto, 'aead' | 'cbc' | 'hmac' | 'cipherMac' | 'ctr' | 'hash' | 'equal'> = {
  cipherMac: (name, key, ...parts) => createCrypto().cipherMac(name, key, ...parts),
  ctr: (name, key) => createCrypto().ctr(name, key),
  aead,
  cbc,
  hash: (name, ...parts) => Uint8Array.from(createHash(name).update(joined(parts)).digest()),
  hmac: (name, key, ...parts) => Uint8Array.from(createHmac(name, key).update(joined(parts)).digest()),
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
}
