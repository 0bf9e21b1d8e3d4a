/** Whatever arrives in whatever order: what the adapter gets comes to the same packets, in the order of each flow. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TunQueue } from 'tun-tap'
import { createCoalescer } from '../../../src-main/host/fast/coalescer.ts'
import { createPacketMemory } from '../../../src-main/host/fast/packet-memory.ts'
import { createPacketView, readPacket } from '../../../src-main/ip/packet.ts'
import { ipPacket, pingPacket, transportChecksum, udpPacket } from '../../fakes/packets.ts'
import { splitSegments } from './split-segments.ts'

const memory = createPacketMemory(8 * 1024 * 1024, { guarded: true })
const slots = memory.region(6 * 1024 * 1024)
const headerAt = memory.region(64)

/** Writes of a pretended adapter: header and packet in one piece. */
function pretendQueue() {
  const written: Uint8Array[] = []
  let parts: Uint8Array[] = []
  const queue: TunQueue = {
    read: () => 0,
    begin: () => void (parts = []),
    add: (offset, length) => parts.push(memory.bytes.slice(offset, offset + length)) > 0,
    end() {
      written.push(Uint8Array.from(Buffer.concat(parts)))
      return 'written'
    },
  }
  return { queue, written }
}

function pass(packets: readonly Uint8Array[], udp = true): readonly Uint8Array[] {
  const { queue, written } = pretendQueue()
  const coalescer = createCoalescer(memory, queue, headerAt, { udp, onRefused: () => undefined })
  const view = createPacketView()
  let at = slots
  for (const packet of packets) {
    memory.bytes.set(packet, at)
    if (!readPacket(memory.bytes, at, packet.length, view)) throw new Error('no packet')
    coalescer.take(at, view)
    at += (packet.length + 63) & ~3
  }
  coalescer.flush()
  memory.checkGuards()
  return written
}

const apart = (written: readonly Uint8Array[]): readonly Uint8Array[] =>
  written.flatMap((one) => splitSegments(one.subarray(0, 10), one.subarray(10)))

interface Segment {
  readonly ipv6: boolean
  readonly port: number
  readonly sequence: number
  readonly length: number
  readonly flags: number
  readonly trafficClass: number
  readonly broken: boolean
}

/** IPv4's identification is the one thing that may differ: these have none that counts. */
function tcpSegment({ ipv6, port, sequence, length, flags, trafficClass, broken }: Segment): Uint8Array {
  const [from, to] = ipv6 ? ['fd00::1', 'fd00::2'] : ['10.0.0.1', '10.0.0.2']
  const bytes = new Uint8Array(20 + length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, 443)
  view.setUint16(2, port)
  view.setUint32(4, sequence)
  view.setUint32(8, 77)
  view.setUint8(12, 0x50)
  view.setUint8(13, flags)
  view.setUint16(14, 500)
  for (let index = 0; index < length; index += 1) bytes[20 + index] = (sequence + index) & 255
  view.setUint16(16, transportChecksum(from, to, 6, bytes))
  if (broken && length > 0) bytes[20] = (bytes[20] ?? 0) ^ 1
  return ipPacket(6, bytes, { from, to, trafficClass })
}

/** Without what stands for identity alone: IPv4's identification and the header checksum that covers it. */
const comparable = (packet: Uint8Array): string => {
  const copy = packet.slice()
  if ((copy[0] ?? 0) >> 4 === 4) copy.fill(0, 4, 6).fill(0, 10, 12)
  return Buffer.from(copy).toString('hex')
}
const flowOf = (packet: Uint8Array): string => {
  const isIpv4 = (packet[0] ?? 0) >> 4 === 4
  const start = isIpv4 ? 20 : 40
  const protocol = packet[isIpv4 ? 9 : 6] ?? 0
  return `${start} ${protocol} ${Buffer.from(packet.subarray(start, start + 4)).toString('hex')}`
}
const byFlow = (packets: readonly Uint8Array[]): Readonly<Record<string, readonly string[]>> => {
  const flows: Record<string, string[]> = {}
  for (const packet of packets) (flows[flowOf(packet)] ??= []).push(comparable(packet))
  return flows
}

