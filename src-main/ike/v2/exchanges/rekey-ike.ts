/**
 * Rekeying the IKE SA (RFC 7296 sections 1.3.2 and 2.18), from either side and from both at once (section 2.8.2):
 *
 *     HDR, SK {SA, Ni, KEi}  -->      <--  HDR, SK {SA, Nr, KEr}
 *
 * The Child SAs move to the new IKE SA; the old one is deleted by whoever made the one that stays.
 */
import { ikeSpi } from '../../../../src-shared/brands.ts'
import type { IkeSpi } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import type { Random } from '../../../ports.ts'
import { ikeProposalsToWire, selectIkeProposal, verifyIkeChoice } from '../../proposals.ts'
import { groupId } from '../../groups.ts'
import { Exchange, Notify } from '../code-points.ts'
import type { IkeSa } from '../ike-sa.ts'
import { protectIkeSa } from '../ike-sa-protection.ts'
import { rekeyIkeKeys, nonceLength } from '../keys.ts'
import type { Message } from '../message.ts'
import { patience } from '../peer.ts'
import type { Reply } from '../peer.ts'
import { notify, only, refusalIn } from '../refusal.ts'
import type { SessionState } from '../session-state.ts'
import { compareNonces, lowerNonce } from '../session-state.ts'
import { completeExchange, groupBytes } from './create-child.ts'
import { deleteIkeSa } from './delete.ts'
import type { Nonces } from './init.ts'
import type { RekeyOutcome } from './rekey-child.ts'

/** IKE SAs that wait for their Delete while the peer may still make another: each keeps keys and memory for fragments. */
const mostOtherIkeSas = 8

export async function rekeyIkeSa(state: SessionState): Promise<RekeyOutcome> {
  const old = state.sa
  const made = await requestIkeSa(state).catch((error: unknown) => {
    // The peer's own rekey has ended the old one meanwhile, or is about to.
    if (state.sa !== old || state.rivalIkeSa !== undefined) return undefined
    throw error
  })
  if (state.sa !== old) return 'done'
  const rival = state.rivalIkeSa
  if (made === undefined || made === 'try-again') {
    // RFC 7296 section 2.25.2: a peer that has done its own rekey refuses ours; its Delete of the old one is on the way.
    if (rival === undefined) return 'try-again'
    state.adopt(rival.sa)
    return 'done'
  }
  // RFC 7296 section 2.8.2: the one with the lowest nonce goes, by its own maker; the peer then deletes the old one.
  if (rival !== undefined && compareNonces(made.lowestNonce, rival.lowestNonce) < 0) {
    state.adopt(rival.sa)
    await discard(state, made.sa)
    return 'done'
  }
  state.adopt(made.sa)
  await discard(state, old)
  return 'done'
}

async function discard(state: SessionState, sa: IkeSa): Promise<void> {
  try {
    await deleteIkeSa(sa, patience.established)
  } finally {
    state.forget(sa)
  }
}

interface MadeIkeSa {
  readonly sa: IkeSa
  readonly lowestNonce: Uint8Array
}

async function requestIkeSa(state: SessionState): Promise<MadeIkeSa | 'try-again'> {
  const { ports, policy, sa: old } = state
  const initiatorSpi = freshIkeSpi(ports.random)
  const nonce = ports.random.bytes(nonceLength)
  const { group } = old.suite
  const offer = ports.crypto.keyExchange(group).initiate()
  try {
    const { message } = await old.peer.request(
      Exchange.CREATE_CHILD_SA,
      [
        { type: 'sa', proposals: ikeProposalsToWire(policy.proposals.ike, group, ikeSpiBytes(initiatorSpi)) },
        { type: 'nonce', data: nonce },
        { type: 'ke', group: groupId(group), data: offer.publicValue },
      ],
      { retransmission: patience.established },
    )
    const refusal = refusalIn(message)
    if (refusal?.notify === Notify.TEMPORARY_FAILURE) return 'try-again'
    if (refusal !== undefined) throw refusal
    const answered = only(message, 'sa').proposals
    const choice = verifyIkeChoice(policy.proposals.ike, answered)
    if (!choice.ok || choice.value.group !== group)
      throw new VpnError('protocol-violation', { reason: choice.ok ? 'group' : choice.error })
    const responderSpi = parseIkeSpi(answered[0]?.spi)
    if (responderSpi === undefined) throw new VpnError('protocol-violation', { reason: 'IKE SPI' })
    const nonces = { initiator: nonce, responder: Uint8Array.from(only(message, 'nonce').data) }
    const sharedSecret = completeExchange(message, group, offer)
    return {
      sa: newIkeSa(
        state,
        { initiatorSpi, responderSpi },
        { initiator: true, suite: choice.value, nonces, sharedSecret },
      ),
      lowestNonce: lowerNonce(nonces.initiator, nonces.responder),
    }
  } finally {
    offer.discard()
  }
}

