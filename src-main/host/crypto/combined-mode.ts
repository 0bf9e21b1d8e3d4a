/** Combined-mode ciphers of node:crypto, one object a message; ChaCha20-Poly1305 of another library where Node has none. */
import { createCipheriv, createDecipheriv, getCiphers } from 'node:crypto'
import type { EncryptionName } from '../../../src-shared/algorithms.ts'
import type { Combined, CombinedOpening } from './combined.ts'
import { chachaCipher, chachaDecipher } from './chacha-fallback.ts'

export type CombinedName = Extract<EncryptionName, 'aes-gcm-16' | 'chacha20-poly1305'>

const hasChaCha = getCiphers().includes('chacha20-poly1305')

const tag16 = { authTagLength: 16 }

const gcmNames: ReadonlyMap<number, 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'> = new Map([
  [16, 'aes-128-gcm'],
  [24, 'aes-192-gcm'],
  [32, 'aes-256-gcm'],
])

function gcmName(key: Uint8Array): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  const name = gcmNames.get(key.length)
  if (name === undefined) throw new RangeError(`AES has no keys of ${key.length} bytes`)
  return name
}

/** `nonce`: 12 bytes. With the tag's length given, node skips a search for its options: a third of the time of a packet. */
export const combinedCipher = (name: CombinedName, key: Uint8Array, nonce: Uint8Array): Combined => {
  switch (name) {
    case 'aes-gcm-16':
      return createCipheriv(gcmName(key), key, nonce, tag16)
    case 'chacha20-poly1305':
      return hasChaCha ? createCipheriv('chacha20-poly1305', key, nonce, tag16) : chachaCipher(key, nonce)
  }
}

export const combinedDecipher = (name: CombinedName, key: Uint8Array, nonce: Uint8Array): CombinedOpening => {
  switch (name) {
    case 'aes-gcm-16':
      return createDecipheriv(gcmName(key), key, nonce, tag16)
    case 'chacha20-poly1305':
      return hasChaCha ? createDecipheriv('chacha20-poly1305', key, nonce, tag16) : chachaDecipher(key, nonce)
  }
}
