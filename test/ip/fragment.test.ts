import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../src-main/ip/checksum.ts'
import { fragmentIpv4 } from '../../src-main/ip/fragment.ts'
import { createPacketView, readPacket } from '../../src-main/ip/packet.ts'
import { concat, plainChecksum, udpPacket } from '../fakes/packets.ts'

const ipv4 = { from: '10.1.2.3', to: '192.0.2.9' }

function fragments(packet: Uint8Array, mtu: number): Uint8Array[] | undefined {
  const view = createPacketView()
  expect(readPacket(packet, 0, packet.length, view)).toBe(true)
  const out = new Uint8Array(2000)
  const made: Uint8Array[] = []
  const done = fragmentIpv4(packet, 0, view, mtu, out, 16, (length) => {
    made.push(out.slice(16, 16 + length))
    // As sealing in place does.
    out.fill(0xdd)
  })
  return done ? made : undefined
}

describe('fragmentIpv4', () => {
  it('cuts on 8 bytes, and the pieces make the whole again', () => {
    const length = fc.integer({ min: 600, max: 5000 })
    fc.assert(
      fc.property(length, fc.integer({ min: 68, max: 599 }), fc.boolean(), (size, mtu, moreFragments) => {
        const packet = udpPacket({ ...ipv4, length: size, moreFragments })
        const made = fragments(packet, mtu) ?? []
        const payload = new Uint8Array(packet.length - 20)
        for (const [index, piece] of made.entries()) {
          const view = createPacketView()
          expect(piece.length).toBeLessThanOrEqual(mtu)
          expect(readPacket(piece, 0, piece.length, view)).toBe(true)
          expect(plainChecksum(piece.subarray(0, 20))).toBe(0)
          expect(view.moreFragments).toBe(moreFragments || index < made.length - 1)
          payload.set(piece.subarray(20), view.fragmentOffset)
        }
        expect(payload).toEqual(packet.slice(20))
      }),
      { numRuns: 50 },
    )
  })

  it('goes on from the offset of a fragment', () => {
    const made = fragments(udpPacket({ ...ipv4, length: 600, fragmentOffset: 800, moreFragments: true }), 508)
    const offsets = made?.map((piece) => Buffer.from(piece).readUInt16BE(6))
    expect(offsets).toEqual([0x2000 | 100, 0x2000 | (100 + 61)])
  })

  it('copies only the options that are to be copied', () => {
    // Router alert (copied), record route (not copied), end.
    const options = Uint8Array.of(0x94, 4, 0, 0, 7, 3, 4, 0)
    const made = fragments(udpPacket({ ...ipv4, length: 100, options }), 76)
    expect(made?.map((piece) => [...piece.subarray(20, 28)])).toEqual([
      [0x94, 4, 0, 0, 7, 3, 4, 0],
      [0x94, 4, 0, 0, 1, 1, 1, 0],
      [0x94, 4, 0, 0, 1, 1, 1, 0],
    ])
  })

  it('says when nothing fits', () => {
    expect(fragments(udpPacket(ipv4), 27)).toBeUndefined()
  })
})

describe('checksum', () => {
  it('is that of RFC 1071, for odd lengths too', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 99 }), (bytes) => {
        expect(checksum(concat(Uint8Array.of(1, 2, 3), bytes), 3, bytes.length)).toBe(plainChecksum(bytes))
      }),
    )
    expect(checksum(new Uint8Array(65_535).fill(255), 0, 65_535)).toBe(
      plainChecksum(new Uint8Array(65_535).fill(255)),
    )
  })
})
