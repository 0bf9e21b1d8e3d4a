/** Certificates that Culvert keeps apart from profiles: a user's own, and authorities that profiles trust by their id. */

/** How a profile names a kept certificate: among its authorities, and as the id of its key in the store. */
const STORED = /^certificate:([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/

/** The id of the kept certificate that this text names; undefined when it names none. */
export const keptCertificateId = (text: string): string | undefined => STORED.exec(text)?.[1]

export const keptCertificateName = (id: string): string => `certificate:${id}`

/** `soon`: it ends within 30 days. */
export type Validity = 'valid' | 'soon' | 'ended' | 'not-yet'

/** Days before its end from which on a certificate is told about. */
export const WARNING_DAYS = 30

export function validityAt(
  { notBefore, notAfter }: { readonly notBefore: number; readonly notAfter: number },
  at: number,
): Validity {
  if (at < notBefore) return 'not-yet'
  if (at > notAfter) return 'ended'
  return notAfter - at < WARNING_DAYS * 86_400_000 ? 'soon' : 'valid'
}

/** Entry of the slice `certificates`. Times in milliseconds since 1970. */
export interface KeptCertificate {
  readonly id: string
  readonly name: string
  /** `user`: with a private key, to log in with. `trusted`: an authority, or a gateway's own. */
  readonly kind: 'user' | 'trusted'
  readonly subject: string
  readonly issuer: string
  /** All its names, in one line. */
  readonly names: string
  readonly notBefore: number
  readonly notAfter: number
  /** SHA-256 of the certificate in hexadecimal digits. */
  readonly fingerprint: string
  /** Whether its key asks for a password when it is used. */
  readonly needsPassword: boolean
  /** Certificates that lead from it to its authority. */
  readonly chainLength: number
}
