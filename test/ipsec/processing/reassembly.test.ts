/** Fragments: outside ESP and AH, before transport mode, and made to harm. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readU8, readU16 } from '../../../src-main/ip/octets.ts'
import { concat, ipPacket, udpPacket } from '../../fakes/packets.ts'
import { createTwoHosts, send } from './two-hosts.ts'
import type { Layer } from './two-hosts.ts'

const esp: Layer = { protocol: 'esp' }
const v4 = ['198.51.100.1', '198.51.100.2'] as const
const v6 = ['fd00::1', 'fd00::2'] as const

/** Cuts an IPv4 packet by hand at these places of its payload. */
const cut = (packet: Uint8Array, places: readonly number[]): Uint8Array[] => {
  const payload = packet.subarray(20)
  const bounds = [0, ...places, payload.length]
  return bounds.slice(0, -1).map((start, index) => {
    const end = bounds[index + 1] ?? 0
    const piece = concat(packet.subarray(0, 20), payload.subarray(start, end))
    const more = end < payload.length ? 0x2000 : 0
    piece.set([piece.length >> 8, piece.length & 255], 2)
    const field = more | (start >> 3)
    piece.set([field >> 8, field & 255], 6)
    return piece
  })
}

for (const [family, ends] of [
  ['IPv4', v4],
  ['IPv6', v6],
] as const) {
  const [from, to] = ends
  describe(`datagrams larger than the path, ${family}`, () => {
    for (const layer of [esp, { protocol: 'ah' } as const]) {
      it(`${layer.protocol}: one header for the whole, fragments outside, whole again inside`, () => {
        const hosts = createTwoHosts([layer], ends, 1400)
        const packet = udpPacket({ from, to, length: 5_000 })
        send(hosts.a, packet)
        expect(hosts.a.sent.length).toBe(4)
        for (const piece of hosts.a.sent) expect(piece.length).toBeLessThanOrEqual(1400)
        hosts.a.sent.reverse()
        hosts.carry()
        expect(hosts.b.processor.statistics().drops).toEqual({})
        expect(hosts.b.delivered).toEqual([packet])
      })
    }
  })
}

describe('transport mode', () => {
  it('is applied to the whole datagram, not to its fragments (RFC 4303 section 3.3.4)', () => {
    const [from, to] = v4
    const hosts = createTwoHosts([esp], v4)
    const packet = udpPacket({ from, to, length: 1_200 })
    for (const piece of cut(packet, [400, 800])) send(hosts.a, piece)
    expect(hosts.a.sent).toHaveLength(1)
    hosts.carry()
    expect(hosts.b.delivered).toEqual([packet])
  })
  it('tunnel mode takes fragments as they are', () => {
    const [from, to] = v4
    const hosts = createTwoHosts([{ ...esp, ends: ['203.0.113.1', '203.0.113.2'] }], v4)
    for (const piece of cut(udpPacket({ from, to, length: 1_200 }), [400, 800])) send(hosts.a, piece)
    expect(hosts.a.sent).toHaveLength(3)
    hosts.carry()
    expect(hosts.b.delivered).toHaveLength(3)
  })
})

