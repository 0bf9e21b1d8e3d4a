/** What an EAP method is to the conversation around it, on the client's side. */
import type { ErrorCode } from '../../../../src-shared/errors.ts'

/** Methods by a password, as they are or inside of TLS. */
export type EapMethodName = 'mschapv2' | 'gtc' | 'md5'

/** Methods within TLS: the server proves itself by a certificate before anything of the user is shown, and a key comes of it. */
export type EapTlsMethodName = 'tls' | 'ttls' | 'peap'

/**
 * How the password is proven within EAP-TTLS or PEAP. `pap` and `mschapv2` are RADIUS's own in EAP-TTLS (RFC 5281 section 11.2);
 * PEAP has EAP inside always, so that there `mschapv2` and `eap-mschapv2` are the same, and no `pap`.
 */
export type EapInnerName = 'mschapv2' | 'pap' | 'eap-mschapv2' | 'gtc'

export type EapFailureReason =
  /** The server refused what we proved. */
  | 'refused'
  /** The server wants no method that is allowed. */
  | 'method-refused'
  /** Success before a method was through (CVE-2021-45079). */
  | 'early-success'
  /** The server does not know the password it checks (RFC 2759: the authenticator response is wrong). */
  | 'server-not-verified'
  /** The gateway has not been authenticated by IKE, nor the server of the log-in by TLS. */
  | 'gateway-not-authenticated'
  | 'malformed'
  | 'wrong-order'
  | 'too-many-rounds'

export const failureCodes: Readonly<Record<EapFailureReason, ErrorCode>> = {
  refused: 'credentials-refused',
  'method-refused': 'eap-method-refused',
  'early-success': 'protocol-violation',
  'server-not-verified': 'gateway-not-authenticated',
  'gateway-not-authenticated': 'gateway-not-authenticated',
  malformed: 'protocol-violation',
  'wrong-order': 'protocol-violation',
  'too-many-rounds': 'protocol-violation',
}

export type MethodStep =
  | {
      readonly kind: 'respond'
      readonly data: Uint8Array
      /** From now on, and only then, EAP-Success is right. */
      readonly complete: boolean
      readonly msk?: Uint8Array
    }
  | {
      readonly kind: 'failed'
      readonly reason: EapFailureReason
      readonly details: Readonly<Record<string, string>>
      /** Where it says more than the reason's own. */
      readonly code?: ErrorCode
      /** Type data that ends the conversation politely. */
      readonly data?: Uint8Array
    }

/** One run of a method; knows nothing of EAP's header but the identifier. */
export interface EapPeerMethod {
  /** Later where TLS or the person has to be waited for; what they reject with is passed on. */
  respond(identifier: number, data: Uint8Array): MethodStep | Promise<MethodStep>
  /** Ends what it has opened. */
  close?(): void
}
