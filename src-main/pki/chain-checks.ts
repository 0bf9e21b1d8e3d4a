/** What every certificate of a chain has to be (RFC 5280 section 6.1, RFC 4945 section 5.1). */
import { DecodeError } from '../wire/codec.ts'
import { KeyUsageBit } from './certificate-format.ts'
import type { Certificate } from './certificate.ts'
import { areNamesAllowed } from './name-constraints.ts'
import { outOfDate, unsuitable } from './trust-failure.ts'
import type { TrustFailure } from './trust-failure.ts'

export type Role = 'gateway' | 'client' | 'eap-server'

/** Key purposes by object identifier in hexadecimal digits. */
const Purpose = {
  ANY: '551d2500',
  SERVER_AUTH: '2b06010505070301',
  CLIENT_AUTH: '2b06010505070302',
  IPSEC_IKE: '2b06010505070311',
  /** iKEIntermediate, 1.3.6.1.5.5.8.2.2: what Windows and Apple ask for. */
  IKE_INTERMEDIATE: '2b06010505080202',
} as const

/** RFC 4945 section 5.1.3.12: ipsecIKE or any; certificates for VPNs carry serverAuth or clientAuth in practice. */
const purposes: Readonly<Record<Role, readonly string[]>> = {
  gateway: [Purpose.SERVER_AUTH, Purpose.IPSEC_IKE, Purpose.IKE_INTERMEDIATE, Purpose.ANY],
  client: [Purpose.CLIENT_AUTH, Purpose.IPSEC_IKE, Purpose.IKE_INTERMEDIATE, Purpose.ANY],
  // RFC 5216 section 5.3: TLS's own purpose; that of a gateway does not make a server of log-ins.
  'eap-server': [Purpose.SERVER_AUTH, Purpose.ANY],
}

const allowsRole = ({ extendedKeyUsage }: Certificate, role: Role): boolean =>
  extendedKeyUsage === undefined || extendedKeyUsage.some((purpose) => purposes[role].includes(purpose))

const mayBeUsed = ({ keyUsage }: Certificate, bits: readonly number[]): boolean =>
  keyUsage === undefined || bits.some((bit) => keyUsage.has(bit))

/** What each certificate has to be wherever it stands. */
function checkAny(certificate: Certificate, at: number): TrustFailure | undefined {
  // RFC 5280 section 4.2: a critical extension that is not understood refuses the certificate.
  const [unknown] = certificate.unknownCritical
  if (unknown !== undefined)
    return unsuitable(certificate, `it demands an extension that is not supported (${unknown})`)
  return outOfDate(certificate, at)
}

function checkEndEntity(certificate: Certificate, role: Role): TrustFailure | undefined {
  // RFC 4945 section 5.1.3.2: digitalSignature or nonRepudiation.
  if (!mayBeUsed(certificate, [KeyUsageBit.DIGITAL_SIGNATURE, KeyUsageBit.NON_REPUDIATION])) {
    return unsuitable(certificate, 'its key usage does not allow signatures')
  }
  if (allowsRole(certificate, role)) return undefined
  const wanted = role === 'client' ? 'client' : 'server'
  return unsuitable(certificate, `its extended key usage does not allow ${wanted} authentication`)
}

const isSelfIssued = ({ subjectKey, issuerKey }: Certificate) => subjectKey === issuerKey

/** `below`: the certificates under it, the end entity first. `isAnchor`: the person's own choice, whatever its purposes. */
function checkAuthority(
  certificate: Certificate,
  below: readonly Certificate[],
  isAnchor: boolean,
  role: Role,
): TrustFailure | undefined {
  // RFC 5280 section 6.1.4 (k): also anchors, so that a trusted end entity does not become an authority by that.
  if (certificate.basicConstraints?.isAuthority !== true)
    return unsuitable(certificate, 'it is not an authority')
  if (!mayBeUsed(certificate, [KeyUsageBit.KEY_CERT_SIGN])) {
    return unsuitable(certificate, 'its key usage does not allow signing certificates')
  }
  // RFC 5280 section 4.2.1.9: authorities below it that are not self-issued; the end entity does not count.
  const depth = below.slice(1).filter((one) => !isSelfIssued(one)).length
  const { pathLength } = certificate.basicConstraints
  if (pathLength !== undefined && depth > pathLength) {
    return unsuitable(certificate, `it allows ${pathLength} authorities below it, not ${depth}`)
  }
  // Purposes of an authority below the anchor bound those of what it issues, as OpenSSL and browsers have it.
  if (!isAnchor && !allowsRole(certificate, role)) {
    return unsuitable(certificate, 'its extended key usage does not allow this')
  }
  // RFC 5280 section 6.1.3 (b): self-issued certificates are exempt unless they end the chain.
  const bad = below.find(
    (one, index) => (index === 0 || !isSelfIssued(one)) && !areNamesAllowed(certificate, one),
  )
  return bad && unsuitable(bad, `its names are outside of what ${certificate.subject} may vouch for`)
}

/**
 * The first thing that is wrong with a chain whose signatures are right; the end entity stands first, the anchor last.
 * `at`: milliseconds since 1970.
 */
export function checkChain(chain: readonly Certificate[], role: Role, at: number): TrustFailure | undefined {
  try {
    for (const [index, certificate] of chain.entries()) {
      const isAnchor = index === chain.length - 1
      const failure =
        checkAny(certificate, at) ??
        (index === 0
          ? checkEndEntity(certificate, role)
          : checkAuthority(certificate, chain.slice(0, index), isAnchor, role))
      if (failure !== undefined) return failure
    }
    return undefined
  } catch (error) {
    const [endEntity] = chain
    if (error instanceof DecodeError && endEntity)
      return unsuitable(endEntity, 'its name constraints cannot be read')
    throw error
  }
}
