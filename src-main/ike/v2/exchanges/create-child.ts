/**
 * CREATE_CHILD_SA for a Child SA, new or in place of another (RFC 7296 sections 1.3.1 and 1.3.3), both sides:
 *
 *     HDR, SK {[N(REKEY_SA),] SA, Ni, [KEi,] TSi, TSr}  -->
 *                                 <--  HDR, SK {SA, Nr, [KEr,] TSi, TSr}
 */
import type { GroupName } from '../../../../src-shared/algorithms.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import { narrowSelectors } from '../../../ip/traffic-selector.ts'
import type { TrafficSelector } from '../../../ip/traffic-selector.ts'
import type { KeyExchangeOffer } from '../../../ports.ts'
import { espProposalsToWire, groupsOf, selectEspProposal, verifyEspChoice } from '../../proposals.ts'
import { groupById, groupId } from '../../groups.ts'
import { freshSpi, spiBytes } from '../../esp-spi.ts'
import { childKeysFor, readSpi } from '../child-material.ts'
import { Exchange, Notify, Protocol } from '../code-points.ts'
import { nonceLength } from '../keys.ts'
import type { ChildKeys, ChildSa } from '../../child-sa.ts'
import type { Message } from '../message.ts'
import type { Payload } from '../payloads.ts'
import { patience } from '../peer.ts'
import type { Reply } from '../peer.ts'
import { findNotify, hasNotify, notify, only, PeerRefused, refusalIn } from '../refusal.ts'
import type { ChildRecord, SessionState } from '../session-state.ts'
import { lowerNonce, newRecord } from '../session-state.ts'
import { assertNarrowed } from './auth-child.ts'

export interface NegotiatedChild {
  readonly child: ChildSa
  readonly keys: ChildKeys
  /** The lower of the two nonces of its exchange: decides between rivals. */
  readonly lowestNonce: Uint8Array
}

/** Asks for a Child SA. `replaces` makes it a rekey. Throws PeerRefused with the peer's own reason. */
export async function requestChild(
  state: SessionState,
  replaces: ChildSa | undefined,
): Promise<NegotiatedChild> {
  const { ports, policy } = state
  const groups = groupsOf(policy.proposals.esp)
  let group = replaces?.suite.group ?? groups[0]
  // RFC 7296 section 1.3: INVALID_KE_PAYLOAD names the group it wants; one more try, only with a group that we offer.
  for (let attempt = 0; ; attempt += 1) {
    const offer = group === undefined ? undefined : ports.crypto.keyExchange(group).initiate()
    try {
      return await askOnce(state, replaces, group, offer)
    } catch (error) {
      const other = error instanceof OtherGroup ? error.group : undefined
      if (other === undefined || other === group || !groups.includes(other) || attempt > 0) throw error
      group = other
    } finally {
      offer?.discard()
    }
  }
}

class OtherGroup extends PeerRefused {
  readonly group: GroupName | undefined
  constructor(group: GroupName | undefined) {
    super(Notify.INVALID_KE_PAYLOAD)
    this.group = group
  }
}

async function askOnce(
  state: SessionState,
  replaces: ChildSa | undefined,
  group: GroupName | undefined,
  offer: KeyExchangeOffer | undefined,
): Promise<NegotiatedChild> {
  const { ports, policy, sa } = state
  const inboundSpi = freshSpi(ports.random, state.spiInUse)
  const nonce = ports.random.bytes(nonceLength)
  const offered = replaces ?? policy.selectors
  const { message } = await sa.peer.request(
    Exchange.CREATE_CHILD_SA,
    [
      ...(replaces === undefined ? [] : [rekeyNotify(replaces)]),
      { type: 'sa', proposals: espProposalsToWire(policy.proposals.esp, spiBytes(inboundSpi), group) },
      { type: 'nonce', data: nonce },
      ...keyExchangePayload(group, offer?.publicValue),
      { type: 'ts-initiator', selectors: [...offered.local] },
      { type: 'ts-responder', selectors: [...offered.remote] },
    ],
    { retransmission: patience.established },
  )
  const otherGroup = findNotify(message, Notify.INVALID_KE_PAYLOAD)
  if (otherGroup !== undefined) throw new OtherGroup(groupIn(otherGroup.data))
  const refusal = refusalIn(message)
  if (refusal !== undefined) throw refusal

  const answered = only(message, 'sa').proposals
  const choice = verifyEspChoice(policy.proposals.esp, answered, group)
  if (!choice.ok) throw new VpnError('protocol-violation', { reason: choice.error })
  const local = only(message, 'ts-initiator').selectors
  const remote = only(message, 'ts-responder').selectors
  assertNarrowed(local, offered.local)
  assertNarrowed(remote, offered.remote)
  const peerNonce = Uint8Array.from(only(message, 'nonce').data)
  const sharedSecret =
    choice.value.group === undefined ? undefined : completeExchange(message, choice.value.group, offer)
  const child: ChildSa = {
    inboundSpi,
    outboundSpi: readSpi(answered),
    suite: choice.value,
    local,
    remote,
    createdAt: ports.clock.monotonic(),
  }
  const keys = childKeysFor(ports, sa, child, {
    nonces: { initiator: nonce, responder: peerNonce },
    weInitiated: true,
    ...(sharedSecret === undefined ? {} : { sharedSecret }),
  })
  sharedSecret?.fill(0)
  return { child, keys, lowestNonce: lowerNonce(nonce, peerNonce) }
}

/** RFC 7296 section 1.3.3: the SPI that we receive on. */
const rekeyNotify = (child: ChildSa): Payload => ({
  type: 'notify',
  protocol: Protocol.ESP,
  spi: spiBytes(child.inboundSpi),
  notify: Notify.REKEY_SA,
  data: new Uint8Array(),
})

