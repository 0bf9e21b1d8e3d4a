import { describe, expect, it } from 'vitest'
import { readU8, readU16 } from '../../../src-main/ip/octets.ts'
import { concat, ipPacket, udpPacket } from '../../fakes/packets.ts'
import { createTwoHosts, send } from './two-hosts.ts'
import type { Layer } from './two-hosts.ts'

const v4 = ['198.51.100.1', '198.51.100.2'] as const
const v6 = ['fd00::1', 'fd00::2'] as const
const tunnel4 = ['203.0.113.1', '203.0.113.2'] as const
const tunnel6 = ['fd00:1::1', 'fd00:1::2'] as const

const esp: Layer = { protocol: 'esp' }
const ah: Layer = { protocol: 'ah' }

const bundles: readonly (readonly [string, readonly Layer[]])[] = [
  ['ESP transport', [esp]],
  ['ESP transport, combined mode', [{ ...esp, cipher: 'aes-gcm-16' }]],
  ['ESP transport in UDP', [{ ...esp, inUdp: true }]],
  ['AH transport', [ah]],
  ['AH transport, ICV of 16 bytes', [{ ...ah, integrity: 'hmac-sha256-128' }]],
  [
    'AH transport, ICV of 16 bytes, aligned to 8',
    [{ ...ah, integrity: 'hmac-sha256-128', ipv4Alignment: 8 }],
  ],
  ['ESP tunnel over IPv4', [{ ...esp, ends: tunnel4 }]],
  ['ESP tunnel over IPv6', [{ ...esp, ends: tunnel6 }]],
  ['ESP tunnel in UDP over IPv6', [{ ...esp, ends: tunnel6, inUdp: true }]],
  ['ESP tunnel with TFC padding', [{ ...esp, ends: tunnel4, padTo: 900 }]],
  ['AH tunnel over IPv4', [{ ...ah, ends: tunnel4 }]],
  ['AH tunnel over IPv6', [{ ...ah, ends: tunnel6, integrity: 'aes-xcbc-96' }]],
  ['transport adjacency: ESP then AH', [esp, ah]],
  ['AH then ESP', [ah, esp]],
  ['a tunnel with AH transport around it', [{ ...esp, ends: v4 }, ah]],
  [
    'iterated tunnels',
    [
      { ...esp, ends: tunnel4 },
      { ...ah, ends: tunnel6 },
      { ...esp, ends: ['203.0.113.8', '203.0.113.9'] },
    ],
  ],
  [
    'extended numbers',
    [
      { ...esp, extended: true, lastSequence: 0xffff_fffen },
      { ...ah, extended: true, lastSequence: 0xffff_fffdn },
    ],
  ],
]

for (const [family, [from, to]] of [
  ['IPv4', v4],
  ['IPv6', v6],
] as const) {
  describe(`a bundle around ${family}`, () => {
    for (const [name, bundle] of bundles) {
      if (family === 'IPv6' && name.startsWith('a tunnel with AH transport')) continue
      it(`${name}: goes out, and comes in as it was`, () => {
        const hosts = createTwoHosts(bundle, [from, to])
        for (const length of [0, 1, 31, 200, 1100]) {
          const packet = udpPacket({ from, to, length, trafficClass: 0x28 })
          send(hosts.a, packet)
          expect(hosts.a.processor.statistics().drops).toEqual({})
          expect(hosts.a.sent).toHaveLength(1)
          hosts.carry()
          expect(hosts.b.processor.statistics().drops).toEqual({})
          expect(hosts.b.delivered.splice(0)).toEqual([packet])
        }
        const protocols = bundle.map((layer) =>
          layer.inUdp === true ? 17 : layer.protocol === 'esp' ? 50 : 51,
        )
        send(hosts.a, udpPacket({ from, to }))
        const [sent = new Uint8Array()] = hosts.a.sent
        const outermost = readU8(sent, readU8(sent, 0) >>> 4 === 4 ? 9 : 6)
        expect(outermost).toBe(protocols.at(-1))
        expect(
          hosts.a.processor
            .associations()
            .map(({ usage }) => usage.packets)
            .toSorted()
            .at(-1),
        ).toBe(6)
      })
    }
  })
}

