/**
 * Aggressive mode, the initiator's side (RFC 2409 sections 5.1 and 5.4):
 *
 *     HDR, SA, KE, Ni, IDii                    -->
 *                                              <--  HDR, SA, KE, Nr, IDir, NAT-D, NAT-D, proof of the gateway
 *     HDR*, NAT-D, NAT-D, proof of us          -->
 *
 * Identities go in clear. With a pre-shared key the gateway's proof lets anyone who listens, or who asks, guess the key at
 * leisure: whoever shows this connection has to say so.
 */
import { VpnError } from '../../../../src-shared/errors.ts'
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
import { proveBySealing } from './aggressive-sealed.ts'
import type { Begun } from './aggressive-sealed.ts'
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

export async function aggressiveMode(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  peer: Peer,
  moveToNatPort: () => void,
): Promise<IsakmpSa> {
  const authenticator = authenticatorOf(ports, configuration, 'client')
  const talk = peer.phase1(Exchange.AGGRESSIVE)

  // HDR, SA, KE, Ni, IDii -->  <-- HDR, SA, KE, Nr, IDir, proof
  const all = phase1Suites(configuration.proposals, authenticator.methods, configuration.lifetimeSeconds)
  const group = all[0]?.group
  if (group === undefined) throw new VpnError('profile-invalid', { where: 'proposals.ike' })
  // RFC 2409 section 5: the group cannot be negotiated, since the public value goes along.
  const offered = all.filter((suite) => suite.group === group)
  const offer = ports.crypto.keyExchange(group).initiate()
  try {
    const begun = { authenticator, talk, peer, offered, offer }
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
  { authenticator, talk, peer, offered, offer }: Begun,
  moveToNatPort: () => void,
): Promise<IsakmpSa> {
  const nonce = ports.random.bytes(nonceLength)
  const sa: PayloadOf<'sa'> = { type: 'sa', proposals: phase1Proposals(offered) }
  const id = identityPayload(configuration.localIdentity)
  const second = await talk.ask(
    [
      sa,
      { type: 'ke', data: offer.publicValue },
      { type: 'nonce', data: nonce },
      id,
      ...ourVendorIds(configuration),
    ],
    (message) =>
      hasShape(message, `aggressive 2 ${authenticator.theirs}`) && message.header.responderSpi !== 0n,
    dialing,
  )
  peer.adopt(second.header.responderSpi)
  const suite = agreedSuite(offered, second)
  const exchanged = initiatorExchanged(suite, { offer, nonce, sa: bodyOf(sa) }, second)
  const secured = await secure(ports, authenticator, peer, exchanged, configuration.remoteIdentity)
  return orWiped(secured, async () => {
    const remote = identityIn(second, configuration.remoteIdentity)
    await authenticator.verify(second, secured.hashR(remote.body), remote.identity)

    // HDR*, proof -->
    const features = featuresOf(second)
    peer.takesFragments(features.fragmentation)
    const question = natQuestion(ports, configuration, peer, suite)
    const nat = natFound(question, configuration, features, second)
    if (nat.local || nat.remote) moveToNatPort()
    talk.encrypt(secured.cipher, secured.iv)
    talk.say([
      ...authenticator.prove(secured.hashI(bodyOf(id))),
      ...natDetectionPayloads(question, features, hiddenSource(ports, configuration, suite)),
    ])
    const identities = { local: configuration.localIdentity, remote: remote.identity }
    return established(ports, peer, talk, secured, { initiator: true, suite, identities, nat, features })
  })
}