const keyExchangePayload = (
  group: GroupName | undefined,
  value: Uint8Array | undefined,
): readonly Payload[] =>
  group === undefined || value === undefined ? [] : [{ type: 'ke', group: groupId(group), data: value }]

export const groupIn = (data: Uint8Array): GroupName | undefined =>
  data.length === 2 ? groupById(new DataView(data.buffer, data.byteOffset, 2).getUint16(0)) : undefined

/** The shared secret of the exchange's own Diffie-Hellman. Throws VpnError 'protocol-violation'. */
export function completeExchange(
  message: Message,
  group: GroupName,
  offer: KeyExchangeOffer | undefined,
): Uint8Array {
  const payload = only(message, 'ke')
  if (offer === undefined || payload.group !== groupId(group))
    throw new VpnError('protocol-violation', { reason: 'key exchange of another group' })
  const shared = offer.complete(payload.data)
  if (!shared.ok) throw new VpnError('protocol-violation', { reason: shared.error })
  return shared.value
}

// ---------------------------------------------------------------- the answering side

export interface ChildTerms {
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
}

export type AnsweredChild =
  | {
      readonly kind: 'agreed'
      readonly record: ChildRecord
      readonly keys: ChildKeys
      readonly lowestNonce: Uint8Array
      readonly payloads: readonly Payload[]
    }
  | { readonly kind: 'refused'; readonly payloads: readonly Payload[] }

/** Child SAs that a peer may make under one IKE SA; rekeyed, as many again while the old ones wait for their Delete. */
const mostChildSas = 16

/** Negotiates a Child SA that the peer asks for, within our terms. Installs nothing yet. */
export function answerChild(
  state: SessionState,
  sa: SessionState['sa'],
  message: Message,
  terms: ChildTerms,
): AnsweredChild {
  const { ports, policy } = state
  const refused = (type: number, data?: Uint8Array): AnsweredChild => ({
    kind: 'refused',
    payloads: [notify(type, data)],
  })
  // RFC 7296 section 1.3.1: a peer that never has enough is told so.
  const most = hasNotify(message, Notify.REKEY_SA) ? 2 * mostChildSas : mostChildSas
  if (state.children.length >= most) return refused(Notify.NO_ADDITIONAL_SAS)
  const choice = selectEspProposal(only(message, 'sa').proposals, policy.proposals.esp, { withGroup: true })
  if (choice === undefined) return refused(Notify.NO_PROPOSAL_CHOSEN)
  const { suite } = choice
  const theirs = message.payloads.find((payload) => payload.type === 'ke')
  if (suite.group !== undefined && theirs?.group !== groupId(suite.group)) {
    return refused(Notify.INVALID_KE_PAYLOAD, groupBytes(suite.group))
  }
  // The peer's initiator selectors are our remote ones (RFC 7296 section 2.9).
  const remote = narrowSelectors(only(message, 'ts-initiator').selectors, terms.remote)
  const local = narrowSelectors(only(message, 'ts-responder').selectors, terms.local)
  if (remote.length === 0 || local.length === 0) return refused(Notify.TS_UNACCEPTABLE)

  const exchange =
    suite.group === undefined || theirs === undefined
      ? undefined
      : ports.crypto.keyExchange(suite.group).respond(theirs.data)
  if (exchange?.ok === false) return refused(Notify.INVALID_SYNTAX)
  const nonces = {
    initiator: Uint8Array.from(only(message, 'nonce').data),
    responder: ports.random.bytes(nonceLength),
  }
  const child: ChildSa = {
    inboundSpi: freshSpi(ports.random, state.spiInUse),
    outboundSpi: readSpi([choice.wire]),
    suite,
    local,
    remote,
    createdAt: ports.clock.monotonic(),
  }
  const keys = childKeysFor(ports, sa, child, {
    nonces,
    weInitiated: false,
    ...(exchange === undefined ? {} : { sharedSecret: exchange.value.sharedSecret }),
  })
  exchange?.value.sharedSecret.fill(0)
  return {
    kind: 'agreed',
    record: newRecord(child),
    keys,
    lowestNonce: lowerNonce(nonces.initiator, nonces.responder),
    payloads: [
      { type: 'sa', proposals: [{ ...choice.wire, spi: spiBytes(child.inboundSpi) }] },
      { type: 'nonce', data: nonces.responder },
      ...keyExchangePayload(suite.group, exchange?.value.publicValue),
      { type: 'ts-initiator', selectors: [...remote] },
      { type: 'ts-responder', selectors: [...local] },
    ],
  }
}

export function groupBytes(group: GroupName): Uint8Array {
  const bytes = new Uint8Array(2)
  new DataView(bytes.buffer).setUint16(0, groupId(group))
  return bytes
}

/** A further Child SA, asked for by us. */
export async function createChild(state: SessionState): Promise<void> {
  const { child, keys } = await requestChild(state, undefined)
  state.children.push(newRecord(child))
  state.perform({ kind: 'install', child, keys })
}

/** A Child SA in place of one that the peer has closed, unless another carries its traffic by now or nobody wants it. */
export async function restoreChild(state: SessionState): Promise<'done'> {
  const stands = state.children.some(
    ({ activity, replacedBy }) => activity !== 'deleting' && replacedBy === undefined,
  )
  if (!stands && state.policy.restoresTraffic !== false) await createChild(state)
  return 'done'
}

/** A further Child SA, asked for by the peer. */
export function answerCreateChild(state: SessionState, message: Message): Reply {
  const answer = answerChild(state, state.sa, message, state.policy.selectors)
  if (answer.kind === 'agreed') {
    state.children.push(answer.record)
    state.perform({ kind: 'install', child: answer.record.child, keys: answer.keys })
  }
  return { payloads: answer.payloads }
}
