/** The way of a packet out: policy, size, ESP, datagram (RFC 4301 section 5.1). */
import type { Millis } from '../../src-shared/brands.ts'
import { fragmentIpv4 } from '../ip/fragment.ts'
import { clampMss } from '../ip/mss.ts'
import { createPacketView, readPacket } from '../ip/packet.ts'
import type { PacketView } from '../ip/packet.ts'
import type { DropReason } from './drops.ts'
import { espPrefixLength, NEXT_HEADER, sealEsp } from './esp.ts'
import type { PlaneState } from './plane-state.ts'
import type { OutboundSa, PathState } from './sa.ts'
import { carriesOutbound, readOffendingPacket } from './selectors.ts'
import { isExhausted, isNearlyExhausted, nextSequence } from './sequence.ts'
import type { Policy } from './spd.ts'
import { createTooBigAnswerer } from './too-big.ts'
import { outerTrafficClass } from './traffic-class.ts'
import { recordUse, stop, tellSoft } from './usage.ts'

/** RFC 8200 section 5: every link carries this much, so a tunnel does too, with fragments outside where it must. */
const IPV6_SMALLEST_MTU = 1280
/** RFC 791 section 3.1: the IPv4 packet that everything forwards whole. */
const IPV4_SMALLEST_MTU = 68
const PATH_TOO_NARROW_INTERVAL_MS = 1000

/** Takes packets from the adapter, with room around them as the Tun port says. */
export interface Outbound {
  packet(buffer: Uint8Array, offset: number, length: number): void
  /**
   * The SA for a packet that stands for several, each of at most `segmentLength` bytes, where all of them go whole; undefined
   * where they are to be taken one by one.
   */
  saForSegments(
    buffer: Uint8Array,
    offset: number,
    length: number,
    segmentLength: number,
  ): OutboundSa | undefined
  /** One of the packets that the last call of `saForSegments` was about. */
  segment(sa: OutboundSa, buffer: Uint8Array, offset: number, length: number): void
}

export function createOutbound(state: PlaneState): Outbound {
  const view = createPacketView()
  const quoted = createPacketView()
  const answerTooBig = createTooBigAnswerer(state)
  /** An ICMP error of ours about a packet that came in belongs to that packet's SA (RFC 4301 section 6). */
  const findPolicy = (buffer: Uint8Array, offset: number): Policy | undefined => {
    const found = state.spd.lookup(view)
    if (found !== undefined || !readOffendingPacket(buffer, offset, view, quoted)) return found
    return state.spd.lookupReversed(quoted)
  }

  const sendFragments = (sa: OutboundSa, buffer: Uint8Array, offset: number): DropReason | undefined => {
    const room = state.scratch()
    const { trafficClass } = view
    let outcome: DropReason | undefined
    const whole = fragmentIpv4(buffer, offset, view, sa.mtu, room.buffer, room.offset, (length) => {
      outcome ??= sealAndSend(state, sa, NEXT_HEADER.ipv4, trafficClass, room.buffer, room.offset, length)
    })
    return whole ? outcome : 'too-big'
  }

  const process = (buffer: Uint8Array, offset: number, length: number): DropReason | undefined => {
    if (!readPacket(buffer, offset, length, view)) return 'not-ip'
    const policy = findPolicy(buffer, offset)
    if (policy === undefined) return 'no-policy'
    const { sa } = policy
    if (state.clampMss) clampMss(buffer, offset, view, sa.mtu)
    switch (whatFits(view, sa)) {
      case 'whole':
        return sealAndSend(state, sa, nextHeaderOf(view), view.trafficClass, buffer, offset, view.length)
      case 'fragments':
        return sendFragments(sa, buffer, offset)
      case 'too-big':
        answerTooBig(buffer, offset, view, smallestMtu(view, sa))
        return 'too-big'
    }
  }

  const count = (reason: DropReason | undefined): void => {
    if (reason !== undefined) state.drops.count(reason)
  }

  return {
    packet: (buffer, offset, length) => count(process(buffer, offset, length)),
    saForSegments(buffer, offset, length, segmentLength) {
      if (!readPacket(buffer, offset, length, view)) return undefined
      const sa = state.spd.lookup(view)?.sa
      return sa !== undefined && segmentLength <= sa.mtu ? sa : undefined
    },
    segment: (sa, buffer, offset, length) =>
      count(sealAndSend(state, sa, nextHeaderOf(view), view.trafficClass, buffer, offset, length)),
  }
}

