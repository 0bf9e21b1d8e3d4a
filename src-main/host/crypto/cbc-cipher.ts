/** Block ciphers in CBC mode, without padding: those of node:crypto, others where this runtime's library lacks them. */
import { createCipheriv, createDecipheriv, getCiphers } from 'node:crypto'
import type { CbcName } from '../../../src-shared/algorithms.ts'
import { decryptCbc, encryptCbc } from './block/block-cipher.ts'
import type { BlockCipher } from './block/block-cipher.ts'
import { blowfish } from './block/blowfish.ts'
import { camellia } from './block/camellia.ts'
import { cast } from './block/cast.ts'
import { idea } from './block/idea.ts'
import { rc5 } from './block/rc5.ts'

/** Whole blocks in and out. Keeps a key of its own. */
export interface CbcCipher {
  readonly blockLength: number
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
  destroy(): void
}

/** Throws RangeError for a key of the wrong length, TypeError for an algorithm that this runtime's library does not have. */
export function cbcCipher(name: CbcName, key: Uint8Array): CbcCipher {
  switch (name) {
    case 'aes-cbc':
      assertKey(key, [16, 24, 32])
      return ofLibrary(`aes-${key.length * 8}-cbc`, key, 16)
    case 'camellia-cbc':
      assertKey(key, [16, 24, 32])
      return ofLibrary(`camellia-${key.length * 8}-cbc`, key, 16, camellia)
    case '3des-cbc':
      assertKey(key, [24])
      return ofLibrary('des-ede3-cbc', key, 8)
    case 'des-cbc': {
      assertKey(key, [8])
      // Single DES is out of OpenSSL 3's default provider; 3DES with one key thrice is the same function.
      const threefold = new Uint8Array(24)
      for (const offset of [0, 8, 16]) threefold.set(key, offset)
      const cipher = ofLibrary('des-ede3-cbc', threefold, 8)
      threefold.fill(0)
      return cipher
    }
    case 'blowfish-cbc':
      // RFC 2451 section 2.2 allows more; these are what proposals name.
      assertKey(key, [16, 24, 32])
      return ofLibrary('bf-cbc', key, 8, blowfish)
    case 'cast-cbc':
      assertKey(key, [16])
      return ofLibrary('cast5-cbc', key, 8, cast)
    case 'idea-cbc':
      assertKey(key, [16])
      return ofLibrary('idea-cbc', key, 8, idea)
    case 'rc5-cbc':
      assertKey(key, [16])
      // OpenSSL's has another number of rounds.
      return inTypeScript(rc5(key))
  }
}

function assertKey(key: Uint8Array, lengths: readonly number[]): void {
  if (!lengths.includes(key.length)) throw new RangeError(`A key has ${lengths.join(', ')} bytes`)
}

/** Ciphers that were made to work once; others are asked of the library in vain each time. */
const found = new Set<string>()

/** OpenSSL 3 knows the names of ciphers that it then refuses, so they are tried. */
export function libraryHas(algorithm: string, keyLength: number, ivLength: number): boolean {
  if (found.has(algorithm)) return true
  if (!getCiphers().includes(algorithm)) return false
  try {
    createCipheriv(algorithm, new Uint8Array(keyLength), new Uint8Array(ivLength))
  } catch {
    // Whatever it says, it cannot be used.
    return false
  }
  found.add(algorithm)
  return true
}

const inTypeScript = (cipher: BlockCipher): CbcCipher => ({
  blockLength: cipher.blockLength,
  encrypt: (iv, plaintext) => encryptCbc(cipher, iv, plaintext),
  decrypt: (iv, ciphertext) => decryptCbc(cipher, iv, ciphertext),
  destroy: () => cipher.destroy(),
})

/** `otherwise`: what there is where the library does not have it. */
function ofLibrary(
  algorithm: string,
  givenKey: Uint8Array,
  blockLength: number,
  otherwise?: (key: Uint8Array) => BlockCipher,
): CbcCipher {
  const isThere = libraryHas(algorithm, givenKey.length, blockLength)
  if (!isThere && otherwise !== undefined) return inTypeScript(otherwise(givenKey))
  if (!isThere) throw new TypeError(`this computer's crypto library has no ${algorithm}`)
  const key = Uint8Array.from(givenKey)
  // Without padding, `update` gives every block and nothing is left for `final`.
  return {
    blockLength,
    encrypt: (iv, plaintext) => createCipheriv(algorithm, key, iv).setAutoPadding(false).update(plaintext),
    decrypt: (iv, ciphertext) =>
      createDecipheriv(algorithm, key, iv).setAutoPadding(false).update(ciphertext),
    destroy: () => void key.fill(0),
  }
}
