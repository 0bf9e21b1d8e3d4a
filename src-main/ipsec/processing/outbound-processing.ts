/** The way of a packet out: policy, bundle, size, wire (RFC 4301 section 5.1). */
import { fragmentIpv4 } from '../../ip/fragment.ts'
import { LONGEST_ANSWER, mayAnswer, writeTooBig } from '../../ip/icmp.ts'
import { createPacketView, readPacket } from '../../ip/packet.ts'
import type { PolicyAction, SaTemplate } from '../policy/policy.ts'
import { readOffendingPacket } from '../selectors.ts'
import { applyAssociation, overheadOf, takeSequence } from './apply-association.ts'
import type { Association } from './association.ts'
import type { ProcessingDropReason } from './drop-reasons.ts'
import { makeEspDummy } from './esp-processing.ts'
import { fragmentIpv6 } from './fragment-ipv6.ts'
import { createHeaderPlace, findPlace } from './header-chain.ts'
import type { ProcessingState } from './processing-state.ts'
import { createReassembly } from './reassembly.ts'
import { reverseFlow } from './reverse-flow.ts'
import { createIdentifications } from './tunnel-header.ts'
import { createWorkingPacket, loadPacket } from './working-packet.ts'

/** More SAs around one packet than anyone has use for. */
export const MOST_IN_BUNDLE = 6
/** RFC 8200 section 5, RFC 791 section 3.1. */
const SMALLEST_MTU = { 4: 68, 6: 1280 } as const

export interface OutboundProcessing {
  /** A packet of the protected side; its bytes stay as they are. */
  packet(buffer: Uint8Array, offset: number, length: number): void
  /** Sends a packet without meaning on an ESP tunnel, `length` bytes long inside (RFC 4303 section 2.6); false when it did not leave. */
  dummy(sa: Association, length: number): boolean
}

export function createOutboundProcessing(state: ProcessingState): OutboundProcessing {
  const packet = createWorkingPacket()
  const original = createWorkingPacket()
  const fragment = new Uint8Array(65_535)
  const answer = new Uint8Array(LONGEST_ANSWER)
  const view = createPacketView()
  const current = createPacketView()
  const quoted = createPacketView()
  const place = createHeaderPlace()
  const identification = createIdentifications()
  const reassembly = createReassembly(state.clock, () => state.drops.count('fragment-incomplete'))

  /** An ICMP error of ours about a packet that came in belongs to that packet's policy (RFC 4301 section 6). */
  const decide = (): PolicyAction | undefined => {
    const action = state.policies.decide('out', view)
    if (action?.kind === 'protect') return action
    if (!readOffendingPacket(packet.buffer, packet.offset, view, quoted)) return action
    const reversed = state.policies.decide('out', reverseFlow(quoted))
    return reversed?.kind === 'protect' ? reversed : action
  }

  const emit = (): ProcessingDropReason | undefined => {
    const { buffer, offset, length } = packet
    if (length <= state.mtu) return reasonOf(state.send(buffer, offset, length))
    if (!readPacket(buffer, offset, length, current)) return 'not-ip'
    let outcome: ProcessingDropReason | undefined
    const take = (size: number): void => {
      outcome ??= reasonOf(state.send(fragment, 0, size))
    }
    if (current.version === 4) {
      if (current.dontFragment) return 'too-big'
      const isDone = fragmentIpv4(buffer, offset, current, state.mtu, fragment, 0, take)
      return isDone ? outcome : 'too-big'
    }
    // RFC 4303 section 3.3.4: fragments are made behind ESP, by the source of the outer packet, which is this host.
    if (!findPlace(packet, 'outbound', place)) return 'header-chain'
    const isDone = fragmentIpv6(packet, place, state.mtu, identification(), fragment, take)
    return isDone ? outcome : 'too-big'
  }

  /** Tells the sender what fits (RFC 4301 section 8.2), from the packet as it came. */
  const answerTooBig = (overhead: number): void => {
    if (!readPacket(original.buffer, original.offset, original.length, view) || !mayAnswer(view)) return
    const mtu = Math.max(SMALLEST_MTU[view.version === 6 ? 6 : 4], state.mtu - overhead)
    const length = writeTooBig(original.buffer, original.offset, view, mtu, answer)
    if (state.sink?.write(answer, 0, length) === true) state.tooBigAnswers += 1
  }

  /** Transport mode takes whole datagrams (RFC 4303 section 3.3.4). `kept`: the rest is still to come. */
  const makeWhole = (bundle: readonly SaTemplate[]): 'whole' | 'kept' | ProcessingDropReason => {
    if (bundle[0]?.mode !== 'transport' || (view.fragmentOffset === 0 && !view.moreFragments)) return 'whole'
    if (!findPlace(packet, 'outbound', place)) return 'header-chain'
    const outcome = reassembly.take(packet, place)
    if (outcome !== 'whole') return outcome
    return readPacket(packet.buffer, packet.offset, packet.length, view) ? 'whole' : 'not-ip'
  }

  const protect = (bundle: readonly SaTemplate[]): ProcessingDropReason | undefined => {
    if (bundle.length > MOST_IN_BUNDLE) return 'bundle-too-deep'
    const whole = makeWhole(bundle)
    if (whole === 'kept') return undefined
    if (whole !== 'whole') return whole
    loadPacket(original, packet.buffer, packet.offset, packet.length)
    let overhead = 0
    for (const template of bundle) {
      const sa = state.associations.outbound(template, packet.buffer, packet.offset)
      if (sa === undefined) return 'no-outbound-sa'
      if (!readPacket(packet.buffer, packet.offset, packet.length, current)) return 'not-ip'
      if (overhead === 0 && sa.carries?.(view) === false) return 'selector-mismatch'
      overhead += overheadOf(sa)
      const reason = applyAssociation(state, packet, place, current, sa, identification)
      if (reason !== undefined) {
        sa.drops.count(reason)
        return reason
      }
    }
    const reason = emit()
    if (reason === 'too-big') answerTooBig(overhead)
    return reason
  }

  const process = (buffer: Uint8Array, offset: number, length: number): ProcessingDropReason | undefined => {
    if (!readPacket(buffer, offset, length, view)) return 'not-ip'
    if (!loadPacket(packet, buffer, offset, view.length)) return 'too-big'
    const action = decide()
    if (action === undefined) return 'no-policy'
    switch (action.kind) {
      case 'discard':
        return 'policy-discard'
      case 'bypass':
        state.bypassed += 1
        return emit()
      case 'protect':
        return protect(action.bundle)
    }
  }

  return {
    packet(buffer, offset, length) {
      const reason = process(buffer, offset, length)
      if (reason !== undefined) state.drops.count(reason)
    },
    dummy(sa, length) {
      if (sa.transform.kind !== 'esp' || sa.direction !== 'outbound') return false
      if (takeSequence(state, sa) !== undefined) return false
      packet.offset = original.offset
      makeEspDummy(packet, place, sa, sa.transform, length, identification())
      return emit() === undefined
    },
  }
}

function reasonOf(outcome: ReturnType<ProcessingState['send']>): ProcessingDropReason | undefined {
  switch (outcome) {
    case 'sent':
      return undefined
    case 'would-block':
      return 'send-blocked'
    case 'too-big':
      return 'too-big'
    case 'unreachable':
    case 'failed':
      return 'send-failed'
  }
}
