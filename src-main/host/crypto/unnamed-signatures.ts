/**
 * IKEv1's signatures over bytes that are a hash already. RSA: PKCS #1 block type 1 with no identifier of the hash (RFC 2409
 * section 5.1). ECDSA: r and s side by side (RFC 4754 section 7), which node:crypto makes only together with a hash.
 */
import { constants, privateEncrypt, publicDecrypt, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { p256, p384, p521 } from '@noble/curves/nist.js'
import type { KeyType } from '../../ports.ts'
import { plain } from './plain.ts'

export type UnnamedSchemeName = 'rsa-pkcs1-unnamed' | 'ecdsa-prehashed'

const curveOf = (type: KeyType) => {
  switch (type) {
    case 'ecdsa-p256':
      return p256
    case 'ecdsa-p384':
      return p384
    case 'ecdsa-p521':
      return p521
    case 'rsa':
    case 'ed25519':
      return undefined
  }
}

/** The hash goes in as it is, and any s is as good as its negative. */
const asGiven = { prehash: false, lowS: false } as const

/** The signature over the hash; throws TypeError for a key of another type. */
export function signHash(
  type: KeyType,
  key: KeyObject,
  scheme: UnnamedSchemeName,
  hash: Uint8Array,
): Uint8Array {
  if (scheme === 'rsa-pkcs1-unnamed' && type === 'rsa') {
    return plain(privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, hash))
  }
  const curve = scheme === 'ecdsa-prehashed' ? curveOf(type) : undefined
  const scalar = curve === undefined ? undefined : key.export({ format: 'jwk' }).d
  if (curve === undefined || scalar === undefined)
    throw new TypeError(`a key of type ${type} makes no ${scheme} signature`)
  const secret = Buffer.from(scalar, 'base64url')
  const signature = curve.sign(hash, secret, asGiven)
  secret.fill(0)
  return signature
}

/** False for any mismatch, also of scheme and key type. */
export function verifyHash(
  type: KeyType,
  key: KeyObject,
  scheme: UnnamedSchemeName,
  hash: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (scheme === 'rsa-pkcs1-unnamed') return type === 'rsa' && verifyRsa(key, hash, signature)
  const curve = curveOf(type)
  if (curve === undefined) return false
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.of(0x04), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  try {
    return curve.verify(signature, hash, point, asGiven)
  } catch {
    // A signature of another length, or with r or s out of range, is an error to the library and a mismatch to us.
    return false
  }
}

function verifyRsa(key: KeyObject, hash: Uint8Array, signature: Uint8Array): boolean {
  try {
    const opened = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature)
    return opened.length === hash.length && timingSafeEqual(opened, hash)
  } catch {
    // Padding that is none is OpenSSL's error and a mismatch.
    return false
  }
}
