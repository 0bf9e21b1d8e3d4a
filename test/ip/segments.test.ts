import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { completeChecksum, createSegmenter } from '../../src-main/ip/segments.ts'
import { folded, wideSum } from '../../src-main/ip/wide-sum.ts'
import type { WideBytes } from '../../src-main/ip/wide-sum.ts'
import { createPacketMemory } from '../../src-main/host/fast/packet-memory.ts'
import { plainChecksum, tcpPacket, udpPacket } from '../fakes/packets.ts'
import { splitSegments } from '../host/fast/split-segments.ts'

const length = 256 * 1024
const plainMemory = () => {
  const bytes = new Uint8Array(length)
  return { bytes, view: new DataView(bytes.buffer), words: new Uint32Array(bytes.buffer) }
}
const vectorMemory = createPacketMemory(length, { guarded: false })
const at = vectorMemory.region(160 * 1024)

describe.each([
  ['32-bit words', plainMemory()],
  ['vectors', vectorMemory],
] as const)('sums by %s', (name, memory: WideBytes & { readonly bytes: Uint8Array }) => {
  it('uses vectors where they are to be used', () => {
    expect(typeof memory.sumBlocks).toBe(name === 'vectors' ? 'function' : 'undefined')
  })

  it('give the Internet checksum, wherever the bytes begin and however many they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.nat(70), (data, shift) => {
        memory.bytes.set(data, at + shift)
        const sum = ~folded(wideSum(memory, at + shift, data.length)) & 0xffff
        expect(((sum & 0xff) << 8) | (sum >>> 8)).toBe(plainChecksum(data))
      }),
      { numRuns: 300 },
    )
  })

  it('do not overflow over 64 KB of ones', () => {
    memory.bytes.fill(0xff, at, at + 65_536)
    expect(folded(wideSum(memory, at, 65_536))).toBe(0xffff)
  })
})

/** The header that a kernel would put before such a packet. */
function offloadHeader(
  kind: 1 | 4 | 5,
  headers: number,
  size: number,
  start: number,
  field: number,
): Uint8Array {
  const header = new DataView(new ArrayBuffer(10))
  header.setUint8(0, 1)
  header.setUint8(1, kind)
  header.setUint16(2, headers, true)
  header.setUint16(4, size, true)
  header.setUint16(6, start, true)
  header.setUint16(8, field, true)
  return new Uint8Array(header.buffer)
}

describe('segments', () => {
  const ends = [
    { from: '10.9.0.2', to: '192.168.50.7' },
    { from: 'fd00:9::2', to: 'fd00:50::7' },
  ] as const

  it.each([
    ['IPv4', ends[0]],
    ['IPv6', ends[1]],
  ] as const)('are those that a kernel makes: %s', (_, addresses) => {
    const isIpv4 = addresses.from.includes('.')
    const transport = isIpv4 ? 20 : 40
    const property = fc.property(
      fc.boolean(),
      fc.integer({ min: 1, max: 1500 }),
      fc.uint8Array({ minLength: 1, maxLength: 9000 }),
      fc.nat(255),
      fc.nat(0xffff_ffff),
      (isTcp, size, payload, flags, sequence) => {
        const options = { ...addresses, tcpOptions: Uint8Array.of(1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8) }
        const one = isTcp ? tcpPacket({ ...options, flags }) : udpPacket({ ...addresses, length: 0 })
        const packet = Uint8Array.from([...one, ...payload])
        const view = new DataView(packet.buffer)
        if (isIpv4) view.setUint16(2, packet.length)
        else view.setUint16(4, packet.length - 40)
        if (isTcp) view.setUint32(transport + 4, sequence)
        const kind = isTcp ? (isIpv4 ? 1 : 4) : 5
        const header = offloadHeader(kind, one.length, size, transport, isTcp ? 16 : 6)
        const memory = vectorMemory
        memory.bytes.set(packet, at)
        const segmenter = createSegmenter(memory)
        const protocol = isTcp ? 'tcp' : 'udp'
        expect(
          segmenter.begin({
            offset: at,
            length: packet.length,
            protocol,
            transportOffset: transport,
            segmentSize: size,
          }),
        ).toBe(true)
        const made: Uint8Array[] = []
        for (let target = at + 16_384, got = segmenter.next(target); got > 0; got = segmenter.next(target)) {
          expect(got).toBeLessThanOrEqual(one.length + size)
          made.push(memory.bytes.slice(target, target + got))
          target += (got + 3) & ~3
          if (target > at + 150_000) target = at + 16_384
        }
        expect(made).toEqual(withoutCwr(splitSegments(header, packet), isTcp, transport))
      },
    )
    fc.assert(property, { numRuns: 60 })
  })

  it('are refused where the lengths contradict each other', () => {
    const memory = vectorMemory
    memory.bytes.set(tcpPacket(ends[0]), at)
    const segmenter = createSegmenter(memory)
    const packet = { offset: at, length: 100, protocol: 'tcp', transportOffset: 20, segmentSize: 10 } as const
    expect(segmenter.begin({ ...packet, length: 39 })).toBe(false)
    expect(segmenter.begin({ ...packet, length: 40 })).toBe(false)
    expect(segmenter.begin({ ...packet, transportOffset: 24 })).toBe(false)
    expect(segmenter.begin({ ...packet, segmentSize: 0 })).toBe(false)
    memory.bytes[at + 32] = 0x10
    expect(segmenter.begin(packet)).toBe(false)
  })
})

/** RFC 3168 section 6.1.2: CWR stands in the first segment alone; its checksum follows. */
function withoutCwr(
  segments: readonly Uint8Array[],
  isTcp: boolean,
  transport: number,
): readonly Uint8Array[] {
  if (!isTcp) return segments
  return segments.map((segment, index) => {
    const flags = segment[transport + 13] ?? 0
    if (index === 0 || (flags & 0x80) === 0) return segment
    const changed = segment.slice()
    changed[transport + 13] = flags & 0x7f
    const isIpv4 = transport === 20
    const header = new Uint8Array(10)
    new DataView(header.buffer).setUint8(0, 1)
    new DataView(header.buffer).setUint16(6, transport, true)
    new DataView(header.buffer).setUint16(8, 16, true)
    expect(isIpv4 || transport === 40).toBe(true)
    return splitSegments(header, changed)[0] ?? changed
  })
}

describe('a checksum that the kernel left half done', () => {
  it('is completed over what is behind its start', () => {
    fc.assert(
      fc.property(fc.nat(1400), (size) => {
        const packet = udpPacket({ from: '10.9.0.2', to: '192.168.50.7', length: size })
        const header = offloadHeader(1, 0, 0, 20, 6)
        header[1] = 0
        const expected = splitSegments(header, packet)
        // What stands in the field: the pseudo-header's sum.
        const pseudo = plainChecksum(
          packet.subarray(12, 20),
          Uint8Array.of(0, 17, (packet.length - 20) >> 8, (packet.length - 20) & 255),
        )
        new DataView(packet.buffer).setUint16(26, ~pseudo & 0xffff)
        vectorMemory.bytes.set(packet, at)
        expect(completeChecksum(vectorMemory, at, packet.length, 20, 6)).toBe(true)
        expect([vectorMemory.bytes.slice(at, at + packet.length)]).toEqual(expected)
      }),
    )
  })

  it('is not looked for outside the packet', () => {
    expect(completeChecksum(vectorMemory, at, 40, 30, 16)).toBe(false)
  })
})
