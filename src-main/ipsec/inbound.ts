/** The way of an ESP datagram in: SA, ESP, the inner packet's right to be there, adapter (RFC 4301 section 5.2). */
import { clampMss } from '../ip/mss.ts'
import { createPacketView, readPacket, writeTrafficClass } from '../ip/packet.ts'
import type { DatagramSocket, Endpoint, TrafficClass } from '../ports.ts'
import type { DropReason } from './drops.ts'
import { createOpenedEsp, espSpiOf, NEXT_HEADER, openEsp } from './esp.ts'
import type { Inbound } from './inbound-packet.ts'
import { ESP_HEADER_LENGTH } from './overhead.ts'
import type { PlaneState } from './plane-state.ts'
import type { InboundSa } from './sa.ts'
import { carriesInbound, carriesOutbound, readOffendingPacket } from './selectors.ts'
import { innerTrafficClass } from './traffic-class.ts'
import { recordUse } from './usage.ts'

export function createInbound(state: PlaneState): Inbound {
  const view = createPacketView()
  const quoted = createPacketView()
  const opened = createOpenedEsp()

  /** RFC 4301 section 5.2, step 4, and section 6 for ICMP errors about what we sent. */
  const mayCarry = (sa: InboundSa, buffer: Uint8Array): boolean =>
    carriesInbound(sa.selectors, view) ||
    (readOffendingPacket(buffer, opened.offset, view, quoted) && carriesOutbound(sa.selectors, quoted))

  /** What becomes of an authentic packet's payload. */
  const deliver = (sa: InboundSa, buffer: Uint8Array, outer: TrafficClass): DropReason | undefined => {
    const { offset, length, nextHeader } = opened
    // RFC 4303 section 2.6: dummy packets are discarded without prejudice.
    if (nextHeader === NEXT_HEADER.none) return 'dummy'
    if (!readPacket(buffer, offset, length, view)) return 'not-ip'
    if (nextHeader !== (view.version === 4 ? NEXT_HEADER.ipv4 : NEXT_HEADER.ipv6)) return 'not-ip'
    if (!mayCarry(sa, buffer)) return 'selector-mismatch'
    const inner = innerTrafficClass(view.trafficClass, outer)
    if (inner === undefined) return 'ecn'
    if (inner !== view.trafficClass) writeTrafficClass(buffer, offset, inner)
    if (state.clampMss) clampMss(buffer, offset, view, sa.mtu)
    if (state.tun === undefined) return 'no-tun'
    return state.tun.write(buffer, offset, view.length, view) ? undefined : 'tun-full'
  }

  return (socket, from, buffer, offset, length, trafficClass) => {
    const spi = espSpiOf(buffer, offset, length)
    const sa = state.sad.inbound(spi)
    if (sa === undefined) {
      if (length < ESP_HEADER_LENGTH) state.drops.count('malformed')
      else if (!state.early.keep(spi, socket, from, buffer, offset, length, trafficClass))
        state.drops.count('no-sa')
      return
    }
    if (sa.usage.stopped !== undefined) {
      state.drops.count('expired')
      return
    }
    const extended = sa.suite.extendedSequenceNumbers
    const refused = openEsp(sa.cipher, sa.window, extended, buffer, offset, length, opened)
    if (refused !== undefined && refused !== 'padding') {
      state.drops.count(refused)
      return
    }
    // From here on the packet is the peer's.
    noteAuthentic(state, sa, socket, from, opened.isNewest)
    const reason = refused ?? deliver(sa, buffer, trafficClass)
    const now = state.clock.monotonic()
    if (reason === undefined) recordUse(sa.usage, view.length, now, sa.report)
    else {
      sa.usage.lastAt = now
      state.drops.count(reason)
    }
  }
}

function noteAuthentic(
  state: PlaneState,
  sa: InboundSa,
  socket: DatagramSocket,
  from: Endpoint,
  isNewest: boolean,
): void {
  if (sa.usage.lastAt === undefined) state.events.push({ kind: 'first-inbound', sa: sa.id, spi: sa.spi })
  const { path } = sa
  // RFC 7296 section 2.23: only a new packet may move the peer, or a replayed old one could; the window made sure of the rest.
  if (!path.followPeer || !isNewest || !path.usable || socket !== path.socket) return
  const { endpoint } = path
  if (endpoint.port === from.port && endpoint.address === from.address) return
  path.endpoint = { address: from.address, port: from.port }
  state.events.push({ kind: 'peer-moved', path: path.id, from: endpoint, to: path.endpoint })
}
