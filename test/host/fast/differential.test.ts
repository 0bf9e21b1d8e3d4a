/** The fast and the portable data plane give the same bytes and the same verdicts, for packets of every kind. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import { espPrefixLength, NEXT_HEADER, sealEsp } from '../../../src-main/ipsec/esp.ts'
import { gcm, installTunnel, keysFor, leftIpv4, leftIpv6 } from '../../contracts/data-plane.contract.ts'
import type { TunnelOptions } from '../../contracts/data-plane.contract.ts'
import { concat, ipPacket, pingPacket, tcpPacket, udpPacket } from '../../fakes/packets.ts'
import { createDice, mutate } from '../../fuzz/mutator.ts'
import { openPortablePair } from '../../ipsec/portable-pair.ts'
import type { PortablePair } from '../../ipsec/portable-pair.ts'
import { closeWarmPlanes } from './warm-planes.ts'
import { bundleWorker } from './bundled-worker.ts'
import type { Bundled } from './bundled-worker.ts'
import { openFastPair } from './fast-pair.ts'
import type { FastPair } from './fast-pair.ts'

const options: TunnelOptions = {
  suite: { ...gcm, extendedSequenceNumbers: true },
  right: ['192.168.50.0/24', 'fd00:50::/64'],
}

describe('fast and portable', () => {
  let worker: Bundled
  let fast: FastPair
  let portable: PortablePair
  beforeAll(async () => {
    worker = await bundleWorker()
    fast = await openFastPair({ workerPath: worker.path, providers: ['ipsec-mb', 'libcrypto', 'node'] })
    portable = openPortablePair(createPacketCrypto())
    for (const pair of [fast, portable]) installTunnel(pair, options)
  })
  afterAll(async () => {
    await fast.close()
    closeWarmPlanes()
    worker.remove()
  })

  /** Without IPv4's identification: what came together has numbers of its own. */
  const comparable = (packets: readonly Uint8Array[]) =>
    packets
      .map((packet) => {
        const copy = packet.slice()
        if ((copy[0] ?? 0) >> 4 === 4) copy.fill(0, 4, 6).fill(0, 10, 12)
        return Buffer.from(copy).toString('hex')
      })
      .sort()
  const settle = async () => {
    await fast.settle()
    await portable.settle()
  }

  const kinds = fc.oneof(
    fc
      .record({ length: fc.nat(3000), sourcePort: fc.nat(3), dontFragment: fc.boolean() })
      .map((udp) => udpPacket({ ...leftIpv4, ...udp })),
    fc
      .record({ length: fc.nat(1500), trafficClass: fc.nat(255) })
      .map((udp) => udpPacket({ ...leftIpv6, ...udp })),
    fc
      .record({ length: fc.nat(2000), sequence: fc.nat(9) })
      .map((ping) => pingPacket({ ...leftIpv4, ...ping })),
    fc.nat(255).map((flags) => tcpPacket({ ...leftIpv4, flags, tcpOptions: Uint8Array.of(2, 4, 5, 0xb4) })),
    fc.uint8Array({ minLength: 1, maxLength: 100 }),
    fc
      .constantFrom('192.168.51.1', '10.1.1.1', '192.168.50.255')
      .map((to) => udpPacket({ from: '10.9.0.2', to })),
  )

  it('send the same datagrams and answer the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(kinds, { minLength: 1, maxLength: 40 }), async (packets) => {
        const before = [fast, portable].map((pair) => pair.wire.length)
        for (const pair of [fast, portable]) {
          pair.left.received.length = pair.right.received.length = 0
          for (const packet of packets) pair.left.inject(packet)
        }
        await settle()
        const [ours, theirs] = [fast, portable].map((pair, index) =>
          pair.wire.slice(before[index]).map(({ bytes }) => Buffer.from(bytes).toString('hex')),
        )
        expect(ours).toEqual(theirs)
        expect(comparable(fast.right.received)).toEqual(comparable(portable.right.received))
        expect(comparable(fast.left.received)).toEqual(comparable(portable.left.received))
        expect(fast.left.plane.statistics().drops).toEqual(portable.left.plane.statistics().drops)
      }),
      { numRuns: 25 },
    )
  }, 60_000)

  /** What a peer with the keys could send: anything at all behind its own ICV. */
  const cipher = createPacketCrypto().cipher({ encryption: 'aes-gcm-16', ...keysFor(gcm, 0x1000) })
  let sequence = 5000
  const sealed = (inner: Uint8Array, nextHeader: number, step: number): Uint8Array => {
    const prefix = espPrefixLength(cipher)
    const buffer = new Uint8Array(prefix + inner.length + 64)
    buffer.set(inner, prefix)
    sequence += step
    const length = sealEsp(
      cipher,
      0x1000,
      { high: 0, low: sequence, extended: true },
      nextHeader,
      buffer,
      prefix,
      inner.length,
    )
    return buffer.slice(0, length)
  }
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 120 }),
    fc.constantFrom(
      udpPacket(leftIpv4),
      udpPacket({ ...leftIpv4, length: 900 }),
      udpPacket({ ...leftIpv6, length: 900 }),
      udpPacket({ ...leftIpv4, to: '192.168.51.7' }),
      udpPacket({ ...leftIpv4, fragmentOffset: 1480 }),
      udpPacket({ ...leftIpv4, moreFragments: true }),
      concat(udpPacket(leftIpv4), new Uint8Array(33)),
      udpPacket(leftIpv4).subarray(0, 27),
      tcpPacket({ ...leftIpv4, flags: 0x10 }),
      ipPacket(
        1,
        concat(Uint8Array.of(3, 4, 0, 0, 0, 0, 5, 0), udpPacket(leftIpv4).subarray(0, 28)),
        leftIpv4,
      ),
    ),
  )

  it('judge the same what a hostile peer sealed, and what nobody sealed', async () => {
    const dice = createDice(7)
    const datagrams = fc.array(
      fc.record({
        inner: hostile,
        nextHeader: fc.constantFrom<number>(
          NEXT_HEADER.ipv4,
          NEXT_HEADER.ipv4,
          NEXT_HEADER.ipv6,
          NEXT_HEADER.none,
          17,
        ),
        step: fc.constantFrom(1, 1, 1, 2, 70, -1),
        again: fc.boolean(),
        mutated: fc.boolean(),
      }),
      { minLength: 1, maxLength: 40 },
    )
    await fc.assert(
      fc.asyncProperty(datagrams, async (all) => {
        for (const pair of [fast, portable]) pair.right.received.length = 0
        for (const { inner, nextHeader, step, again, mutated } of all) {
          const genuine = sealed(inner, nextHeader, step)
          // An empty datagram, and the marker of an IKE message, are other tests' business.
          const bytes = mutated ? mutate([genuine], dice) : genuine
          if (bytes.length === 0) continue
          for (const pair of [fast, portable])
            for (let time = 0; time < (again ? 2 : 1); time += 1)
              pair.transmit(pair.right, { from: pair.left.endpoint, bytes })
        }
        await settle()
        expect(comparable(fast.right.received)).toEqual(comparable(portable.right.received))
        expect(fast.right.plane.statistics().drops).toEqual(portable.right.plane.statistics().drops)
      }),
      { numRuns: 25 },
    )
  }, 60_000)
})
