/** The way of a packet in: SAs off it one by one, then what its policy says (RFC 4301 section 5.2). */
import { equalAddresses } from '../../ip/address.ts'
import { readU32 } from '../../ip/octets.ts'
import { createPacketView, readPacket } from '../../ip/packet.ts'
import type { PacketView } from '../../ip/packet.ts'
import type { PolicyAction, SaTemplate } from '../policy/policy.ts'
import { readOffendingPacket } from '../selectors.ts'
import { recordUse } from '../usage.ts'
import { undoAh } from './ah-processing.ts'
import { fits } from './association-database.ts'
import type { Association } from './association.ts'
import type { ProcessingDropReason } from './drop-reasons.ts'
import { isEspInUdp, undoEsp, undoUdp } from './esp-processing.ts'
import { createHeaderPlace, findPlace, PROTOCOL_NUMBER } from './header-chain.ts'
import { MOST_IN_BUNDLE } from './outbound-processing.ts'
import type { ProcessingState } from './processing-state.ts'
import { createReassembly, isFragment } from './reassembly.ts'
import { reverseFlow } from './reverse-flow.ts'
import { createWorkingPacket, loadPacket } from './working-packet.ts'

export interface InboundProcessing {
  /** A whole IP packet, or a fragment, of the unprotected side; its bytes stay as they are. */
  packet(buffer: Uint8Array, offset: number, length: number): void
}

/** The SPI's place behind the header's beginning (RFC 4303 section 2, RFC 4302 section 2). */
const SPI_AT = { esp: 0, ah: 4 } as const
const SHORTEST_HEADER = { esp: 8, ah: 12 } as const
const DESTINATION_AT = { 4: 16, 6: 24 } as const

type Step = 'undone' | 'done' | 'kept' | ProcessingDropReason

