/**
 * Main mode authenticated by public-key encryption, behind its first two messages (RFC 2409 sections 5.2 and 5.3):
 *
 *     original                                          revised
 *     HDR, KE, <IDii>PubKey_r, <Ni>PubKey_r    -->      HDR, <Ni>PubKey_r, <KE>Ke_i, <IDii>Ke_i
 *     HDR, KE, <IDir>PubKey_i, <Nr>PubKey_i    <--      HDR, <Nr>PubKey_i, <KE>Ke_r, <IDir>Ke_r
 *     HDR*, HASH_I                             -->
 *                                              <--      HDR*, HASH_R
 */
import type { KeyExchangeOffer } from '../../../ports.ts'
import { identityFromWire } from '../../identity.ts'
import { checkHash } from '../authentication.ts'
import type { Authenticator } from '../authentication.ts'
import type {
  AcceptedSa,
  ExchangePorts,
  IsakmpSa,
  PeerFeatures,
  Phase1Configuration,
  ResponderPhase1,
  Sealing,
} from '../configuration.ts'
import type { Conversation } from '../conversation.ts'
import { dialing } from '../conversation.ts'
import { bodyOfFirst, payloadOf } from '../message.ts'
import { natDetectionPayloads } from '../nat.ts'
import { bodyOf } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { hasShape } from '../rules.ts'
import type { Phase1Suite } from '../suites.ts'
import {
  admitted,
  established,
  hiddenSource,
  identityIn,
  identityPayload,
  longestPause,
  initiatorExchanged,
  natFound,
  natQuestion,
  nonceLength,
  orWiped,
  required,
  responderExchanged,
  saysInitialContact,
  secure,
} from './phase1.ts'
import type { Choice } from './phase1.ts'
import { open, seal } from './sealed.ts'

/** What the first two messages have settled. */
export interface Begun {
  readonly authenticator: Authenticator
  readonly talk: Conversation
  readonly peer: Peer
  readonly suite: Phase1Suite
  readonly features: PeerFeatures
  readonly offer: KeyExchangeOffer
  readonly sa: Uint8Array
}

export async function proveBySealing(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  { authenticator, talk, peer, suite, features, offer, sa }: Begun,
  sealing: Sealing,
  moveToNatPort: () => void,
): Promise<IsakmpSa> {
  const nonce = ports.random.bytes(nonceLength)
  const question = natQuestion(ports, configuration, peer, suite)
  const identity = bodyOf(identityPayload(configuration.localIdentity))
  const natDetection = natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite))
  const statement = { value: offer.publicValue, nonce, identity, natDetection }
  const key = sealing.peerKey(configuration.remoteIdentity)
  const fourth = await talk.ask(
    seal(ports, suite, sealing, key, peer.spis.initiatorSpi, statement),
    (message) => hasShape(message, 'main 4 encrypted keys'),
    dialing,
  )
  const opened = open(ports, suite, sealing, peer.spis.responderSpi, fourth)
  const exchanged = initiatorExchanged(suite, { offer, nonce, sa }, opened, ports)
  const nat = natFound(question, configuration, features, opened)
  if (nat.local || nat.remote) moveToNatPort()
  const secured = await secure(ports, authenticator, peer, exchanged, configuration.remoteIdentity)
  return orWiped(secured, async () => {
    // HDR*, HASH_I -->  <-- HDR*, HASH_R
    talk.encrypt(secured.cipher, secured.iv)
    const sixth = await talk.ask(
      authenticator.prove(secured.hashI(identity)),
      (message) => hasShape(message, 'main 6 encrypted keys'),
      dialing,
    )
    checkHash(ports.crypto, sixth, secured.hashR(required(bodyOfFirst(opened, 'id'))))
    const remote = identityIn(opened, configuration.remoteIdentity)
    const identities = { local: configuration.localIdentity, remote: remote.identity }
    return established(ports, peer, talk, secured, { initiator: true, suite, identities, nat, features })
  })
}

export interface Answering {
  readonly talk: Conversation
  readonly peer: Peer
  readonly choice: Choice
  readonly features: PeerFeatures
  readonly sa: Uint8Array
}

/** The responder's side, once its choice has been said. */
export async function answerSealed(
  ports: ExchangePorts,
  configuration: ResponderPhase1,
  { talk, peer, choice, features, sa }: Answering,
  sealing: Sealing,
): Promise<AcceptedSa> {
  const { suite, way, authenticator } = choice
  const third = await talk.hear((message) => hasShape(message, 'main 3 encrypted keys'), longestPause)
  const opened = open(ports, suite, sealing, peer.spis.initiatorSpi, third)
  const exchanged = responderExchanged(ports, suite, sa, opened, { uniform: sealing.revised })
  const claimed = identityFromWire(required(payloadOf(opened, 'id')))
  const secured = await secure(ports, authenticator, peer, exchanged, claimed)
  return orWiped(secured, async () => {
    const question = natQuestion(ports, configuration, peer, suite)
    const nat = natFound(question, configuration, features, opened)
    const identity = bodyOf(identityPayload(configuration.localIdentity))
    const natDetection = natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite))
    const { responderValue: value, nonces } = exchanged
    const statement = { value, nonce: nonces.responder, identity, natDetection }
    talk.say(seal(ports, suite, sealing, sealing.peerKey(claimed), peer.spis.responderSpi, statement))
    talk.encrypt(secured.cipher, secured.iv)
    const fifth = await talk.hear((message) => hasShape(message, 'main 5 encrypted keys'), longestPause)
    checkHash(ports.crypto, fifth, secured.hashI(required(bodyOfFirst(opened, 'id'))))
    const remote = identityIn(opened, undefined).identity
    admitted(configuration, way, remote, remote)
    talk.say(authenticator.prove(secured.hashR(identity)))
    const identities = { local: configuration.localIdentity, remote }
    return {
      sa: established(ports, peer, talk, secured, { initiator: false, suite, identities, nat, features }),
      way,
      initialContact: saysInitialContact(fifth),
    }
  })
}