const nextHeaderOf = ({ version }: PacketView): number =>
  version === 4 ? NEXT_HEADER.ipv4 : NEXT_HEADER.ipv6

/**
 * RFC 4301 section 8.1: a socket of a user program cannot copy DF to each outer header, so size is minded here, on the plain
 * side. IPv4 without DF is fragmented before ESP: the outer datagram stays whole, which NATs and firewalls demand, and the
 * peer need not reassemble what it cannot verify. Only an SA with port selectors cannot carry such fragments (RFC 4301
 * section 7); its packets go whole and the outer datagram is fragmented.
 */
function whatFits(view: PacketView, sa: OutboundSa): 'whole' | 'fragments' | 'too-big' {
  if (view.length <= sa.mtu) return 'whole'
  if (view.version === 6) return view.length <= IPV6_SMALLEST_MTU ? 'whole' : 'too-big'
  if (view.length <= IPV4_SMALLEST_MTU) return 'whole'
  if (view.dontFragment) return 'too-big'
  return carriesLaterFragments(view, sa) ? 'fragments' : 'whole'
}

/** What the sender is told: never less than its protocol promises (RFC 8200 section 5, RFC 791 section 3.1). */
const smallestMtu = (view: PacketView, sa: OutboundSa): number =>
  Math.max(view.version === 6 ? IPV6_SMALLEST_MTU : IPV4_SMALLEST_MTU, sa.mtu)

function carriesLaterFragments(view: PacketView, sa: OutboundSa): boolean {
  const { hasPorts } = view
  view.hasPorts = false
  const carries = carriesOutbound(sa.selectors, view)
  view.hasPorts = hasPorts
  return carries
}

/** Gives the reason when the packet did not leave. */
function sealAndSend(
  state: PlaneState,
  sa: OutboundSa,
  nextHeader: number,
  trafficClass: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
): DropReason | undefined {
  const { path, cipher, sequence, usage } = sa
  if (usage.stopped !== undefined) return usage.stopped === 'sequence' ? 'sequence-exhausted' : 'expired'
  if (!path.usable) return 'no-path'
  if (!nextSequence(sequence)) {
    stop(usage, 'sequence', sa.report)
    return 'sequence-exhausted'
  }
  const espLength = sealEsp(cipher, sa.spi, sequence, nextHeader, buffer, offset, length)
  const start = offset - espPrefixLength(cipher)
  const outer = outerTrafficClass(trafficClass, state.copyDscp)
  const outcome = path.socket.send(path.endpoint, buffer, start, espLength, outer)
  const now = state.clock.monotonic()
  // Numbers and key use count for what was sealed, sent or not.
  recordUse(usage, length, now, sa.report)
  if (isNearlyExhausted(sequence)) tellSoft(usage, 'sequence', sa.report)
  if (isExhausted(sequence)) stop(usage, 'sequence', sa.report)
  switch (outcome) {
    case 'sent':
      return undefined
    case 'would-block':
      return 'send-blocked'
    case 'too-big':
      reportNarrowPath(state, path, espLength, now)
      return 'too-big'
    case 'unreachable':
    case 'failed':
      return 'send-failed'
  }
}

/** Tells that the path did not take a datagram of this length; at most once a second. */
export function reportNarrowPath(state: PlaneState, path: PathState, length: number, now: Millis): void {
  const last = path.tooNarrowToldAt
  if (last !== undefined && now - last < PATH_TOO_NARROW_INTERVAL_MS) return
  path.tooNarrowToldAt = now
  state.events.push({ kind: 'path-too-narrow', path: path.id, length })
}
