/** What an EAP method is to the conversation around it, on the client's side. */
import type { ErrorCode } from '../../../../src-shared/errors.ts'

export type EapMethodName = 'mschapv2' | 'gtc' | 'md5'

export type EapFailureReason =
  /** The server refused what we proved. */
  | 'refused'
  /** The server wants no method that is allowed. */
  | 'method-refused'
  /** Success before a method was through (CVE-2021-45079). */
  | 'early-success'
  /** The server does not know the password it checks (RFC 2759: the authenticator response is wrong). */
  | 'server-not-verified'
  /** The gateway has not been authenticated by IKE. */
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
      /** Type data that ends the conversation politely. */
      readonly data?: Uint8Array
    }

/** One run of a method; knows nothing of EAP's header but the identifier. */
export interface EapPeerMethod {
  respond(identifier: number, data: Uint8Array): MethodStep
}
