/**
 * Aggressive mode authenticated by public-key encryption (RFC 2409 sections 5.2 and 5.3):
 *
 *     original                                             revised
 *     HDR, SA, KE, <IDii>PubKey_r, <Ni>PubKey_r    -->     HDR, SA, <Ni>PubKey_r, <KE>Ke_i, <IDii>Ke_i
 *     HDR, SA, KE, <IDir>PubKey_i, <Nr>PubKey_i,   <--     HDR, SA, <Nr>PubKey_i, <KE>Ke_r, <IDir>Ke_r,
 *         HASH_R                                               HASH_R
 *     HDR, HASH_I                                  -->
 *
 * In the revised method cipher and hash cannot be negotiated (section 5): Ke is needed for the first message.
 */
import type { KeyExchangeOffer } from '../../../ports.ts'
import { identityFromWire } from '../../identity.ts'
import { checkHash } from '../authentication.ts'
import type { Authenticator } from '../authentication.ts'
import { Exchange } from '../code-points.ts'
import type {
  AcceptedSa,
  ExchangePorts,
  IsakmpSa,
  Phase1Configuration,
  ResponderPhase1,
  Sealing,
} from '../configuration.ts'
import { dialing } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'
import type { Message } from '../message.ts'
import { bodyOfFirst, payloadOf } from '../message.ts'
import { natDetectionPayloads } from '../nat.ts'
import { bodyOf } from '../payloads.ts'
import type { PayloadOf } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { hasShape } from '../rules.ts'
import { phase1Proposals } from '../suites.ts'
import type { Phase1Suite } from '../suites.ts'
import { answeredVendorIds, featuresOf, ourVendorIds } from '../vendor-ids.ts'
import {
  admitted,
  agreedSuite,
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

/** What the initiator begins with. */
export interface Begun {
  readonly authenticator: Authenticator
  readonly talk: Conversation
  readonly peer: Peer
  readonly offered: readonly Phase1Suite[]
  readonly offer: KeyExchangeOffer
}

export async function proveBySealing(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  { authenticator, talk, peer, offered: all, offer }: Begun,
  sealing: Sealing,
  moveToNatPort: () => void,
): Promise<IsakmpSa> {
  const nonce = ports.random.bytes(nonceLength)
  const offered = sealing.revised ? all.slice(0, 1) : all
  const [assumed] = offered
  const sa: PayloadOf<'sa'> = { type: 'sa', proposals: phase1Proposals(offered) }
  const identity = bodyOf(identityPayload(configuration.localIdentity))
  const statement = { value: offer.publicValue, nonce, identity, natDetection: [] }
  const key = sealing.peerKey(configuration.remoteIdentity)
  const second = await talk.ask(
    [
      sa,
      ...ourVendorIds(configuration),
      ...seal(ports, required(assumed), sealing, key, peer.spis.initiatorSpi, statement),
    ],
    (message) => hasShape(message, 'aggressive 2 encrypted keys') && message.header.responderSpi !== 0n,
    dialing,
  )
  peer.adopt(second.header.responderSpi)
  const suite = agreedSuite(offered, second)
  const opened = open(ports, suite, sealing, peer.spis.responderSpi, second)
  const exchanged = initiatorExchanged(suite, { offer, nonce, sa: bodyOf(sa) }, opened, ports)
  const secured = await secure(ports, authenticator, peer, exchanged, configuration.remoteIdentity)
  return orWiped(secured, async () => {
    await Promise.resolve()
    checkHash(ports.crypto, second, secured.hashR(required(bodyOfFirst(opened, 'id'))))
    const remote = identityIn(opened, configuration.remoteIdentity)
    const features = featuresOf(second)
    peer.takesFragments(features.fragmentation)
    const question = natQuestion(ports, configuration, peer, suite)
    const nat = natFound(question, configuration, features, opened)
    if (nat.local || nat.remote) moveToNatPort()
    talk.encrypt(secured.cipher, secured.iv)
    talk.say([
      ...authenticator.prove(secured.hashI(identity)),
      ...natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite)),
    ])
    const identities = { local: configuration.localIdentity, remote: remote.identity }
    return established(ports, peer, talk, secured, { initiator: true, suite, identities, nat, features })
  })
}

/** The responder's side, once it has chosen. */
export async function answerSealed(
  ports: ExchangePorts,
  configuration: ResponderPhase1,
  peer: Peer,
  first: Message,
  { suite, answer, way, authenticator }: Choice,
  sealing: Sealing,
): Promise<AcceptedSa> {
  const talk = peer.phase1(Exchange.AGGRESSIVE)
  const features = featuresOf(first)
  peer.takesFragments(features.fragmentation)
  const opened = open(ports, suite, sealing, peer.spis.initiatorSpi, first)
  const body = required(bodyOfFirst(opened, 'id'))
  const sa = required(bodyOfFirst(first, 'sa'))
  const exchanged = responderExchanged(ports, suite, sa, opened, { uniform: sealing.revised })
  const claimed = identityFromWire(required(payloadOf(opened, 'id')))
  const secured = await secure(ports, authenticator, peer, exchanged, claimed)
  return orWiped(secured, async () => {
    const question = natQuestion(ports, configuration, peer, suite)
    const identity = bodyOf(identityPayload(configuration.localIdentity))
    const natDetection = natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite))
    const { responderValue: value, nonces } = exchanged
    const statement = { value, nonce: nonces.responder, identity, natDetection }
    talk.say([
      answer,
      ...answeredVendorIds(features, way),
      ...seal(ports, suite, sealing, sealing.peerKey(claimed), peer.spis.responderSpi, statement),
      ...authenticator.prove(secured.hashR(identity)),
    ])
    talk.encrypt(secured.cipher, secured.iv)
    const third = await talk.hear((message) => hasShape(message, 'aggressive 3 hash'), longestPause)
    checkHash(ports.crypto, third, secured.hashI(body))
    const remote = identityIn(opened, undefined).identity
    admitted(configuration, way, remote, remote)
    const identities = { local: configuration.localIdentity, remote }
    const nat = natFound(question, configuration, features, third)
    return {
      sa: established(ports, peer, talk, secured, { initiator: false, suite, identities, nat, features }),
      way,
      initialContact: saysInitialContact(third),
    }
  })
}
