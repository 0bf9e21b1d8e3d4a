/** CMS SignedData (RFC 5652): what it holds, who signed it, and whether the signature fits. PKCS#7 certificate bundles come this way too. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { HashName } from '../../src-shared/algorithms.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import type { SignatureScheme } from '../ports.ts'
import { DecodeError, decode, encode } from '../wire/codec.ts'
import type { Decoded } from '../wire/codec.ts'
import { SEQUENCE, SET, element } from '../wire/der.ts'
import { rest } from '../wire/sequences.ts'
import { toHex } from '../wire/text.ts'
import { OCTET_STRING } from './asn1.ts'
import { derFromBer } from './ber.ts'
import { algorithmIdentifier, signedFormat } from './certificate-format.ts'
import { parseCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { schemeOf } from './certificate-signature.ts'
import { Pkcs7Id, attributes, contentInfo, issuerAndSerial, signedData } from './pkcs7-format.ts'
import { readPublicKey } from './public-key.ts'

/** `weak`: SHA-1 or MD5; `no-certificate`: the signer's certificate is not in the message. */
export type SignatureStanding = 'valid' | 'invalid' | 'weak' | 'unknown-algorithm' | 'no-certificate'

export interface Signer {
  /** Absent when the message does not carry it, or it cannot be read. */
  readonly certificate?: Certificate
  readonly standing: SignatureStanding
}

export interface SignedMessage {
  /** Absent in detached signatures and in bundles of certificates. */
  readonly content?: Uint8Array
  /** DER, in the order of the message. */
  readonly certificates: readonly Uint8Array[]
  readonly signers: readonly Signer[]
}

const MOST_BYTES = 16_777_216

type SignerInfo = Decoded<typeof signedData>['signers'][number]

const hashes: ReadonlyMap<string, HashName> = new Map([
  ['2a864886f70d0205', 'md5'],
  ['2b0e03021a', 'sha1'],
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
])

const RSA_ENCRYPTION = '2a864886f70d010101'
const EC_PUBLIC_KEY = '2a8648ce3d0201'

/** Whether the bytes are CMS SignedData by their first fields; nothing else is looked at. */
export function looksLikeSignedData(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x30) return false
  const head = toHex(bytes.subarray(0, 24))
  return head.includes(`0609${Pkcs7Id.SIGNED_DATA}`)
}

/** RFC 5754 section 3: the signature's algorithm may name the key alone; then the digest's algorithm completes it. */
function schemeOfSigner(signer: SignerInfo): SignatureScheme | undefined {
  const { algorithm } = decode(algorithmIdentifier, signer.algorithm)
  const hash = hashes.get(signer.digest.algorithm)
  if (algorithm === RSA_ENCRYPTION) return hash === undefined ? undefined : { kind: 'rsa-pkcs1', hash }
  if (algorithm === EC_PUBLIC_KEY)
    return hash === undefined ? undefined : { kind: 'ecdsa', hash, encoding: 'der' }
  return schemeOf(signer.algorithm)
}

/** RFC 5652 section 5.4: what was signed is the content, or the attributes, one of which is the content's digest. */
function signedBytes(signer: SignerInfo, content: Uint8Array): Uint8Array | undefined {
  if (signer.signedAttributes === undefined) return content
  const hash = hashes.get(signer.digest.algorithm)
  const digest = decode(attributes, signer.signedAttributes).find(
    ({ type }) => type === Pkcs7Id.MESSAGE_DIGEST,
  )
  if (hash === undefined || digest === undefined) return undefined
  const said = decode(element(OCTET_STRING, rest), digest.values)
  const is = createHash(hash).update(content).digest()
  if (said.length !== is.length || !timingSafeEqual(said, is)) return undefined
  // "a separate encoding of the signedAttrs field … an explicit SET OF tag is used"
  return encode(element(SET, rest), signer.signedAttributes)
}

/** Throws DecodeError. */
function certificateOf(signer: SignerInfo, candidates: readonly Certificate[]): Certificate | undefined {
  if (signer.signer.tag === 0x80) {
    const identifier = toHex(signer.signer.content)
    return candidates.find(({ subjectKeyId }) => subjectKeyId === identifier)
  }
  if (signer.signer.tag !== SEQUENCE) return undefined
  const { issuer, serial } = decode(issuerAndSerial, signer.signer.content)
  return candidates.find(
    (candidate) =>
      toHex(candidate.issuerDer) === toHex(issuer) &&
      toHex(decode(signedFormat, candidate.signed).serialNumber) === toHex(serial),
  )
}

function standingOf(
  signer: SignerInfo,
  content: Uint8Array,
  certificate: Certificate | undefined,
): SignatureStanding {
  if (certificate === undefined) return 'no-certificate'
  const scheme = schemeOfSigner(signer)
  const key = readPublicKey(certificate.spki)
  if (scheme === undefined || !key.ok) return 'unknown-algorithm'
  const bytes = signedBytes(signer, content)
  if (bytes === undefined || !key.value.verify(scheme, bytes, signer.signature)) return 'invalid'
  const isWeak = 'hash' in scheme && (scheme.hash === 'sha1' || scheme.hash === 'md5')
  return isWeak ? 'weak' : 'valid'
}

/**
 * The parts of a signed message, copies of their own. That a signature is valid says that this certificate's key made it;
 * whether the certificate is to be trusted is not looked at. The error says what is wrong, for people.
 */
export function readSignedData(bytes: Uint8Array): Result<SignedMessage, string> {
  if (bytes.length > MOST_BYTES) return fail('it is too large')
  try {
    const { type, content: inner } = decode(contentInfo, derFromBer(bytes))
    if (type !== Pkcs7Id.SIGNED_DATA) return fail('it is not signed data')
    const message = decode(signedData, inner)
    const content = message.content.content
    const ders = (message.certificates ?? []).map((der) => der.slice())
    const parsed = ders.flatMap((der) => {
      const certificate = parseCertificate(der)
      return certificate.ok ? [certificate.value] : []
    })
    const signers = message.signers.map((signer): Signer => {
      const certificate = certificateOf(signer, parsed)
      const standing = standingOf(signer, content ?? new Uint8Array(0), certificate)
      return { standing, ...(certificate === undefined ? {} : { certificate }) }
    })
    return ok({ certificates: ders, signers, ...(content === undefined ? {} : { content: content.slice() }) })
  } catch (error) {
    if (error instanceof DecodeError) return fail(`it is damaged (${error.message})`)
    throw error
  }
}
