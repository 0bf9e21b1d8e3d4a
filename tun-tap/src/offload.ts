/**
 * What a TUN device with offloads says of a packet (virtio 1.2 section 5.1.6, Linux include/uapi/linux/virtio_net.h): ten
 * bytes before it, in the machine's byte order.
 *
 *   flags 8 | kind 8 | header length 16 | segment size 16 | checksum start 16 | checksum offset 16
 */

export const OFFLOAD_HEADER_LENGTH = 10

/** The checksum field holds the pseudo-header's sum; the rest of the sum is to be added. */
const NEEDS_CHECKSUM = 1
/** The transport checksum was verified: it need not be again. */
const CHECKSUM_VALID = 2

/** `none` is one packet; the others are several in one: their common headers, then the payloads one behind the other. */
export type SegmentKind = 'none' | 'tcp4' | 'tcp6' | 'udp'

const KIND_NUMBER: Readonly<Record<SegmentKind, number>> = { none: 0, tcp4: 1, tcp6: 4, udp: 5 }
const KIND_ECN = 0x80

/** The header's content; reused for each packet. Lengths in bytes, places from the packet's start. */
export interface OffloadHeader {
  kind: SegmentKind
  /** Payload of each segment but the last. */
  segmentSize: number
  /** Where the transport header begins whose checksum is to be completed; 0 when the packet's checksum is whole. */
  checksumStart: number
  checksumOffset: number
}

export const createOffloadHeader = (): OffloadHeader => ({
  kind: 'none',
  segmentSize: 0,
  checksumStart: 0,
  checksumOffset: 0,
})

const kindOf = (value: number): SegmentKind | undefined => {
  switch (value & ~KIND_ECN) {
    case 0:
      return 'none'
    case 1:
      return 'tcp4'
    case 4:
      return 'tcp6'
    case 5:
      return 'udp'
  }
  return undefined
}

/** False for a kind that this package never asked for. */
export const readOffloadHeader = (view: DataView, offset: number, header: OffloadHeader): boolean => {
  const kind = kindOf(view.getUint8(offset + 1))
  if (kind === undefined) return false
  const partial = (view.getUint8(offset) & NEEDS_CHECKSUM) !== 0
  header.kind = kind
  header.segmentSize = view.getUint16(offset + 4, true)
  header.checksumStart = partial ? view.getUint16(offset + 6, true) : 0
  header.checksumOffset = partial ? view.getUint16(offset + 8, true) : 0
  return kind === 'none' || header.segmentSize > 0
}

/** A packet as it is, with nothing left to the kernel. `verified`: its transport checksum was found right. */
export const writePlainHeader = (view: DataView, offset: number, verified: boolean): void => {
  view.setUint32(offset, verified ? CHECKSUM_VALID : 0, true)
  view.setUint32(offset + 4, 0, true)
  view.setUint16(offset + 8, 0, true)
}

/** Several segments in one. `headerLength`: all headers; the checksum field at start + offset holds the pseudo-header's sum. */
export const writeSegmentsHeader = (
  view: DataView,
  offset: number,
  kind: Exclude<SegmentKind, 'none'>,
  headerLength: number,
  segmentSize: number,
  checksumStart: number,
  checksumOffset: number,
): void => {
  view.setUint8(offset, NEEDS_CHECKSUM)
  view.setUint8(offset + 1, KIND_NUMBER[kind])
  view.setUint16(offset + 2, headerLength, true)
  view.setUint16(offset + 4, segmentSize, true)
  view.setUint16(offset + 6, checksumStart, true)
  view.setUint16(offset + 8, checksumOffset, true)
}
