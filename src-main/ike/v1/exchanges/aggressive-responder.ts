/**
 * Aggressive mode, the responder's side (RFC 2409 sections 5.1 and 5.4): the answer to what exchanges/aggressive.ts asks. It
 * costs a key exchange for whoever sends one message: the owner counts and bounds them.
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

const longestPause = millis(30_000)

/** `first`: the message that began it, which is in shape. Rejects with the VpnError that says why there is no SA. */
export async function answerAggressiveMode(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  peer: Peer,
  first: Message,
): Promise<IsakmpSa> {
  const authenticator = authenticatorOf(ports, configuration, 'gateway')
  const talk = peer.phase1(Exchange.AGGRESSIVE)

  // <-- HDR, SA, KE, Nr, IDir, proof
  const { suite, answer } = chooseSuite(configuration, authenticator.methods, first)
  const features = featuresOf(first)
  const exchanged = responderExchanged(ports, suite, required(bodyOfFirst(first, 'sa')), first)
  const remote = identityIn(first, configuration.remoteIdentity)
  const secured = await secure(ports, authenticator, peer, exchanged, remote.identity)
  const question = natQuestion(ports, configuration, peer, suite)
  const id = identityPayload(configuration.localIdentity)
  talk.say([
    answer,
    { type: 'ke', data: exchanged.responderValue },
    { type: 'nonce', data: exchanged.nonces.responder },
    id,
    ...authenticator.prove(secured.hashR(bodyOf(id))),
    ...natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite)),
    ...ourVendorIds(configuration),
  ])
  talk.encrypt(secured.cipher, secured.iv)

  // HDR*, proof -->
  const third = await talk.hear(
    (message) => hasShape(message, `aggressive 3 ${authenticator.theirs}`),
    longestPause,
  )
  await authenticator.verify(third, secured.hashI(remote.body), remote.identity)
  const identities = { local: configuration.localIdentity, remote: remote.identity }
  const nat = natBetween(question, third)
  return established(ports, peer, talk, secured, { initiator: false, suite, identities, nat, features })
}
