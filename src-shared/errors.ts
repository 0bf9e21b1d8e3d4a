/** Every way a connection can fail, told to a person: what happened, whose turn it is, what to do next. */

export type ErrorCode =
  | 'usage'
  | 'profile-invalid'
  | 'profile-not-found'
  | 'secret-missing'
  | 'gateway-not-found'
  | 'gateway-unreachable'
  | 'gateway-gave-up'
  | 'no-common-proposal'
  | 'no-common-traffic'
  | 'credentials-refused'
  | 'authentication-refused'
  | 'gateway-not-authenticated'
  | 'certificate-untrusted'
  | 'certificate-wrong-name'
  | 'certificate-expired'
  | 'certificate-unsuitable'
  | 'certificate-pin-mismatch'
  | 'certificate-revoked'
  | 'certificate-revocation-unknown'
  | 'eap-method-refused'
  | 'no-address'
  | 'gateway-internal'
  | 'protocol-violation'
  | 'no-tun'
  | 'no-privilege'
  | 'port-busy'
  | 'host-step-failed'
  | 'already-running'
  | 'not-running'
  | 'cancelled'
  | 'internal'

/** A failure as it travels between processes: plain data, no secret in it. */
export interface Failure {
  readonly code: ErrorCode
  /** Values for the sentence: names, addresses, an RFC term; never a secret. */
  readonly details: Readonly<Record<string, string>>
}

/** A failure whose reason is known, thrown from where it is found to the connection that reports it. */
export class VpnError extends Error {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, string>>
  constructor(code: ErrorCode, details: Readonly<Record<string, string>> = {}, cause?: unknown) {
    super(`${code}${Object.keys(details).length > 0 ? ' ' + JSON.stringify(details) : ''}`, { cause })
    this.name = 'VpnError'
    this.code = code
    this.details = details
  }
  get failure(): Failure {
    return { code: this.code, details: this.details }
  }
}
