/**
 * Public keys of certificates. What the key is gets read from its bytes before any crypto library sees it: a library may
 * crash on types it does not know, and what it accepts differs between Node and Electron.
 */
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { createVerifyingKey } from '../host/crypto/signatures.ts'
import type { VerifyingKey } from '../ports.ts'
import { DecodeError, decode } from '../wire/codec.ts'
import { toHex } from '../wire/text.ts'
import { publicKeyInfo, rsaPublicKey } from './certificate-format.ts'

const RSA = '2a864886f70d010101'
const ED25519 = '2b6570'
const EC = '2a8648ce3d0201'

/** Named curves (RFC 5480 section 2.1.1.1) as parameters in DER. */
const curves: ReadonlyMap<string, { readonly name: string; readonly octets: number }> = new Map([
  ['06082a8648ce3d030107', { name: 'P-256', octets: 32 }],
  ['06052b81040022', { name: 'P-384', octets: 48 }],
  ['06052b81040023', { name: 'P-521', octets: 66 }],
])

/** RFC 8247 section 4.1.1: 2048 bits at least; longer than 8192 is only work for us. */
const RSA_BITS = { least: 2048, most: 8192 } as const

/** What is wrong with this RSA key, if anything. */
function rsaProblem(key: Uint8Array): string | undefined {
  const { modulus, exponent } = decode(rsaPublicKey, key)
  const n = BigInt(`0x0${toHex(modulus)}`)
  const e = BigInt(`0x0${toHex(exponent)}`)
  const bits = n.toString(2).length
  if ((modulus[0] ?? 0x80) >= 0x80 || (exponent[0] ?? 0x80) >= 0x80)
    return 'an RSA key with a negative number'
  if (bits < RSA_BITS.least) return `an RSA key of ${bits} bits, fewer than ${RSA_BITS.least}`
  if (bits > RSA_BITS.most) return `an RSA key of ${bits} bits, more than ${RSA_BITS.most}`
  // CVE-2018-16151: small exponents turn lenient padding checks into forgeries. FIPS 186-5 section 5.4: odd, above 2^16.
  if (e < 65_537n || e % 2n === 0n || e >= 1n << 64n)
    return `an RSA key with the exponent ${e.toString().slice(0, 24)}`
  return undefined
}

/** What is wrong with the key, if anything. Throws DecodeError. */
function problemOf(spki: Uint8Array): string | undefined {
  const { algorithm, key } = decode(publicKeyInfo, spki)
  switch (algorithm.algorithm) {
    case RSA:
      return rsaProblem(key)
    case EC: {
      const curve = curves.get(toHex(algorithm.parameters))
      if (curve === undefined) return 'a key on an elliptic curve that is not supported'
      // RFC 5480 section 2.2: uncompressed points.
      return key[0] === 4 && key.length === 1 + 2 * curve.octets ? undefined : `a damaged ${curve.name} key`
    }
    case ED25519:
      return key.length === 32 && algorithm.parameters.length === 0 ? undefined : 'a damaged Ed25519 key'
  }
  return 'a key of a type that is not supported'
}

/** The key of a SubjectPublicKeyInfo. The error says what is wrong with it, for people. */
export function readPublicKey(spki: Uint8Array): Result<VerifyingKey, string> {
  try {
    const problem = problemOf(spki)
    if (problem !== undefined) return fail(problem)
  } catch (error) {
    if (error instanceof DecodeError) return fail('a damaged key')
    throw error
  }
  const key = createVerifyingKey(spki)
  return key === undefined ? fail('a damaged key') : ok(key)
}
