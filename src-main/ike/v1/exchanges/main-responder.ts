/**
 * Main mode, the responder's side (RFC 2409 sections 5.1 and 5.4): the answers to what exchanges/main.ts asks. Nothing is kept
 * and nothing is computed for a peer before its second message has come back with our cookie (RFC 2408 section 2.5.3).
 */
import { millis } from '../../../../src-shared/brands.ts'
import { Exchange } from '../code-points.ts'
import type { ExchangePorts, IsakmpSa, Phase1Configuration } from '../configuration.ts'
import type { Message } from '../message.ts'
import { bodyOfFirst } from '../message.ts'
import { natBetween, natDetectionPayloads } from '../nat.ts'
import { bodyOf } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { hasShape } from '../rules.ts'
import { featuresOf, ourVendorIds } from '../vendor-ids.ts'
import {
  authenticatorOf,
  chooseSuite,
  established,
  hiddenSource,
  identityIn,
  identityPayload,
  natQuestion,
  required,
  responderExchanged,
  secure,
} from './phase1.ts'

/** How long a client may think between two messages. */
const longestPause = millis(30_000)

/** `first`: the message that began it, which is in shape. Rejects with the VpnError that says why there is no SA. */
export async function answerMainMode(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  peer: Peer,
  first: Message,
): Promise<IsakmpSa> {
  const authenticator = authenticatorOf(ports, configuration, 'gateway')
  const talk = peer.phase1(Exchange.MAIN)

  // <-- HDR, SA
  const { suite, answer } = chooseSuite(configuration, authenticator.methods, first)
  const features = featuresOf(first)
  talk.say([answer, ...ourVendorIds(configuration)])
  // The first message's bytes are its datagram's: what is needed of it later is taken now.
  const sa = required(bodyOfFirst(first, 'sa'))
  const third = await talk.hear((message) => hasShape(message, 'main 3'), longestPause)

  // <-- HDR, KE, Nr
  const exchanged = responderExchanged(ports, suite, sa, third)
  // RFC 2409 section 5.4: with a pre-shared key, the peer is known by its address alone when the key is needed.
  const secured = await secure(ports, authenticator, peer, exchanged, undefined)
  const question = natQuestion(ports, configuration, peer, suite)
  talk.say([
    { type: 'ke', data: exchanged.responderValue },
    { type: 'nonce', data: exchanged.nonces.responder },
    ...natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite)),
  ])
  talk.encrypt(secured.cipher, secured.iv)
  const fifth = await talk.hear(
    (message) => hasShape(message, `main 5 ${authenticator.theirs}`),
    longestPause,
  )

  // <-- HDR*, IDir, proof
  const remote = identityIn(fifth, configuration.remoteIdentity)
  await authenticator.verify(fifth, secured.hashI(remote.body), remote.identity)
  const id = identityPayload(configuration.localIdentity)
  talk.say([id, ...authenticator.prove(secured.hashR(bodyOf(id)))])
  const identities = { local: configuration.localIdentity, remote: remote.identity }
  const nat = natBetween(question, third)
  return established(ports, peer, talk, secured, { initiator: false, suite, identities, nat, features })
}
