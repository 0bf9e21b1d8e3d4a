/**
 * Main mode, the responder's side (RFC 2409 sections 5.1 and 5.4): the answers to what exchanges/main.ts asks. Nothing is
 * computed for a peer before its second message has come back with our cookie (RFC 2408 section 2.5.3).
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
import { answerSealed } from './main-sealed.ts'
import {
  admitted,
  chooseSuite,
  established,
  hiddenSource,
  identityIn,
  identityOfAddress,
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
export async function answerMainMode(
  ports: ExchangePorts,
  configuration: ResponderPhase1,
  peer: Peer,
  first: Message,
): Promise<AcceptedSa> {
  const talk = peer.phase1(Exchange.MAIN)

  // HDR, SA -->
  const choice = chooseSuite(ports, configuration, first)
  const { suite, answer, way, authenticator } = choice
  const features = featuresOf(first)
  peer.takesFragments(features.fragmentation)
  // The first message's bytes are its datagram's: what is needed of it later is taken now.
  const sa = required(bodyOfFirst(first, 'sa'))
  talk.say([answer, ...answeredVendorIds(features, way)])
  const { sealing } = authenticator
  if (sealing !== undefined)
    return answerSealed(ports, configuration, { talk, peer, choice, features, sa }, sealing)
  const third = await talk.hear((message) => hasShape(message, 'main 3'), longestPause)

  // HDR, KE, Ni -->
  const exchanged = responderExchanged(ports, suite, sa, third)
  const keyOf = identityOfAddress(configuration.remote)
  const secured = await secure(ports, authenticator, peer, exchanged, keyOf)
  return orWiped(secured, async () => {
    const question = natQuestion(ports, configuration, peer, suite)
    const nat = natFound(question, configuration, features, third)
    talk.say([
      { type: 'ke', data: exchanged.responderValue },
      { type: 'nonce', data: exchanged.nonces.responder },
      ...authenticator.request,
      ...natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite)),
    ])
    talk.encrypt(secured.cipher, secured.iv)
    const fifth = await talk.hear(
      (message) => hasShape(message, `main 5 ${authenticator.theirs}`),
      longestPause,
    )

    // HDR*, IDii, proof -->
    const { identity, body } = identityIn(fifth, undefined)
    await authenticator.verify(fifth, secured.hashI(body), identity)
    const remote = admitted(configuration, way, identity, keyOf)
    const id = identityPayload(configuration.localIdentity)
    talk.say([id, ...authenticator.prove(secured.hashR(bodyOf(id)))])
    const identities = { local: configuration.localIdentity, remote }
    return {
      sa: established(ports, peer, talk, secured, { initiator: false, suite, identities, nat, features }),
      way,
      initialContact: saysInitialContact(fifth),
    }
  })
}
