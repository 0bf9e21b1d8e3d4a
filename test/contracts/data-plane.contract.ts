/**
 * What every data plane does: two of them back to back over a wire that the test can watch and meddle with. An
 * implementation passes by giving `openPair`; one with threads and real sockets lets `settle` wait.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EspSuite } from '../../src-shared/algorithms.ts'
import { espSpi } from '../../src-shared/brands.ts'
import type { PathId, SaId } from '../../src-shared/brands.ts'
import { encryptions } from '../../src-main/ike/encryptions.ts'
import { parseSelector } from '../../src-main/ip/traffic-selector.ts'
import type { TrafficSelector } from '../../src-main/ip/traffic-selector.ts'
import type { DataPlane, DataPlaneEvent, SaLifetime } from '../../src-main/ipsec/data-plane.ts'
import type { DatagramSocket, Endpoint } from '../../src-main/ports.ts'
import { concat, ipPacket, pingPacket, tcpPacket, udpPacket } from '../fakes/packets.ts'

export interface PlaneEnd {
  readonly plane: DataPlane
  /** Listened to as `marked`, and its path leads to the other end. */
  readonly socket: DatagramSocket
  readonly path: PathId
  readonly endpoint: Endpoint
  readonly events: DataPlaneEvent[]
  readonly ike: Uint8Array[]
  /** A packet from this end's machine into the tunnel. */
  inject(packet: Uint8Array): void
  /** What came out of the tunnel here, oldest first. */
  readonly received: Uint8Array[]
}

export interface WireDatagram {
  readonly from: Endpoint
  readonly bytes: Uint8Array
}

export interface PlanePair {
  readonly left: PlaneEnd
  readonly right: PlaneEnd
  /** Waits until all that was sent has arrived or been dropped. */
  settle(): Promise<void>
  /** All datagrams since the start, as the sender sent them. */
  readonly wire: readonly WireDatagram[]
  /** What arrives of a datagram: none, it, others, several. */
  meddle(change: (datagram: WireDatagram) => readonly WireDatagram[]): void
  /** Puts a datagram before an end. */
  transmit(to: PlaneEnd, datagram: WireDatagram): void
  /** Moves all clocks. */
  advance(milliseconds: number): void
  close(): Promise<void>
}

export type OpenPair = () => Promise<PlanePair>

const everything = ['0.0.0.0/0', '::/0']
const leftSide = ['10.9.0.2', 'fd00:9::2']
export const leftIpv4 = { from: '10.9.0.2', to: '192.168.50.7' } as const
export const leftIpv6 = { from: 'fd00:9::2', to: 'fd00:50::7' } as const
const reversed = ({ from, to }: { from: string; to: string }) => ({ from: to, to: from })

export const gcm: EspSuite = { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: false }
export const suites: readonly (readonly [string, EspSuite])[] = [
  ['AES-GCM 128', { ...gcm, keyBits: 128 }],
  ['AES-GCM 256', gcm],
  ['AES-GCM 256 ESN', { ...gcm, extendedSequenceNumbers: true }],
  ['ChaCha20-Poly1305', { encryption: 'chacha20-poly1305', keyBits: 256, extendedSequenceNumbers: false }],
  ...(['hmac-sha1-96', 'hmac-sha256-128', 'hmac-sha384-192', 'hmac-sha512-256'] as const).map(
    (integrity): readonly [string, EspSuite] => [
      `AES-CBC 256 ${integrity} ESN`,
      { encryption: 'aes-cbc', keyBits: 256, integrity, extendedSequenceNumbers: true },
    ],
  ),
  ...(
    [
      { encryption: 'aes-gcm-8', keyBits: 128 },
      { encryption: 'aes-ccm-12', keyBits: 192 },
      { encryption: 'camellia-ccm-16', keyBits: 256 },
      { encryption: 'aes-ctr', keyBits: 128, integrity: 'aes-cmac-96' },
      { encryption: 'camellia-cbc', keyBits: 256, integrity: 'aes-xcbc-96' },
      { encryption: '3des-cbc', keyBits: 192, integrity: 'hmac-md5-96' },
      { encryption: 'null', keyBits: 0, integrity: 'hmac-sha256-128' },
      { encryption: 'null-aes-gmac', keyBits: 128 },
    ] as const
  ).map((suite): readonly [string, EspSuite] => [
    Object.values(suite).join(' '),
    { ...suite, extendedSequenceNumbers: true },
  ]),
]

