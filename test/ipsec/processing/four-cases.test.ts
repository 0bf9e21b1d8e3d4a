/** The four ways in which SAs between hosts and gateways are put together that every host must have (RFC 4301 section 4.5). */
import { describe, expect, it } from 'vitest'
import { espSpi } from '../../../src-shared/brands.ts'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import {
  addressFromBytes,
  addressToBytes,
  equalAddresses,
  parsePrefix,
  prefixContains,
} from '../../../src-main/ip/address.ts'
import type { IpAddress } from '../../../src-main/ip/address.ts'
import { readU32 } from '../../../src-main/ip/octets.ts'
import type { PacketView } from '../../../src-main/ip/packet.ts'
import { createPacketProcessor } from '../../../src-main/ipsec/processing/packet-processor.ts'
import type { PacketProcessor } from '../../../src-main/ipsec/processing/packet-processor.ts'
import type { SaTemplate } from '../../../src-main/ipsec/policy/policy.ts'
import { udpPacket } from '../../fakes/packets.ts'
import { fakeClock } from './still-clock.ts'
import { addressOf } from './two-hosts.ts'

interface Sa {
  readonly from: string
  readonly to: string
  readonly mode: 'transport' | 'tunnel'
  readonly protocol: 'esp' | 'ah'
}

/** A node: its address, the prefix behind it, and for which packets of ours it uses which bundle. */
interface Node {
  readonly address: string
  readonly behind?: string
  /** Prefix of the other side, and the SAs that lead there, the innermost first. */
  readonly protects: readonly { readonly remote: string; readonly bundle: readonly Sa[] }[]
}

const spiOf = ({ from, to, protocol }: Sa): number => {
  const last = (text: string) => Number(text.split('.').at(-1))
  return 0x1_0000 + last(from) * 512 + last(to) * 2 + (protocol === 'ah' ? 1 : 0)
}
const reversed = (sa: Sa): Sa => ({ ...sa, from: sa.to, to: sa.from })
const templateOf = ({ mode, protocol, from, to }: Sa): SaTemplate =>
  mode === 'transport'
    ? { protocol, mode }
    : { protocol, mode, ends: { source: addressOf(from), destination: addressOf(to) } }
const wordOf = (word: number): IpAddress => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, word)
  return addressFromBytes(bytes) ?? addressOf('0.0.0.0')
}
const wordOfAddress = (text: string): number => readU32(addressToBytes(addressOf(text)), 0)
const holds = (prefix: string, word: number): boolean => {
  const parsed = parsePrefix(prefix)
  return parsed !== undefined && prefixContains(parsed, wordOf(word))
}

interface Network {
  /** As if the host sent it. */
  send(from: string, packet: Uint8Array): void
  /** What reached each host, unprotected. */
  readonly arrived: Map<string, Uint8Array[]>
  /** All that was on any wire. */
  readonly seen: Uint8Array[]
  drops(address: string): object
}

/** Packets go to whoever has their destination; gateways take what is for the prefix behind them. */
const createNetwork = (nodes: readonly Node[]): Network => {
  const arrived = new Map<string, Uint8Array[]>()
  const seen: Uint8Array[] = []
  const processors = new Map<string, PacketProcessor>()
  const isBehind = (gateway: Node, word: number): boolean =>
    gateway.behind !== undefined && holds(gateway.behind, word)
  const wire = (packet: Uint8Array, sender: Node): void => {
    seen.push(packet)
    const destination = readU32(packet, 16)
    const own = nodes.find((node) => isBehind(node, wordOfAddress(sender.address)))
    // A host behind a gateway sends by it; a gateway knows its hosts; everyone else sends to the gateway in front.
    if (own !== undefined && !isBehind(own, destination)) {
      processors.get(own.address)?.outbound(packet, 0, packet.length)
      return
    }
    const front = nodes.find((node) => isBehind(node, destination))
    const target =
      front === undefined || front === sender
        ? nodes.find(({ address }) => wordOfAddress(address) === destination)
        : front
    if (target !== undefined) processors.get(target.address)?.inbound(packet, 0, packet.length)
  }

  for (const node of nodes) {
    const clock = fakeClock()
    const received: Uint8Array[] = []
    arrived.set(node.address, received)
    const out = node.protects.map(({ remote, bundle }) => ({
      remote,
      action: { kind: 'protect', bundle: bundle.map(templateOf) } as const,
    }))
    const back = node.protects.map(({ remote, bundle }) => ({
      remote,
      action: { kind: 'protect', bundle: bundle.map((sa) => templateOf(reversed(sa))) } as const,
    }))
    const processor = createPacketProcessor({
      clock,
      mtu: 1500,
      isOurs: (view: PacketView) => equalAddresses(addressOf(node.address), wordOf(view.destination0)),
      policies: {
        decide: (direction, view) =>
          direction === 'out'
            ? (out.find(({ remote }) => holds(remote, view.destination0))?.action ?? { kind: 'bypass' })
            : (back.find(({ remote }) => holds(remote, view.source0))?.action ?? { kind: 'bypass' }),
      },
      send(buffer, offset, length) {
        wire(buffer.slice(offset, offset + length), node)
        return 'sent'
      },
    })
    processor.useSink({
      write(buffer, offset, length, view) {
        const packet = buffer.slice(offset, offset + length)
        if (node.behind !== undefined && view !== undefined && holds(node.behind, view.destination0))
          // A gateway hands it on to the host behind it.
          wire(packet, node)
        else received.push(packet)
        return true
      },
    })
    for (const { bundle } of node.protects) {
      for (const sa of bundle) {
        for (const [direction, one] of [
          ['outbound', sa],
          ['inbound', reversed(sa)],
        ] as const) {
          const key = Uint8Array.from({ length: 20 }, (_, index) => (index * 3 + spiOf(one)) & 255)
          const crypto = createPacketCrypto()
          processor.install({
            direction,
            spi: espSpi(spiOf(one)),
            source: addressOf(one.from),
            destination: addressOf(one.to),
            mode: one.mode,
            extendedSequenceNumbers: false,
            replayWindow: 32,
            transform:
              one.protocol === 'ah'
                ? { kind: 'ah', integrity: crypto.integrity({ integrity: 'hmac-sha1-96', key }) }
                : {
                    kind: 'esp',
                    cipher: crypto.cipher({
                      encryption: 'aes-cbc',
                      encryptionKey: key.slice(0, 16),
                      integrity: 'hmac-sha1-96',
                      integrityKey: key,
                    }),
                  },
          })
        }
      }
    }
    processors.set(node.address, processor)
  }
  return {
    arrived,
    seen,
    send: (from, packet) => processors.get(from)?.outbound(packet, 0, packet.length),
    drops: (address) => processors.get(address)?.statistics().drops ?? {},
  }
}

