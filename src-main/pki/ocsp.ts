/** OCSP: what is asked of a responder, and whether its answer counts and what it says (RFC 6960). */
import { createHash } from 'node:crypto'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { comparableName } from '../ike/distinguished-name.ts'
import { DecodeError, decode, encode } from '../wire/codec.ts'
import type { Decoded } from '../wire/codec.ts'
import { fromHex, toHex } from '../wire/text.ts'
import { KeyUsageBit, publicKeyInfo } from './certificate-format.ts'
import { checkSignature } from './certificate-signature.ts'
import type { SignatureVerdict } from './certificate-signature.ts'
import { mayHaveIssued, parseCertificate } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { CLOCK_TOLERANCE_MS } from './crl.ts'
import { readPublicKey } from './public-key.ts'
import {
  OcspId,
  ResponderTag,
  SHA1_IDENTIFIER,
  StatusTag,
  basicResponse,
  keyHash,
  nonce as nonceFormat,
  ocspRequest,
  ocspResponse,
  responseData,
  revokedInfo,
} from './ocsp-format.ts'
import type { CertificateId } from './ocsp-format.ts'

/** What an authority says of one certificate; `until`: when it says so anew, milliseconds since 1970. */
export type Standing =
  | { readonly kind: 'good'; readonly until: number }
  | {
      readonly kind: 'revoked'
      readonly at: number
      readonly reason: number | undefined
      readonly until: number
    }
  /** It does not know this certificate, which it should have issued. */
  | { readonly kind: 'unknown'; readonly until: number }

const sha1 = (bytes: Uint8Array): Uint8Array => createHash('sha1').update(bytes).digest()

/** Of the key's bits, without algorithm (section 4.1.1). Throws DecodeError. */
const keyHashOf = ({ spki }: Certificate): Uint8Array => sha1(decode(publicKeyInfo, spki).key)

/** Throws DecodeError. */
const idOf = (certificate: Certificate, issuer: Certificate): CertificateId => ({
  hash: fromHex(SHA1_IDENTIFIER) ?? new Uint8Array(0),
  issuerName: sha1(issuer.subjectDer),
  issuerKey: keyHashOf(issuer),
  serialNumber: fromHex(certificate.serialNumber) ?? new Uint8Array(0),
})

/** The request in DER. `nonce`: 32 random bytes (RFC 9654 section 2.1). */
export const makeOcspRequest = (
  certificate: Certificate,
  issuer: Certificate,
  nonce: Uint8Array,
): Uint8Array =>
  encode(ocspRequest, {
    signed: {
      requests: [{ id: idOf(certificate, issuer), extensions: undefined }],
      extensions: [{ id: OcspId.NONCE, critical: undefined, value: encode(nonceFormat, nonce) }],
    },
    signature: undefined,
  })

/** Section 4.2.1. */
const statuses: ReadonlyMap<number, string> = new Map([
  [1, 'it did not understand the question'],
  [2, 'it has trouble of its own'],
  [3, 'it has no time now'],
  [5, 'it answers signed questions only'],
  [6, 'it does not answer for this authority'],
])

type ResponseData = Decoded<typeof responseData>

const equal = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** NULL parameters may be left out (RFC 5754 section 2). */
const SHA1_OBJECT = '06052b0e03021a'
const isSameId = (a: CertificateId, b: CertificateId): boolean =>
  toHex(a.hash).includes(SHA1_OBJECT) &&
  equal(a.issuerName, b.issuerName) &&
  equal(a.issuerKey, b.issuerKey) &&
  equal(a.serialNumber, b.serialNumber)

/** Whether this certificate is the responder that the answer names. Throws DecodeError. */
function isNamed(certificate: Certificate, { responder }: ResponseData): boolean {
  switch (responder.tag) {
    case ResponderTag.NAME:
      return comparableName(responder.content) === certificate.subjectKey
    case ResponderTag.KEY:
      return equal(decode(keyHash, responder.content), keyHashOf(certificate))
  }
  return false
}

/** Why a certificate that came with the answer may not sign for the authority (section 4.2.2.2). */
function delegateProblem(delegate: Certificate, issuer: Certificate, at: number): string | undefined {
  const key = readPublicKey(issuer.spki)
  if (!key.ok) return `its authority has ${key.error}`
  // "issued directly by the CA that is identified in the request"
  if (!mayHaveIssued(issuer, delegate) || checkSignature(delegate, key.value) !== 'valid')
    return 'its signer was not appointed by the authority'
  if (delegate.extendedKeyUsage?.includes(OcspId.SIGNING) !== true)
    return 'its signer may not sign such answers'
  if (delegate.keyUsage !== undefined && !delegate.keyUsage.has(KeyUsageBit.DIGITAL_SIGNATURE))
    return 'its signer may not sign'
  if (at < delegate.notBefore || at > delegate.notAfter) return "its signer's certificate is not in date"
  return delegate.unknownCritical.length > 0
    ? "its signer's certificate demands an extension that is not supported"
    : undefined
}

