/**
 * Aggressive mode, the responder's side (RFC 2409 sections 5.1 and 5.4): the answer to what exchanges/aggressive.ts asks. It
 * costs a key exchange for whoever sends one message: the owner counts and bounds them.
 */
import { millis } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import { Exchange } from '../code-points.ts'
import type { ExchangePorts, IsakmpSa, Phase1Configuration } from '../configuration.ts'
import type { Message } from '../message.ts'
import { bodyOfFirst, payloadOf } from '../message.ts'
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
  nonceLength,
  required,
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
  const { crypto, random } = ports
  const authenticator = authenticatorOf(ports, configuration, 'gateway')
  const talk = peer.phase1(Exchange.AGGRESSIVE)

  // <-- HDR, SA, KE, Nr, IDir, proof
  const { suite, answer } = chooseSuite(configuration, authenticator.methods, first)
  const features = featuresOf(first)
  const initiatorValue = required(payloadOf(first, 'ke')).data.slice()
  const exchange = crypto.keyExchange(suite.group).respond(initiatorValue)
  if (!exchange.ok) throw new VpnError('protocol-violation', { reason: 'public value' })
  const { publicValue, sharedSecret } = exchange.value
  const nonces = {
    initiator: required(payloadOf(first, 'nonce')).data.slice(),
    responder: random.bytes(nonceLength),
  }
  const exchanged = {
    suite,
    initiatorValue,
    responderValue: publicValue,
    sharedSecret,
    nonces,
    offer: required(bodyOfFirst(first, 'sa')),
  }
  const remote = identityIn(first, configuration.remoteIdentity)
  const secured = await secure(ports, authenticator, peer, exchanged, remote.identity)
  const question = natQuestion(ports, configuration, peer, suite)
  const id = identityPayload(configuration.localIdentity)
  talk.say([
    answer,
    { type: 'ke', data: publicValue },
    { type: 'nonce', data: nonces.responder },
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
