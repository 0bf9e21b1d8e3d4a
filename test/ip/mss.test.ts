import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clampMss } from '../../src-main/ip/mss.ts'
import { createPacketView, readPacket } from '../../src-main/ip/packet.ts'
import { tcpPacket, transportChecksum, udpPacket } from '../fakes/packets.ts'

const ipv4 = { from: '10.1.2.3', to: '192.0.2.9' }
const ipv6 = { from: 'fd00::1:2', to: '2001:db8::6' }
const mss = (value: number) => [2, 4, value >> 8, value & 255]

function clamp(packet: Uint8Array, mtu: number): boolean {
  const view = createPacketView()
  expect(readPacket(packet, 0, packet.length, view)).toBe(true)
  return clampMss(packet, 0, view, mtu)
}

describe('clampMss', () => {
  it.each([
    ['IPv4', ipv4, 20, 1438 - 40],
    ['IPv6', ipv6, 40, 1438 - 60],
  ] as const)('lowers the option of an %s SYN and mends the checksum', (_, addresses, header, expected) => {
    for (const options of [mss(1460), [1, ...mss(1460), 1, 1, 1], [4, 2, 3, 3, 7, 1, 1, ...mss(9000), 0]]) {
      for (const flags of [0x02, 0x12]) {
        const packet = tcpPacket({ ...addresses, flags, tcpOptions: Uint8Array.from(options) })
        const place = header + 20 + options.indexOf(2, options[0] === 4 ? 3 : 0) + 2
        expect(clamp(packet, 1438)).toBe(true)
        expect(Buffer.from(packet).readUInt16BE(place)).toBe(expected)
        expect(transportChecksum(addresses.from, addresses.to, 6, packet.subarray(header))).toBe(0)
      }
    }
  })

  it.each([
    ['a smaller MSS', tcpPacket({ ...ipv4, tcpOptions: Uint8Array.from(mss(1398)) })],
    ['no option', tcpPacket(ipv4)],
    ['a segment without SYN', tcpPacket({ ...ipv4, flags: 0x10, tcpOptions: Uint8Array.from(mss(1460)) })],
    ['a later fragment', tcpPacket({ ...ipv4, fragmentOffset: 8, tcpOptions: Uint8Array.from(mss(1460)) })],
    [
      'an MSS behind the end of options',
      tcpPacket({ ...ipv4, tcpOptions: Uint8Array.of(0, ...mss(1460), 0, 0, 0) }),
    ],
    ['an option of length 0', tcpPacket({ ...ipv4, tcpOptions: Uint8Array.of(9, 0, 0, 0) })],
    ['an option cut by the header', tcpPacket({ ...ipv4, tcpOptions: Uint8Array.of(1, 2, 4, 0x05) })],
    ['a lone kind', tcpPacket({ ...ipv4, tcpOptions: Uint8Array.of(1, 1, 1, 2) })],
    ['UDP', udpPacket(ipv4)],
  ])('leaves %s as it is', (_, packet) => {
    const before = packet.slice()
    expect(clamp(packet, 1438)).toBe(false)
    expect(packet).toEqual(before)
  })

  it('keeps the checksum right whatever options there are', () => {
    const options = fc.array(fc.nat(255), { minLength: 4, maxLength: 40 })
    fc.assert(
      fc.property(options, fc.integer({ min: 100, max: 1500 }), (bytes, mtu) => {
        const tcpOptions = Uint8Array.from(bytes.slice(0, bytes.length & ~3))
        const packet = tcpPacket({ ...ipv4, tcpOptions })
        clamp(packet, mtu)
        expect(transportChecksum(ipv4.from, ipv4.to, 6, packet.subarray(20))).toBe(0)
      }),
    )
  })
})
