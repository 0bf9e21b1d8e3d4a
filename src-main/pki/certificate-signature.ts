/** Whether one certificate's key has signed another certificate (RFC 5280 section 6.1.3, algorithms of RFC 4055, 5758, 8410). */
import { signatureAlgorithms } from '../ike/auth/signature-algorithms.ts'
import type { HashName } from '../../src-shared/algorithms.ts'
import type { SignatureScheme, VerifyingKey } from '../ports.ts'
import { DecodeError, decode, struct } from '../wire/codec.ts'
import { element } from '../wire/der.ts'
import { rest } from '../wire/sequences.ts'
import { toHex } from '../wire/text.ts'
import { INTEGER, countContent, optional, sequence } from './asn1.ts'
import { algorithmIdentifier } from './certificate-format.ts'
import type { Certificate } from './certificate.ts'

const RSA_PSS = '2a864886f70d01010a'
const MGF1 = '2a864886f70d010108'
const hashes: ReadonlyMap<string, HashName> = new Map([
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
])

/*
 * RSASSA-PSS-params ::= SEQUENCE { [0] hashAlgorithm DEFAULT sha1, [1] maskGenAlgorithm DEFAULT mgf1SHA1,
 *   [2] saltLength INTEGER DEFAULT 20, [3] trailerField INTEGER DEFAULT 1 }   (RFC 4055 section 3.1)
 */
const pssParameters = sequence(
  struct({
    hash: optional(0xa0, algorithmIdentifier),
    mask: optional(0xa1, sequence(struct({ algorithm: element(0x06, rest), hash: algorithmIdentifier }))),
    salt: optional(0xa2, element(INTEGER, countContent)),
    trailer: optional(0xa3, element(INTEGER, countContent)),
  }),
)

/** Certificates may have salts of other lengths than IKE's table has, so these parameters are read. */
function pssScheme(parameters: Uint8Array): SignatureScheme | undefined {
  const { hash, mask, salt, trailer } = decode(pssParameters, parameters)
  // Absent means SHA-1, which is not accepted.
  const name = hash && hashes.get(hash.algorithm)
  const isOneHash =
    mask !== undefined && toHex(mask.algorithm) === MGF1 && mask.hash.algorithm === hash?.algorithm
  if (name === undefined || !isOneHash || (trailer ?? 1) !== 1 || (salt ?? 20) > 512) return undefined
  return { kind: 'rsa-pss', hash: name, saltLength: salt ?? 20 }
}

/** The scheme of an AlgorithmIdentifier in DER; undefined for one that is not supported. Throws DecodeError. */
export function schemeOf(identifier: Uint8Array): SignatureScheme | undefined {
  const { algorithm, parameters } = decode(algorithmIdentifier, identifier)
  if (algorithm === RSA_PSS) return pssScheme(parameters)
  const text = toHex(identifier)
  const known = signatureAlgorithms.find(({ identifiers }) => identifiers.some((one) => toHex(one) === text))
  return known?.scheme
}

/** A certificate, a list of revoked ones, or an OCSP response. */
export type Signed = Pick<Certificate, 'signed' | 'signatureAlgorithm' | 'signature'>

export type SignatureVerdict = 'valid' | 'invalid' | 'weak' | 'unknown-algorithm'

/** Never throws. `weak`: SHA-1, which no longer binds a signature to what was signed. */
export function checkSignature(subject: Signed, issuerKey: VerifyingKey): SignatureVerdict {
  try {
    const scheme = schemeOf(subject.signatureAlgorithm)
    if (scheme === undefined) return 'unknown-algorithm'
    if ('hash' in scheme && scheme.hash === 'sha1') return 'weak'
    return issuerKey.verify(scheme, subject.signed, subject.signature) ? 'valid' : 'invalid'
  } catch (error) {
    if (error instanceof DecodeError) return 'unknown-algorithm'
    throw error
  }
}
