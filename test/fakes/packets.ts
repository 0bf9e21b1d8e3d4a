/** Inner packets for tests, built the plain way and apart from the code under test. */
import { addressToBytes, parseAddress } from '../../src-main/ip/address.ts'

export interface PacketOptions {
  readonly from: string
  readonly to: string
  readonly trafficClass?: number
  readonly dontFragment?: boolean
  readonly moreFragments?: boolean
  /** In bytes. */
  readonly fragmentOffset?: number
  /** IPv4 options, a multiple of 4. */
  readonly options?: Uint8Array
}

const bytesOf = (text: string): Uint8Array => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return addressToBytes(address)
}

export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

/** RFC 1071, byte by byte. */
export function plainChecksum(...parts: readonly Uint8Array[]): number {
  const bytes = concat(...parts)
  let sum = 0
  for (const [index, byte] of bytes.entries()) sum += index % 2 === 0 ? byte * 256 : byte
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000)
  return 0xffff - sum
}

const u16 = (value: number) => Uint8Array.of(value >> 8, value & 255)

export function ipPacket(protocol: number, payload: Uint8Array, packet: PacketOptions): Uint8Array {
  const [source, destination] = [bytesOf(packet.from), bytesOf(packet.to)]
  const { trafficClass = 0, dontFragment = false, moreFragments = false, fragmentOffset = 0 } = packet
  if (source.length === 16) {
    const fixed = Uint8Array.of(0x60 | (trafficClass >> 4), (trafficClass & 15) << 4, 0, 0)
    return concat(fixed, u16(payload.length), Uint8Array.of(protocol, 64), source, destination, payload)
  }
  const options = packet.options ?? new Uint8Array()
  const flags = (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0) | (fragmentOffset >> 3)
  const header = concat(
    Uint8Array.of(0x45 + options.length / 4, trafficClass),
    u16(20 + options.length + payload.length),
    u16(0x1234),
    u16(flags),
    Uint8Array.of(64, protocol, 0, 0),
    source,
    destination,
    options,
  )
  header.set(u16(plainChecksum(header)), 10)
  return concat(header, payload)
}

/** The upper-layer checksum over pseudo-header and payload (RFC 793, RFC 8200 section 8.1): 0 when the one inside is right. */
export const transportChecksum = (from: string, to: string, protocol: number, payload: Uint8Array): number =>
  plainChecksum(
    bytesOf(from),
    bytesOf(to),
    Uint8Array.of(0, 0, 0, protocol),
    u16(payload.length >> 16),
    u16(payload.length & 0xffff),
    payload.length % 2 === 0 ? payload : concat(payload, Uint8Array.of(0)),
  )

export interface UdpOptions extends PacketOptions {
  readonly sourcePort?: number
  readonly destinationPort?: number
  readonly length?: number
}

/** A UDP packet with `length` counted bytes of payload. */
export function udpPacket(packet: UdpOptions): Uint8Array {
  const { sourcePort = 4000, destinationPort = 53, length = 32 } = packet
  const payload = Uint8Array.from({ length }, (_, index) => index & 255)
  const segment = concat(u16(sourcePort), u16(destinationPort), u16(8 + length), u16(0), payload)
  segment.set(u16(transportChecksum(packet.from, packet.to, 17, segment)), 6)
  return ipPacket(17, segment, packet)
}

/** An echo request of either family. */
export function pingPacket(packet: PacketOptions & { readonly sequence?: number; readonly length?: number }) {
  const isIpv6 = packet.from.includes(':')
  const data = new Uint8Array(packet.length ?? 56).fill(0x61)
  const message = concat(Uint8Array.of(isIpv6 ? 128 : 8, 0, 0, 0), u16(77), u16(packet.sequence ?? 1), data)
  const sum = isIpv6 ? transportChecksum(packet.from, packet.to, 58, message) : plainChecksum(message)
  message.set(u16(sum), 2)
  return ipPacket(isIpv6 ? 58 : 1, message, packet)
}

/** A TCP segment with options as given, padded to four bytes by the caller. */
export function tcpPacket(
  packet: PacketOptions & { readonly flags?: number; readonly tcpOptions?: Uint8Array },
): Uint8Array {
  const options = packet.tcpOptions ?? new Uint8Array()
  const segment = concat(
    u16(50_000),
    u16(443),
    new Uint8Array(8),
    Uint8Array.of((5 + options.length / 4) << 4, packet.flags ?? 0x02),
    u16(64_240),
    u16(0),
    u16(0),
    options,
  )
  segment.set(u16(transportChecksum(packet.from, packet.to, 6, segment)), 16)
  return ipPacket(6, segment, packet)
}