const sa = (from: string, to: string, mode: Sa['mode'], protocol: Sa['protocol'] = 'esp'): Sa => ({
  from,
  to,
  mode,
  protocol,
})
const h1 = '10.1.0.11'
const h2 = '10.2.0.12'
const g1 = '203.0.113.21'
const g2 = '203.0.113.22'
const packet = udpPacket({ from: h1, to: h2, length: 100 })

describe('the four basic combinations', () => {
  it('case 1: host to host, transport and tunnel, AH around ESP', () => {
    for (const bundle of [
      [sa(h1, h2, 'transport')],
      [sa(h1, h2, 'transport', 'ah')],
      [sa(h1, h2, 'transport'), sa(h1, h2, 'transport', 'ah')],
      [sa(h1, h2, 'tunnel')],
      [sa(h1, h2, 'tunnel', 'ah')],
    ]) {
      const network = createNetwork([
        { address: h1, protects: [{ remote: `${h2}/32`, bundle }] },
        { address: h2, protects: [{ remote: `${h1}/32`, bundle: bundle.map(reversed) }] },
      ])
      network.send(h1, packet)
      expect(network.arrived.get(h2)).toEqual([packet])
      expect(network.seen[0]).not.toEqual(packet)
    }
  })

  const gateways = (protocol: Sa['protocol']): readonly Node[] => [
    {
      address: g1,
      behind: '10.1.0.0/16',
      protects: [{ remote: '10.2.0.0/16', bundle: [sa(g1, g2, 'tunnel', protocol)] }],
    },
    {
      address: g2,
      behind: '10.2.0.0/16',
      protects: [{ remote: '10.1.0.0/16', bundle: [sa(g2, g1, 'tunnel', protocol)] }],
    },
  ]

  it('case 2: gateway to gateway, for hosts that know nothing of it', () => {
    for (const protocol of ['esp', 'ah'] as const) {
      const network = createNetwork([
        ...gateways(protocol),
        { address: h1, protects: [] },
        { address: h2, protects: [] },
      ])
      network.send(h1, packet)
      expect(network.arrived.get(h2)).toEqual([packet])
      expect([network.drops(g1), network.drops(g2)]).toEqual([{}, {}])
    }
  })

  it('case 3: host to host, through gateway to gateway', () => {
    const inner = sa(h1, h2, 'transport')
    const network = createNetwork([
      ...gateways('esp'),
      { address: h1, protects: [{ remote: `${h2}/32`, bundle: [inner] }] },
      { address: h2, protects: [{ remote: `${h1}/32`, bundle: [reversed(inner)] }] },
    ])
    network.send(h1, packet)
    expect(network.arrived.get(h2)).toEqual([packet])
    expect([h1, h2, g1, g2].map((address) => network.drops(address))).toEqual([{}, {}, {}, {}])
  })

  it('case 4: a host on the road, to a host behind a gateway, which takes the outer SA off', () => {
    const road = '198.51.100.31'
    const inner = sa(road, h2, 'transport')
    const outer = sa(road, g2, 'tunnel')
    const network = createNetwork([
      { address: road, protects: [{ remote: `${h2}/32`, bundle: [inner, outer] }] },
      { address: g2, behind: '10.2.0.0/16', protects: [{ remote: `${road}/32`, bundle: [reversed(outer)] }] },
      { address: h2, protects: [{ remote: `${road}/32`, bundle: [reversed(inner)] }] },
    ])
    const ours = udpPacket({ from: road, to: h2, length: 100 })
    network.send(road, ours)
    expect([road, g2, h2].map((address) => network.drops(address))).toEqual([{}, {}, {}])
    expect(network.arrived.get(h2)).toEqual([ours])
  })
})