describe('IPv6 with extension headers', () => {
  const [from, to] = v6
  /** Hop-by-hop with a mutable and an immutable option, routing with no segment left, destination options. */
  const hopByHop = (next: number, mutable: number) =>
    Uint8Array.of(next, 1, 0x3e, 2, mutable, mutable, 0x1e, 6, 1, 2, 3, 4, 5, 6, 0, 0)
  const destination = (next: number) => Uint8Array.of(next, 0, 0x1e, 4, 1, 2, 3, 4)
  const payload = Uint8Array.of(0x10, 0, 0, 53, 0, 12, 0, 0, 1, 2, 3, 4)
  const packet = ipPacket(0, concat(hopByHop(60, 7), destination(17), payload), { from, to })

  for (const layer of [esp, ah]) {
    it(`${layer.protocol} stands behind hop-by-hop options and before destination options`, () => {
      const hosts = createTwoHosts([layer], v6)
      send(hosts.a, packet)
      const [sent = new Uint8Array()] = hosts.a.sent
      expect(readU8(sent, 6)).toBe(0)
      expect(readU8(sent, 40)).toBe(layer.protocol === 'esp' ? 50 : 51)
      hosts.carry()
      expect(hosts.b.delivered).toEqual([packet])
    })
  }

  it('an option that may change on the way is no part of the ICV, one that may not is', () => {
    const changed = (at: number) => (sent: Uint8Array) => {
      sent[at] = readU8(sent, at) ^ 0xff
      return sent
    }
    const hosts = createTwoHosts([ah], v6)
    send(hosts.a, packet)
    hosts.carry(changed(44))
    expect(hosts.b.delivered).toHaveLength(1)
    send(hosts.a, packet)
    hosts.carry(changed(49))
    expect(hosts.b.processor.statistics().drops).toEqual({ integrity: 1 })
  })

  it('a routing header counts as it will be at its end', () => {
    const [first, second] = [7, 9].map((last) =>
      Uint8Array.from({ length: 16 }, (_, at) => (at === 0 ? 0xfd : at === 15 ? last : 0)),
    )
    if (first === undefined || second === undefined) throw new Error('unreachable')
    const routing = concat(Uint8Array.of(17, 4, 0, 2, 0, 0, 0, 0), first, second)
    const routed = ipPacket(43, concat(routing, payload), { from, to })
    // The SA is named by the first destination when it leaves and by the last when it arrives.
    const leaving = createTwoHosts([ah], v6)
    send(leaving.a, routed)
    const [sent = new Uint8Array()] = leaving.a.sent
    expect(leaving.a.processor.statistics().drops).toEqual({})
    const arrived = sent.slice()
    arrived.set(second, 24)
    arrived.set(sent.subarray(24, 40), 48)
    arrived.set(first, 64)
    arrived[43] = 0
    const receiver = createTwoHosts([ah], [from, 'fd00::9'])
    receiver.b.processor.inbound(arrived, 0, arrived.length)
    expect(receiver.b.processor.statistics().drops).toEqual({})
    expect(receiver.b.delivered).toHaveLength(1)
  })
})

describe('AH over IPv4', () => {
  const [from, to] = v4
  it('leaves out what routers change, and nothing else', () => {
    // Router alert (immutable), record route (mutable).
    const options = Uint8Array.of(148, 4, 0, 0, 7, 7, 4, 1, 2, 3, 4, 0)
    const packet = udpPacket({ from, to, options, length: 16 })
    const mutable = new Set([1, 6, 7, 8, 10, 11, ...[24, 25, 26, 27, 28, 29, 30]])
    const probe = createTwoHosts([ah], v4)
    send(probe.a, packet)
    const { length } = probe.a.sent[0] ?? new Uint8Array()
    for (let at = 0; at < length; at += 1) {
      const hosts = createTwoHosts([ah], v4)
      send(hosts.a, packet)
      // Fragment fields would make it a fragment; lengths and SPI lead elsewhere: those have tests of their own.
      if ([0, 2, 3, 6, 7, 9, 16, 17, 18, 19, 25, 33].includes(at) || (at >= 36 && at < 44)) continue
      hosts.carry((sent) => {
        sent[at] = readU8(sent, at) ^ 0x01
        return sent
      })
      const isMutable = mutable.has(at)
      expect([at, hosts.b.delivered.length]).toEqual([at, isMutable ? 1 : 0])
      if (!isMutable) expect([at, hosts.b.processor.statistics().drops]).toEqual([at, { integrity: 1 }])
    }
  })

  it('gives a packet an identification before the kernel does', () => {
    const packet = udpPacket({ from, to, dontFragment: true })
    packet.set([0, 0], 4)
    packet.set([0, 0], 10)
    const hosts = createTwoHosts([ah], v4)
    send(hosts.a, packet)
    expect(readU16(hosts.a.sent[0] ?? new Uint8Array(), 4)).not.toBe(0)
    hosts.carry()
    expect(hosts.b.delivered).toHaveLength(1)
  })
})
