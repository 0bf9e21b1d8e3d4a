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
 * The proof is HASH_I or HASH_R with a pre-shared key, a signature over it with certificates.
 */
import { VpnError } from '../../../../src-shared/errors.ts'
import { createAuthenticator } from '../authentication.ts'
import { Exchange } from '../code-points.ts'
import type { ExchangePorts, IsakmpSa, Phase1Configuration } from '../configuration.ts'
import { dialing } from '../conversation.ts'
import { hashI, hashR } from '../hashes.ts'
import { cookies, messageCipher, phase1Iv, phase1Keys, prfOf } from '../keys.ts'
import { payloadOf } from '../message.ts'
import { natBetween, natDetectionPayloads } from '../nat.ts'
import type { Payload } from '../payloads.ts'
import { bodyOf } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { phase1Proposals, phase1Suites } from '../suites.ts'
import { hasShape } from '../rules.ts'
import { featuresOf, ourVendorIds } from '../vendor-ids.ts'
import { agreedSuite, cookieBytes, identityIn, identityPayload, nonceLength, required } from './phase1.ts'

export async function mainMode(
  ports: ExchangePorts,
  configuration: Phase1Configuration,
  peer: Peer,
  moveToNatPort: () => void,
): Promise<IsakmpSa> {
  const { crypto, random, clock } = ports
  const authenticator = createAuthenticator({
    crypto,
    credential: configuration.credential,
    xauth: configuration.xauth,
    role: 'client',
    now: () => clock.wall(),
  })
  const talk = peer.phase1(Exchange.MAIN)

  // HDR, SA -->  <-- HDR, SA
  const offered = phase1Suites(configuration.proposals, authenticator.methods, configuration.lifetimeSeconds)
  const sa: Payload & { readonly type: 'sa' } = { type: 'sa', proposals: phase1Proposals(offered) }
  const second = await talk.ask(
    [sa, ...ourVendorIds(configuration)],
    (message) => hasShape(message, 'main 2') && message.header.responderSpi !== 0n,
    dialing,
  )
  const suite = agreedSuite(offered, second)
  const features = featuresOf(second)
  peer.adopt(second.header.responderSpi)

  // HDR, KE, Ni -->  <-- HDR, KE, Nr
  const offer = crypto.keyExchange(suite.group).initiate()
  const nonce = random.bytes(nonceLength)
  const question = {
    crypto,
    hash: suite.hash,
    cookies: cookies(peer.spis),
    local: configuration.local,
    remote: configuration.remote,
  }
  const hidden = configuration.forceEncapsulation ? random.bytes(crypto.hash(suite.hash).length) : undefined
  const fourth = await talk.ask(
    [
      { type: 'ke', data: offer.publicValue },
      { type: 'nonce', data: nonce },
      ...natDetectionPayloads(question, features, hidden),
    ],
    (message) => hasShape(message, 'main 4'),
    dialing,
  )
  const responderValue = required(payloadOf(fourth, 'ke')).data.slice()
  const secret = offer.complete(responderValue)
  if (!secret.ok) throw new VpnError('protocol-violation', { reason: 'public value' })
  const nonces = { initiator: nonce, responder: required(payloadOf(fourth, 'nonce')).data.slice() }
  const nat = natBetween(question, fourth)
  // RFC 3947 section 4: from the next message on.
  if (features.natTraversal !== undefined && (nat.local || nat.remote)) moveToNatPort()

  // HDR*, IDii, proof -->  <-- HDR*, IDir, proof
  const prf = prfOf(crypto, suite.hash)
  const skeyid = await authenticator.skeyid(prf, nonces, secret.value, configuration.remoteIdentity)
  const keys = phase1Keys(prf, skeyid, secret.value, cookies(peer.spis))
  secret.value.fill(0)
  const cipher = messageCipher(crypto, suite, keys.e)
  talk.encrypt(cipher, phase1Iv(crypto, suite, offer.publicValue, responderValue))
  const transcript = {
    initiatorValue: offer.publicValue,
    responderValue,
    initiatorCookie: cookieBytes(peer.spis.initiatorSpi),
    responderCookie: cookieBytes(peer.spis.responderSpi),
    offer: bodyOf(sa),
  }
  const id = identityPayload(configuration.localIdentity)
  const sixth = await talk.ask(
    [id, ...authenticator.prove(hashI(prf, keys.skeyid, transcript, bodyOf(id)))],
    (message) => hasShape(message, `main 6 ${authenticator.theirs}`),
    dialing,
  )
  const remote = identityIn(sixth, configuration.remoteIdentity)
  await authenticator.verify(sixth, hashR(prf, keys.skeyid, transcript, remote.body), remote.identity)
  return {
    ...peer.spis,
    initiator: true,
    suite,
    keys,
    cipher,
    lastBlock: required(talk.lastBlock).slice(),
    identities: { local: configuration.localIdentity, remote: remote.identity },
    nat,
    features,
    createdAt: clock.monotonic(),
    phase1: talk,
  }
}
