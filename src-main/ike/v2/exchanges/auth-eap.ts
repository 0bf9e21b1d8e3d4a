/**
 * EAP within IKE_AUTH, the initiator's side (RFC 7296 section 2.16). The gateway has proven itself before; or, where the profile
 * wants it so, EAP is to prove it (RFC 5998).
 */
import { VpnError } from '../../../../src-shared/errors.ts'
import { createEapPeer, settledOutcome } from '../../auth/eap/peer.ts'
import type { EapPeerOptions } from '../../auth/eap/peer.ts'
import type { EapCredential, ExchangePorts } from '../initiator.ts'
import type { Message } from '../message.ts'
import type { Payload, PayloadOf } from '../payloads.ts'
import { only, refusalIn } from '../refusal.ts'
import { initiatorOctets, provesSharedKey, responderOctets, sharedKeyProof } from './auth-proof.ts'
import type { InitResult } from './init.ts'

/** Rounds of EAP before we stop believing that it ends: MSCHAPv2 with a second factor takes about six, TLS one for each fragment. */
const mostEapRounds = 136

/** What EAP needs of the exchange around it. */
export interface EapSurroundings {
  readonly ports: ExchangePorts
  readonly gatewayProvenBy: EapPeerOptions['serverAuthenticatedBy']
  readonly init: InitResult
  readonly idInitiator: PayloadOf<'id-initiator'>
  readonly idResponder: PayloadOf<'id-responder'>
  readonly ask: (payloads: readonly Payload[]) => Promise<Message>
}

/** Goes on from the answer in which the gateway begins EAP; gives its last. */
export async function runEap(
  around: EapSurroundings,
  local: EapCredential,
  first: Message,
): Promise<Message> {
  const { ports, gatewayProvenBy } = around
  const refused = refusalIn(first)
  if (refused !== undefined) throw eapRefusal(refused)
  // Nobody is asked for a password that the gateway has not asked for.
  only(first, 'eap')
  const password = await local.password()
  const { username, allow, identity, askForCode, tls, inner } = local
  const peer = createEapPeer({
    crypto: ports.crypto,
    random: ports.random,
    username,
    password,
    allowed: allow,
    serverAuthenticatedBy: gatewayProvenBy,
    ...(identity === undefined ? {} : { identity }),
    ...(askForCode === undefined ? {} : { askForCode }),
    ...(tls === undefined ? {} : { tls: { ...tls, clock: ports.clock } }),
    ...(inner === undefined ? {} : { inner }),
  })
  // It has a copy of its own.
  password.fill(0)
  let request = first
  try {
    for (let round = 0; round < mostEapRounds; round += 1) {
      const refusal = refusalIn(request)
      if (refusal !== undefined) throw eapRefusal(refusal)
      const outcome = await settledOutcome(peer.receive(only(request, 'eap').data))
      switch (outcome.kind) {
        case 'reply':
          request = await around.ask([{ type: 'eap', data: outcome.data }])
          break
        case 'success':
          return await concludeEap(around, outcome.msk)
        case 'failure':
          throw new VpnError(outcome.code, outcome.details)
      }
    }
  } finally {
    peer.close()
  }
  throw new VpnError('protocol-violation', { reason: 'endless EAP' })
}

/** A gateway that answers a wrong password with a notify instead of EAP-Failure. */
const eapRefusal = (refusal: VpnError): VpnError =>
  refusal.code === 'authentication-refused' ? new VpnError('credentials-refused', refusal.details) : refusal

/** RFC 7296 section 2.16: both sides prove once more, with the MSK, or with SK_p where the method gives no key. */
async function concludeEap(
  { ports, init, idInitiator, idResponder, gatewayProvenBy, ask }: EapSurroundings,
  msk: Uint8Array | undefined,
): Promise<Message> {
  const { keys } = init.sa
  // RFC 5998 section 4: without a key of the method, nothing has proven the gateway.
  if (gatewayProvenBy === 'method' && msk === undefined)
    throw new VpnError('gateway-not-authenticated', { reason: 'EAP without a key' })
  try {
    const octets = initiatorOctets(ports, init, idInitiator)
    const last = await ask([sharedKeyProof(ports, init, msk ?? keys.pi, octets)])
    const refusal = refusalIn(last)
    const auth = last.payloads.find((payload) => payload.type === 'authentication')
    if (auth === undefined)
      throw refusal ?? new VpnError('gateway-not-authenticated', { reason: 'no AUTH payload after EAP' })
    if (!provesSharedKey(ports, init, msk ?? keys.pr, responderOctets(ports, init, idResponder), auth))
      throw new VpnError('gateway-not-authenticated', { reason: 'AUTH after EAP' })
    return last
  } finally {
    msk?.fill(0)
  }
}
