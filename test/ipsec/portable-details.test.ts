/** What the contract cannot see from outside: wiped keys, the outer header, the adapter's and the socket's troubles. */
import { beforeEach, describe, expect, it } from 'vitest'
import { espSpi, millis } from '../../src-shared/brands.ts'
import type { DataPlaneEvent } from '../../src-main/ipsec/data-plane.ts'
import { createPortableDataPlane } from '../../src-main/ipsec/portable-data-plane.ts'
import {
  gcm,
  installInbound,
  installTunnel,
  keysFor,
  leftIpv4,
  leftIpv6,
  outboundParameters,
  selectorsOf,
} from '../contracts/data-plane.contract.ts'
import { createFakeNetwork } from '../fakes/fake-network.ts'
import { createFakePacketCrypto } from '../fakes/fake-packet-crypto.ts'
import type { FakePacketCrypto } from '../fakes/fake-packet-crypto.ts'
import { createFakeTun } from '../fakes/fake-tun.ts'
import { concat, plainChecksum, udpPacket } from '../fakes/packets.ts'
import { openPortablePair } from './portable-pair.ts'
import type { PortablePair } from './portable-pair.ts'

let crypto: FakePacketCrypto
let pair: PortablePair
beforeEach(() => {
  crypto = createFakePacketCrypto()
  pair = openPortablePair(crypto)
})

const drops = () => [pair.left.plane.statistics().drops, pair.right.plane.statistics().drops]
const send = (packet: Uint8Array) => {
  pair.right.received.length = 0
  pair.left.inject(packet)
  pair.network.deliver()
  return pair.right.received
}

describe('keys', () => {
  it('are wiped when an SA is removed, replaced, or the plane is closed', () => {
    const tunnel = installTunnel(pair)
    const wiped = () => crypto.ciphers.map(({ destroyed }) => destroyed)
    expect(wiped()).toEqual([false, false, false, false])
    pair.left.plane.remove(tunnel.leftIn)
    expect(wiped()).toEqual([true, false, false, false])
    const [left] = outboundParameters(pair, { spi: 0x2000 })
    pair.left.plane.replaceOutbound(tunnel.leftOut, left)
    expect(wiped()).toEqual([true, false, true, false, false])
    pair.left.plane.close()
    pair.right.plane.close()
    expect(wiped()).toEqual([true, true, true, true, true])
  })
})

describe('the outer header', () => {
  it('has DSCP and ECN of the inner one, and a mark of congestion outside reaches inside', () => {
    installTunnel(pair)
    pair.network.meddle = (datagram) => [{ ...datagram, trafficClass: datagram.trafficClass | 3 }]
    for (const addresses of [leftIpv4, leftIpv6]) {
      const packet = udpPacket({ ...addresses, trafficClass: 0xb8 | 2 })
      const [arrived = new Uint8Array()] = send(packet)
      expect(pair.network.sent.at(-1)?.trafficClass).toBe(0xb8 | 2)
      expect(arrived).toEqual(udpPacket({ ...addresses, trafficClass: 0xb8 | 3 }))
    }
    expect(
      plainChecksum(
        send(udpPacket({ ...leftIpv4, trafficClass: 1 }))[0]?.subarray(0, 20) ?? new Uint8Array(1),
      ),
    ).toBe(0)
  })

  it('drops what congestion marked and cannot carry the mark', () => {
    installTunnel(pair)
    pair.network.meddle = (datagram) => [{ ...datagram, trafficClass: 3 }]
    expect(send(udpPacket(leftIpv4))).toEqual([])
    expect(drops()).toEqual([{}, { ecn: 1 }])
  })
})

describe('the peer', () => {
  /** Sends these bytes as ESP's payload from the left: what our own plane never sends. */
  const sendPayload = (payload: Uint8Array, nextHeader: number, sequence: number) => {
    const trailer = (payload.length + 2) % 4 === 0 ? 0 : 4 - ((payload.length + 2) % 4)
    const padding = Uint8Array.from({ length: trailer }, (_, index) => index + 1)
    const content = concat(payload, padding, Uint8Array.of(trailer, nextHeader))
    const bytes = concat(
      Uint8Array.of(0, 0, 0x10, 0, 0, 0, 0, sequence),
      new Uint8Array(8),
      content,
      new Uint8Array(16),
    )
    const cipher = crypto.cipher({ encryption: gcm.encryption, ...keysFor(gcm, 0x1000) })
    cipher.seal(bytes, 0, 16 + content.length, 0, false)
    pair.transmit(pair.right, { from: pair.left.endpoint, bytes })
    pair.network.deliver()
  }

  it('may pad for traffic flow confidentiality', () => {
    installTunnel(pair)
    sendPayload(concat(udpPacket(leftIpv4), new Uint8Array(500)), 4, 1)
    expect(pair.right.received).toEqual([udpPacket(leftIpv4)])
  })

  it('may send dummies, which prove that it lives', () => {
    const tunnel = installTunnel(pair)
    sendPayload(new Uint8Array(0), 59, 1)
    sendPayload(new Uint8Array(77), 59, 2)
    expect(pair.right.received).toEqual([])
    expect(drops()[1]).toEqual({ dummy: 2 })
    const sa = pair.right.plane.statistics().sas.find(({ id }) => id === tunnel.rightIn)
    expect(sa).toMatchObject({ packets: 0, highestSequence: 2, lastAt: 1000 })
  })

  it.each([
    ['a transport-mode packet', new Uint8Array(40), 6],
    ['IPv6 under the name of IPv4', udpPacket(leftIpv6), 4],
    ['IPv4 under the name of IPv6', udpPacket(leftIpv4), 41],
    ['half a packet', udpPacket(leftIpv4).subarray(0, 40), 4],
    ['nothing', new Uint8Array(), 4],
  ])('cannot pass %s', (_, payload, nextHeader) => {
    installTunnel(pair)
    sendPayload(payload, nextHeader, 1)
    expect(pair.right.received).toEqual([])
    expect(drops()[1]).toEqual({ 'not-ip': 1 })
  })
})

