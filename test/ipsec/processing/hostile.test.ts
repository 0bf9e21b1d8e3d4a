/** Bad input: each has its own counter, and nothing throws. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readU8 } from '../../../src-main/ip/octets.ts'
import { createPacketView } from '../../../src-main/ip/packet.ts'
import { concat, ipPacket, udpPacket } from '../../fakes/packets.ts'
import { addressOf, createTwoHosts, send } from './two-hosts.ts'
import type { Host, Layer, TwoHosts } from './two-hosts.ts'

const [from, to] = ['198.51.100.1', '198.51.100.2']
const ends = ['203.0.113.1', '203.0.113.2'] as const
const esp: Layer = { protocol: 'esp' }
const ah: Layer = { protocol: 'ah' }
const dropsOf = (host: Host) => host.processor.statistics().drops
const flip = (at: number) => (packet: Uint8Array) => {
  packet[at] = readU8(packet, at) ^ 1
  return packet
}
/** One packet of A, as it lies on the wire. */
const sealed = (hosts: TwoHosts, packet = udpPacket({ from, to })): Uint8Array => {
  send(hosts.a, packet)
  const [sent] = hosts.a.sent.splice(0)
  if (sent === undefined) throw new Error(`nothing sent: ${JSON.stringify(dropsOf(hosts.a))}`)
  return sent
}
const receive = (host: Host, packet: Uint8Array) => host.processor.inbound(packet, 0, packet.length)

describe('what comes in damaged', () => {
  for (const [name, layers, headerLength] of [
    ['ESP', [esp], 28],
    ['ESP in combined mode', [{ ...esp, cipher: 'aes-gcm-16' }], 28],
    ['AH', [ah], 32],
    ['AH around ESP', [esp, ah], 32],
  ] as const) {
    it(`${name}: a wrong bit in any byte behind the number is a wrong ICV`, () => {
      const { length } = sealed(createTwoHosts(layers, [from, to]))
      for (let at = headerLength; at < length; at += 1) {
        const hosts = createTwoHosts(layers, [from, to])
        receive(hosts.b, flip(at)(sealed(hosts)))
        expect([at, dropsOf(hosts.b)]).toEqual([at, { integrity: 1 }])
        expect(hosts.b.delivered).toEqual([])
      }
    })
    it(`${name}: an SPI of nobody`, () => {
      const hosts = createTwoHosts(layers, [from, to])
      receive(hosts.b, flip(layers.at(-1)?.protocol === 'ah' ? 24 : 20)(sealed(hosts)))
      expect(dropsOf(hosts.b)).toEqual({ 'no-sa': 1 })
    })
    it(`${name}: cut anywhere, it is not whole`, () => {
      const hosts = createTwoHosts(layers, [from, to])
      const packet = sealed(hosts)
      for (let length = 0; length < packet.length; length += 1) receive(hosts.b, packet.subarray(0, length))
      expect(dropsOf(hosts.b)).toEqual({ 'not-ip': packet.length })
    })
    it(`${name}: cut, with a header that says so, it is malformed or has a wrong ICV`, () => {
      const hosts = createTwoHosts(layers, [from, to])
      const packet = sealed(hosts)
      for (let length = 20; length < packet.length; length += 1) {
        const cut = packet.slice(0, length)
        cut.set([length >> 8, length & 255], 2)
        receive(hosts.b, cut)
      }
      const { malformed = 0, integrity = 0 } = dropsOf(hosts.b)
      expect(malformed + integrity).toBe(packet.length - 20)
      expect(malformed).toBeGreaterThan(0)
    })
  }

  it('the same packet twice, and one left of the window', () => {
    for (const layer of [esp, ah]) {
      const hosts = createTwoHosts([{ ...layer, window: 32 }], [from, to])
      const first = sealed(hosts)
      for (let count = 0; count < 32; count += 1) receive(hosts.b, sealed(hosts))
      expect(dropsOf(hosts.b)).toEqual({})
      receive(hosts.b, first.slice())
      expect(dropsOf(hosts.b)).toEqual({ replay: 1 })
      const twice = sealed(hosts)
      receive(hosts.b, twice.slice())
      receive(hosts.b, twice.slice())
      expect(dropsOf(hosts.b)).toEqual({ replay: 2 })
      expect(hosts.b.processor.associations().map((sa) => sa.drops.read())).toContainEqual({ replay: 2 })
    }
  })

  it('both edges of the window: what is just inside passes once', () => {
    const hosts = createTwoHosts([{ ...esp, window: 32 }], [from, to])
    const packets = Array.from({ length: 40 }, () => sealed(hosts))
    const pass = (index: number) => receive(hosts.b, (packets[index] ?? new Uint8Array()).slice())
    pass(35)
    pass(35 - 31)
    expect(dropsOf(hosts.b)).toEqual({})
    pass(35 - 32)
    expect(dropsOf(hosts.b)).toEqual({ replay: 1 })
    pass(35 - 31)
    expect(dropsOf(hosts.b)).toEqual({ replay: 2 })
    pass(39)
    expect(dropsOf(hosts.b)).toEqual({ replay: 2 })
  })

  it('a forged jump of the number moves no window', () => {
    const hosts = createTwoHosts([ah], [from, to])
    const forged = sealed(hosts)
    forged[32] = 0x7f
    receive(hosts.b, forged)
    receive(hosts.b, sealed(hosts))
    expect(dropsOf(hosts.b)).toEqual({ integrity: 1 })
    expect(hosts.b.delivered).toHaveLength(1)
  })

  it('extension headers that lie about their length', () => {
    const hosts = createTwoHosts([esp], ['fd00::1', 'fd00::2'])
    const lying = ipPacket(0, Uint8Array.of(50, 200, 0, 0, 0, 0, 0, 0), { from: 'fd00::1', to: 'fd00::2' })
    receive(hosts.b, lying)
    const endless = concat(...Array.from({ length: 20 }, () => Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0)))
    receive(hosts.b, ipPacket(60, endless, { from: 'fd00::1', to: 'fd00::2' }))
    expect(dropsOf(hosts.b)).toEqual({ 'not-ip': 2 })
  })

  it('any bytes at all: nothing is delivered, nothing is thrown', () => {
    const hosts = createTwoHosts([esp, ah], [from, to])
    const valid = sealed(hosts)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(valid.length),
        (changes, length) => {
          const packet = valid.slice()
          for (const [at, value] of changes) packet[at] = value
          receive(hosts.b, packet.subarray(0, length))
          hosts.a.processor.outbound(packet, 0, length)
        },
      ),
      { numRuns: 500 },
    )
    // The packet itself, unchanged, may have been among them, once.
    expect(hosts.b.delivered.length).toBeLessThanOrEqual(1)
  })
})

