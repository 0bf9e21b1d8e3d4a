/**
 * Main mode, the initiator's side (RFC 2409 sections 5, 5.1, 5.4):
 *
 *     HDR, SA                        -->
 *                                    <--  HDR, SA
 *     HDR, KE, Ni, NAT-D, NAT-D      -->
 *                                    <--  HDR, KE, Nr, NAT-D, NAT-D
 *     HDR*, IDii, proof of us        -->
 *                                    <--  HDR*, IDir, proof of the gateway
 *
 * The proof is HASH_I or HASH_R with a pre-shared key, a signature over it with certificates. Public-key encryption has other
 * messages from the third on: exchanges/main-sealed.ts.
 */
import { Exchange } from '../code-points.ts'
import type { ExchangePorts, IsakmpSa, Phase1Configuration } from '../configuration.ts'
import { dialing } from '../conversation.ts'
import { natDetectionPayloads } from '../nat.ts'
import type { PayloadOf } from '../payloads.ts'
import { bodyOf } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { hasShape } from '../rules.ts'
import { phase1Proposals, phase1Suites } from '../suites.ts'
import { featuresOf, ourVendorIds } from '../vendor-ids.ts'
import { proveBySealing } from './main-sealed.ts'
import type { Begun } from './main-sealed.ts'
import {
  agreedSuite,
  authenticatorOf,
  established,
  hiddenSource,
  identityIn,
  identityPayload,
  initiatorExchanged,
  natFound,
  natQuestion,
  nonceLength,
  orWiped,
  secure,
} from './phase1.ts'

/** `moveToNatPort`: from now on towards the gateway's port 4500 (RFC 3947 section 4). */
export async function mainMode(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  peer: Peer,
  moveToNatPort: () => void,
): Promise<IsakmpSa> {
  const authenticator = authenticatorOf(ports, configuration, 'client')
  const talk = peer.phase1(Exchange.MAIN)

  // HDR, SA -->  <-- HDR, SA
  const offered = phase1Suites(configuration.proposals, authenticator.methods, configuration.lifetimeSeconds)
  const sa: PayloadOf<'sa'> = { type: 'sa', proposals: phase1Proposals(offered) }
  const second = await talk.ask(
    [sa, ...ourVendorIds(configuration)],
    (message) => hasShape(message, 'main 2') && message.header.responderSpi !== 0n,
    dialing,
  )
  const suite = agreedSuite(offered, second)
  const features = featuresOf(second)
  peer.adopt(second.header.responderSpi)
  peer.takesFragments(features.fragmentation)

  const offer = ports.crypto.keyExchange(suite.group).initiate()
  try {
    const begun = { authenticator, talk, peer, suite, features, offer, sa: bodyOf(sa) }
    const { sealing } = authenticator
    return sealing === undefined
      ? await proveBoth(ports, configuration, begun, moveToNatPort)
      : await proveBySealing(ports, configuration, begun, sealing, moveToNatPort)
  } finally {
    offer.discard()
  }
}

async function proveBoth(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  { authenticator, talk, peer, suite, features, offer, sa }: Begun,
  moveToNatPort: () => void,
): Promise<IsakmpSa> {
  // HDR, KE, Ni -->  <-- HDR, KE, Nr
  const nonce = ports.random.bytes(nonceLength)
  const question = natQuestion(ports, configuration, peer, suite)
  const fourth = await talk.ask(
    [
      { type: 'ke', data: offer.publicValue },
      { type: 'nonce', data: nonce },
      ...natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite)),
    ],
    (message) => hasShape(message, 'main 4'),
    dialing,
  )
  const exchanged = initiatorExchanged(suite, { offer, nonce, sa }, fourth)
  const nat = natFound(question, configuration, features, fourth)
  if (nat.local || nat.remote) moveToNatPort()

  // HDR*, IDii, proof -->  <-- HDR*, IDir, proof
  const secured = await secure(ports, authenticator, peer, exchanged, configuration.remoteIdentity)
  return orWiped(secured, async () => {
    talk.encrypt(secured.cipher, secured.iv)
    const id = identityPayload(configuration.localIdentity)
    const sixth = await talk.ask(
      [id, ...authenticator.prove(secured.hashI(bodyOf(id)))],
      (message) => hasShape(message, `main 6 ${authenticator.theirs}`),
      dialing,
    )
    const remote = identityIn(sixth, configuration.remoteIdentity)
    await authenticator.verify(sixth, secured.hashR(remote.body), remote.identity)
    const identities = { local: configuration.localIdentity, remote: remote.identity }
    return established(ports, peer, talk, secured, { initiator: true, suite, identities, nat, features })
  })
}
