/**
 * What AH protects of the headers in front of it (RFC 4302 section 3.3.3.1 and appendix A): mutable fields count as zero, those
 * that are mutable but predictable as what they will be at the receiver.
 */
import { readU8, writeU16, writeU32 } from '../../ip/octets.ts'
import { IPV6_HEADER_LENGTH } from '../../ip/packet.ts'

const END_OF_OPTIONS = 0
const NO_OPERATION = 1
const LOOSE_SOURCE_ROUTE = 131
const STRICT_SOURCE_ROUTE = 137
/** RFC 4302 appendix A1: security, extended security, commercial security, router alert, sender directed multi-destination. */
const immutableOptions: readonly number[] = [130, 133, 134, 148, 149]

/** RFC 4302 section 3.3.3.1.2.2, RFC 8200 section 4.2: the third bit of an option's type says that its data may change. */
const MAY_CHANGE = 0x20
const PAD1 = 0

/**
 * Makes the headers in front of AH what the ICV is computed over, in place. `isSender`: predictions are still to be made; at
 * the receiver they have come true. False when the headers cannot be predicted or leave the front.
 */
export const blankFront = (
  buffer: Uint8Array,
  offset: number,
  frontLength: number,
  isSender: boolean,
): boolean =>
  readU8(buffer, offset) >>> 4 === 4
    ? blankIpv4(buffer, offset, frontLength, isSender)
    : blankIpv6(buffer, offset, frontLength, isSender)

/** RFC 4302 appendix A1: DSCP and ECN, flags, fragment offset, TTL, checksum. */
function blankIpv4(buffer: Uint8Array, offset: number, frontLength: number, isSender: boolean): boolean {
  buffer[offset + 1] = 0
  writeU16(buffer, offset + 6, 0)
  buffer[offset + 8] = 0
  writeU16(buffer, offset + 10, 0)
  for (let at = 20; at < frontLength;) {
    const kind = readU8(buffer, offset + at)
    if (kind === END_OF_OPTIONS) return true
    if (kind === NO_OPERATION) {
      at += 1
      continue
    }
    const length = readU8(buffer, offset + at + 1)
    if (at + 2 > frontLength || length < 2 || at + length > frontLength) return false
    if (!immutableOptions.includes(kind)) {
      const isSourceRoute = kind === LOOSE_SOURCE_ROUTE || kind === STRICT_SOURCE_ROUTE
      if (isSourceRoute && !predictDestination(buffer, offset, at, length, isSender)) return false
      buffer.fill(0, offset + at, offset + at + length)
    }
    at += length
  }
  return true
}

/** RFC 4302 appendix A1: with a source route the destination is predicted as the last address of the route. */
function predictDestination(
  buffer: Uint8Array,
  offset: number,
  at: number,
  length: number,
  isSender: boolean,
): boolean {
  // Type 8, length 8, pointer 8, addresses of 32 bits (RFC 791 section 3.1).
  if (length < 7) return false
  const pointer = readU8(buffer, offset + at + 2)
  if (isSender && pointer <= length)
    buffer.copyWithin(offset + 16, offset + at + length - 4, offset + at + length)
  return true
}

/** RFC 4302 appendix A2: traffic class, flow label, hop limit. */
function blankIpv6(buffer: Uint8Array, offset: number, frontLength: number, isSender: boolean): boolean {
  writeU32(buffer, offset, 0x6000_0000)
  buffer[offset + 7] = 0
  let next = readU8(buffer, offset + 6)
  for (let at = IPV6_HEADER_LENGTH; at < frontLength;) {
    const length = next === 44 ? 8 : (readU8(buffer, offset + at + 1) + 1) * 8
    if (at + length > frontLength) return false
    if ((next === 0 || next === 60) && !blankOptions(buffer, offset + at, length)) return false
    if (next === 43 && isSender && !predictRoute(buffer, offset, at, length)) return false
    next = readU8(buffer, offset + at)
    at += length
  }
  return true
}

function blankOptions(buffer: Uint8Array, start: number, length: number): boolean {
  for (let at = 2; at < length;) {
    const kind = readU8(buffer, start + at)
    if (kind === PAD1) {
      at += 1
      continue
    }
    const dataLength = readU8(buffer, start + at + 1)
    if (at + 2 + dataLength > length) return false
    if ((kind & MAY_CHANGE) !== 0) buffer.fill(0, start + at + 2, start + at + 2 + dataLength)
    at += 2 + dataLength
  }
  return true
}

/**
 * RFC 4302 section 3.3.3.1.2.1: a routing header is predictable where each router on the way puts itself into the list and the
 * next one into the header: types 0 and 2.
 *
 *   next header 8 | length 8 | routing type 8 | segments left 8 | reserved 32 | addresses of 128 bits
 */
function predictRoute(buffer: Uint8Array, offset: number, at: number, length: number): boolean {
  const route = offset + at
  const type = readU8(buffer, route + 2)
  const left = readU8(buffer, route + 3)
  if (left === 0) return true
  const addresses = (length - 8) / 16
  if ((type !== 0 && type !== 2) || !Number.isInteger(addresses) || left > addresses) return false
  const first = route + 8 + (addresses - left) * 16
  const end = route + 8 + addresses * 16
  const current = buffer.slice(offset + 24, offset + 40)
  buffer.copyWithin(offset + 24, end - 16, end)
  buffer.copyWithin(first + 16, first, end - 16)
  buffer.set(current, first)
  buffer[route + 3] = 0
  return true
}
