/**
 * The Crypto port over node:crypto, that is OpenSSL 3, or in Electron BoringSSL, which lacks some of it
 * (docs/decisions/0712-boringssl.md).
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { AeadName, CbcName, CipherMacName, CtrName, HashName } from '../../../src-shared/algorithms.ts'
import type { Aead, Cbc, Crypto, Ctr } from '../../ports.ts'
import { createAesMac } from './aes-mac.ts'
import { combinedCipher, combinedDecipher, combinedRows } from './combined-mode.ts'
import { ctrCipher } from './ctr-cipher.ts'
import { createKeyExchange } from './key-exchange.ts'
import { cbcCipher } from './cbc-cipher.ts'
import { md4 } from './md4.ts'
import { plain } from './plain.ts'

export const createCrypto = (): Crypto => ({
  hash,
  hmac,
  cipherMac,
  aead,
  cbc,
  ctr,
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

function aead(name: AeadName, key: Uint8Array): Aead {
  const row = combinedRows[name]
  const { tagLength } = row
  return {
    seal: (nonce, associated, plaintext) => {
      const cipher = combinedCipher(row, key, nonce)
      cipher.setAAD(associated, { plaintextLength: plaintext.length })
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      const sealed = new Uint8Array(ciphertext.length + tagLength)
      sealed.set(ciphertext)
      sealed.set(cipher.getAuthTag(), ciphertext.length)
      return sealed
    },
    open: (nonce, associated, sealed) => {
      const textLength = sealed.length - tagLength
      if (textLength < 0) return undefined
      const decipher = combinedDecipher(row, key, nonce)
      decipher.setAuthTag(sealed.subarray(textLength))
      decipher.setAAD(associated, { plaintextLength: textLength })
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

function cbc(name: CbcName, key: Uint8Array): Cbc {
  const cipher = cbcCipher(name, key)
  const { blockLength } = cipher
  return {
    encrypt: (iv, plaintext) => {
      assertWholeBlocks(plaintext, blockLength)
      return plain(cipher.encrypt(iv, plaintext))
    },
    decrypt: (iv, ciphertext) => {
      assertWholeBlocks(ciphertext, blockLength)
      return plain(cipher.decrypt(iv, ciphertext))
    },
  }
}

function ctr(name: CtrName, key: Uint8Array): Ctr {
  const cipher = ctrCipher(name, key)
  return { crypt: (counterBlock, data) => plain(cipher.crypt(counterBlock, data)) }
}

function assertWholeBlocks(data: Uint8Array, blockLength: number): void {
  if (data.length % blockLength !== 0) throw new RangeError('CBC takes whole blocks')
}

/** One block of DES. */
function desEncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  if (key.length !== 8 || block.length !== 8) throw new RangeError('DES has keys and blocks of 8 bytes')
  const cipher = cbcCipher('des-cbc', key)
  // One block under a zero IV is ECB.
  const result = plain(cipher.encrypt(new Uint8Array(8), block))
  cipher.destroy()
  return result
}
