import { describe, expect, it } from 'vitest'
import { LONGEST_ANSWER, mayAnswer, writeTooBig } from '../../src-main/ip/icmp.ts'
import { createPacketView, readPacket } from '../../src-main/ip/packet.ts'
import { formatAddress, addressFromBytes } from '../../src-main/ip/address.ts'
import {
  concat,
  ipPacket,
  pingPacket,
  plainChecksum,
  transportChecksum,
  udpPacket,
} from '../fakes/packets.ts'

const ipv4 = { from: '10.1.2.3', to: '192.0.2.9' }
const ipv6 = { from: 'fd00::1:2', to: '2001:db8::6' }
const address = (bytes: Uint8Array) => {
  const value = addressFromBytes(bytes)
  return value === undefined ? undefined : formatAddress(value)
}

function answerTo(packet: Uint8Array, mtu: number): Uint8Array {
  const view = createPacketView()
  const out = new Uint8Array(LONGEST_ANSWER).fill(0xee)
  // Somewhere in a larger buffer.
  const buffer = concat(new Uint8Array(7), packet)
  expect(readPacket(buffer, 7, packet.length, view)).toBe(true)
  return out.slice(0, writeTooBig(buffer, 7, view, mtu, out))
}

describe('writeTooBig', () => {
  it('tells an IPv4 sender the next-hop MTU and quotes its packet', () => {
    const packet = udpPacket({ ...ipv4, length: 1472 })
    const answer = answerTo(packet, 1438)
    expect(answer).toHaveLength(576)
    expect(plainChecksum(answer.subarray(0, 20))).toBe(0)
    expect(plainChecksum(answer.subarray(20))).toBe(0)
    expect(address(answer.subarray(12, 16))).toBe('192.0.2.9')
    expect(address(answer.subarray(16, 20))).toBe('10.1.2.3')
    expect([...answer.subarray(20, 22)]).toEqual([3, 4])
    expect(Buffer.from(answer).readUInt16BE(26)).toBe(1438)
    expect(answer.subarray(28)).toEqual(packet.subarray(0, 548))
  })

  it('tells an IPv6 sender the MTU and quotes its packet', () => {
    const packet = udpPacket({ ...ipv6, length: 1452 })
    const answer = answerTo(packet, 1418)
    expect(answer).toHaveLength(1280)
    expect(address(answer.subarray(8, 24))).toBe('2001:db8::6')
    expect(address(answer.subarray(24, 40))).toBe('fd00::1:2')
    expect(transportChecksum(ipv6.to, ipv6.from, 58, answer.subarray(40))).toBe(0)
    expect([...answer.subarray(40, 42)]).toEqual([2, 0])
    expect(Buffer.from(answer).readUInt32BE(44)).toBe(1418)
    expect(answer.subarray(48)).toEqual(packet.subarray(0, 1232))
  })

  it('quotes a short packet whole', () => {
    const packet = udpPacket(ipv4)
    expect(answerTo(packet, 68).subarray(28)).toEqual(packet)
  })
})

describe('mayAnswer', () => {
  const icmp = (type: number) => Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0)
  it.each([
    ['an IPv4 packet', udpPacket(ipv4), true],
    ['an IPv6 packet', udpPacket(ipv6), true],
    ['an echo request', pingPacket(ipv4), true],
    ['an ICMPv6 echo request', pingPacket(ipv6), true],
    ['a first fragment', udpPacket({ ...ipv4, moreFragments: true }), true],
    ['a later fragment', udpPacket({ ...ipv4, fragmentOffset: 8 }), false],
    ['destination unreachable', ipPacket(1, icmp(3), ipv4), false],
    ['time exceeded', ipPacket(1, icmp(11), ipv4), false],
    ['a redirect', ipPacket(1, icmp(5), ipv4), false],
    ['an ICMPv6 error', ipPacket(58, icmp(1), ipv6), false],
    ['an ICMPv6 error nobody knows', ipPacket(58, icmp(100), ipv6), false],
    ['ICMP without a type', ipPacket(1, new Uint8Array(1), ipv4), false],
    ['IPv4 multicast', udpPacket({ ...ipv4, to: '224.0.0.5' }), false],
    ['the limited broadcast', udpPacket({ ...ipv4, to: '255.255.255.255' }), false],
    ['IPv6 multicast: "too big" is exempt', udpPacket({ ...ipv6, to: 'ff0e::1' }), true],
    ['a multicast source', udpPacket({ ...ipv4, from: '224.0.0.5' }), false],
    ['the loopback as source', udpPacket({ ...ipv4, from: '127.0.0.1' }), false],
    ['no source', udpPacket({ ...ipv4, from: '0.0.0.0' }), false],
    ['the unspecified IPv6 source', udpPacket({ ...ipv6, from: '::' }), false],
    ['an IPv6 multicast source', udpPacket({ ...ipv6, from: 'ff02::1' }), false],
  ])('%s: %#', (_, packet, expected) => {
    const view = createPacketView()
    expect(readPacket(packet, 0, packet.length, view)).toBe(true)
    expect(mayAnswer(view)).toBe(expected)
  })
})
