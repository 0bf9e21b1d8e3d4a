/** One SA of a bundle around a packet (RFC 4301 section 5.1, step 4). */
import type { PacketView } from '../../ip/packet.ts'
import { isExhausted, isNearlyExhausted, nextSequence } from '../sequence.ts'
import { recordUse, stop, tellSoft } from '../usage.ts'
import { ahOverhead, applyAhTransport, applyAhTunnel } from './ah-processing.ts'
import type { Association } from './association.ts'
import type { ProcessingDropReason } from './drop-reasons.ts'
import { applyEspTransport, applyEspTunnel, espOverhead } from './esp-processing.ts'
import { findPlace } from './header-chain.ts'
import type { HeaderPlace } from './header-chain.ts'
import type { ProcessingState } from './processing-state.ts'
import { LONGEST_PACKET, roomBefore } from './working-packet.ts'
import type { WorkingPacket } from './working-packet.ts'

/** Bytes that the SA adds at most. */
export const overheadOf = (sa: Association): number =>
  sa.transform.kind === 'esp' ? espOverhead(sa, sa.transform) : ahOverhead(sa, sa.transform)

/** `view` describes the packet as it is; afterwards it is what `packet` holds. Gives the reason where it is not. */
export function applyAssociation(
  state: Pick<ProcessingState, 'clock'>,
  packet: WorkingPacket,
  place: HeaderPlace,
  view: PacketView,
  sa: Association,
  identification: () => number,
): ProcessingDropReason | undefined {
  const refused = takeSequence(state, sa)
  if (refused !== undefined) return refused
  const { length } = packet
  const overhead = overheadOf(sa)
  if (length + overhead > LONGEST_PACKET || overhead > roomBefore(packet)) return 'too-big'
  const reason = wrap(packet, place, view, sa, identification)
  if (reason !== undefined) return reason
  // The number and the key's use count from here on, whatever becomes of the packet.
  recordUse(sa.usage, length, state.clock.monotonic(), sa.report)
  if (isNearlyExhausted(sa.sequence)) tellSoft(sa.usage, 'sequence', sa.report)
  if (isExhausted(sa.sequence)) stop(sa.usage, 'sequence', sa.report)
  return undefined
}

/** RFC 4303 section 3.3.3: a number is never used twice with a key. */
export function takeSequence(
  state: Pick<ProcessingState, 'clock'>,
  sa: Association,
): ProcessingDropReason | undefined {
  const { usage, sequence } = sa
  if (usage.stopped !== undefined) return usage.stopped === 'sequence' ? 'sequence-exhausted' : 'expired'
  if (state.clock.monotonic() >= sa.endsAt) return 'expired'
  if (nextSequence(sequence)) return undefined
  stop(usage, 'sequence', sa.report)
  return 'sequence-exhausted'
}

function wrap(
  packet: WorkingPacket,
  place: HeaderPlace,
  view: PacketView,
  sa: Association,
  identification: () => number,
): ProcessingDropReason | undefined {
  const { transform } = sa
  if (sa.mode === 'tunnel') {
    if (transform.kind === 'ah') return applyAhTunnel(packet, place, view, sa, transform, identification())
    applyEspTunnel(packet, place, view, sa, transform, identification())
    return undefined
  }
  if (!findPlace(packet, 'outbound', place)) return 'header-chain'
  if (transform.kind === 'ah') return applyAhTransport(packet, place, sa, transform, identification())
  applyEspTransport(packet, place, sa, transform)
  return undefined
}