const verdicts: Readonly<Record<Exclude<SignatureVerdict, 'valid'>, string>> = {
  invalid: 'its signature is wrong',
  weak: 'it is signed with SHA-1',
  'unknown-algorithm': 'it is signed in a way that is not supported',
}

type Basic = Decoded<typeof basicResponse>

/** What is wrong with the answer's signer and signature. Throws DecodeError. */
function signerProblem(
  basic: Basic,
  data: ResponseData,
  issuer: Certificate,
  at: number,
): string | undefined {
  const signer = isNamed(issuer, data)
    ? issuer
    : (basic.certificates ?? []).flatMap((der) => {
        const certificate = parseCertificate(der)
        return certificate.ok && isNamed(certificate.value, data) ? [certificate.value] : []
      })[0]
  if (signer === undefined) return 'nobody knows who signed it'
  const problem = signer === issuer ? undefined : delegateProblem(signer, issuer, at)
  if (problem !== undefined) return problem
  const key = readPublicKey(signer.spki)
  if (!key.ok) return `its signer has ${key.error}`
  const { signed, algorithm, signature } = basic
  const verdict = checkSignature({ signed, signatureAlgorithm: algorithm, signature }, key.value)
  return verdict === 'valid' ? undefined : verdicts[verdict]
}

/** Without a word on how long it counts, newer answers are to be had at any time (section 2.4). */
const DEFAULT_AGE_MS = 3_600_000

/** Section 3.2 (5) and (6), 4.2.2.1. */
function timeProblem(thisUpdate: number, until: number, at: number): string | undefined {
  if (thisUpdate > at + CLOCK_TOLERANCE_MS) return 'it counts only from a later time on'
  return until < at - CLOCK_TOLERANCE_MS ? `it counted until ${new Date(until).toISOString()}` : undefined
}

export interface OcspQuestion {
  readonly certificate: Certificate
  readonly issuer: Certificate
  /** Milliseconds since 1970. */
  readonly at: number
  /** What was sent; absent for an answer that was kept. */
  readonly nonce?: Uint8Array
}

/** Throws DecodeError. */
function read(der: Uint8Array, { certificate, issuer, at, nonce }: OcspQuestion): Standing | string {
  const { status, bytes } = decode(ocspResponse, der)
  if (status !== 0) return statuses.get(status) ?? `it answered with the status ${status}`
  if (bytes?.type !== OcspId.BASIC) return 'it answers in a way that is not supported'
  const basic = decode(basicResponse, bytes.response)
  const data = decode(responseData, basic.signed)
  const problem = signerProblem(basic, data, issuer, at)
  if (problem !== undefined) return problem
  const all = data.extensions ?? []
  const unknown = all.find(({ id, critical }) => critical === true && id !== OcspId.NONCE)
  if (unknown !== undefined) return `it demands an extension that is not supported (${unknown.id})`
  const echoed = all.find(({ id }) => id === OcspId.NONCE)
  // RFC 9654 section 2.1: one that is there has to be ours; responders that sign ahead leave it out.
  if (nonce !== undefined && echoed !== undefined && !equal(decode(nonceFormat, echoed.value), nonce))
    return 'it answers another question'
  const id = idOf(certificate, issuer)
  const single = data.responses.find((response) => isSameId(response.id, id))
  if (single === undefined) return 'it speaks of another certificate'
  if ((single.extensions ?? []).some(({ critical }) => critical === true))
    return 'it demands an extension that is not supported'
  const until = single.nextUpdate ?? single.thisUpdate + DEFAULT_AGE_MS
  const late = timeProblem(single.thisUpdate, until, at)
  if (late !== undefined) return late
  switch (single.status.tag) {
    case StatusTag.GOOD:
      return { kind: 'good', until }
    case StatusTag.UNKNOWN:
      return { kind: 'unknown', until }
    case StatusTag.REVOKED: {
      const { time, reason } = decode(revokedInfo, single.status.content)
      return { kind: 'revoked', at: time, reason, until }
    }
  }
  return 'it says nothing that is understood'
}

/** What an answer says of the certificate; the error is a clause for people about the answer. Never throws. */
export function readOcspResponse(der: Uint8Array, question: OcspQuestion): Result<Standing, string> {
  try {
    const found = read(der, question)
    return typeof found === 'string' ? fail(found) : ok(found)
  } catch (error) {
    if (error instanceof DecodeError) return fail(`it is not an answer of OCSP (${error.message})`)
    throw error
  }
}