describe('what came another way than its policy says (RFC 4301 section 5.2)', () => {
  it('in clear, where it must be protected', () => {
    const hosts = createTwoHosts([esp], [from, to])
    receive(hosts.b, udpPacket({ from, to }))
    expect(dropsOf(hosts.b)).toEqual({ 'policy-mismatch': 1 })
  })
  it('through an SA, where policy lets it by, forbids it, or does not know it', () => {
    for (const [decided, reason] of [
      [{ kind: 'bypass' }, 'policy-mismatch'],
      [{ kind: 'discard' }, 'policy-discard'],
      [undefined, 'no-policy'],
    ] as const) {
      const hosts = createTwoHosts([esp], [from, to])
      hosts.b.decide = () => decided
      receive(hosts.b, sealed(hosts))
      expect(dropsOf(hosts.b)).toEqual({ [reason]: 1 })
    }
  })
  it('through fewer SAs, more, others, or in another order', () => {
    const tunnelLayer = { ...esp, ends }
    const cases: readonly (readonly [readonly Layer[], readonly Layer[]])[] = [
      [[esp, ah], [esp]],
      [[esp], [esp, ah]],
      [
        [esp, ah],
        [ah, esp],
      ],
      [[esp], [tunnelLayer]],
    ]
    for (const [sent, asked] of cases) {
      const hosts = createTwoHosts(sent, [from, to])
      const other = createTwoHosts(asked, [from, to])
      hosts.b.decide = (direction, view) => other.b.decide(direction, view)
      receive(hosts.b, sealed(hosts))
      expect(dropsOf(hosts.b)).toEqual({ 'policy-mismatch': 1 })
    }
  })
  it('through a tunnel with other ends than the policy has', () => {
    const hosts = createTwoHosts([{ ...esp, ends }], [from, to])
    hosts.b.decide = () => ({
      kind: 'protect',
      bundle: [
        {
          protocol: 'esp',
          mode: 'tunnel',
          ends: { source: addressOf('203.0.113.7'), destination: addressOf('203.0.113.2') },
        },
      ],
    })
    receive(hosts.b, sealed(hosts))
    expect(dropsOf(hosts.b)).toEqual({ 'policy-mismatch': 1 })
  })
  it('an ICMP error about a packet of ours passes, whoever tells it (RFC 4301 section 6)', () => {
    const hosts = createTwoHosts([{ ...esp, ends }], [from, to])
    const ours = udpPacket({ from: to, to: from })
    const error = ipPacket(1, concat(Uint8Array.of(3, 4, 0, 0, 0, 0, 5, 0), ours.subarray(0, 28)), {
      from: '192.0.2.9',
      to,
    })
    const protect = hosts.b.decide('in', createPacketView())
    // Only what the two hosts say to each other is protected.
    hosts.b.decide = (_, view) => (view.source0 === 0xc0000209 ? undefined : protect)
    receive(hosts.b, sealed(hosts, error))
    expect(dropsOf(hosts.b)).toEqual({})
    expect(hosts.b.delivered).toHaveLength(1)
  })
})

