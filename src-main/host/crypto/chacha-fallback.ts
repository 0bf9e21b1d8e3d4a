/**
 * ChaCha20-Poly1305 (RFC 8439) of @noble/ciphers, shaped as node:crypto's objects are, for BoringSSL, which has it but does not give
 * it to Node. A message goes through `update` as a whole.
 */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import type { Combined, CombinedOpening } from './combined.ts'

const TAG_LENGTH = 16

export function chachaCipher(key: Uint8Array, nonce: Uint8Array): Combined {
  let associated = new Uint8Array(0)
  let tag = new Uint8Array(0)
  return {
    setAAD: (data) => (associated = data.slice()),
    update(plaintext) {
      const sealed = chacha20poly1305(key, nonce, associated).encrypt(plaintext)
      tag = sealed.slice(plaintext.length)
      return sealed.subarray(0, plaintext.length)
    },
    final: () => undefined,
    getAuthTag: () => tag,
  }
}

export function chachaDecipher(key: Uint8Array, nonce: Uint8Array): CombinedOpening {
  let associated = new Uint8Array(0)
  let tag = new Uint8Array(0)
  let isGenuine = false
  return {
    setAAD: (data) => (associated = data.slice()),
    setAuthTag: (data) => (tag = data.slice()),
    update(ciphertext) {
      const sealed = new Uint8Array(ciphertext.length + TAG_LENGTH)
      sealed.set(ciphertext)
      sealed.set(tag, ciphertext.length)
      try {
        const plaintext = chacha20poly1305(key, nonce, associated).decrypt(sealed)
        isGenuine = true
        return plaintext
      } catch {
        // `final` tells, as with node:crypto.
        return new Uint8Array(ciphertext.length)
      }
    },
    final() {
      if (!isGenuine) throw new Error('the tag does not fit')
    },
  }
}
