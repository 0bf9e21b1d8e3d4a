import { createCipheriv, createDecipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chachaCipher, chachaDecipher } from '../../../src-main/host/crypto/chacha-fallback.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const message = fc.uint8Array({ maxLength: 300 })

describe('ChaCha20-Poly1305 without OpenSSL', () => {
  it('seals as OpenSSL does', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), message, message, (key, nonce, associated, plaintext) => {
        const reference = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 })
        reference.setAAD(associated, { plaintextLength: plaintext.length })
        const expected = Buffer.concat([
          reference.update(plaintext),
          reference.final(),
          reference.getAuthTag(),
        ])
        const cipher = chachaCipher(key, nonce)
        cipher.setAAD(associated, { plaintextLength: 0 })
        const ciphertext = cipher.update(plaintext)
        cipher.final()
        expect(Buffer.concat([ciphertext, cipher.getAuthTag()])).toEqual(expected)

        const opening = chachaDecipher(key, nonce)
        opening.setAAD(associated, { plaintextLength: 0 })
        opening.setAuthTag(cipher.getAuthTag())
        expect(Buffer.from(opening.update(ciphertext))).toEqual(Buffer.from(plaintext))
        opening.final()
      }),
      { numRuns: 50 },
    )
  })

  it('refuses a tag that does not fit, as OpenSSL does', () => {
    const [key, nonce] = [new Uint8Array(32), new Uint8Array(12)]
    for (const decipher of [
      chachaDecipher(key, nonce),
      createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: 16 }),
    ]) {
      decipher.setAuthTag(new Uint8Array(16))
      decipher.update(Uint8Array.of(1, 2, 3))
      expect(() => decipher.final()).toThrow()
    }
  })
})
