/** What both modes and both sides of phase 1 have in common. */
import type { IkeSpi } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import { formatIdentity, identityFromWire, identityToWire, equalIdentities } from '../../identity.ts'
import type { Identity } from '../../../ports.ts'
import type { Message } from '../message.ts'
import { bodyOfFirst, payloadOf } from '../message.ts'
import type { PayloadOf } from '../payloads.ts'
import type { Phase1Suite } from '../suites.ts'
import { readPhase1Transform, sameAlgorithms } from '../suites.ts'

/** RFC 2409 section 5: 8 to 256 bytes. */
export const nonceLength = 32

/** What the message's shape has promised. */
export function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new VpnError('protocol-violation', { reason: 'a payload is missing' })
  return value
}

export function cookieBytes(spi: IkeSpi): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, spi)
  return bytes
}

/** The suite that the responder chose: one transform, and one that we offered (RFC 2409 section 5). */
export function agreedSuite(offered: readonly Phase1Suite[], message: Message): Phase1Suite {
  const [proposal, ...others] = required(payloadOf(message, 'sa')).proposals
  const transform = proposal?.transforms[0]
  if (
    proposal === undefined ||
    transform === undefined ||
    others.length > 0 ||
    proposal.transforms.length > 1
  )
    throw new VpnError('protocol-violation', { reason: 'not exactly one proposal chosen' })
  const chosen = readPhase1Transform(transform)
  const offer = chosen === undefined ? undefined : offered.find((suite) => sameAlgorithms(suite, chosen))
  if (chosen === undefined || offer === undefined)
    throw new VpnError('protocol-violation', { reason: 'an algorithm chosen that was not offered' })
  return { ...offer, lifetimeSeconds: Math.min(offer.lifetimeSeconds, chosen.lifetimeSeconds) }
}

/** RFC 2407 section 4.6.2: in phase 1 protocol and port are zero (or UDP 500). */
export const identityPayload = (identity: Identity): PayloadOf<'id'> => ({
  type: 'id',
  protocol: 0,
  port: 0,
  ...identityToWire(identity),
})

/** Who the message says its sender is. Throws VpnError 'gateway-not-authenticated' when that is not who was expected. */
export function identityIn(
  message: Message,
  expected: Identity | undefined,
): { readonly identity: Identity; readonly body: Uint8Array } {
  const identity = identityFromWire(required(payloadOf(message, 'id')))
  if (identity === undefined)
    throw new VpnError('gateway-not-authenticated', { reason: 'its identity is of no known type' })
  if (expected !== undefined && !equalIdentities(identity, expected)) {
    throw new VpnError('gateway-not-authenticated', {
      reason: `it says that it is ${formatIdentity(identity)}, not ${formatIdentity(expected)}`,
    })
  }
  return { identity, body: required(bodyOfFirst(message, 'id')) }
}
