/**
 * Takes a packet apart that stands for several: common headers, then the payloads one behind the other, as a network adapter
 * with segmentation offload gets it (TCP: RFC 9293 section 3.1; UDP: udp(7), UDP_SEGMENT).
 */
import { PROTOCOL } from './packet.ts'
import { folded, swapped, wideSum } from './wide-sum.ts'
import type { WideBytes } from './wide-sum.ts'

const IPV6_HEADER_LENGTH = 40
const UDP_HEADER_LENGTH = 8
const FIN_AND_PSH = 0x09
const CWR = 0x80

export interface SegmentedPacket {
  readonly offset: number
  readonly length: number
  readonly protocol: 'tcp' | 'udp'
  /** From the packet's start to the TCP or UDP header. */
  readonly transportOffset: number
  /** Payload of each segment but the last. */
  readonly segmentSize: number
}

/** One packet's segments, first to last; reused. */
export interface Segmenter {
  /** False when the packet's own lengths contradict each other. */
  begin(packet: SegmentedPacket): boolean
  /** Of the longest segment. */
  longest(): number
  /** Writes the next segment, whole and with its checksums, at `target`, outside the packet; gives its length, 0 behind the last. */
  next(target: number): number
}

export function createSegmenter(memory: WideBytes & { readonly bytes: Uint8Array }): Segmenter {
  const { bytes, view } = memory
  let start = 0
  let headerLength = 0
  let transport = 0
  let size = 0
  let payloadAt = 0
  let end = 0
  let index = 0
  let isTcp = false
  let isIpv4 = false
  let sequence = 0
  let identification = 0
  let flags = 0
  /** Sums of what is the same in all segments. */
  let transportSum = 0
  let headerSum = 0

  const checkedHeaderLength = (packet: SegmentedPacket): number => {
    const { offset, length, transportOffset } = packet
    const version = view.getUint8(offset) >>> 4
    const ipLength = version === 4 ? (view.getUint8(offset) & 15) * 4 : IPV6_HEADER_LENGTH
    if (transportOffset < ipLength || (version === 4 && transportOffset !== ipLength)) return 0
    if (length < transportOffset + UDP_HEADER_LENGTH) return 0
    if (packet.protocol === 'udp') return transportOffset + UDP_HEADER_LENGTH
    if (length < transportOffset + 20) return 0
    const tcpLength = (view.getUint8(offset + transportOffset + 12) >>> 4) * 4
    return tcpLength < 20 ? 0 : transportOffset + tcpLength
  }

  /** The pseudo-header without the length, and the transport header without what differs (RFC 9293 section 3.1, RFC 768). */
  const sumHeaders = (): void => {
    const addresses = isIpv4 ? 8 : 32
    const protocol = swapped(isTcp ? PROTOCOL.tcp : PROTOCOL.udp)
    transportSum = wideSum(memory, start + (isIpv4 ? 12 : 8), addresses) + protocol
    if (isTcp) {
      const tcp = start + transport
      transportSum += wideSum(memory, tcp, 4) + wideSum(memory, tcp + 8, headerLength - transport - 8)
      // Without the flags and the checksum, which stands there half done.
      transportSum -= view.getUint8(tcp + 13) << 8
      transportSum -= view.getUint16(tcp + 16, true)
    } else transportSum += wideSum(memory, start + transport, 4)
    headerSum = 0
    if (!isIpv4) return
    headerSum =
      wideSum(memory, start, transport) -
      view.getUint16(start + 2, true) -
      view.getUint16(start + 4, true) -
      view.getUint16(start + 10, true)
  }

  const writeIp = (target: number, length: number): void => {
    if (!isIpv4) {
      view.setUint16(target + 4, length - IPV6_HEADER_LENGTH)
      return
    }
    const id = (identification + index) & 0xffff
    view.setUint16(target + 2, length)
    view.setUint16(target + 4, id)
    view.setUint16(target + 10, ~folded(headerSum + swapped(length) + swapped(id)) & 0xffff, true)
  }

  const writeTcp = (target: number, payload: number, length: number, isLast: boolean): void => {
    const tcp = target + transport
    const number = (sequence + index * size) >>> 0
    // FIN and PSH belong to the last segment, CWR to the first (RFC 3168 section 6.1.2).
    const ours = flags & ~(isLast ? 0 : FIN_AND_PSH) & ~(index > 0 ? CWR : 0)
    view.setUint32(tcp + 4, number)
    view.setUint8(tcp + 13, ours)
    const sum =
      transportSum +
      swapped(length - transport) +
      swapped(number >>> 16) +
      swapped(number) +
      (ours << 8) +
      wideSum(memory, target + headerLength, payload)
    view.setUint16(tcp + 16, ~folded(sum) & 0xffff, true)
  }

  const writeUdp = (target: number, payload: number, length: number): void => {
    const udp = target + transport
    const udpLength = length - transport
    view.setUint16(udp + 4, udpLength)
    const sum = transportSum + 2 * swapped(udpLength) + wideSum(memory, target + headerLength, payload)
    // RFC 768: zero means that there is no checksum; its other form is sent.
    view.setUint16(udp + 6, ~folded(sum) & 0xffff || 0xffff, true)
  }

  return {
    begin(packet) {
      headerLength = checkedHeaderLength(packet)
      if (headerLength === 0 || headerLength >= packet.length || packet.segmentSize === 0) return false
      start = packet.offset
      transport = packet.transportOffset
      size = packet.segmentSize
      isTcp = packet.protocol === 'tcp'
      isIpv4 = view.getUint8(start) >>> 4 === 4
      payloadAt = start + headerLength
      end = start + packet.length
      index = 0
      if (isTcp) {
        sequence = view.getUint32(start + transport + 4)
        flags = view.getUint8(start + transport + 13)
      }
      identification = isIpv4 ? view.getUint16(start + 4) : 0
      sumHeaders()
      return true
    },
    longest: () => headerLength + Math.min(size, end - payloadAt),
    next(target) {
      const payload = Math.min(size, end - payloadAt)
      if (payload <= 0) return 0
      const length = headerLength + payload
      bytes.copyWithin(target, start, start + headerLength)
      bytes.copyWithin(target + headerLength, payloadAt, payloadAt + payload)
      payloadAt += payload
      writeIp(target, length)
      if (isTcp) writeTcp(target, payload, length, payloadAt === end)
      else writeUdp(target, payload, length)
      index += 1
      return length
    },
  }
}

/**
 * Completes a checksum whose field holds the pseudo-header's sum, over all from the transport header on; false when it lies
 * outside the packet.
 */
export function completeChecksum(
  memory: WideBytes,
  offset: number,
  length: number,
  checksumStart: number,
  checksumOffset: number,
): boolean {
  const field = checksumStart + checksumOffset
  if (field + 2 > length) return false
  const sum = wideSum(memory, offset + checksumStart, length - checksumStart)
  const isUdp = checksumOffset === 6
  const value = ~folded(sum) & 0xffff
  memory.view.setUint16(offset + field, isUdp ? value || 0xffff : value, true)
  return true
}
