/** CBC ciphers under the names and with the keys that node:crypto wants. */
import type { CbcName } from '../../../src-shared/algorithms.ts'

export interface CbcCipher {
  readonly algorithm: string
  /** A copy; its holder's to wipe. */
  readonly key: Uint8Array
  readonly blockLength: number
}

/** Throws RangeError for a key of the wrong length: 16, 24 or 32 bytes (AES), 24 (3DES), 8 (DES). */
export function cbcCipher(name: CbcName, key: Uint8Array): CbcCipher {
  switch (name) {
    case 'aes-cbc':
      assertKey(key, [16, 24, 32])
      return { algorithm: `aes-${key.length * 8}-cbc`, key: key.slice(), blockLength: 16 }
    case '3des-cbc':
      assertKey(key, [24])
      return { algorithm: 'des-ede3-cbc', key: key.slice(), blockLength: 8 }
    case 'des-cbc': {
      assertKey(key, [8])
      // Single DES is out of OpenSSL 3's default provider; 3DES with one key thrice is the same function.
      const threefold = new Uint8Array(24)
      for (const offset of [0, 8, 16]) threefold.set(key, offset)
      return { algorithm: 'des-ede3-cbc', key: threefold, blockLength: 8 }
    }
  }
}

function assertKey(key: Uint8Array, lengths: readonly number[]): void {
  if (!lengths.includes(key.length)) throw new RangeError(`A key has ${lengths.join(', ')} bytes`)
}
