import type { ErrorCode } from '../../../src-shared/errors.ts'

/** Where the button of a failure leads. */
export type NextStep = 'retry' | 'check' | 'edit' | 'profiles' | 'exchange' | 'status' | 'log'

export function stepFor(code: ErrorCode): NextStep {
  switch (code) {
    case 'gateway-gave-up':
    case 'credentials-refused':
    case 'secret-missing':
    case 'no-address':
    case 'gateway-internal':
    case 'certificate-revocation-unknown':
    case 'no-tun':
    case 'no-privilege':
    case 'port-busy':
    case 'not-running':
    case 'cancelled':
      return 'retry'
    case 'profile-invalid':
    case 'no-common-traffic':
    case 'authentication-refused':
    case 'eap-method-refused':
      return 'edit'
    case 'profile-not-found':
      return 'profiles'
    case 'gateway-not-found':
    case 'gateway-unreachable':
      return 'check'
    // What was offered, which certificate came: the messages themselves show it.
    case 'no-common-proposal':
    case 'gateway-not-authenticated':
    case 'certificate-untrusted':
    case 'certificate-wrong-name':
    case 'certificate-expired':
    case 'certificate-unsuitable':
    case 'certificate-pin-mismatch':
    case 'certificate-revoked':
      return 'exchange'
    case 'already-running':
      return 'status'
    case 'usage':
    case 'protocol-violation':
    case 'host-step-failed':
    case 'internal':
      return 'log'
  }
}