export function createInboundProcessing(state: ProcessingState): InboundProcessing {
  const packet = createWorkingPacket()
  const view = createPacketView()
  const quoted = createPacketView()
  const place = createHeaderPlace()
  /** The SAs that the packet came through, the outermost first. */
  const through: Association[] = []
  const reassembly = createReassembly(state.clock, () => state.drops.count('fragment-incomplete'))

  const securityProtocol = (): 'esp' | 'ah' | undefined => {
    if (place.nextHeader === PROTOCOL_NUMBER.esp) return 'esp'
    if (place.nextHeader === PROTOCOL_NUMBER.ah) return 'ah'
    return undefined
  }

  const undo = (sa: Association): ProcessingDropReason | undefined => {
    if (sa.usage.stopped !== undefined || state.clock.monotonic() >= sa.endsAt) return 'expired'
    const { transform } = sa
    return transform.kind === 'esp'
      ? undoEsp(packet, place, view, sa, transform)
      : undoAh(packet, place, view, sa, transform)
  }

  /** Takes the outermost security header off, where there is one for us. */
  const step = (): Step => {
    if (!findPlace(packet, 'inbound', place)) return 'header-chain'
    if (place.nextHeader === PROTOCOL_NUMBER.udp && through.length === 0 && !isFragment(place)) openUdp()
    const isOutermost = through.length === 0
    if (securityProtocol() === undefined) return 'done'
    // RFC 4303 section 3.4.1: fragments are put together first.
    if (isFragment(place)) {
      const outcome = reassembly.take(packet, place)
      if (outcome !== 'whole') return outcome
      if (!findPlace(packet, 'inbound', place)) return 'header-chain'
    }
    const protocol = securityProtocol()
    if (protocol === undefined) return 'done'
    const at = packet.offset + place.frontLength
    if (place.frontLength + SHORTEST_HEADER[protocol] > packet.length) return 'malformed'
    const spi = readU32(packet.buffer, at + SPI_AT[protocol])
    const destinationAt = packet.offset + DESTINATION_AT[place.version]
    const sa = state.associations.inbound(protocol, spi, packet.buffer, destinationAt, place.version)
    // Inside a tunnel there may be a packet for another host's SA: policies decide about it as about any other.
    if (sa === undefined) return isOutermost ? 'no-sa' : 'done'
    if (through.length >= MOST_IN_BUNDLE) return 'bundle-too-deep'
    const reason = undo(sa)
    if (reason !== undefined) {
      sa.drops.count(reason)
      return reason
    }
    through.push(sa)
    recordUse(sa.usage, packet.length, state.clock.monotonic(), sa.report)
    return 'undone'
  }

  /** ESP in UDP, where an SA of ours has that (RFC 3948). */
  const openUdp = (): void => {
    const at = packet.offset + place.frontLength
    if (!isEspInUdp(packet.buffer, at, packet.length - place.frontLength)) return
    const spi = readU32(packet.buffer, at + 8)
    const destinationAt = packet.offset + DESTINATION_AT[place.version]
    const sa = state.associations.inbound('esp', spi, packet.buffer, destinationAt, place.version)
    if (sa?.transform.kind === 'esp' && sa.transform.encapsulation !== undefined) undoUdp(packet, place)
  }

  /** RFC 4301 section 5.2, step 4: the SAs are exactly those that the policy names, in its order. */
  const cameThrough = (bundle: readonly SaTemplate[]): boolean => {
    if (bundle.length !== through.length) return false
    return bundle.every((template, index) => {
      const sa = through[bundle.length - 1 - index]
      return sa !== undefined && fits(template, sa) && hasEnds(template, sa)
    })
  }

  const isAllowed = (action: PolicyAction | undefined): ProcessingDropReason | undefined => {
    if (action === undefined) return 'no-policy'
    switch (action.kind) {
      case 'discard':
        return 'policy-discard'
      case 'bypass':
        return through.length === 0 ? undefined : 'policy-mismatch'
      case 'protect':
        return cameThrough(action.bundle) ? undefined : 'policy-mismatch'
    }
  }

  const mayCarry = (checked: PacketView): boolean => {
    const innermost = through.at(-1)
    return innermost?.carries === undefined || innermost.carries(checked)
  }

  /** RFC 4301 section 6: an error about what we sent belongs to that packet's policy, whoever tells it. */
  const check = (): ProcessingDropReason | undefined => {
    const direction = state.isOurs(view) ? 'in' : 'forward'
    const refused = isAllowed(state.policies.decide(direction, view))
    const reason = refused ?? (mayCarry(view) ? undefined : 'selector-mismatch')
    if (reason === undefined || through.length === 0) return reason
    if (!readOffendingPacket(packet.buffer, packet.offset, view, quoted)) return reason
    const answer = reverseFlow(quoted)
    const isAnswerAllowed =
      isAllowed(state.policies.decide(direction, answer)) === undefined && mayCarry(answer)
    return isAnswerAllowed ? undefined : reason
  }

  const deliver = (): ProcessingDropReason | undefined => {
    if (!readPacket(packet.buffer, packet.offset, packet.length, view)) return 'not-ip'
    const refused = check()
    if (refused !== undefined) return refused
    if (state.sink === undefined) return 'no-tun'
    return state.sink.write(packet.buffer, packet.offset, view.length, view) ? undefined : 'tun-full'
  }

  const process = (): ProcessingDropReason | undefined => {
    for (;;) {
      const outcome = step()
      if (outcome === 'kept') return undefined
      if (outcome === 'done') return deliver()
      if (outcome !== 'undone') return outcome
    }
  }

  return {
    packet(buffer, offset, length) {
      through.length = 0
      const reason = readPacket(buffer, offset, length, view)
        ? loadPacket(packet, buffer, offset, view.length)
          ? process()
          : 'too-big'
        : 'not-ip'
      if (reason !== undefined) state.drops.count(reason)
    },
  }
}

const hasEnds = (template: SaTemplate, { source, destination }: Association): boolean =>
  template.mode === 'transport' ||
  (equalAddresses(template.ends.source, source) && equalAddresses(template.ends.destination, destination))
