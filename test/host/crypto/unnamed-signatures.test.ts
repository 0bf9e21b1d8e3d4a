import { generateKeyPairSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createSigningKey, createVerifyingKey } from '../../../src-main/host/crypto/signatures.ts'
import type { SignatureScheme } from '../../../src-main/ports.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' })
const unnamed: SignatureScheme = { kind: 'rsa-pkcs1-unnamed' }
const prehashed: SignatureScheme = { kind: 'ecdsa-prehashed' }
const hash = new Uint8Array(48).fill(7)

const both = ({ privateKey, publicKey }: { privateKey: KeyObject; publicKey: KeyObject }) => {
  const signing = createSigningKey(privateKey)
  const verifying = createVerifyingKey(publicKey.export({ format: 'der', type: 'spki' }))
  if (signing === undefined || verifying === undefined) throw new Error('keys')
  return { signing, verifying }
}

describe("IKEv1's signatures over a hash", () => {
  it.each([
    ['RSA', rsa, unnamed, 256],
    ['ECDSA P-384', p384, prehashed, 96],
    ['ECDSA P-521', p521, prehashed, 132],
  ] as const)(
    '%s: what one end signs, the other verifies, and nothing else',
    (_name, pair, scheme, length) => {
      const { signing, verifying } = both(pair)
      const signature = signing.sign(scheme, hash)
      expect(signature).toHaveLength(length)
      expect(verifying.verify(scheme, hash, signature)).toBe(true)
      const other = hash.slice()
      other.set([8], 47)
      expect(verifying.verify(scheme, other, signature)).toBe(false)
      for (const place of [0, 40, length - 1]) {
        const forged = signature.slice()
        forged.set([(forged[place] ?? 0) ^ 1], place)
        expect(verifying.verify(scheme, hash, forged)).toBe(false)
      }
      expect(verifying.verify(scheme, hash, signature.subarray(1))).toBe(false)
    },
  )

  it('is what the common ECDSA signature is when the hash is made before', () => {
    const { signing, verifying } = both(generateKeyPairSync('ec', { namedCurve: 'P-256' }))
    const text = new TextEncoder().encode('text')
    const signature = signing.sign({ kind: 'ecdsa', hash: 'sha256', encoding: 'raw' }, text)
    const digest = Uint8Array.from(
      Buffer.from('982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1', 'hex'),
    )
    expect(verifying.verify(prehashed, digest, signature)).toBe(true)
  })

  it('does not go with keys of another type', () => {
    const { signing, verifying } = both(rsa)
    expect(() => signing.sign(prehashed, hash)).toThrow(TypeError)
    expect(verifying.verify(prehashed, hash, new Uint8Array(96))).toBe(false)
    expect(both(p384).verifying.verify(unnamed, hash, new Uint8Array(256))).toBe(false)
  })
})
