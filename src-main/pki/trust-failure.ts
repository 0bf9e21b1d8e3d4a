/** Why a certificate is not trusted, with what a person needs to know of it. */
import type { CertificateFailure, Identity } from '../ports.ts'
import { formatIdentity } from '../ike/identity.ts'
import { mayHaveIssued } from './certificate.ts'
import type { Certificate } from './certificate.ts'
import { reasonText } from './crl-format.ts'
import { describeNames } from './identity-match.ts'

export interface TrustFailure {
  readonly code: CertificateFailure
  /** `certificate` names which one, `check` what it did not pass, in words. */
  readonly details: Readonly<Record<string, string>>
}

const day = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z')

const titleOf = (certificate: Certificate): string => certificate.subject || describeNames(certificate)

/** The check that one certificate of the chain does not pass. */
export const unsuitable = (certificate: Certificate, reason: string): TrustFailure => ({
  code: 'certificate-unsuitable',
  details: { certificate: titleOf(certificate), reason, check: reason },
})

/** No way leads to an authority; `issuer` is the one that is missing. */
export function untrusted(endEntity: Certificate, others: readonly Certificate[]): TrustFailure {
  let last = endEntity
  // As many steps as there are certificates: they may name each other.
  for (const _ of others) last = others.find((other) => other !== last && mayHaveIssued(other, last)) ?? last
  return {
    code: 'certificate-untrusted',
    details: {
      certificate: titleOf(endEntity),
      issuer: last.issuer,
      pin: endEntity.pin,
      check:
        last.issuer === last.subject
          ? 'it is self-signed and not trusted itself'
          : 'its authority is not trusted',
    },
  }
}

export const notReadable = (problem: string): TrustFailure => ({
  code: 'certificate-unsuitable',
  details: { certificate: 'the first certificate', reason: problem, check: problem },
})

export const noCertificate: TrustFailure = {
  code: 'certificate-untrusted',
  details: { check: 'no certificate was sent' },
}

/** Not in date at this time; undefined when it is. */
export function outOfDate(certificate: Certificate, at: number): TrustFailure | undefined {
  const { notBefore, notAfter } = certificate
  if (at >= notBefore && at <= notAfter) return undefined
  const common = { certificate: titleOf(certificate), now: day(at) }
  return {
    code: 'certificate-expired',
    details:
      at < notBefore
        ? { ...common, from: day(notBefore), check: `it is valid only from ${day(notBefore)}` }
        : { ...common, until: day(notAfter), check: `it was valid until ${day(notAfter)}` },
  }
}

export const wrongName = (certificate: Certificate, identity: Identity): TrustFailure => ({
  code: 'certificate-wrong-name',
  details: {
    certificate: titleOf(certificate),
    expected: formatIdentity(identity),
    names: describeNames(certificate),
    check: 'it does not name this identity',
  },
})

export const pinMismatch = (certificate: Certificate, expected: string): TrustFailure => ({
  code: 'certificate-pin-mismatch',
  details: {
    certificate: titleOf(certificate),
    expected,
    found: certificate.pin,
    check: 'its key is not the pinned one',
  },
})

/** `at`: milliseconds since 1970. */
export function revoked(
  certificate: Certificate,
  { at, reason }: { readonly at: number; readonly reason: number | undefined },
): TrustFailure {
  const why = reasonText(reason)
  const check = `it was revoked on ${day(at)}${why === undefined ? '' : `: ${why}`}`
  return {
    code: 'certificate-revoked',
    details: { certificate: titleOf(certificate), since: day(at), issuer: certificate.issuer, check },
  }
}

export const revocationUnknown = (certificate: Certificate, check: string): TrustFailure => ({
  code: 'certificate-revocation-unknown',
  details: { certificate: titleOf(certificate), issuer: certificate.issuer, check },
})