describe('trouble', () => {
  it('is counted where the adapter is missing or full', () => {
    installTunnel(pair)
    pair.rightTun.full = true
    expect(send(udpPacket(leftIpv4))).toEqual([])
    pair.right.plane.useTun(undefined)
    expect(send(udpPacket(leftIpv4))).toEqual([])
    expect(drops()[1]).toEqual({ 'tun-full': 1, 'no-tun': 1 })
  })

  it('is counted where the socket fails', () => {
    installTunnel(pair)
    for (const outcome of ['would-block', 'unreachable', 'failed', 'too-big'] as const) {
      pair.leftSocket.outcome = outcome
      send(udpPacket(leftIpv4))
    }
    expect(drops()[0]).toEqual({ 'send-blocked': 1, 'send-failed': 2, 'too-big': 1 })
    pair.leftSocket.outcome = 'sent'
    // No number is used twice, whatever became of the datagram.
    expect(send(udpPacket(leftIpv4))).toHaveLength(1)
    expect(Buffer.from(pair.network.sent.at(-1)?.bytes ?? []).readUInt32BE(4)).toBe(5)
  })

  it('of a narrow path is told at most once a second', () => {
    installTunnel(pair)
    pair.leftSocket.outcome = 'too-big'
    for (const wait of [0, 999, 1]) {
      pair.advance(wait)
      send(udpPacket(leftIpv4))
    }
    const { path } = pair.left
    const event = { kind: 'path-too-narrow', path, length: 96 }
    expect(pair.left.events).toEqual([event, event])
  })

  it('of a removed path stops its SAs', () => {
    installTunnel(pair)
    pair.left.plane.removePath(pair.left.path)
    expect(send(udpPacket(leftIpv4))).toEqual([])
    expect(drops()[0]).toEqual({ 'no-path': 1 })
    expect(pair.left.plane.path(pair.left.path)).toBeUndefined()
    expect(pair.left.plane.sendKeepalive(pair.left.path)).toBe('failed')
    const [left] = outboundParameters(pair, {})
    expect(() => pair.left.plane.installOutbound(left)).toThrow(RangeError)
  })

  it('answers "too big" at a bounded rate', () => {
    installTunnel(pair)
    const packet = udpPacket({ ...leftIpv4, length: 1472, dontFragment: true })
    for (let times = 0; times < 200; times += 1) pair.left.inject(packet)
    expect(pair.left.received).toHaveLength(50)
    pair.advance(100)
    for (let times = 0; times < 200; times += 1) pair.left.inject(packet)
    expect(pair.left.received).toHaveLength(60)
    expect(pair.left.plane.statistics()).toMatchObject({ drops: { 'too-big': 400 }, tooBigAnswers: 60 })
  })
})

