import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createPacketView,
  readPacket,
  readQuotedPacket,
  writeTrafficClass,
} from '../../src-main/ip/packet.ts'
import type { PacketView } from '../../src-main/ip/packet.ts'
import { concat, ipPacket, pingPacket, plainChecksum, udpPacket } from '../fakes/packets.ts'

const ipv4 = { from: '10.1.2.3', to: '192.0.2.9' }
const ipv6 = { from: 'fd00::1:2', to: '2001:db8:1:2:3:4:5:6' }
const read = (packet: Uint8Array): PacketView | undefined => {
  const view = createPacketView()
  return readPacket(packet, 0, packet.length, view) ? view : undefined
}

describe('readPacket', () => {
  it('reads an IPv4 UDP packet', () => {
    const packet = udpPacket({ ...ipv4, trafficClass: 0xb9, dontFragment: true, options: new Uint8Array(8) })
    expect(read(packet)).toEqual({
      version: 4,
      length: 28 + 8 + 32,
      headerLength: 28,
      trafficClass: 0xb9,
      dontFragment: true,
      fragmentOffset: 0,
      moreFragments: false,
      protocol: 17,
      hasPorts: true,
      sourcePort: 4000,
      destinationPort: 53,
      source0: 0x0a010203,
      source1: 0,
      source2: 0,
      source3: 0,
      destination0: 0xc0000209,
      destination1: 0,
      destination2: 0,
      destination3: 0,
    })
  })

  it('reads an IPv6 UDP packet', () => {
    expect(read(udpPacket({ ...ipv6, trafficClass: 0xb9 }))).toMatchObject({
      version: 6,
      length: 80,
      headerLength: 40,
      trafficClass: 0xb9,
      dontFragment: true,
      protocol: 17,
      hasPorts: true,
      sourcePort: 4000,
      destinationPort: 53,
      source0: 0xfd000000,
      source3: 0x00010002,
      destination0: 0x20010db8,
      destination1: 0x00010002,
      destination2: 0x00030004,
      destination3: 0x00050006,
    })
  })

  it('has type and code of ICMP in both ports, in its own family only', () => {
    expect(read(pingPacket(ipv4))).toMatchObject({ protocol: 1, hasPorts: true, sourcePort: 0x0800 })
    expect(read(pingPacket(ipv6))).toMatchObject({ protocol: 58, hasPorts: true, destinationPort: 0x8000 })
    expect(read(ipPacket(58, new Uint8Array(8), ipv4))).toMatchObject({ protocol: 58, hasPorts: false })
  })

  it('shows no ports of later fragments, and those of first ones', () => {
    const first = udpPacket({ ...ipv4, moreFragments: true })
    expect(read(first)).toMatchObject({ hasPorts: true, moreFragments: true, fragmentOffset: 0 })
    const later = udpPacket({ ...ipv4, fragmentOffset: 1480 })
    expect(read(later)).toMatchObject({ hasPorts: false, sourcePort: 0, fragmentOffset: 1480 })
    const fragmentHeader = Uint8Array.of(17, 0, 0x05, 0xc9, 0, 0, 0, 1)
    const ipv6Later = ipPacket(44, concat(fragmentHeader, new Uint8Array(20)), ipv6)
    expect(read(ipv6Later)).toMatchObject({
      protocol: 17,
      hasPorts: false,
      fragmentOffset: 1480,
      moreFragments: true,
    })
  })

  it('does not take the content of a later IPv6 fragment for extension headers', () => {
    const packet = ipPacket(
      44,
      concat(Uint8Array.of(60, 0, 0, 8, 0, 0, 0, 1), new Uint8Array(16).fill(255)),
      ipv6,
    )
    expect(read(packet)).toMatchObject({ protocol: 60, headerLength: 48, hasPorts: false })
  })

  it('walks extension headers', () => {
    const hopByHop = Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0)
    const destination = Uint8Array.of(51, 1, ...new Uint8Array(14))
    const authentication = Uint8Array.of(17, 4, ...new Uint8Array(22))
    const ports = Uint8Array.of(0, 7, 0, 9, 0, 8, 0, 0)
    const packet = ipPacket(0, concat(hopByHop, destination, authentication, ports), ipv6)
    expect(read(packet)).toMatchObject({ protocol: 17, headerLength: 40 + 8 + 16 + 24, sourcePort: 7 })
  })

  it('refuses endless and cut chains of extension headers', () => {
    const one = Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0)
    expect(read(ipPacket(60, concat(...new Array<Uint8Array>(100).fill(one)), ipv6))).toBeUndefined()
    expect(read(ipPacket(60, one.subarray(0, 7), ipv6))).toBeUndefined()
    expect(read(ipPacket(60, Uint8Array.of(17, 9, 1, 4, 0, 0, 0, 0), ipv6))).toBeUndefined()
  })

  it.each([
    ['nothing', new Uint8Array()],
    ['another version', new Uint8Array(60).fill(0x55)],
    ['IPv4 with a header length of 16', Uint8Array.of(0x44, 0, 0, 20, ...new Uint8Array(16))],
    ['IPv4 shorter than its header', Uint8Array.of(0x46, 0, 0, 20, ...new Uint8Array(20))],
    ['IPv4 longer than the bytes', Uint8Array.of(0x45, 0, 0, 21, ...new Uint8Array(16))],
    ['IPv6 of 39 bytes', Uint8Array.of(0x60, ...new Uint8Array(38))],
    ['an IPv6 jumbogram', ipPacket(0, new Uint8Array(), ipv6)],
    ['IPv6 longer than the bytes', udpPacket(ipv6).subarray(0, 79)],
  ])('refuses %s', (_, packet) => {
    expect(read(packet)).toBeUndefined()
  })

  it('ends the packet where its header says, whatever stands behind', () => {
    const view = createPacketView()
    const packet = udpPacket(ipv4)
    expect(readPacket(concat(packet, new Uint8Array(99)), 0, packet.length + 99, view)).toBe(true)
    expect(view.length).toBe(packet.length)
  })

  it('reads quoted beginnings that end early', () => {
    const view = createPacketView()
    expect(readQuotedPacket(udpPacket({ ...ipv4, length: 1000 }), 0, 28, view)).toBe(true)
    expect(view).toMatchObject({ length: 28, destinationPort: 53 })
    expect(readQuotedPacket(udpPacket(ipv4), 0, 20, view)).toBe(true)
    expect(view.hasPorts).toBe(false)
  })

  it('never throws, and what it accepts lies within the bytes', () => {
    const plausible = fc.tuple(fc.constantFrom(0x45, 0x4f, 0x60), fc.uint8Array({ maxLength: 300 }))
    fc.assert(
      fc.property(plausible, ([first, rest]) => {
        const packet = concat(Uint8Array.of(first), rest)
        const view = read(packet)
        if (view === undefined) return
        expect(view.length).toBeLessThanOrEqual(packet.length)
        expect(view.headerLength).toBeLessThanOrEqual(view.length)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('writeTrafficClass', () => {
  it('keeps the IPv4 checksum right and the rest as it is', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), (before, after) => {
        const packet = udpPacket({ ...ipv4, trafficClass: before })
        writeTrafficClass(packet, 0, after)
        expect(packet[1]).toBe(after)
        expect(plainChecksum(packet.subarray(0, 20))).toBe(0)
      }),
    )
  })

  it('keeps version and flow label of IPv6', () => {
    const packet = udpPacket(ipv6)
    packet.set([0x6a, 0xbc, 0xde, 0xf0])
    writeTrafficClass(packet, 0, 0x12)
    expect([...packet.subarray(0, 4)]).toEqual([0x61, 0x2c, 0xde, 0xf0])
    expect(read(packet)?.trafficClass).toBe(0x12)
  })
})
