/**
 * Quick mode, the initiator's side (RFC 2409 section 5.5): one pair of ESP SAs, with or without a key exchange of its own.
 *
 *     HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr]  -->
 *                                                  <--  HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr]
 *     HDR*, HASH(3)                                -->
 *                                                  <--  HDR*, HASH, N(CONNECTED)   when the commit flag was set
 */
import type { EspSpi } from '../../../../src-shared/brands.ts'
import { millis } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import type { TrafficSelector } from '../../../ip/traffic-selector.ts'
import type { KeyExchangeOffer } from '../../../ports.ts'
import type { ChildKeys, ChildSa } from '../../child-sa.ts'
import { Exchange, Notification } from '../code-points.ts'
import type { ExchangePorts, IsakmpSa } from '../configuration.ts'
import { established } from '../conversation.ts'
import type { Conversation } from '../conversation.ts'
import { hash2, hash3, hashed, isGenuine, isHash } from '../hashes.ts'
import { prfOf } from '../keys.ts'
import type { Message } from '../message.ts'
import { payloadOf, payloadsOf } from '../message.ts'
import type { Payload } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { hasShape } from '../rules.ts'
import { selectorPayload } from '../selectors.ts'
import type { Phase2Suite } from '../suites.ts'
import { phase2Proposals } from '../suites.ts'
import { agreedPhase2, agreedSelectors, childKeys, withPeerLifetime } from './phase2.ts'
import { nonceLength, required } from './phase1.ts'
import { spiBytes } from '../../esp-spi.ts'

export interface QuickRequest extends SelectorPair {
  /** What is offered, the preferred first; all with one group or none. */
  readonly suites: readonly Phase2Suite[]
  readonly inboundSpi: EspSpi
}

/** How long the gateway may take to say that it is ready. */
const commitPatience = millis(10_000)

const isConnected = (message: Message): boolean =>
  hasShape(message, 'quick 4') &&
  payloadsOf(message, 'notification').some(({ notification }) => notification === Notification.CONNECTED)

/** One network a side. */
export interface SelectorPair {
  readonly local: TrafficSelector
  readonly remote: TrafficSelector
}

export interface AgreedChild {
  readonly child: ChildSa
  /** The client identities as they were said, which the SA's successors say again. */
  readonly named: SelectorPair
  readonly keys: ChildKeys
  readonly suite: Phase2Suite
}

export async function quickMode(
  ports: ExchangePorts,
  sa: IsakmpSa,
  peer: Peer,
  request: QuickRequest,
): Promise<AgreedChild> {
  const talk = peer.begin(Exchange.QUICK)
  const group = request.suites[0]?.esp.group
  const offer = group === undefined ? undefined : ports.crypto.keyExchange(group).initiate()
  try {
    return await agree(ports, sa, talk, request, offer)
  } finally {
    // RFC 2409 section 5.5: forward secrecy is only had when the private value is gone.
    offer?.discard()
  }
}

async function agree(
  ports: ExchangePorts,
  sa: IsakmpSa,
  talk: Conversation,
  request: QuickRequest,
  offer: KeyExchangeOffer | undefined,
): Promise<AgreedChild> {
  const { crypto, random, clock } = ports
  const prf = prfOf(crypto, sa.suite.hash)
  const { messageId } = talk

  // HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr] -->
  const nonce = random.bytes(nonceLength)
  const asked: readonly Payload[] = [
    { type: 'sa', proposals: phase2Proposals(request.suites, spiBytes(request.inboundSpi)) },
    { type: 'nonce', data: nonce },
    ...(offer === undefined ? [] : [{ type: 'ke', data: offer.publicValue } as const]),
    selectorPayload(request.local),
    selectorPayload(request.remote),
  ]
  // <-- HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr]
  const isSecond = (message: Message): boolean =>
    hasShape(message, 'quick 2') &&
    isHash(crypto, message, (following) => hash2(prf, sa.keys.a, messageId, nonce, following))
  const second = await talk.ask(hashed(prf, sa.keys.a, messageId, asked), isSecond, established)
  const chosen = agreedPhase2(request.suites, second)
  const sharedSecret = offer?.complete(required(payloadOf(second, 'ke')).data)
  if (sharedSecret?.ok === false) throw new VpnError('protocol-violation', { reason: 'public value' })
  const nonces = { initiator: nonce, responder: required(payloadOf(second, 'nonce')).data.slice() }
  const [local, remote] = agreedSelectors(request, second)

  // HDR*, HASH(3) -->
  talk.say([{ type: 'hash', data: hash3(prf, sa.keys.a, messageId, nonces) }])
  if (second.header.commit) {
    await talk.hear(
      (message) => isConnected(message) && isGenuine(crypto, prf, sa.keys.a, message),
      commitPatience,
    )
  }
  const child: ChildSa = {
    inboundSpi: request.inboundSpi,
    outboundSpi: chosen.spi,
    suite: chosen.suite.esp,
    local: [local],
    remote: [remote],
    createdAt: clock.monotonic(),
  }
  const keys = childKeys(prf, sa.keys.d, child, nonces, sharedSecret?.value)
  sharedSecret?.value.fill(0)
  const named = { local: request.local, remote: request.remote }
  return { child, named, keys, suite: withPeerLifetime(chosen.suite, second) }
}
