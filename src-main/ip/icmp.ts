/** ICMP answers to packets that cannot pass: "fragmentation needed" (RFC 792, RFC 1191) and "packet too big" (RFC 4443). */
import { checksum, pseudoHeaderSum } from './checksum.ts'
import { readU8, writeU16, writeU32 } from './octets.ts'
import { isIcmp, PROTOCOL } from './packet.ts'
import type { PacketView } from './packet.ts'

/** The longest answer: RFC 4443 section 2.4 (c) keeps it within IPv6's smallest MTU, RFC 1812 section 4.3.2.3 within 576. */
export const LONGEST_ANSWER = 1280
const LONGEST_IPV4_ANSWER = 576

const ICMP_HEADER_LENGTH = 8

/** Whether an error may be told to the sender of this packet (RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e)). */
export function mayAnswer(view: PacketView): boolean {
  return isSingleHost(view) && !isErrorOrUnknown(view) && (view.version === 6 || isUnicastIpv4(view))
}

/** Whether the packet is an ICMP error: none is answered with another. */
export function isIcmpError(view: PacketView): boolean {
  if (!isIcmp(view) || !view.hasPorts) return false
  const type = view.sourcePort >>> 8
  // RFC 4443 section 2.1: errors are below 128. RFC 1122 section 3.2.2: unreachable, quench, redirect, time exceeded, parameter problem.
  return view.version === 6
    ? type < 128
    : type === 3 || type === 4 || type === 5 || type === 11 || type === 12
}

/** Later fragments get no answer in IPv4 (RFC 1122 section 3.2.2); in IPv6 only those of ICMP, which could be errors. */
function isErrorOrUnknown(view: PacketView): boolean {
  if (view.fragmentOffset > 0) return view.version === 4 || isIcmp(view)
  return isIcmp(view) && !view.hasPorts ? true : isIcmpError(view)
}

/** RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e.6): the source must be one host that is not the loopback. */
function isSingleHost(view: PacketView): boolean {
  if (view.version === 4) {
    const first = view.source0 >>> 24
    return first !== 0 && first !== 127 && first < 224
  }
  const isUnspecifiedOrLoopback =
    view.source0 === 0 && view.source1 === 0 && view.source2 === 0 && view.source3 <= 1
  return !isUnspecifiedOrLoopback && view.source0 >>> 24 !== 0xff
}

/** RFC 1122 section 3.2.2: nothing sent to a multicast or the limited broadcast address. IPv6's "too big" is exempt (RFC 4443 section 2.4 (e.3)). */
const isUnicastIpv4 = (view: PacketView): boolean => view.destination0 >>> 24 < 224

/**
 * Writes the answer that the packet at `offset` was too big for `mtu` into `out` at 0, and gives its length. It comes from the
 * packet's own destination: an address that is certainly routed this way, and never one of the sender's own. `out` holds
 * at least LONGEST_ANSWER bytes and is another buffer.
 */
export function writeTooBig(
  buffer: Uint8Array,
  offset: number,
  view: PacketView,
  mtu: number,
  out: Uint8Array,
): number {
  return view.version === 4
    ? writeFragmentationNeeded(buffer, offset, view, mtu, out)
    : writePacketTooBig(buffer, offset, view, mtu, out)
}

/** RFC 1191 section 4: type 3, code 4, unused 16, next-hop MTU 16, then the beginning of the packet. */
function writeFragmentationNeeded(
  buffer: Uint8Array,
  offset: number,
  view: PacketView,
  mtu: number,
  out: Uint8Array,
): number {
  const quoted = Math.min(view.length, LONGEST_IPV4_ANSWER - 20 - ICMP_HEADER_LENGTH)
  const length = 20 + ICMP_HEADER_LENGTH + quoted
  out.fill(0, 0, 20 + ICMP_HEADER_LENGTH)
  out[0] = 0x45
  out[1] = 0xc0 // RFC 1812 section 4.3.2.5: internetwork control
  writeU16(out, 2, length)
  out[8] = 64
  out[9] = PROTOCOL.icmp
  writeU32(out, 12, view.destination0)
  writeU32(out, 16, view.source0)
  writeU16(out, 10, checksum(out, 0, 20))
  out[20] = 3
  out[21] = 4
  writeU16(out, 26, mtu)
  out.set(buffer.subarray(offset, offset + quoted), 28)
  writeU16(out, 22, checksum(out, 20, length - 20))
  return length
}

/** RFC 4443 section 3.2: type 2, code 0, MTU 32, then as much of the packet as fits. */
function writePacketTooBig(
  buffer: Uint8Array,
  offset: number,
  view: PacketView,
  mtu: number,
  out: Uint8Array,
): number {
  const quoted = Math.min(view.length, LONGEST_ANSWER - 40 - ICMP_HEADER_LENGTH)
  const payload = ICMP_HEADER_LENGTH + quoted
  out.fill(0, 0, 40 + ICMP_HEADER_LENGTH)
  out[0] = 0x60
  writeU16(out, 4, payload)
  out[6] = PROTOCOL.icmpv6
  out[7] = 64
  for (let at = 0; at < 16; at += 1) {
    out[8 + at] = readU8(buffer, offset + 24 + at)
    out[24 + at] = readU8(buffer, offset + 8 + at)
  }
  out[40] = 2
  writeU32(out, 44, mtu)
  out.set(buffer.subarray(offset, offset + quoted), 48)
  writeU16(out, 42, checksum(out, 40, payload, pseudoHeaderSum(out, 8, 32, PROTOCOL.icmpv6, payload)))
  return 40 + payload
}
