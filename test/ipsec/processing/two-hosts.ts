/** Two hosts with packet processing and mirrored SAs and policies, and the wire between them. */
import { fakeClock } from './still-clock.ts'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import { parseAddress } from '../../../src-main/ip/address.ts'
import type { IpAddress } from '../../../src-main/ip/address.ts'
import type { PacketView } from '../../../src-main/ip/packet.ts'
import type { AssociationParameters } from '../../../src-main/ipsec/processing/association.ts'
import { createPacketProcessor } from '../../../src-main/ipsec/processing/packet-processor.ts'
import type { PacketProcessor } from '../../../src-main/ipsec/processing/packet-processor.ts'
import type { PolicyAction, PolicyDirection, SaTemplate } from '../../../src-main/ipsec/policy/policy.ts'
import { espSpi } from '../../../src-shared/brands.ts'

export const addressOf = (text: string): IpAddress => {
  const address = parseAddress(text)
  if (address === undefined) throw new Error(`no address: ${text}`)
  return address
}

/** One SA of a bundle, in words; keys follow from the SPI. */
export interface Layer {
  readonly protocol: 'esp' | 'ah'
  /** `[source, destination]` of a tunnel as A sends; absent: transport mode. */
  readonly ends?: readonly [string, string]
  readonly cipher?: 'aes-cbc' | 'aes-gcm-16'
  readonly integrity?: 'hmac-sha1-96' | 'hmac-sha256-128' | 'aes-xcbc-96'
  readonly extended?: boolean
  readonly window?: number
  readonly lastSequence?: bigint
  readonly padTo?: number
  readonly inUdp?: boolean
  readonly ipv4Alignment?: 4 | 8
  readonly endsAt?: number
  readonly hardPackets?: number
}

export interface Host {
  readonly processor: PacketProcessor
  /** What came out towards the protected side. */
  readonly delivered: Uint8Array[]
  /** What went onto the wire. */
  readonly sent: Uint8Array[]
  /** Replaced by tests that want another policy. */
  decide: (direction: PolicyDirection, view: PacketView) => PolicyAction | undefined
}

const keyOf = (length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7 + seed) & 255)

const mac = { 'hmac-sha1-96': 20, 'hmac-sha256-128': 32, 'aes-xcbc-96': 16 } as const

const transformOf = (layer: Layer, spi: number): AssociationParameters['transform'] => {
  const crypto = createPacketCrypto()
  const integrity = layer.integrity ?? 'hmac-sha1-96'
  if (layer.protocol === 'ah')
    return {
      kind: 'ah',
      integrity: crypto.integrity({ integrity, key: keyOf(mac[integrity], spi) }),
      ...(layer.ipv4Alignment === undefined ? {} : { ipv4Alignment: layer.ipv4Alignment }),
    }
  const cipher =
    layer.cipher === 'aes-gcm-16'
      ? crypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: keyOf(20, spi) })
      : crypto.cipher({
          encryption: 'aes-cbc',
          encryptionKey: keyOf(16, spi),
          integrity,
          integrityKey: keyOf(mac[integrity], spi),
        })
  return {
    kind: 'esp',
    cipher,
    ...(layer.padTo === undefined ? {} : { padTo: layer.padTo }),
    ...(layer.inUdp === true ? { encapsulation: { sourcePort: 4500, destinationPort: 4500 } } : {}),
  }
}

export interface TwoHosts {
  readonly a: Host
  readonly b: Host
  readonly clock: ReturnType<typeof fakeClock>
  /** Carries what A sent to B, changed on the way where a test says so. */
  carry(change?: (packet: Uint8Array) => Uint8Array | readonly Uint8Array[]): void
}

/** `addresses`: of A and B where transport mode leads. The bundle is innermost first. */
export function createTwoHosts(
  bundle: readonly Layer[],
  addresses: readonly [string, string],
  mtu = 1500,
): TwoHosts {
  const clock = fakeClock()
  const template = (layer: Layer, outgoing: boolean): SaTemplate => {
    if (layer.ends === undefined) return { protocol: layer.protocol, mode: 'transport' }
    const [from, to] = outgoing ? layer.ends : [layer.ends[1], layer.ends[0]]
    return {
      protocol: layer.protocol,
      mode: 'tunnel',
      ends: { source: addressOf(from), destination: addressOf(to) },
    }
  }
  const createHost = (isA: boolean): Host => {
    const out: PolicyAction = { kind: 'protect', bundle: bundle.map((layer) => template(layer, isA)) }
    const back: PolicyAction = { kind: 'protect', bundle: bundle.map((layer) => template(layer, !isA)) }
    const delivered: Uint8Array[] = []
    const sent: Uint8Array[] = []
    const host: Host = {
      delivered,
      sent,
      decide: (direction) => (direction === 'out' ? out : back),
      processor: createPacketProcessor({
        clock,
        mtu,
        policies: { decide: (direction, view) => host.decide(direction, view) },
        isOurs: () => true,
        send(buffer, offset, length) {
          sent.push(buffer.slice(offset, offset + length))
          return 'sent'
        },
      }),
    }
    host.processor.useSink({
      write(buffer, offset, length) {
        delivered.push(buffer.slice(offset, offset + length))
        return true
      },
    })
    for (const [index, layer] of bundle.entries()) {
      for (const fromA of [true, false]) {
        const spi = 0x1000 + index * 2 + (fromA ? 0 : 1)
        const [a, b] = layer.ends ?? addresses
        host.processor.install({
          direction: fromA === isA ? 'outbound' : 'inbound',
          spi: espSpi(spi),
          source: addressOf(fromA ? a : b),
          destination: addressOf(fromA ? b : a),
          mode: layer.ends === undefined ? 'transport' : 'tunnel',
          transform: transformOf(layer, spi),
          extendedSequenceNumbers: layer.extended ?? false,
          replayWindow: layer.window ?? 64,
          ...(layer.lastSequence === undefined ? {} : { lastSequence: layer.lastSequence }),
          ...(layer.hardPackets === undefined ? {} : { lifetime: { hardPackets: layer.hardPackets } }),
          ...(layer.endsAt === undefined ? {} : { endsAt: clock.at(layer.endsAt) }),
        })
      }
    }
    return host
  }
  const a = createHost(true)
  const b = createHost(false)
  return {
    a,
    b,
    clock,
    carry(change = (packet) => packet) {
      for (const packet of a.sent.splice(0)) {
        const changed = change(packet)
        for (const one of changed instanceof Uint8Array ? [changed] : changed) {
          // As it lies in a receive buffer: with other bytes around.
          const buffer = new Uint8Array(one.length + 64).fill(0xa5)
          buffer.set(one, 32)
          b.processor.inbound(buffer, 32, one.length)
        }
      }
    },
  }
}

export const send = (host: Host, packet: Uint8Array): void => {
  const buffer = new Uint8Array(packet.length + 64).fill(0x5a)
  buffer.set(packet, 32)
  host.processor.outbound(buffer, 32, packet.length)
}