describe('the coalescer', () => {
  const ack = 0x10
  const base = { ipv6: false, port: 5000, length: 1000, flags: ack, trafficClass: 0, broken: false }
  const stream = (count: number, change: Partial<Segment> = {}): readonly Uint8Array[] =>
    Array.from({ length: count }, (_, index) =>
      tcpSegment({ ...base, ...change, sequence: 1000 + index * (change.length ?? base.length) }),
    )

  it.each([false, true])('puts a stream into one packet (IPv6: %s)', (ipv6) => {
    const packets = stream(20, { ipv6 })
    const written = pass(packets)
    expect(written).toHaveLength(1)
    expect(apart(written).map(comparable)).toEqual(packets.map(comparable))
  })

  it('puts datagrams of one length together, and ends with a shorter one', () => {
    const packets = [900, 900, 900, 300, 900].map((length) =>
      udpPacket({ from: '10.0.0.1', to: '10.0.0.2', length }),
    )
    const written = pass(packets)
    expect(written).toHaveLength(2)
    expect(apart(written).map(comparable)).toEqual(packets.map(comparable))
    expect(pass(packets, false)).toHaveLength(5)
  })

  it('makes no packet longer than 64 KB and none of too many segments', () => {
    expect(pass(stream(100))).toHaveLength(2)
    expect(pass(stream(100, { length: 10 }))).toHaveLength(2)
  })

  it.each([
    ['a wrong checksum', { broken: true }],
    ['a SYN', { flags: 0x12 }],
    ['a FIN', { flags: 0x11 }],
    ['urgent data', { flags: 0x30 }],
    ['an echo of congestion', { flags: 0x50 }],
    ['no payload', { length: 0 }],
  ] as const)('leaves segments apart that have %s', (_, change) => {
    const packets = stream(5, change)
    const written = pass(packets)
    expect(written).toHaveLength(5)
    expect(written.map((one) => comparable(one.subarray(10)))).toEqual(packets.map(comparable))
  })

  it('leaves apart what does not follow on, or is marked otherwise', () => {
    const one = (change: Partial<Segment>) => tcpSegment({ ...base, sequence: 1000, ...change })
    expect(pass([one({}), one({ sequence: 2001 })])).toHaveLength(2)
    expect(pass([one({}), one({ sequence: 2000, trafficClass: 3 })])).toHaveLength(2)
    expect(pass([one({ flags: 0x18 }), one({ sequence: 2000 })])).toHaveLength(2)
    expect(pass([one({ length: 500 }), one({ sequence: 1500, length: 501 })])).toHaveLength(2)
    expect(pass([one({}), one({ sequence: 2000, port: 6 })])).toHaveLength(2)
  })

  it('keeps the order around what it cannot put together', () => {
    const fragment = udpPacket({ from: '10.0.0.1', to: '10.0.0.2', fragmentOffset: 800 })
    const packets = [...stream(3), fragment, ...stream(3).slice(2)]
    const written = pass(packets)
    expect(apart(written).map(comparable)).toEqual(packets.map(comparable))
  })

  it('changes nothing but how packets travel', () => {
    const segment = fc.record({
      ipv6: fc.boolean(),
      port: fc.integer({ min: 1, max: 25 }),
      sequence: fc.constantFrom(0, 100, 200, 300, 400, 0xffff_ff9c),
      length: fc.constantFrom(0, 1, 50, 100, 100, 100),
      flags: fc.constantFrom(ack, ack, ack, 0x18, 0x11, 0x02),
      trafficClass: fc.constantFrom(0, 0, 0, 1),
      broken: fc.constantFrom(false, false, false, true),
    })
    const packet = fc.oneof(
      { weight: 6, arbitrary: segment.map(tcpSegment) },
      {
        weight: 3,
        arbitrary: fc
          .record({
            sourcePort: fc.nat(3),
            length: fc.constantFrom(0, 40, 40, 40, 20),
            moreFragments: fc.boolean(),
          })
          .map((udp) => udpPacket({ from: '10.0.0.1', to: '10.0.0.2', ...udp })),
      },
      { weight: 1, arbitrary: fc.constant(pingPacket({ from: '10.0.0.1', to: '10.0.0.2' })) },
    )
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 60 }), (packets) => {
        expect(byFlow(apart(pass(packets)))).toEqual(byFlow(packets))
      }),
      { numRuns: 200 },
    )
  })
})
