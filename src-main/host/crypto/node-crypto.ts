/**
 * The Crypto port over node:crypto, that is OpenSSL 3. Electron's BoringSSL lacks ChaCha20-Poly1305 and will need another
 * provider for it (docs/decisions/0301-crypto-over-node-crypto.md).
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { CbcName, CipherMacName, HashName } from '../../../src-shared/algorithms.ts'
import type { Aead, Cbc, Crypto } from '../../ports.ts'
import { createAesMac } from './aes-mac.ts'
import { combinedCipher, combinedDecipher } from './combined-mode.ts'
import type { CombinedName } from './combined-mode.ts'
import { createKeyExchange } from './key-exchange.ts'
import { cbcCipher } from './cbc-cipher.ts'
import { md4 } from './md4.ts'
import { plain } from './plain.ts'

const TAG_LENGTH = 16

export const createCrypto = (): Crypto => ({
  hash,
  hmac,
  cipherMac,
  aead,
  cbc,
  keyExchange: (group) => createKeyExchange(group),
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  md4,
  desEncryptBlock,
})

function hash(name: HashName, ...parts: readonly Uint8Array[]): Uint8Array {
  const running = createHash(name)
  for (const part of parts) running.update(part)
  return plain(running.digest())
}

function hmac(name: HashName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const running = createHmac(name, key)
  for (const part of parts) running.update(part)
  return plain(running.digest())
}

function cipherMac(name: CipherMacName, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = createAesMac(name, key)
  const result = mac.of(...parts)
  mac.destroy()
  return result
}

function aead(name: CombinedName, key: Uint8Array): Aead {
  return {
    seal: (nonce, associated, plaintext) => {
      const cipher = combinedCipher(name, key, nonce)
      cipher.setAAD(associated)
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      const sealed = new Uint8Array(ciphertext.length + TAG_LENGTH)
      sealed.set(ciphertext)
      sealed.set(cipher.getAuthTag(), ciphertext.length)
      return sealed
    },
    open: (nonce, associated, sealed) => {
      const textLength = sealed.length - TAG_LENGTH
      if (textLength < 0) return undefined
      const decipher = combinedDecipher(name, key, nonce)
      decipher.setAAD(associated)
      decipher.setAuthTag(sealed.subarray(textLength))
      const plaintext = decipher.update(sealed.subarray(0, textLength))
      try {
        decipher.final()
      } catch {
        plaintext.fill(0)
        return undefined
      }
      return plain(plaintext)
    },
  }
}

function cbc(name: CbcName, givenKey: Uint8Array): Cbc {
  const { algorithm, key, blockLength } = cbcCipher(name, givenKey)
  // Without padding, `update` gives every block and nothing is left for `final`.
  return {
    encrypt: (iv, plaintext) => {
      assertWholeBlocks(plaintext, blockLength)
      return plain(createCipheriv(algorithm, key, iv).setAutoPadding(false).update(plaintext))
    },
    decrypt: (iv, ciphertext) => {
      assertWholeBlocks(ciphertext, blockLength)
      return plain(createDecipheriv(algorithm, key, iv).setAutoPadding(false).update(ciphertext))
    },
  }
}

function assertWholeBlocks(data: Uint8Array, blockLength: number): void {
  if (data.length % blockLength !== 0) throw new RangeError('CBC takes whole blocks')
}

/** One block of DES. */
function desEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  if (key.length !== 8 || block.length !== 8) throw new RangeError('DES has keys and blocks of 8 bytes')
  const { algorithm, key: threefold } = cbcCipher('des-cbc', key)
  // One block under a zero IV is ECB.
  const cipher = createCipheriv(algorithm, threefold, new Uint8Array(8)).setAutoPadding(false)
  threefold.fill(0)
  return plain(cipher.update(block))
}
