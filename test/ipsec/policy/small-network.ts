/** Hosts and security gateways with packet processing and policy files, and the wires between them. */
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import { addressFromBytes, equalAddresses } from '../../../src-main/ip/address.ts'
import type { IpAddress } from '../../../src-main/ip/address.ts'
import { bundleOf } from '../../../src-main/ipsec/policy/entry.ts'
import { readPolicyFile } from '../../../src-main/ipsec/policy/policy-file.ts'
import { factsOf } from '../../../src-main/ipsec/policy/populate.ts'
import { createPolicyDatabase } from '../../../src-main/ipsec/policy/spd.ts'
import { createPacketProcessor } from '../../../src-main/ipsec/processing/packet-processor.ts'
import { espSpi } from '../../../src-shared/brands.ts'
import { fakeClock } from '../processing/still-clock.ts'
import { addressOf } from '../processing/two-hosts.ts'

/** One pair of SAs, between any two nodes. */
export interface Pair {
  readonly protocol: 'esp' | 'ah'
  readonly mode: 'transport' | 'tunnel'
  readonly ends: readonly [string, string]
}

export interface NodePlan {
  readonly address: string
  readonly policy: string
  /** A gateway's: the host behind it. */
  readonly behind?: string
}

export interface Network {
  /** What was delivered to whom. */
  readonly delivered: ReadonlyMap<string, readonly Uint8Array[]>
  /** Every packet on the wire between the named nodes: `H1-G1`, in the order of the plan. */
  readonly wires: ReadonlyMap<string, readonly Uint8Array[]>
  drops(name: string): Readonly<Record<string, number>>
  send(from: string, packet: Uint8Array): void
  /** As an attacker on the wire in front of it would. */
  inject(to: string, packet: Uint8Array): void
}

const destinationOf = (packet: Uint8Array): IpAddress => {
  const address = addressFromBytes(packet.subarray(16, 20))
  if (address === undefined) throw new Error('no IPv4 packet')
  return address
}

export function createNetwork(plan: Readonly<Record<string, NodePlan>>, pairs: readonly Pair[]): Network {
  const crypto = createPacketCrypto()
  const names = Object.keys(plan)
  const delivered = new Map<string, Uint8Array[]>(names.map((name) => [name, []]))
  const wires = new Map<string, Uint8Array[]>()
  const gatewayOf = (name: string) => names.find((other) => plan[other]?.behind === name)

  /** The next node on the way of a packet that `from` puts on a wire. */
  const next = (from: string, packet: Uint8Array): string => {
    const to = names.find((name) =>
      equalAddresses(addressOf(plan[name]?.address ?? ''), destinationOf(packet)),
    )
    if (to === undefined) throw new Error('no way')
    if (plan[from]?.behind === to) return to
    return gatewayOf(from) ?? gatewayOf(to) ?? to
  }
  const wire = (a: string, b: string) => [a, b].sort((x, y) => names.indexOf(x) - names.indexOf(y)).join('-')

  const carry = (from: string, packet: Uint8Array): void => {
    const to = next(from, packet)
    wires.set(wire(from, to), [...(wires.get(wire(from, to)) ?? []), packet])
    const node = nodes.get(to)
    // What comes to a gateway from behind it goes out through it.
    if (plan[to]?.behind === from) node?.outbound(packet, 0, packet.length)
    else node?.inbound(packet, 0, packet.length)
  }

  const nodes = new Map(
    Object.entries(plan).map(([name, { address, policy, behind }]) => {
      const { entries, problems } = readPolicyFile(policy)
      if (problems.length > 0) throw new Error(problems.map(({ problem }) => problem).join())
      const spd = createPolicyDatabase(entries)
      const own = addressOf(address)
      const processor = createPacketProcessor({
        clock: fakeClock(),
        mtu: 1500,
        isOurs: (view) => equalAddresses(factsOf(view).destination, own),
        policies: {
          decide(direction, view) {
            const entry = spd.lookup(direction, view)
            return entry?.action.kind === 'protect'
              ? { kind: 'protect', bundle: bundleOf(entry, direction) }
              : entry?.action
          },
        },
        send(buffer, offset, length) {
          carry(name, buffer.slice(offset, offset + length))
          return 'sent'
        },
      })
      processor.useSink({
        write(buffer, offset, length) {
          const packet = buffer.slice(offset, offset + length)
          if (behind !== undefined && !equalAddresses(destinationOf(packet), own)) carry(name, packet)
          else delivered.get(name)?.push(packet)
          return true
        },
      })
      for (const [index, { protocol, mode, ends }] of pairs.entries()) {
        for (const [way, [source, destination]] of [ends, [ends[1], ends[0]] as const].entries()) {
          if (address !== source && address !== destination) continue
          const key = new Uint8Array(32).fill(index * 2 + way + 1)
          processor.install({
            direction: address === source ? 'outbound' : 'inbound',
            spi: espSpi(0x1000 + index * 2 + way),
            source: addressOf(source),
            destination: addressOf(destination),
            mode,
            transform:
              protocol === 'ah'
                ? { kind: 'ah', integrity: crypto.integrity({ integrity: 'hmac-sha256-128', key }) }
                : {
                    kind: 'esp',
                    cipher: crypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: key.slice(0, 20) }),
                  },
            extendedSequenceNumbers: false,
            replayWindow: 64,
          })
        }
      }
      return [name, processor]
    }),
  )

  return {
    delivered,
    wires,
    drops: (name) => nodes.get(name)?.statistics().drops ?? {},
    send: (from, packet) => nodes.get(from)?.outbound(packet, 0, packet.length),
    inject: (to, packet) => nodes.get(to)?.inbound(packet, 0, packet.length),
  }
}