const integrityKeyLength = {
  'hmac-md5-96': 16,
  'hmac-sha1-96': 20,
  'hmac-sha256-128': 32,
  'hmac-sha384-192': 48,
  'hmac-sha512-256': 64,
  'aes-xcbc-96': 16,
  'aes-cmac-96': 16,
} as const

/** Keys as IKE's keying material has them, salt behind a combined-mode cipher's. */
export function keysFor(suite: EspSuite, seed: number) {
  const salt = encryptions[suite.encryption].saltLength
  const fill = (length: number, from: number) =>
    Uint8Array.from({ length }, (_, index) => (from * 31 + index * 7) & 255)
  return {
    encryptionKey: fill(suite.keyBits / 8 + salt, seed),
    ...(suite.integrity === undefined
      ? {}
      : { integrityKey: fill(integrityKeyLength[suite.integrity], seed + 100) }),
  }
}

export const selectorsOf = (texts: readonly string[]): readonly TrafficSelector[] =>
  texts.map((text) => {
    const selector = parseSelector(text)
    if (selector === undefined) throw new Error(`no selector: ${text}`)
    return selector
  })

export interface TunnelOptions {
  readonly suite?: EspSuite
  readonly left?: readonly string[]
  readonly right?: readonly string[]
  /** What the sending left believes; default as the others. */
  readonly lifetime?: SaLifetime
  readonly lastSequence?: bigint
  readonly replayWindow?: number
  readonly spi?: number
}

export interface Tunnel {
  readonly leftOut: SaId
  readonly leftIn: SaId
  readonly rightOut: SaId
  readonly rightIn: SaId
}

/** The four SAs of one Child SA; SPIs `spi` towards the right, `spi + 1` towards the left. */
export function installTunnel(pair: PlanePair, options: TunnelOptions = {}): Tunnel {
  const inbound = installInbound(pair, options)
  const [left, right] = outboundParameters(pair, options)
  return {
    ...inbound,
    leftOut: pair.left.plane.installOutbound(left),
    rightOut: pair.right.plane.installOutbound(right),
  }
}

function parts(pair: PlanePair, options: TunnelOptions) {
  const { suite = gcm, left = leftSide, right = everything, spi = 0x1000 } = options
  const leftView = { local: selectorsOf(left), remote: selectorsOf(right) }
  const rightView = { local: leftView.remote, remote: leftView.local }
  const rightwards = { spi: espSpi(spi), suite, keys: keysFor(suite, spi) }
  const leftwards = { spi: espSpi(spi + 1), suite, keys: keysFor(suite, spi + 1) }
  const sequence = options.lastSequence === undefined ? {} : { lastSequence: options.lastSequence }
  const lifetime = options.lifetime === undefined ? {} : { lifetime: options.lifetime }
  return { leftView, rightView, rightwards, leftwards, sequence, lifetime, pair }
}

export function installInbound(pair: PlanePair, options: TunnelOptions) {
  const { leftView, leftwards } = parts(pair, options)
  const replayWindow = options.replayWindow ?? 64
  const leftIn = pair.left.plane.installInbound({
    ...leftwards,
    selectors: leftView,
    path: pair.left.path,
    replayWindow,
  })
  const rightIn = installRightInbound(pair, options)
  if (!leftIn.ok || !rightIn.ok) throw new Error('SPI in use')
  return { leftIn: leftIn.value, rightIn: rightIn.value }
}

/** What the right end receives on alone. */
function installRightInbound(pair: PlanePair, options: TunnelOptions = {}) {
  const { rightView, rightwards, sequence } = parts(pair, options)
  return pair.right.plane.installInbound({
    ...rightwards,
    ...sequence,
    selectors: rightView,
    path: pair.right.path,
    replayWindow: options.replayWindow ?? 64,
  })
}

