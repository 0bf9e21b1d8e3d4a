/** Quick mode, the responder's side (RFC 2409 section 5.5): the answers to what exchanges/quick.ts asks. */
import type { EspSpi } from '../../../../src-shared/brands.ts'
import { millis } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import type { TrafficSelector } from '../../../ip/traffic-selector.ts'
import type { ChildSa } from '../../child-sa.ts'
import type { ExchangePorts, IsakmpSa } from '../configuration.ts'
import type { Conversation } from '../conversation.ts'
import { hash3, hashed, isHash } from '../hashes.ts'
import { prfOf } from '../keys.ts'
import type { Message } from '../message.ts'
import { payloadOf, payloadsOf } from '../message.ts'
import type { Payload } from '../payloads.ts'
import type { Proposal } from '../proposal-format.ts'
import { hasShape } from '../rules.ts'
import { selectorOf } from '../selectors.ts'
import type { Phase2Suite } from '../suites.ts'
import { readPhase2Transform } from '../suites.ts'
import { childKeys, sameChoice, spiOf } from './phase2.ts'
import { nonceLength, required } from './phase1.ts'
import type { AgreedChild, SelectorPair } from './quick.ts'
import { spiBytes } from '../../esp-spi.ts'

/** Version 1 cannot narrow what was asked: the SA says it as it was, and lets through no more than this. */
export type Permits = (
  asked: SelectorPair,
) => { readonly local: readonly TrafficSelector[]; readonly remote: readonly TrafficSelector[] } | undefined

export interface QuickPolicy {
  /** What is accepted, the preferred first. */
  readonly suites: readonly Phase2Suite[]
  readonly inboundSpi: EspSpi
  /** What of these networks the two ends may speak between, `local` being our side; undefined: nothing. */
  readonly permits: Permits
  /** What is meant when no client identities are named: the two ends themselves (RFC 2409 section 5.5). */
  readonly ends: SelectorPair
}

/** How long the initiator may take for its last message. */
const longestPause = millis(30_000)

/**
 * `inboundFirst` is called when the keys are known: the initiator may send as soon as it has our answer. Rejects with the VpnError
 * that says why there is no SA; the notification to send is in its details.
 */
export async function answerQuickMode(
  ports: ExchangePorts,
  sa: IsakmpSa,
  talk: Conversation,
  first: Message,
  policy: QuickPolicy,
  inboundFirst: (agreed: AgreedChild) => void,
): Promise<AgreedChild> {
  const { crypto, random, clock } = ports
  const prf = prfOf(crypto, sa.suite.hash)
  const { messageId } = talk

  // HDR*, HASH(1), SA, Ni [, KE] [, IDci, IDcr] has come, and is genuine
  const choice = choose(policy.suites, required(payloadOf(first, 'sa')).proposals)
  const [theirs, ours] = payloadsOf(first, 'id')
  const remote = theirs === undefined ? policy.ends.remote : selectorOf(theirs)
  const local = ours === undefined ? policy.ends.local : selectorOf(ours)
  const named = remote === undefined || local === undefined ? undefined : { local, remote }
  const permitted = named === undefined ? undefined : policy.permits(named)
  if (named === undefined || permitted === undefined)
    throw new VpnError('no-common-traffic', { notify: 'INVALID_ID_INFORMATION' })
  const initiatorValue = payloadOf(first, 'ke')?.data
  const group = choice.suite.esp.group
  if ((group === undefined) !== (initiatorValue === undefined))
    throw new VpnError('no-common-proposal', { notify: 'NO_PROPOSAL_CHOSEN' })
  const exchange =
    group === undefined || initiatorValue === undefined
      ? undefined
      : crypto.keyExchange(group).respond(initiatorValue)
  if (exchange?.ok === false) throw new VpnError('protocol-violation', { notify: 'INVALID_KEY_INFORMATION' })

  // <-- HDR*, HASH(2), SA, Nr [, KE] [, IDci, IDcr]
  const nonces = {
    initiator: required(payloadOf(first, 'nonce')).data.slice(),
    responder: random.bytes(nonceLength),
  }
  const answer: readonly Payload[] = [
    { type: 'sa', proposals: [{ ...choice.proposal, spi: spiBytes(policy.inboundSpi) }] },
    { type: 'nonce', data: nonces.responder },
    ...(exchange === undefined ? [] : [{ type: 'ke', data: exchange.value.publicValue } as const]),
    ...[theirs, ours].filter((id) => id !== undefined),
  ]
  const child: ChildSa = {
    inboundSpi: policy.inboundSpi,
    outboundSpi: choice.spi,
    suite: choice.suite.esp,
    ...permitted,
    createdAt: clock.monotonic(),
  }
  const keys = childKeys(prf, sa.keys.d, child, nonces, exchange?.value.sharedSecret)
  exchange?.value.sharedSecret.fill(0)
  const agreed: AgreedChild = { child, named, keys, suite: choice.suite }
  inboundFirst(agreed)
  talk.say(hashed(prf, sa.keys.a, messageId, answer, nonces.initiator))

  // HDR*, HASH(3) -->
  await talk.hear(
    (message) =>
      hasShape(message, 'quick 3') && isHash(crypto, message, () => hash3(prf, sa.keys.a, messageId, nonces)),
    longestPause,
  )
  return agreed
}

/** The first of our suites that is offered, with the offer's own numbers and lifetimes. */
function choose(
  accepted: readonly Phase2Suite[],
  offers: readonly Proposal[],
): { readonly suite: Phase2Suite; readonly proposal: Proposal; readonly spi: EspSpi } {
  // RFC 2408 section 4.2: proposals with one number are a bundle, which is not offered to us alone.
  const single = offers.filter(({ number }) => offers.filter((other) => other.number === number).length === 1)
  for (const ours of accepted) {
    for (const proposal of single) {
      for (const transform of proposal.transforms) {
        const offered = readPhase2Transform(transform)
        if (offered === undefined || !sameChoice(offered, ours)) continue
        return { suite: offered, proposal: { ...proposal, transforms: [transform] }, spi: spiOf(proposal) }
      }
    }
  }
  throw new VpnError('no-common-proposal', { notify: 'NO_PROPOSAL_CHOSEN' })
}
