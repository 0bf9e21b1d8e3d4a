/** Block ciphers in counter mode (NIST SP 800-38A section 6.5): the same function encrypts and decrypts. */
import { createCipheriv } from 'node:crypto'
import type { CtrName } from '../../../src-shared/algorithms.ts'
import { cryptCtr } from './block/block-cipher.ts'
import { camellia } from './block/camellia.ts'
import { libraryHas } from './cbc-cipher.ts'

/** Keeps a key of its own. */
export interface CtrCipher {
  /** `counterBlock`: the 16 bytes that are encrypted first, and counted up as one number. */
  crypt(counterBlock: Uint8Array, data: Uint8Array): Uint8Array
  destroy(): void
}

const BLOCK_LENGTH = 16

const families: Readonly<Record<CtrName, string>> = { 'aes-ctr': 'aes', 'camellia-ctr': 'camellia' }

/** Throws RangeError for a key of the wrong length, TypeError for an algorithm that this runtime's library does not have. */
export function ctrCipher(name: CtrName, givenKey: Uint8Array): CtrCipher {
  if (![16, 24, 32].includes(givenKey.length)) throw new RangeError('A key has 16, 24 or 32 bytes')
  const algorithm = `${families[name]}-${givenKey.length * 8}-ctr`
  if (!libraryHas(algorithm, givenKey.length, BLOCK_LENGTH)) {
    if (name === 'aes-ctr') throw new TypeError(`this computer's crypto library has no ${algorithm}`)
    const cipher = camellia(givenKey)
    return {
      crypt: (counterBlock, data) => cryptCtr(cipher, counterBlock, data),
      destroy: () => cipher.destroy(),
    }
  }
  const key = Uint8Array.from(givenKey)
  return {
    crypt: (counterBlock, data) => createCipheriv(algorithm, key, counterBlock).update(data),
    destroy: () => void key.fill(0),
  }
}
