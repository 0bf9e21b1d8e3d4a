/** Key pairs for encryption alone, which IKEv1's authentication by public-key encryption takes (RFC 2409 sections 5.2 and 5.3). */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { createDecryptionKey, createEncryptionKey } from '../host/crypto/rsa-encryption.ts'
import type { DecryptionKey, EncryptionKey } from '../ports.ts'

/** A public key in PEM (SubjectPublicKeyInfo); undefined for what is none, and for what is not RSA of 2,048 bits at least. */
export function loadEncryptionKey(pem: string): EncryptionKey | undefined {
  if (!pem.includes('-----BEGIN PUBLIC KEY-----')) return undefined
  const key = tryTo(() => createPublicKey(pem))
  return key === undefined ? undefined : createEncryptionKey(key)
}

/** A private key in PEM, not encrypted; undefined as above. The caller wipes the bytes. */
export function loadDecryptionKey(pem: Uint8Array): DecryptionKey | undefined {
  const key = tryTo(() =>
    createPrivateKey({ key: Buffer.from(pem.buffer, pem.byteOffset, pem.length), format: 'pem' }),
  )
  return key === undefined ? undefined : createDecryptionKey(key)
}

/** Whether a private key is also that of a certificate or another key, by its SubjectPublicKeyInfo: then it may sign. */
export function isPairOf(pem: Uint8Array, spki: Uint8Array): boolean {
  const key = tryTo(() =>
    createPublicKey({ key: Buffer.from(pem.buffer, pem.byteOffset, pem.length), format: 'pem' }),
  )
  return key !== undefined && Buffer.from(spki).equals(key.export({ type: 'spki', format: 'der' }))
}

/** OpenSSL's own words may quote the input, and go nowhere. */
function tryTo(read: () => KeyObject): KeyObject | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