describe('what goes out', () => {
  it('without an SA, a policy, or a packet', () => {
    const hosts = createTwoHosts([esp], [from, to])
    send(hosts.a, udpPacket({ from, to: '198.51.100.77' }))
    expect(dropsOf(hosts.a)).toEqual({ 'no-outbound-sa': 1 })
    hosts.a.decide = () => undefined
    send(hosts.a, udpPacket({ from, to }))
    send(hosts.a, Uint8Array.of(1, 2, 3))
    hosts.a.decide = () => ({ kind: 'discard' })
    send(hosts.a, udpPacket({ from, to }))
    expect(dropsOf(hosts.a)).toEqual({
      'no-outbound-sa': 1,
      'no-policy': 1,
      'not-ip': 1,
      'policy-discard': 1,
    })
    expect(hosts.a.sent).toEqual([])
  })
  it('in clear where policy lets it by', () => {
    const hosts = createTwoHosts([esp], [from, to])
    hosts.a.decide = () => ({ kind: 'bypass' })
    const packet = udpPacket({ from, to })
    send(hosts.a, packet)
    expect(hosts.a.sent).toEqual([packet])
    expect(hosts.a.processor.statistics().bypassed).toBe(1)
  })
  it('no more than the SA may carry, and no longer than it lasts', () => {
    const hosts = createTwoHosts([{ ...esp, hardPackets: 3 }], [from, to])
    for (let count = 0; count < 5; count += 1) send(hosts.a, udpPacket({ from, to }))
    expect(hosts.a.sent).toHaveLength(3)
    expect(dropsOf(hosts.a)).toEqual({ expired: 2 })
    const timed = createTwoHosts([{ ...ah, endsAt: 5000 }], [from, to])
    const last = sealed(timed)
    timed.clock.advance(5000)
    send(timed.a, udpPacket({ from, to }))
    receive(timed.b, last)
    expect([dropsOf(timed.a), dropsOf(timed.b)]).toEqual([{ expired: 1 }, { expired: 1 }])
  })
  it('never a sequence number twice: the last one ends the SA', () => {
    for (const layer of [esp, ah]) {
      const hosts = createTwoHosts([{ ...layer, lastSequence: 0xffff_fffen }], [from, to])
      send(hosts.a, udpPacket({ from, to }))
      send(hosts.a, udpPacket({ from, to }))
      expect(hosts.a.sent).toHaveLength(1)
      expect(dropsOf(hosts.a)).toEqual({ 'sequence-exhausted': 1 })
    }
  })
  it('tells the sender what fits, where a packet may not be cut', () => {
    const hosts = createTwoHosts([{ ...esp, ends }], [from, to], 1400)
    send(hosts.a, udpPacket({ from, to, length: 1340, dontFragment: true }))
    expect(hosts.a.sent).toEqual([])
    expect(dropsOf(hosts.a)).toEqual({ 'too-big': 1 })
    const [answer = new Uint8Array()] = hosts.a.delivered
    expect([readU8(answer, 20), readU8(answer, 21)]).toEqual([3, 4])
    const mtu = readU8(answer, 26) * 256 + readU8(answer, 27)
    send(hosts.a, udpPacket({ from, to, length: mtu - 28, dontFragment: true }))
    expect(hosts.a.sent).toHaveLength(1)
  })
  it('a dummy packet, which the receiver throws away', () => {
    const hosts = createTwoHosts([{ ...esp, ends }], [from, to])
    const [sa] = hosts.a.processor.associations().filter(({ direction }) => direction === 'outbound')
    if (sa === undefined) throw new Error('no SA')
    expect(hosts.a.processor.sendDummy(sa, 300)).toBe(true)
    hosts.carry()
    expect(dropsOf(hosts.b)).toEqual({ dummy: 1 })
    expect(hosts.b.delivered).toEqual([])
  })
  it('encryption alone and TFC padding hide the length', () => {
    const lengths = [10, 200, 500].map((length) => {
      const hosts = createTwoHosts([{ ...esp, ends, padTo: 600 }], [from, to])
      return sealed(hosts, udpPacket({ from, to, length })).length
    })
    expect(new Set(lengths).size).toBe(1)
  })
})
