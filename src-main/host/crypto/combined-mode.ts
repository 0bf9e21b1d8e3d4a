/** Combined-mode ciphers of node:crypto, one object a message; other means where this runtime's library has none. */
import { createCipheriv, createDecipheriv, getCiphers } from 'node:crypto'
import type { AeadName } from '../../../src-shared/algorithms.ts'
import type { Combined, CombinedOpening } from './combined.ts'
import { ccmCipher, ccmDecipher } from './ccm.ts'
import { chachaCipher, chachaDecipher } from './chacha-fallback.ts'

const known = getCiphers()
const hasChaCha = known.includes('chacha20-poly1305')
const hasCcm = known.includes('aes-128-ccm')

/** Lengths in bytes: the tag and the keying material behind the key (RFC 4106 section 8.1, RFC 4309 section 7.1, RFC 7634). */
export interface CombinedRow {
  readonly family: 'aes-gcm' | 'aes-ccm' | 'camellia-ccm' | 'chacha20-poly1305'
  readonly tagLength: number
  readonly saltLength: number
}

export const combinedRows: Readonly<Record<AeadName, CombinedRow>> = {
  'aes-gcm-8': { family: 'aes-gcm', tagLength: 8, saltLength: 4 },
  'aes-gcm-12': { family: 'aes-gcm', tagLength: 12, saltLength: 4 },
  'aes-gcm-16': { family: 'aes-gcm', tagLength: 16, saltLength: 4 },
  'aes-ccm-8': { family: 'aes-ccm', tagLength: 8, saltLength: 3 },
  'aes-ccm-12': { family: 'aes-ccm', tagLength: 12, saltLength: 3 },
  'aes-ccm-16': { family: 'aes-ccm', tagLength: 16, saltLength: 3 },
  'camellia-ccm-8': { family: 'camellia-ccm', tagLength: 8, saltLength: 3 },
  'camellia-ccm-12': { family: 'camellia-ccm', tagLength: 12, saltLength: 3 },
  'camellia-ccm-16': { family: 'camellia-ccm', tagLength: 16, saltLength: 3 },
  'chacha20-poly1305': { family: 'chacha20-poly1305', tagLength: 16, saltLength: 4 },
}

function nameFor<Name>(names: ReadonlyMap<number, Name>, key: Uint8Array): Name {
  const name = names.get(key.length)
  if (name === undefined) throw new RangeError(`AES has no keys of ${key.length} bytes`)
  return name
}

const gcmNames: ReadonlyMap<number, 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'> = new Map([
  [16, 'aes-128-gcm'],
  [24, 'aes-192-gcm'],
  [32, 'aes-256-gcm'],
])
const ccmNames: ReadonlyMap<number, 'aes-128-ccm' | 'aes-192-ccm' | 'aes-256-ccm'> = new Map([
  [16, 'aes-128-ccm'],
  [24, 'aes-192-ccm'],
  [32, 'aes-256-ccm'],
])

/**
 * `nonce`: 12 bytes, 11 for CCM, which wants the length of the plaintext beside the associated data. With the tag's length given,
 * node skips a search for its options: a third of the time of a packet.
 */
export const combinedCipher = (
  { family, tagLength: authTagLength }: CombinedRow,
  key: Uint8Array,
  nonce: Uint8Array,
): Combined => {
  switch (family) {
    case 'aes-gcm':
      return createCipheriv(nameFor(gcmNames, key), key, nonce, { authTagLength })
    case 'chacha20-poly1305':
      return hasChaCha
        ? createCipheriv('chacha20-poly1305', key, nonce, { authTagLength })
        : chachaCipher(key, nonce)
    case 'aes-ccm':
      return hasCcm
        ? createCipheriv(nameFor(ccmNames, key), key, nonce, { authTagLength })
        : ccmCipher({ family: 'aes', key, nonce, tagLength: authTagLength })
    case 'camellia-ccm':
      return ccmCipher({ family: 'camellia', key, nonce, tagLength: authTagLength })
  }
}

/** The tag has to come first. */
export const combinedDecipher = (
  { family, tagLength: authTagLength }: CombinedRow,
  key: Uint8Array,
  nonce: Uint8Array,
): CombinedOpening => {
  switch (family) {
    case 'aes-gcm':
      return createDecipheriv(nameFor(gcmNames, key), key, nonce, { authTagLength })
    case 'chacha20-poly1305':
      return hasChaCha
        ? createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength })
        : chachaDecipher(key, nonce)
    case 'aes-ccm':
      return hasCcm
        ? createDecipheriv(nameFor(ccmNames, key), key, nonce, { authTagLength })
        : ccmDecipher({ family: 'aes', key, nonce, tagLength: authTagLength })
    case 'camellia-ccm':
      return ccmDecipher({ family: 'camellia', key, nonce, tagLength: authTagLength })
  }
}
