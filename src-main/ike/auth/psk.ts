/** Authentication by a shared secret (RFC 7296 section 2.15), also with the key that EAP gives (section 2.16). */
import type { Crypto } from '../../ports.ts'

/** The IKE SA's negotiated prf; its data parts are taken as one string. */
export type Prf = (key: Uint8Array, ...data: readonly Uint8Array[]) => Uint8Array

// RFC 7296 section 2.15: 17 ASCII characters without null termination.
const KEY_PAD = Uint8Array.from('Key Pad for IKEv2', (character) => character.charCodeAt(0))

/** prf(secret, "Key Pad for IKEv2"): all that is needed of a secret, once the prf is known. The caller wipes it. */
export const padSecret = (prf: Prf, secret: Uint8Array): Uint8Array => prf(secret, KEY_PAD)

/**
 * The data of an AUTH payload with method 2, Shared Key Message Integrity Code.
 * `secret`: the pre-shared key; after EAP the MSK, or SK_pi and SK_pr when the method makes no key (RFC 7296 section 2.16).
 * `octets`: the signed octets of the side whose AUTH it is.
 */
export function pskAuthentication(prf: Prf, secret: Uint8Array, octets: Uint8Array): Uint8Array {
  const padded = padSecret(prf, secret)
  const data = prf(padded, octets)
  padded.fill(0)
  return data
}

/** Whether this is the AUTH data that the secret gives; compared in constant time. */
export function verifyPskAuthentication(
  crypto: Pick<Crypto, 'equal'>,
  prf: Prf,
  secret: Uint8Array,
  octets: Uint8Array,
  data: Uint8Array,
): boolean {
  return isSameAuthentication(crypto, pskAuthentication(prf, secret, octets), data)
}

/** In constant time for data of the right length. */
export const isSameAuthentication = (
  crypto: Pick<Crypto, 'equal'>,
  expected: Uint8Array,
  data: Uint8Array,
): boolean => data.length === expected.length && crypto.equal(expected, data)
