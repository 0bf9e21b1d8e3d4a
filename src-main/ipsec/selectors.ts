/** An SA's traffic selectors in the form that hot paths compare: 32-bit words (RFC 4301 section 4.4.1.1). */
import { isIcmpError } from '../ip/icmp.ts'
import { readQuotedPacket } from '../ip/packet.ts'
import type { PacketView } from '../ip/packet.ts'
import type { IpAddress } from '../ip/address.ts'
import { isOpaque } from '../ip/traffic-selector.ts'
import type { TrafficSelector } from '../ip/traffic-selector.ts'
import type { SaSelectors } from './data-plane.ts'

interface CompiledSelector {
  readonly version: 4 | 6
  readonly protocol: number
  readonly anyPort: boolean
  readonly opaque: boolean
  readonly startPort: number
  readonly endPort: number
  readonly start0: number
  readonly start1: number
  readonly start2: number
  readonly start3: number
  readonly end0: number
  readonly end1: number
  readonly end2: number
  readonly end3: number
}

export interface CompiledSelectors {
  readonly local: readonly CompiledSelector[]
  readonly remote: readonly CompiledSelector[]
}

export const compileSelectors = ({ local, remote }: SaSelectors): CompiledSelectors => ({
  local: local.map(compile),
  remote: remote.map(compile),
})

function compile(selector: TrafficSelector): CompiledSelector {
  const { start, end, protocol, startPort, endPort } = selector
  return {
    version: start.family,
    protocol,
    anyPort: startPort === 0 && endPort === 65535,
    opaque: isOpaque(selector),
    startPort,
    endPort,
    start0: word(start, 0),
    start1: word(start, 1),
    start2: word(start, 2),
    start3: word(start, 3),
    end0: word(end, 0),
    end1: word(end, 1),
    end2: word(end, 2),
    end3: word(end, 3),
  }
}

/** The address's words, first word first; IPv4 has one. */
function word({ family, value }: IpAddress, index: number): number {
  if (family === 4) return index === 0 ? Number(value) : 0
  return Number((value >> BigInt(96 - 32 * index)) & 0xffff_ffffn)
}

/** Whether a packet that leaves through the tunnel is one of the SA's: its source is ours, its destination the peer's. */
export const carriesOutbound = (selectors: CompiledSelectors, view: PacketView): boolean =>
  sourceMatches(selectors.local, view) && destinationMatches(selectors.remote, view)

/** Whether a packet that came through the tunnel may have come on this SA (RFC 4301 section 5.2, step 4). */
export const carriesInbound = (selectors: CompiledSelectors, view: PacketView): boolean =>
  sourceMatches(selectors.remote, view) && destinationMatches(selectors.local, view)

/**
 * Reads the packet that an ICMP error quotes; false when it is no error, or quotes nothing usable. RFC 4301 section 6: an error
 * from a router between the ends has an address the selectors do not know, and belongs to the SA of the packet it tells of,
 * which went the other way. Without this, "packet too big" from behind the gateway would be lost.
 */
export function readOffendingPacket(
  buffer: Uint8Array,
  offset: number,
  view: PacketView,
  quoted: PacketView,
): boolean {
  if (view.fragmentOffset > 0 || !isIcmpError(view)) return false
  const start = view.headerLength + 8
  return readQuotedPacket(buffer, offset + start, view.length - start, quoted)
}

function sourceMatches(selectors: readonly CompiledSelector[], view: PacketView): boolean {
  for (const selector of selectors) {
    if (!protocolMatches(selector, view) || !portMatches(selector, view, view.sourcePort)) continue
    if (withinRange(selector, view.source0, view.source1, view.source2, view.source3)) return true
  }
  return false
}

function destinationMatches(selectors: readonly CompiledSelector[], view: PacketView): boolean {
  for (const selector of selectors) {
    if (!protocolMatches(selector, view) || !portMatches(selector, view, view.destinationPort)) continue
    if (withinRange(selector, view.destination0, view.destination1, view.destination2, view.destination3)) {
      return true
    }
  }
  return false
}

const protocolMatches = (selector: CompiledSelector, view: PacketView): boolean =>
  selector.version === view.version && (selector.protocol === 0 || selector.protocol === view.protocol)

/** ANY takes all; OPAQUE takes what shows no port; a range takes what shows one within. */
const portMatches = (selector: CompiledSelector, view: PacketView, port: number): boolean =>
  selector.anyPort ||
  (view.hasPorts ? port >= selector.startPort && port <= selector.endPort : selector.opaque)

function withinRange(selector: CompiledSelector, a0: number, a1: number, a2: number, a3: number): boolean {
  if (selector.version === 4) return a0 >= selector.start0 && a0 <= selector.end0
  return (
    atLeast(a0, a1, a2, a3, selector.start0, selector.start1, selector.start2, selector.start3) &&
    atLeast(selector.end0, selector.end1, selector.end2, selector.end3, a0, a1, a2, a3)
  )
}

function atLeast(
  a0: number,
  a1: number,
  a2: number,
  a3: number,
  b0: number,
  b1: number,
  b2: number,
  b3: number,
): boolean {
  if (a0 !== b0) return a0 > b0
  if (a1 !== b1) return a1 > b1
  if (a2 !== b2) return a2 > b2
  return a3 >= b3
}