describe('fragments made to harm', () => {
  const [from, to] = v4
  const sealed = (hosts = createTwoHosts([esp], v4)) => {
    send(hosts.a, udpPacket({ from, to, length: 600 }))
    const [sent = new Uint8Array()] = hosts.a.sent.splice(0)
    return {
      hosts,
      sent,
      receive: (packet: Uint8Array) => hosts.b.processor.inbound(packet, 0, packet.length),
    }
  }
  const drops = ({ hosts }: ReturnType<typeof sealed>) => hosts.b.processor.statistics().drops

  it('an overlap loses the whole datagram, and what follows of it', () => {
    const attack = sealed()
    const [first, second, third] = cut(attack.sent, [200, 400])
    const [, overlapping] = cut(attack.sent, [192, 400])
    if (!first || !second || !third || !overlapping) throw new Error('unreachable')
    attack.receive(first)
    attack.receive(overlapping)
    attack.receive(second)
    attack.receive(third)
    expect(drops(attack)).toEqual({ 'fragment-overlap': 3 })
    expect(attack.hosts.b.delivered).toEqual([])
  })
  it('the same fragment twice does no harm', () => {
    const attack = sealed()
    const pieces = cut(attack.sent, [200, 400])
    for (const piece of [...pieces.slice(0, 2), ...pieces]) attack.receive(piece)
    expect(drops(attack)).toEqual({})
    expect(attack.hosts.b.delivered).toHaveLength(1)
  })
  it('a first fragment too small for the header behind IP', () => {
    const attack = sealed()
    const [tiny] = cut(attack.sent, [8])
    attack.receive(tiny ?? new Uint8Array())
    expect(drops(attack)).toEqual({ 'fragment-tiny': 1 })
  })
  it('a length that is no multiple of 8, two ends, and one beyond 65,535', () => {
    const attack = sealed()
    const [odd] = cut(attack.sent, [201])
    attack.receive(odd ?? new Uint8Array())
    expect(drops(attack)).toEqual({ 'fragment-malformed': 1 })
    const [, end] = cut(attack.sent, [200])
    const [, , behind] = cut(attack.sent, [200, 400])
    const farther = (behind ?? new Uint8Array()).slice(0, 100)
    farther.set([0, 100], 2)
    attack.receive(end ?? new Uint8Array())
    attack.receive(farther)
    expect(drops(attack)).toEqual({ 'fragment-malformed': 2 })
    const long = (end ?? new Uint8Array()).slice()
    long.set([0x1f, 0xff], 6)
    long.set([0x77, 0x77], 4)
    attack.receive(long)
    expect(drops(attack)).toEqual({ 'fragment-malformed': 2, 'fragment-too-long': 1 })
  })
  it('the rest never comes: memory is bounded, and time too', () => {
    const attack = sealed()
    const [first = new Uint8Array()] = cut(attack.sent, [200])
    for (let id = 1; id <= 100; id += 1) {
      const piece = first.slice()
      piece.set([0, id], 4)
      attack.receive(piece)
    }
    expect(drops(attack)).toEqual({ 'fragment-incomplete': 84 })
    attack.hosts.clock.advance(31_000)
    attack.receive(first)
    expect(drops(attack)).toEqual({ 'fragment-incomplete': 100 })
  })
  it('IPv6: a fragment whose header chain goes on in the next one is nothing', () => {
    const hosts = createTwoHosts([esp], v6)
    const fragment = Uint8Array.of(60, 0, 0, 1, 0, 0, 0, 9)
    const options = Uint8Array.of(50, 30, 1, 4, 0, 0, 0, 0)
    const packet = ipPacket(44, concat(fragment, options), { from: v6[0], to: v6[1] })
    hosts.b.processor.inbound(packet, 0, packet.length)
    expect(hosts.b.processor.statistics().drops).toEqual({ 'not-ip': 1 })
  })
  it('in any order and any cut, a datagram comes together as it was', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 2, max: 70 }), { maxLength: 12 }),
        fc.integer(),
        (places, seed) => {
          const attack = sealed()
          const pieces = cut(
            attack.sent,
            places.map((place) => place * 8).toSorted((a, b) => a - b),
          )
          const order = pieces.map((piece, index) => [Math.imul(index + 1, seed | 1) >>> 0, piece] as const)
          for (const [, piece] of order.toSorted(([a], [b]) => a - b)) attack.receive(piece)
          expect(attack.hosts.b.delivered).toHaveLength(1)
          expect(drops(attack)).toEqual({})
        },
      ),
      { numRuns: 60 },
    )
  })
  it('lengths on the wire are even where they must be', () => {
    const hosts = createTwoHosts([esp], v4, 700)
    send(hosts.a, udpPacket({ from, to, length: 2_000 }))
    for (const piece of hosts.a.sent.slice(0, -1)) {
      expect((readU16(piece, 2) - 20) % 8).toBe(0)
      expect(readU8(piece, 6) & 0x20).toBe(0x20)
    }
  })
})
