/** What both sides of IKE_AUTH sign, and AUTH by a shared key (RFC 7296 sections 2.15 and 2.16). */
import { isSameAuthentication, padSecret } from '../../auth/psk.ts'
import { AuthenticationMethod } from '../code-points.ts'
import type { ExchangePorts } from '../initiator.ts'
import { prfOf } from '../../mac.ts'
import { signedOctets } from '../keys.ts'
import { identificationBytes } from '../payloads.ts'
import type { PayloadOf } from '../payloads.ts'
import type { InitResult } from './init.ts'

/** RFC 7296 section 2.15: each side signs its first message, the other's nonce, and its own identity. */
export const initiatorOctets = (
  ports: ExchangePorts,
  init: InitResult,
  idInitiator: PayloadOf<'id-initiator'>,
): Uint8Array =>
  signedOctets(
    ports.crypto,
    init.sa.suite.prf,
    init.initRequest,
    init.nonces.responder,
    init.sa.keys.pi,
    identificationBytes(idInitiator),
  )

export const responderOctets = (
  ports: ExchangePorts,
  init: InitResult,
  idResponder: PayloadOf<'id-responder'>,
): Uint8Array =>
  signedOctets(
    ports.crypto,
    init.sa.suite.prf,
    init.initResponse,
    init.nonces.initiator,
    init.sa.keys.pr,
    identificationBytes(idResponder),
  )

/** AUTH by a padded secret, which stays the caller's. */
export const paddedProof = (
  ports: ExchangePorts,
  init: InitResult,
  padded: Uint8Array,
  octets: Uint8Array,
): PayloadOf<'authentication'> => ({
  type: 'authentication',
  method: AuthenticationMethod.SHARED_KEY_MIC,
  data: prfOf(ports.crypto, init.sa.suite.prf)(padded, octets),
})

/** Whether the payload is the AUTH that the padded secret gives, which stays the caller's. */
export const provesPadded = (
  ports: ExchangePorts,
  init: InitResult,
  padded: Uint8Array,
  octets: Uint8Array,
  auth: PayloadOf<'authentication'>,
): boolean =>
  auth.method === AuthenticationMethod.SHARED_KEY_MIC &&
  isSameAuthentication(ports.crypto, prfOf(ports.crypto, init.sa.suite.prf)(padded, octets), auth.data)

/** AUTH by a shared key: a pre-shared one, EAP's MSK, or SK_p where EAP gave none. */
export const sharedKeyProof = (
  ports: ExchangePorts,
  init: InitResult,
  secret: Uint8Array,
  octets: Uint8Array,
): PayloadOf<'authentication'> =>
  withPadded(ports, init, secret, (padded) => paddedProof(ports, init, padded, octets))

/** Whether the payload is the AUTH that the key gives. */
export const provesSharedKey = (
  ports: ExchangePorts,
  init: InitResult,
  secret: Uint8Array,
  octets: Uint8Array,
  auth: PayloadOf<'authentication'>,
): boolean => withPadded(ports, init, secret, (padded) => provesPadded(ports, init, padded, octets, auth))

function withPadded<Value>(
  ports: ExchangePorts,
  init: InitResult,
  secret: Uint8Array,
  use: (padded: Uint8Array) => Value,
): Value {
  const padded = padSecret(prfOf(ports.crypto, init.sa.suite.prf), secret)
  try {
    return use(padded)
  } finally {
    padded.fill(0)
  }
}
