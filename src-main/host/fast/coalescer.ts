/**
 * Puts segments of one flow together that came one after the other, so that the adapter takes them as one packet: TCP and UDP,
 * whose checksums were found right before. What does not fit goes as it is, and never past what came before it in its flow.
 */
import { OFFLOAD_HEADER_LENGTH, writePlainHeader, writeSegmentsHeader } from 'tun-tap'
import type { TunQueue } from 'tun-tap'
import { IPV6_HEADER_LENGTH, PROTOCOL } from '../../ip/packet.ts'
import type { PacketMemory } from './packet-memory.ts'
import type { PacketView } from '../../ip/packet.ts'
import { folded, swapped, wideSum } from '../../ip/wide-sum.ts'

/** Flows at a time; more of them are flushed earlier. */
const FLOWS = 16
/** Linux refuses UDP packets of more segments (UDP_MAX_SEGMENTS of older kernels). */
const MOST_SEGMENTS = 64
const LONGEST = 65_535
const ACK = 0x10
const PSH = 0x08
const IPV4_HEADER_LENGTH = 20
const UDP_HEADER_LENGTH = 8

interface Flow {
  used: boolean
  isTcp: boolean
  isIpv4: boolean
  /** The first packet, which gives the headers. */
  offset: number
  headerLength: number
  transport: number
  segmentSize: number
  /** Of the whole, headers included. */
  length: number
  count: number
  /** The first packet's checksum was looked at. */
  verified: boolean
  /** Nothing more may follow: the last segment was short, or pushed. */
  closed: boolean
  pushed: boolean
  nextSequence: number
  readonly offsets: Float64Array
  readonly lengths: Uint32Array
}

const createFlow = (): Flow => ({
  used: false,
  isTcp: false,
  isIpv4: false,
  offset: 0,
  headerLength: 0,
  transport: 0,
  segmentSize: 0,
  length: 0,
  count: 0,
  verified: false,
  closed: false,
  pushed: false,
  nextSequence: 0,
  offsets: new Float64Array(MOST_SEGMENTS),
  lengths: new Uint32Array(MOST_SEGMENTS),
})

export interface Coalescer {
  /** Takes one packet, which must stay where it is until `flush`. */
  take(offset: number, view: PacketView): void
  flush(): void
}

export interface CoalescerOptions {
  /** Whether the adapter takes UDP segments together too. */
  readonly udp: boolean
  /** Packets that the adapter did not take. */
  readonly onRefused: (packets: number) => void
}

