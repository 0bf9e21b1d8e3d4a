/**
 * Aggressive mode, the responder's side (RFC 2409 sections 5.1 and 5.4): the answer to what exchanges/aggressive.ts asks. It
 * costs a key exchange for whoever sends one message: the owner counts and bounds them.
 */
import { Exchange } from '../code-points.ts'
import type { AcceptedSa, ExchangePorts, ResponderPhase1 } from '../configuration.ts'
import type { Message } from '../message.ts'
import { bodyOfFirst } from '../message.ts'
import { natDetectionPayloads } from '../nat.ts'
import { bodyOf } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { hasShape } from '../rules.ts'
import { answeredVendorIds, featuresOf } from '../vendor-ids.ts'
import { answerSealed } from './aggressive-sealed.ts'
import {
  admitted,
  chooseSuite,
  established,
  hiddenSource,
  identityIn,
  identityPayload,
  longestPause,
  natFound,
  natQuestion,
  orWiped,
  required,
  responderExchanged,
  saysInitialContact,
  secure,
} from './phase1.ts'

/** `first`: the message that began it, which is in shape. Rejects with the VpnError that says why there is no SA. */
export async function answerAggressiveMode(
  ports: ExchangePorts,
  configuration: ResponderPhase1,
  peer: Peer,
  first: Message,
): Promise<AcceptedSa> {
  const talk = peer.phase1(Exchange.AGGRESSIVE)

  // HDR, SA, KE, Ni, IDii -->
  const choice = chooseSuite(ports, configuration, first)
  const { suite, answer, way, authenticator } = choice
  const { sealing } = authenticator
  if (sealing !== undefined) return answerSealed(ports, configuration, peer, first, choice, sealing)
  const features = featuresOf(first)
  peer.takesFragments(features.fragmentation)
  const { identity, body } = identityIn(first, undefined)
  const remote = admitted(configuration, way, identity, identity)
  const exchanged = responderExchanged(ports, suite, required(bodyOfFirst(first, 'sa')), first)
  const secured = await secure(ports, authenticator, peer, exchanged, remote)
  return orWiped(secured, async () => {
    const question = natQuestion(ports, configuration, peer, suite)
    const id = identityPayload(configuration.localIdentity)
    talk.say([
      answer,
      { type: 'ke', data: exchanged.responderValue },
      { type: 'nonce', data: exchanged.nonces.responder },
      id,
      ...authenticator.prove(secured.hashR(bodyOf(id))),
      ...authenticator.request,
      ...natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite)),
      ...answeredVendorIds(features, way),
    ])
    talk.encrypt(secured.cipher, secured.iv)

    // HDR*, proof -->
    const third = await talk.hear(
      (message) => hasShape(message, `aggressive 3 ${authenticator.theirs}`),
      longestPause,
    )
    await authenticator.verify(third, secured.hashI(body), remote)
    const identities = { local: configuration.localIdentity, remote }
    const nat = natFound(question, configuration, features, third)
    return {
      sa: established(ports, peer, talk, secured, { initiator: false, suite, identities, nat, features }),
      way,
      initialContact: saysInitialContact(third),
    }
  })
}