export function answerRekeyIkeSa(state: SessionState, message: Message): Reply {
  const { ports, policy } = state
  // RFC 7296 section 2.25.2: not while we make, rekey or close anything else.
  if (state.activity !== 'none' && state.activity !== 'rekey-ike')
    return { payloads: [notify(Notify.TEMPORARY_FAILURE)] }
  if (state.rivalIkeSa !== undefined || state.otherIkeSas() >= mostOtherIkeSas)
    return { payloads: [notify(Notify.TEMPORARY_FAILURE)] }
  const choice = selectIkeProposal(only(message, 'sa').proposals, policy.proposals.ike)
  if (choice === undefined) return { payloads: [notify(Notify.NO_PROPOSAL_CHOSEN)] }
  const { suite } = choice
  const theirs = only(message, 'ke')
  if (theirs.group !== groupId(suite.group))
    return { payloads: [notify(Notify.INVALID_KE_PAYLOAD, groupBytes(suite.group))] }
  const initiatorSpi = parseIkeSpi(choice.wire.spi)
  const exchange = ports.crypto.keyExchange(suite.group).respond(theirs.data)
  if (initiatorSpi === undefined || !exchange.ok) return { payloads: [notify(Notify.INVALID_SYNTAX)] }

  const responderSpi = freshIkeSpi(ports.random)
  const nonces = {
    initiator: Uint8Array.from(only(message, 'nonce').data),
    responder: ports.random.bytes(nonceLength),
  }
  const sa = newIkeSa(
    state,
    { initiatorSpi, responderSpi },
    { initiator: false, suite, nonces, sharedSecret: exchange.value.sharedSecret },
  )
  const reply: Reply = {
    payloads: [
      { type: 'sa', proposals: [{ ...choice.wire, spi: ikeSpiBytes(responderSpi) }] },
      { type: 'nonce', data: nonces.responder },
      { type: 'ke', group: groupId(suite.group), data: exchange.value.publicValue },
    ],
  }
  if (state.activity === 'rekey-ike') {
    state.rivalIkeSa = { sa, lowestNonce: lowerNonce(nonces.initiator, nonces.responder) }
    return reply
  }
  return { ...reply, afterwards: () => state.adopt(sa) }
}

function newIkeSa(
  state: SessionState,
  spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi },
  made: Pick<IkeSa, 'initiator' | 'suite'> & { readonly nonces: Nonces; readonly sharedSecret: Uint8Array },
): IkeSa {
  const { ports, sa: old } = state
  const keys = rekeyIkeKeys(ports.crypto, old.suite.prf, old.keys.d, made.suite, {
    ...spis,
    nonces: made.nonces,
    sharedSecret: made.sharedSecret,
  })
  made.sharedSecret.fill(0)
  const sa: IkeSa = {
    ...spis,
    initiator: made.initiator,
    suite: made.suite,
    keys,
    peer: state.createPeer(spis, made.initiator),
    createdAt: ports.clock.monotonic(),
  }
  protectIkeSa(ports, sa)
  // RFC 7383 section 2.3 negotiates it in IKE_SA_INIT alone: what was agreed on there goes on to hold.
  if (old.peer.fragmentSize !== undefined) sa.peer.fragmentAt(old.peer.fragmentSize)
  state.expect(sa)
  return sa
}

export function freshIkeSpi(random: Random): IkeSpi {
  for (;;) {
    const spi = parseIkeSpi(random.bytes(8))
    if (spi !== undefined) return spi
  }
}

export function ikeSpiBytes(spi: IkeSpi): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, spi)
  return bytes
}

/** RFC 7296 section 2.6: an IKE SPI is never zero. */
function parseIkeSpi(bytes: Uint8Array | undefined): IkeSpi | undefined {
  if (bytes?.length !== 8) return undefined
  const spi = ikeSpi(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0))
  return spi === 0n ? undefined : spi
}