/** `header`: a region for an offload header. */
export function createCoalescer(
  memory: PacketMemory,
  queue: TunQueue,
  header: number,
  { udp, onRefused }: CoalescerOptions,
): Coalescer {
  const { view } = memory
  const flows = Array.from({ length: FLOWS }, createFlow)
  let open = 0

  // ---------------------------------------------------------------- out

  const hand = (packets: number): void => {
    if (queue.end() !== 'written') onRefused(packets)
  }

  const writePlain = (offset: number, length: number): void => {
    writePlainHeader(view, header, false)
    queue.begin()
    queue.add(header, OFFLOAD_HEADER_LENGTH)
    queue.add(offset, length)
    hand(1)
  }

  /** The headers of the whole: lengths, and the checksum field with the pseudo-header's sum. */
  const writeHeaders = (flow: Flow): void => {
    const { offset, transport, length } = flow
    const at = offset + transport
    const transportLength = length - transport
    if (flow.isIpv4) {
      view.setUint16(offset + 2, length)
      view.setUint16(offset + 10, 0)
      view.setUint16(offset + 10, ~folded(wideSum(memory, offset, transport)) & 0xffff, true)
    } else view.setUint16(offset + 4, length - IPV6_HEADER_LENGTH)
    const sum = pseudoHeader(flow.isIpv4, flow.isTcp, offset) + swapped(transportLength)
    if (flow.isTcp) {
      if (flow.pushed) view.setUint8(at + 13, view.getUint8(at + 13) | PSH)
      view.setUint16(at + 16, folded(sum), true)
    } else {
      view.setUint16(at + 4, transportLength)
      view.setUint16(at + 6, folded(sum), true)
    }
  }

  const flushFlow = (flow: Flow): void => {
    flow.used = false
    open -= 1
    if (flow.count === 1) {
      writePlain(flow.offset, flow.length)
      return
    }
    writeHeaders(flow)
    const kind = flow.isTcp ? (flow.isIpv4 ? 'tcp4' : 'tcp6') : 'udp'
    const checksumOffset = flow.isTcp ? 16 : 6
    const { headerLength, segmentSize, transport } = flow
    writeSegmentsHeader(view, header, kind, headerLength, segmentSize, transport, checksumOffset)
    queue.begin()
    queue.add(header, OFFLOAD_HEADER_LENGTH)
    queue.add(flow.offset, headerLength)
    for (let index = 0; index < flow.count; index += 1)
      queue.add(flow.offsets[index] ?? 0, flow.lengths[index] ?? 0)
    hand(flow.count)
  }

  const flush = (): void => {
    if (open === 0) return
    for (const flow of flows) if (flow.used) flushFlow(flow)
  }

  // ---------------------------------------------------------------- in

  const pseudoHeader = (isIpv4: boolean, isTcp: boolean, offset: number): number =>
    wideSum(memory, offset + (isIpv4 ? 12 : 8), isIpv4 ? 8 : 32) +
    swapped(isTcp ? PROTOCOL.tcp : PROTOCOL.udp)

  const isWhole = (packet: PacketView, offset: number): boolean => {
    const transportLength = packet.length - packet.headerLength
    const sum =
      pseudoHeader(packet.version === 4, packet.protocol === PROTOCOL.tcp, offset) +
      swapped(transportLength) +
      wideSum(memory, offset + packet.headerLength, transportLength)
    return folded(sum) === 0xffff
  }

  const isFirstWhole = (flow: Flow): boolean => {
    if (flow.verified) return true
    const length = flow.length - flow.transport
    const sum =
      pseudoHeader(flow.isIpv4, flow.isTcp, flow.offset) +
      swapped(length) +
      wideSum(memory, flow.offset + flow.transport, length)
    flow.verified = folded(sum) === 0xffff
    return flow.verified
  }

  /** All headers, 0 when the packet is none that could be put together with others. */
  const headerLengthOf = (packet: PacketView, offset: number): number => {
    if (packet.headerLength !== (packet.version === 4 ? IPV4_HEADER_LENGTH : IPV6_HEADER_LENGTH)) return 0
    if (packet.moreFragments || packet.fragmentOffset > 0 || !packet.hasPorts) return 0
    const at = offset + packet.headerLength
    const available = packet.length - packet.headerLength
    if (packet.protocol === PROTOCOL.udp) {
      if (!udp || available <= UDP_HEADER_LENGTH || view.getUint16(at + 4) !== available) return 0
      return view.getUint16(at + 6) === 0 ? 0 : packet.headerLength + UDP_HEADER_LENGTH
    }
    if (available < 20 || (view.getUint8(at + 13) & ~PSH) !== ACK) return 0
    const tcpLength = (view.getUint8(at + 12) >>> 4) * 4
    return tcpLength < 20 || tcpLength >= available ? 0 : packet.headerLength + tcpLength
  }

  const flowOf = (packet: PacketView, offset: number): Flow | undefined => {
    if (open === 0) return undefined
    for (const flow of flows) if (flow.used && isSameFlow(flow, packet, offset)) return flow
    return undefined
  }

  /** Addresses, ports, protocol. */
  const isSameFlow = (flow: Flow, packet: PacketView, offset: number): boolean => {
    if (flow.isIpv4 !== (packet.version === 4) || flow.isTcp !== (packet.protocol === PROTOCOL.tcp))
      return false
    const a = flow.offset
    if (!sameWord(a + flow.transport, offset + packet.headerLength)) return false
    if (flow.isIpv4) return sameWord(a + 12, offset + 12) && sameWord(a + 16, offset + 16)
    for (let at = 8; at < IPV6_HEADER_LENGTH; at += 4) if (!sameWord(a + at, offset + at)) return false
    return true
  }

  const sameWord = (a: number, b: number): boolean => view.getUint32(a) === view.getUint32(b)

  /** Whether the headers differ in nothing but what each segment has of its own. */
  const continues = (flow: Flow, packet: PacketView, offset: number, headerLength: number): boolean => {
    if (flow.closed || flow.headerLength !== headerLength || flow.count === MOST_SEGMENTS) return false
    const payload = packet.length - headerLength
    if (payload > flow.segmentSize || flow.length + payload > LONGEST) return false
    const a = flow.offset
    if (flow.isIpv4) {
      // Version, length of the header, traffic class; DF; TTL and protocol.
      if (view.getUint16(a) !== view.getUint16(offset)) return false
      if (((view.getUint8(a + 6) ^ view.getUint8(offset + 6)) & 0xe0) !== 0) return false
      if (view.getUint16(a + 8) !== view.getUint16(offset + 8)) return false
    } else if (!sameWord(a, offset) || view.getUint16(a + 6) !== view.getUint16(offset + 6)) return false
    if (!flow.isTcp) return true
    const ours = a + flow.transport
    const theirs = offset + flow.transport
    if (view.getUint32(theirs + 4) !== flow.nextSequence || !sameWord(ours + 8, theirs + 8)) return false
    if (view.getUint8(ours + 12) !== view.getUint8(theirs + 12)) return false
    if (view.getUint16(ours + 14) !== view.getUint16(theirs + 14)) return false
    for (let at = 20; at < headerLength - flow.transport; at += 4)
      if (!sameWord(ours + at, theirs + at)) return false
    return true
  }

  const append = (flow: Flow, packet: PacketView, offset: number): void => {
    const payload = packet.length - flow.headerLength
    flow.offsets[flow.count] = offset + flow.headerLength
    flow.lengths[flow.count] = payload
    flow.count += 1
    flow.length += payload
    note(flow, offset, payload)
  }

  const note = (flow: Flow, offset: number, payload: number): void => {
    flow.closed = payload < flow.segmentSize
    if (!flow.isTcp) return
    flow.nextSequence = (flow.nextSequence + payload) >>> 0
    flow.pushed = (view.getUint8(offset + flow.transport + 13) & PSH) !== 0
    flow.closed ||= flow.pushed
  }

  const begin = (packet: PacketView, offset: number, headerLength: number): void => {
    if (open === FLOWS) flush()
    const flow = flows.find(({ used }) => !used)
    if (flow === undefined) return
    open += 1
    flow.used = true
    flow.isTcp = packet.protocol === PROTOCOL.tcp
    flow.isIpv4 = packet.version === 4
    flow.offset = offset
    flow.headerLength = headerLength
    flow.transport = packet.headerLength
    flow.segmentSize = packet.length - headerLength
    flow.length = packet.length
    flow.count = 1
    flow.verified = false
    flow.offsets[0] = offset + headerLength
    flow.lengths[0] = flow.segmentSize
    if (flow.isTcp) flow.nextSequence = view.getUint32(offset + flow.transport + 4)
    note(flow, offset, flow.segmentSize)
  }

  return {
    flush,
    take(offset, packet) {
      const { protocol } = packet
      const headerLength =
        protocol === PROTOCOL.tcp || protocol === PROTOCOL.udp ? headerLengthOf(packet, offset) : 0
      // A fragment shows no ports: it may belong to any flow.
      if (packet.fragmentOffset > 0 || packet.moreFragments) flush()
      const flow = packet.hasPorts ? flowOf(packet, offset) : undefined
      if (headerLength === 0) {
        if (flow !== undefined) flushFlow(flow)
        writePlain(offset, packet.length)
        return
      }
      if (flow !== undefined) {
        if (continues(flow, packet, offset, headerLength) && isFirstWhole(flow) && isWhole(packet, offset)) {
          append(flow, packet, offset)
          return
        }
        flushFlow(flow)
      }
      begin(packet, offset, headerLength)
    },
  }
}