export function outboundParameters(pair: PlanePair, options: TunnelOptions) {
  const { leftView, rightView, rightwards, leftwards, sequence, lifetime } = parts(pair, options)
  return [
    { ...rightwards, ...sequence, ...lifetime, selectors: leftView, path: pair.left.path },
    { ...leftwards, selectors: rightView, path: pair.right.path },
  ] as const
}

const statisticsOf = (end: PlaneEnd, id: SaId) => end.plane.statistics().sas.find((sa) => sa.id === id)
const kinds = (end: PlaneEnd) => end.events.map((event) => event.kind)

export function dataPlaneContract(name: string, openPair: OpenPair): void {
  describe(`${name} keeps the contract of a data plane`, () => {
    let pair: PlanePair
    beforeEach(async () => {
      pair = await openPair()
    })
    afterEach(async () => {
      await pair.close()
    })

    /** Sends from the left and gives what is new on the right. */
    const sendRight = async (...packets: readonly Uint8Array[]) => {
      pair.right.received.length = 0
      for (const packet of packets) pair.left.inject(packet)
      await pair.settle()
      return [...pair.right.received]
    }
    const drops = (end: PlaneEnd) => end.plane.statistics().drops

    describe.each(suites)('%s', (_, suite) => {
      it('carries pings of both families there and back, whole', async () => {
        const tunnel = installTunnel(pair, { suite })
        for (const packet of [pingPacket(leftIpv4), pingPacket(leftIpv6)]) {
          expect(await sendRight(packet)).toEqual([packet])
        }
        for (const addresses of [leftIpv4, leftIpv6]) {
          const answer = pingPacket(reversed(addresses))
          pair.left.received.length = 0
          pair.right.inject(answer)
          await pair.settle()
          expect(pair.left.received).toEqual([answer])
        }
        expect(statisticsOf(pair.left, tunnel.leftOut)).toMatchObject({ packets: 2, highestSequence: 2 })
        expect(statisticsOf(pair.right, tunnel.rightIn)).toMatchObject({ packets: 2, highestSequence: 2 })
        expect(drops(pair.left)).toEqual({})
        expect(drops(pair.right)).toEqual({})
      })

      it('carries every length up to the inner MTU, in datagrams that fit the path', async () => {
        installTunnel(pair, { suite })
        const mtu = pair.left.plane.innerMtu(pair.left.path, suite)
        const lengths = [...Array.from({ length: 40 }, (_, index) => index), mtu - 30, mtu - 29, mtu - 28]
        const packets = lengths.map((length) => udpPacket({ ...leftIpv4, length, dontFragment: true }))
        expect(await sendRight(...packets)).toEqual(packets)
        const longest = Math.max(...pair.wire.map(({ bytes }) => bytes.length))
        const room = 1500 - (pair.left.socket.family === 4 ? 20 : 40) - 8
        expect(longest).toBeLessThanOrEqual(room)
        // One block of the cipher more would not fit.
        expect(longest).toBeGreaterThan(room - encryptions[suite.encryption].blockLength)
      })

      it('refuses a datagram with any bit changed', async () => {
        installTunnel(pair, { suite })
        const seen: WireDatagram[] = []
        pair.meddle((datagram) => (seen.push(datagram), []))
        await sendRight(udpPacket(leftIpv4))
        const bytes = seen[0]?.bytes ?? new Uint8Array()
        for (let at = 0; at < bytes.length; at += 1) {
          const changed = bytes.slice()
          changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
          pair.transmit(pair.right, { from: pair.left.endpoint, bytes: changed })
        }
        await pair.settle()
        expect(pair.right.received).toEqual([])
        expect(kinds(pair.right)).toEqual([])
        const { integrity = 0, 'no-sa': noSa = 0, replay = 0 } = drops(pair.right)
        expect(integrity + noSa + replay).toBe(bytes.length)
        // The genuine one still passes: nothing was remembered of the forged ones.
        pair.transmit(pair.right, { from: pair.left.endpoint, bytes })
        await pair.settle()
        expect(pair.right.received).toHaveLength(1)
      })
    })

    it('tells inner MTUs of 1438 and 1418 for AES-GCM over 1500 bytes', () => {
      expect(pair.left.plane.innerMtu(pair.left.path, gcm)).toBe(pair.left.socket.family === 4 ? 1438 : 1418)
    })

    it('rekeys without losing a packet, and the old SA receives until it is removed', async () => {
      // Both sides have the old Child SA; new inbound SAs are installed first (RFC 7296 section 2.8).
      const old = installTunnel(pair)
      const late: WireDatagram[] = []
      pair.meddle((datagram) => (late.push(datagram), []))
      await sendRight(udpPacket({ ...leftIpv4, sourcePort: 1 }))
      pair.meddle((datagram) => [datagram])
      const fresh = installInbound(pair, { spi: 0x2000 })
      const [left, right] = outboundParameters(pair, { spi: 0x2000 })
      const leftOut = pair.left.plane.replaceOutbound(old.leftOut, left)
      expect(await sendRight(udpPacket({ ...leftIpv4, sourcePort: 2 }))).toHaveLength(1)
      // The peer sees the new SA in use and follows.
      expect(pair.right.events).toContainEqual({ kind: 'first-inbound', sa: fresh.rightIn, spi: 0x2000 })
      pair.right.plane.replaceOutbound(old.rightOut, right)
      pair.right.inject(udpPacket(reversed(leftIpv4)))
      // What was on its way under the old SA still arrives.
      for (const datagram of late) pair.transmit(pair.right, datagram)
      await pair.settle()
      expect(pair.left.received).toHaveLength(1)
      expect(pair.right.received).toHaveLength(2)
      pair.left.plane.remove(old.leftIn)
      pair.right.plane.remove(old.rightIn)
      expect(await sendRight(udpPacket({ ...leftIpv4, sourcePort: 3 }))).toHaveLength(1)
      expect(statisticsOf(pair.left, leftOut)).toMatchObject({ packets: 2, spi: 0x2000 })
      expect(pair.left.plane.statistics().sas).toHaveLength(2)
      expect(drops(pair.left)).toEqual({})
      expect(drops(pair.right)).toEqual({})
      for (const datagram of late) pair.transmit(pair.right, datagram)
      await pair.settle()
      expect(drops(pair.right)).toEqual({ 'no-sa': 1 })
    })

    it('delivers each datagram once, late ones within the window too', async () => {
      installTunnel(pair)
      const seen: WireDatagram[] = []
      pair.meddle((datagram) => (seen.push(datagram), []))
      const packets = Array.from({ length: 100 }, (_, index) => udpPacket({ ...leftIpv4, sourcePort: index }))
      await sendRight(...packets)
      const order = [...seen.slice(50, 64), ...seen.slice(0, 50), ...seen.slice(64), ...seen]
      for (const datagram of order) pair.transmit(pair.right, datagram)
      await pair.settle()
      expect(pair.right.received).toHaveLength(100)
      expect(new Set(pair.right.received.map((packet) => Buffer.from(packet).toString('hex'))).size).toBe(100)
      expect(drops(pair.right)).toEqual({ replay: 100 })
    })

    it('drops what lies left of the window', async () => {
      installTunnel(pair, { replayWindow: 32 })
      const seen: WireDatagram[] = []
      pair.meddle((datagram) => (seen.push(datagram), []))
      await sendRight(...Array.from({ length: 40 }, () => udpPacket(leftIpv4)))
      for (const datagram of [seen[39], ...seen.slice(0, 39)]) {
        if (datagram !== undefined) pair.transmit(pair.right, datagram)
      }
      await pair.settle()
      expect(pair.right.received).toHaveLength(32)
      expect(drops(pair.right)).toEqual({ replay: 8 })
    })

    it('goes on across 2^32 with extended sequence numbers, losses and reordering there', async () => {
      const suite = { ...gcm, extendedSequenceNumbers: true }
      const tunnel = installTunnel(pair, { suite, lastSequence: 0xffff_ffffn - 40n })
      const seen: WireDatagram[] = []
      pair.meddle((datagram) => (seen.push(datagram), []))
      await sendRight(...Array.from({ length: 80 }, (_, at) => udpPacket({ ...leftIpv4, sourcePort: at })))
      // Pairs swapped, so that numbers before and behind 2^32 change places.
      const order = seen.flatMap((_, at) => (at % 2 === 0 ? [seen[at + 1], seen[at]] : []))
      for (const datagram of order) if (datagram !== undefined) pair.transmit(pair.right, datagram)
      await pair.settle()
      expect(pair.right.received).toHaveLength(80)
      expect(drops(pair.right)).toEqual({})
      expect(statisticsOf(pair.right, tunnel.rightIn)?.highestSequence).toBe(0xffff_ffff + 40)
      for (const datagram of seen) pair.transmit(pair.right, datagram)
      await pair.settle()
      expect(pair.right.received).toHaveLength(80)
    })

    it.each([
      ['2^32 - 1', gcm, 0xffff_ffffn],
      ['2^64 - 1 with extended numbers', { ...gcm, extendedSequenceNumbers: true }, 0xffff_ffff_ffff_ffffn],
    ] as const)('stops at sequence number %s and never wraps', async (_, suite, highest) => {
      const tunnel = installTunnel(pair, { suite, lastSequence: highest - 2n })
      const packet = udpPacket(leftIpv4)
      expect(await sendRight(packet, packet, packet, packet)).toHaveLength(2)
      expect(drops(pair.left)).toEqual({ 'sequence-exhausted': 2 })
      const { leftOut: sa } = tunnel
      expect(pair.left.events).toEqual([
        { kind: 'soft-expired', sa, spi: 0x1000, cause: 'sequence' },
        { kind: 'hard-expired', sa, spi: 0x1000, cause: 'sequence' },
      ])
    })

    it('tells of soft and hard limits once, and stops at the hard one', async () => {
      installTunnel(pair, { lifetime: { softPackets: 3, hardPackets: 5 } })
      const packet = udpPacket(leftIpv4)
      expect(await sendRight(packet, packet)).toHaveLength(2)
      expect(kinds(pair.left)).toEqual([])
      expect(await sendRight(packet)).toHaveLength(1)
      expect(kinds(pair.left)).toEqual(['soft-expired'])
      expect(await sendRight(packet, packet, packet, packet)).toHaveLength(2)
      expect(kinds(pair.left)).toEqual(['soft-expired', 'hard-expired'])
      expect(drops(pair.left)).toEqual({ expired: 2 })
    })

    it('counts inner bytes towards the limits', async () => {
      const packet = udpPacket({ ...leftIpv4, length: 72 })
      installTunnel(pair, { lifetime: { softBytes: 150, hardBytes: 400 } })
      expect(await sendRight(packet, packet, packet, packet, packet)).toHaveLength(4)
      expect(pair.left.events).toMatchObject([
        { kind: 'soft-expired', cause: 'bytes' },
        { kind: 'hard-expired', cause: 'bytes' },
      ])
    })

    it('sends nothing that no policy covers', async () => {
      installTunnel(pair, { right: ['192.168.50.0/24', 'fd00:50::/64'] })
      const outside = [
        udpPacket({ from: '10.9.0.2', to: '192.168.51.7' }),
        udpPacket({ from: '10.9.0.3', to: '192.168.50.7' }),
        udpPacket({ from: 'fd00:9::2', to: 'fd00:51::7' }),
        udpPacket({ from: 'fe80::1', to: 'ff02::2' }),
      ]
      expect(await sendRight(...outside)).toEqual([])
      expect(pair.wire).toEqual([])
      expect(drops(pair.left)).toEqual({ 'no-policy': 4 })
    })

    it('delivers nothing that the SA may not carry, though it is authentic', async () => {
      installInbound(pair, { right: ['192.168.50.0/24[udp/53]'] })
      const [left] = outboundParameters(pair, {})
      pair.left.plane.installOutbound(left)
      expect(await sendRight(udpPacket(leftIpv4))).toHaveLength(1)
      const wrong = [
        udpPacket({ ...leftIpv4, destinationPort: 54 }),
        udpPacket({ ...leftIpv4, to: '192.168.51.7' }),
        udpPacket(leftIpv6),
        pingPacket(leftIpv4),
        // A later fragment shows no port (RFC 4301 section 7).
        udpPacket({ ...leftIpv4, fragmentOffset: 1480 }),
      ]
      expect(await sendRight(...wrong)).toEqual([])
      expect(drops(pair.right)).toEqual({ 'selector-mismatch': 5 })
    })

    it('passes an ICMP error from a router between, about a packet of the SA only', async () => {
      installTunnel(pair, { right: ['192.168.50.0/24'] })
      const quoted = udpPacket({ from: '10.9.0.2', to: '192.168.50.7', length: 400 })
      const error = (about: Uint8Array) =>
        ipPacket(1, concat(Uint8Array.of(3, 4, 0, 0, 0, 0, 5, 0), about.subarray(0, 28)), {
          from: '172.16.0.1',
          to: '10.9.0.2',
        })
      pair.right.inject(error(quoted))
      await pair.settle()
      expect(pair.left.received).toHaveLength(1)
      pair.right.inject(error(udpPacket({ from: '10.9.0.2', to: '192.168.77.7' })))
      await pair.settle()
      expect(pair.left.received).toHaveLength(1)
      expect(drops(pair.right)).toEqual({ 'no-policy': 1 })
    })

    it('tells the sender what fits, and fragments IPv4 that allows it', async () => {
      installTunnel(pair)
      const mtu = pair.left.plane.innerMtu(pair.left.path, gcm)
      pair.left.inject(udpPacket({ ...leftIpv4, length: 1472, dontFragment: true }))
      pair.left.inject(udpPacket({ ...leftIpv6, length: 1452 }))
      await pair.settle()
      expect(pair.wire).toEqual([])
      const [ipv4 = new Uint8Array(), ipv6 = new Uint8Array()] = pair.left.received
      expect([ipv4[9], ipv4[20], ipv4[21]]).toEqual([1, 3, 4])
      expect(Buffer.from(ipv4).readUInt16BE(26)).toBe(mtu)
      expect([ipv6[6], ipv6[40], ipv6[41]]).toEqual([58, 2, 0])
      expect(Buffer.from(ipv6).readUInt32BE(44)).toBe(mtu)
      expect(drops(pair.left)).toEqual({ 'too-big': 2 })
      const fragments = await sendRight(udpPacket({ ...leftIpv4, length: 3000 }))
      expect(fragments).toHaveLength(3)
      expect(Math.max(...fragments.map((packet) => packet.length))).toBeLessThanOrEqual(mtu)
      const whole = concat(...fragments.map((packet) => packet.subarray(20)))
      expect(whole).toEqual(udpPacket({ ...leftIpv4, length: 3000 }).subarray(20))
      expect(pair.left.plane.statistics().tooBigAnswers).toBe(2)
    })

    it('fits what it tells to the path', async () => {
      installTunnel(pair)
      pair.left.plane.setPath(pair.left.path, { mtu: 1400 })
      pair.left.inject(udpPacket({ ...leftIpv4, length: 1400 - 28, dontFragment: true }))
      await pair.settle()
      const [answer = new Uint8Array()] = pair.left.received
      expect(Buffer.from(answer).readUInt16BE(26)).toBe(pair.left.plane.innerMtu(pair.left.path, gcm))
      expect(pair.left.plane.innerMtu(pair.left.path, gcm)).toBeLessThan(1345)
    })

    it('clamps the MSS of TCP connections', async () => {
      installTunnel(pair)
      const mtu = pair.left.plane.innerMtu(pair.left.path, gcm)
      const syn = tcpPacket({ ...leftIpv4, tcpOptions: Uint8Array.of(2, 4, 0x05, 0xb4) })
      const [arrived = new Uint8Array()] = await sendRight(syn)
      expect(Buffer.from(arrived).readUInt16BE(42)).toBe(mtu - 40)
    })

    it('gives IKE to its taker, counts keepalives, and leaves garbage without effect', async () => {
      installTunnel(pair)
      const message = Uint8Array.from({ length: 60 }, (_, index) => index + 1)
      expect(pair.left.plane.sendIke(pair.left.socket, pair.right.endpoint, message)).toBe('sent')
      expect(pair.left.plane.sendKeepalive(pair.left.path)).toBe('sent')
      await pair.settle()
      expect(pair.right.ike).toEqual([message])
      expect(pair.wire.map(({ bytes }) => [...bytes.subarray(0, 5)])).toEqual([[0, 0, 0, 0, 1], [0xff]])
      expect(pair.right.plane.statistics().keepalives).toBe(1)
      const garbage = [
        [],
        [0],
        [1, 2, 3],
        [0, 0, 0x10, 0],
        [0, 0, 0x10, 0, 0, 0, 0, 9],
        [9, 9, 9, 9, 9, 9, 9, 9],
      ]
      for (const bytes of garbage) {
        pair.transmit(pair.right, { from: pair.left.endpoint, bytes: Uint8Array.from(bytes) })
      }
      await pair.settle()
      const { malformed = 0, 'no-sa': noSa = 0 } = drops(pair.right)
      expect(malformed + noSa).toBe(garbage.length)
      expect(pair.right.received).toEqual([])
      expect(kinds(pair.right)).toEqual([])
      expect(await sendRight(udpPacket(leftIpv4))).toHaveLength(1)
    })

    it('follows a peer behind a NAT to where its authentic new packets come from', async () => {
      installTunnel(pair)
      pair.right.plane.setPath(pair.right.path, { followPeer: true })
      const moved = { address: pair.left.endpoint.address, port: 61_234 }
      const forged: WireDatagram[] = []
      pair.meddle((datagram) => {
        const bytes = datagram.bytes.slice()
        bytes[40] = (bytes[40] ?? 0) ^ 1
        forged.push({ from: moved, bytes })
        return [{ from: moved, bytes: datagram.bytes }]
      })
      pair.left.inject(udpPacket(leftIpv4))
      // A forged packet from elsewhere arrives first and moves nobody.
      pair.transmit(pair.right, {
        from: { address: moved.address, port: 6 },
        bytes: forged[0]?.bytes ?? new Uint8Array(),
      })
      await pair.settle()
      expect(pair.right.plane.path(pair.right.path)?.endpoint).toEqual(moved)
      expect(pair.right.events.filter(({ kind }) => kind === 'peer-moved')).toEqual([
        { kind: 'peer-moved', path: pair.right.path, from: pair.left.endpoint, to: moved },
      ])
    })

    it('does not follow a late packet: somebody may have held it back', async () => {
      installTunnel(pair)
      pair.right.plane.setPath(pair.right.path, { followPeer: true })
      const seen: WireDatagram[] = []
      pair.meddle((datagram) => (seen.push(datagram), []))
      await sendRight(udpPacket(leftIpv4), udpPacket(leftIpv4))
      const [held, next] = seen
      if (held === undefined || next === undefined) throw new Error('nothing was sent')
      pair.transmit(pair.right, next)
      pair.transmit(pair.right, { ...held, from: { address: pair.left.endpoint.address, port: 61_234 } })
      await pair.settle()
      expect(pair.right.received).toHaveLength(2)
      expect(pair.right.plane.path(pair.right.path)?.endpoint).toEqual(pair.left.endpoint)
    })

    it('does not follow where it was not told to', async () => {
      installTunnel(pair)
      pair.meddle(({ bytes }) => [{ from: { address: pair.left.endpoint.address, port: 61_234 }, bytes }])
      expect(await sendRight(udpPacket(leftIpv4))).toHaveLength(1)
      expect(pair.right.plane.path(pair.right.path)?.endpoint).toEqual(pair.left.endpoint)
    })

    it('keeps clients apart: each one is reached on its own SA, and speaks for itself only', async () => {
      installTunnel(pair, { left: ['10.9.0.2'] })
      installTunnel(pair, { left: ['10.9.0.3'], spi: 0x3000 })
      for (const to of ['10.9.0.2', '10.9.0.3', '10.9.0.4']) {
        pair.right.inject(udpPacket({ from: '192.168.50.7', to }))
      }
      await pair.settle()
      expect(pair.wire.map(({ bytes }) => Buffer.from(bytes).readUInt32BE(0))).toEqual([0x1001, 0x3001])
      expect(drops(pair.right)).toEqual({ 'no-policy': 1 })
    })

    it('refuses a second inbound SA with the same SPI', () => {
      installTunnel(pair)
      expect(pair.left.plane.spiInUse(espSpi(0x1001))).toBe(true)
      expect(pair.left.plane.spiInUse(espSpi(0x1000))).toBe(false)
      expect(() => installInbound(pair, {})).toThrow('SPI in use')
    })

    describe('a packet that is faster than its SA', () => {
      /** What the left end sent while the right end had no SA yet. */
      const sentEarly = async (count: number): Promise<readonly WireDatagram[]> => {
        const tunnel = installTunnel(pair)
        const caught: WireDatagram[] = []
        pair.meddle((datagram) => (caught.push(datagram), []))
        await sendRight(...Array.from({ length: count }, () => udpPacket(leftIpv4)))
        pair.meddle((datagram) => [datagram])
        pair.right.plane.remove(tunnel.rightIn)
        return caught
      }
      const arrive = async (datagrams: readonly WireDatagram[]): Promise<void> => {
        for (const datagram of datagrams) pair.transmit(pair.right, datagram)
        await pair.settle()
      }

      it('waits for it where the SPI was offered', async () => {
        const early = await sentEarly(3)
        expect(pair.right.plane.offerSpi(espSpi(0x1000))).toBe(true)
        await arrive(early)
        expect(pair.right.received).toEqual([])
        installRightInbound(pair)
        await pair.settle()
        expect(pair.right.received).toHaveLength(3)
        expect(drops(pair.right)).toEqual({})
        expect(pair.right.events).toContainEqual(expect.objectContaining({ kind: 'first-inbound' }))
        expect(pair.right.plane.offerSpi(espSpi(0x1000))).toBe(false)
      })

      it('is dropped where it was not, or is one of too many', async () => {
        const early = await sentEarly(12)
        await arrive(early.slice(0, 2))
        expect(drops(pair.right)).toEqual({ 'no-sa': 2 })
        pair.right.plane.offerSpi(espSpi(0x1000))
        await arrive(early.slice(2))
        expect(drops(pair.right)).toEqual({ 'no-sa': 4 })
        installRightInbound(pair)
        await pair.settle()
        expect(pair.right.received).toHaveLength(8)
        // Only those before the SA: now there is one.
        await arrive(early.slice(10))
        expect(pair.right.received).toHaveLength(10)
      })
    })

    it('passes nothing after an SA is removed, and nothing at all once closed', async () => {
      const tunnel = installTunnel(pair)
      pair.left.plane.remove(tunnel.leftOut)
      expect(await sendRight(udpPacket(leftIpv4))).toEqual([])
      expect(drops(pair.left)).toEqual({ 'no-policy': 1 })
      pair.right.plane.close()
      expect(pair.right.plane.statistics().sas).toEqual([])
      pair.right.inject(udpPacket(reversed(leftIpv4)))
      await pair.settle()
      expect(pair.wire).toEqual([])
      expect(pair.left.received).toEqual([])
    })

    it('tells when a packet last arrived, for liveness', async () => {
      const tunnel = installTunnel(pair)
      expect(statisticsOf(pair.right, tunnel.rightIn)?.lastAt).toBeUndefined()
      await sendRight(udpPacket(leftIpv4))
      const first = statisticsOf(pair.right, tunnel.rightIn)?.lastAt ?? Number.NaN
      pair.advance(5000)
      await sendRight(udpPacket(leftIpv4))
      const second = statisticsOf(pair.right, tunnel.rightIn)?.lastAt ?? Number.NaN
      expect(second - first).toBeGreaterThanOrEqual(5000)
    })
  })
}