describe('policies', () => {
  it('go by priority, and among equals the newest is first', () => {
    installInbound(pair, {})
    const [wide] = outboundParameters(pair, {})
    const narrow = { ...wide, selectors: { ...wide.selectors, remote: selectorsOf(['192.168.50.0/24']) } }
    const install = (spi: number, sa: typeof wide, priority: number) =>
      pair.left.plane.installOutbound({ ...sa, spi: espSpi(spi), priority })
    const usedSpi = () => {
      pair.left.inject(udpPacket(leftIpv4))
      return Buffer.from(pair.network.sent.at(-1)?.bytes ?? []).readUInt32BE(0)
    }
    install(1000, narrow, 1)
    expect(usedSpi()).toBe(1000)
    install(1001, wide, 2)
    expect(usedSpi()).toBe(1000)
    const newest = install(1002, narrow, 1)
    expect(usedSpi()).toBe(1002)
    install(1003, wide, 0)
    expect(usedSpi()).toBe(1003)
    pair.left.plane.replaceOutbound(newest, { ...narrow, spi: espSpi(1004) })
    expect(usedSpi()).toBe(1003)
  })

  it('find each of many clients, many times over', () => {
    const [parameters] = outboundParameters(pair, {})
    const client = (index: number) => `10.9.${index >> 8}.${index & 255}`
    for (let index = 0; index < 2000; index += 1) {
      pair.left.plane.installOutbound({
        ...parameters,
        spi: espSpi(5000 + index),
        selectors: { local: selectorsOf(['0.0.0.0/0']), remote: selectorsOf([client(index)]) },
      })
    }
    for (let round = 0; round < 2; round += 1) {
      for (let index = 0; index < 2000; index += 7) {
        pair.left.inject(udpPacket({ from: '192.168.50.7', to: client(index) }))
        expect(Buffer.from(pair.network.sent.at(-1)?.bytes ?? []).readUInt32BE(0)).toBe(5000 + index)
      }
    }
  })

  it('with ports get the datagram fragmented outside, as later fragments show none', () => {
    installTunnel(pair, { right: ['192.168.50.0/24[udp/53]'] })
    const packet = udpPacket({ ...leftIpv4, length: 3000 })
    expect(send(packet)).toEqual([packet])
    expect(pair.network.sent).toHaveLength(1)
  })

  it('let an IPv6 packet of 1280 bytes through however narrow the path', () => {
    installTunnel(pair)
    pair.left.plane.setPath(pair.left.path, { mtu: 1280 })
    const packet = udpPacket({ ...leftIpv6, length: 1280 - 48 })
    expect(send(packet)).toEqual([packet])
    pair.left.inject(udpPacket({ ...leftIpv6, length: 1281 - 48 }))
    expect(Buffer.from(pair.left.received[0] ?? []).readUInt32BE(44)).toBe(1280)
  })
})

describe('events', () => {
  it('may change SAs where they are heard', () => {
    const network = createFakeNetwork()
    const socket = network.open(4, '198.51.100.1', 4500)
    const tun = createFakeTun()
    const heard: DataPlaneEvent[] = []
    const plane = createPortableDataPlane({
      packetCrypto: crypto,
      clock: { monotonic: () => millis(0) },
      onIke: () => undefined,
      onEvent(event) {
        heard.push(event)
        if (event.kind === 'soft-expired')
          plane.replaceOutbound(event.sa, { ...parameters, spi: espSpi(601) })
      },
    })
    const endpoint = { address: '203.0.113.1', port: 4500 }
    const path = plane.addPath({ socket, endpoint, mtu: 1500, followPeer: false })
    const selectors = { local: selectorsOf(['10.9.0.2']), remote: selectorsOf(['0.0.0.0/0']) }
    const parameters = { spi: espSpi(600), suite: gcm, keys: keysFor(gcm, 1), selectors, path }
    plane.useTun(tun)
    plane.installOutbound({ ...parameters, lifetime: { softPackets: 2, hardPackets: 2 } })
    for (let times = 0; times < 4; times += 1) tun.inject(udpPacket(leftIpv4))
    expect(heard.map(({ kind }) => kind)).toEqual(['soft-expired', 'hard-expired'])
    expect(network.sent.map(({ bytes }) => Buffer.from(bytes).readUInt32BE(0))).toEqual([600, 600, 601, 601])
    expect(plane.statistics().drops).toEqual({})
  })
})

describe('IKE', () => {
  it('has no marker to and from port 500 where the socket serves both', () => {
    const network = createFakeNetwork()
    const socket = network.open(4, '198.51.100.1', 40_000)
    const ike: [number, number[]][] = []
    const plane = createPortableDataPlane({
      packetCrypto: crypto,
      clock: { monotonic: () => millis(0) },
      onIke: (from, message) => ike.push([from.port, [...message]]),
      onEvent: () => undefined,
    })
    plane.listen(socket, 'by-peer-port')
    const message = Uint8Array.of(1, 2, 3, 4, 5)
    for (const port of [500, 4500]) plane.sendIke(socket, { address: '203.0.113.1', port }, message)
    expect(network.sent.map(({ bytes }) => [...bytes])).toEqual([
      [1, 2, 3, 4, 5],
      [0, 0, 0, 0, 1, 2, 3, 4, 5],
    ])
    for (const { bytes, to } of network.sent) {
      network.transmit({ from: to, to: socket.endpoint, bytes, trafficClass: 0 })
    }
    network.deliver()
    expect(ike).toEqual([
      [500, [1, 2, 3, 4, 5]],
      [4500, [1, 2, 3, 4, 5]],
    ])
    plane.unlisten(socket)
    expect(plane.sendIke(socket, { address: '203.0.113.1', port: 500 }, message)).toBe('failed')
  })
})
