/** Packet processing with random policies against a plain model: what leaves, what is let in, and why not. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import type { PacketView } from '../../../src-main/ip/packet.ts'
import { bundleOf } from '../../../src-main/ipsec/policy/entry.ts'
import type { PolicyEntry } from '../../../src-main/ipsec/policy/entry.ts'
import type { PolicyAction, SaTemplate } from '../../../src-main/ipsec/policy/policy.ts'
import { createPolicyDatabase } from '../../../src-main/ipsec/policy/spd.ts'
import type { AssociationParameters } from '../../../src-main/ipsec/processing/association.ts'
import { createPacketProcessor } from '../../../src-main/ipsec/processing/packet-processor.ts'
import { espSpi } from '../../../src-shared/brands.ts'
import { fakeClock } from '../processing/still-clock.ts'
import { addressOf } from '../processing/two-hosts.ts'
import { anyEntry, anyPacket, packetBytes } from './random-policies.ts'
import type { ToldPacket } from './random-policies.ts'
import { referenceLookup } from './reference-model.ts'

const ends = (a: string, b: string) => ({ source: addressOf(a), destination: addressOf(b) })
const tunnel4 = ends('203.0.113.1', '203.0.113.2')
const tunnel6 = ends('fd00:1::1', 'fd00:1::2')

const espTransport: SaTemplate = { protocol: 'esp', mode: 'transport' }
const ahTransport: SaTemplate = { protocol: 'ah', mode: 'transport' }
const espTunnel: SaTemplate = { protocol: 'esp', mode: 'tunnel', ends: tunnel4 }

/** What a policy may ask for; for the last there is no SA. */
const bundles: readonly (readonly SaTemplate[])[] = [
  [espTransport],
  [ahTransport],
  [espTransport, ahTransport],
  [espTunnel],
  [{ protocol: 'ah', mode: 'tunnel', ends: tunnel6 }],
  [espTunnel, ahTransport],
  [{ ...espTransport, requestId: 99 }],
]
const lacking = bundles.at(-1)

/** As an entry of one direction has it: the ends as the packets' outer headers. */
const anyAction: fc.Arbitrary<PolicyAction> = fc.oneof(
  fc.constant({ kind: 'bypass' as const }),
  fc.constant({ kind: 'discard' as const }),
  fc.constantFrom(...bundles).map((bundle) => ({ kind: 'protect' as const, bundle })),
  fc.constantFrom(...bundles).map((bundle) => ({ kind: 'protect' as const, bundle })),
)
const entriesFor = (directions: PolicyEntry['directions']) =>
  fc.array(
    fc.tuple(anyEntry, anyAction).map(([entry, action]): PolicyEntry => ({ ...entry, directions, action })),
    { maxLength: 8 },
  )

/** Often the same policy at both ends, as it is meant; else anything. */
const anyEnds = fc.oneof(
  fc.tuple(entriesFor(['out']), entriesFor(['in', 'forward'])),
  fc.tuple(anyAction, anyAction, fc.boolean()).map(([a, b, same]) => {
    const all = (directions: PolicyEntry['directions'], action: PolicyAction): PolicyEntry => ({
      directions,
      action,
      names: [],
      populate: [],
      selector: {
        local: 'any',
        remote: 'any',
        protocol: 'any',
        localPorts: 'any',
        remotePorts: 'any',
        message: 'any',
      },
    })
    return [[all(['out'], a)], [all(['in', 'forward'], same ? a : b)]] as [PolicyEntry[], PolicyEntry[]]
  }),
)

const isOdd = ({ to }: ToldPacket) => to.value % 2n === 1n

function associations(packet: ToldPacket, direction: 'inbound' | 'outbound'): AssociationParameters[] {
  const crypto = createPacketCrypto()
  const key = (length: number) => new Uint8Array(length).fill(7)
  const own = { source: packet.from, destination: packet.to }
  const esp = (): AssociationParameters['transform'] => ({
    kind: 'esp',
    cipher: crypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: key(20) }),
  })
  const ah = (): AssociationParameters['transform'] => ({
    kind: 'ah',
    integrity: crypto.integrity({ integrity: 'hmac-sha256-128', key: key(32) }),
  })
  const all = [
    { mode: 'transport' as const, ...own, transform: esp() },
    { mode: 'transport' as const, ...own, transform: ah() },
    { mode: 'tunnel' as const, ...tunnel4, transform: esp() },
    { mode: 'tunnel' as const, ...tunnel6, transform: ah() },
    { mode: 'transport' as const, ...tunnel4, transform: ah() },
  ]
  return all.map((sa, index) => ({
    ...sa,
    direction,
    spi: espSpi(0x2000 + index),
    extendedSequenceNumbers: false,
    replayWindow: 64,
  }))
}

function hostWith(entries: readonly PolicyEntry[], packet: ToldPacket, side: 'inbound' | 'outbound') {
  const spd = createPolicyDatabase(entries)
  const sent: Uint8Array[] = []
  const delivered: Uint8Array[] = []
  const processor = createPacketProcessor({
    clock: fakeClock(),
    mtu: 1500,
    policies: {
      decide(direction, view: PacketView) {
        const entry = spd.lookup(direction, view)
        if (entry?.action.kind !== 'protect') return entry?.action
        return { kind: 'protect', bundle: bundleOf(entry, direction) }
      },
    },
    isOurs: () => !isOdd(packet),
    send(buffer, offset, length) {
      sent.push(buffer.slice(offset, offset + length))
      return 'sent'
    },
  })
  processor.useSink({
    write(buffer, offset, length) {
      delivered.push(buffer.slice(offset, offset + length))
      return true
    },
  })
  for (const sa of associations(packet, side)) processor.install(sa)
  return { processor, sent, delivered }
}

/** What becomes of a packet that leaves A, by RFC 4301 section 5.1. */
function modelOut(entries: readonly PolicyEntry[], packet: ToldPacket) {
  const action = referenceLookup(entries, 'out', packet)?.action
  if (action === undefined) return { drop: 'no-policy' }
  if (action.kind === 'discard') return { drop: 'policy-discard' }
  if (action.kind === 'bypass') return { clear: true }
  // Transport mode waits for the whole datagram.
  if (packet.fragment !== 'whole' && action.bundle[0]?.mode === 'transport') return { waits: true }
  return action.bundle === lacking ? { drop: 'no-outbound-sa' } : { bundle: action.bundle }
}

/** What becomes of it at B, by section 5.2; `bundle`: what it came through. */
function modelIn(
  entries: readonly PolicyEntry[],
  packet: ToldPacket,
  bundle: readonly SaTemplate[] | undefined,
) {
  const action = referenceLookup(entries, isOdd(packet) ? 'forward' : 'in', packet)?.action
  if (action === undefined) return 'no-policy'
  if (action.kind === 'discard') return 'policy-discard'
  const wanted = action.kind === 'protect' ? action.bundle : undefined
  return wanted === bundle ? 'delivered' : 'policy-mismatch'
}

it('random policies and packets: processing decides as a plain reading of RFC 4301 does', () => {
  const seen = new Map<string, number>()
  const count = (verdict: string) => seen.set(verdict, (seen.get(verdict) ?? 0) + 1)
  fc.assert(
    fc.property(anyEnds, anyPacket, ([ours, theirs], packet) => {
      const bytes = packetBytes(packet)
      const a = hostWith(ours, packet, 'outbound')
      a.processor.outbound(bytes, 0, bytes.length)
      const out = modelOut(ours, packet)
      if (out.drop !== undefined || out.waits === true) {
        count(out.drop ?? 'waits')
        expect(a.sent).toEqual([])
        expect(a.processor.statistics().drops).toEqual(out.drop === undefined ? {} : { [out.drop]: 1 })
        return
      }
      expect(a.processor.statistics().drops).toEqual({})
      expect(a.sent).toHaveLength(1)
      const [wire = new Uint8Array()] = a.sent
      if (out.clear === true) expect(wire).toEqual(bytes)
      else expect(wire.length).toBeGreaterThan(bytes.length)

      const b = hostWith(theirs, packet, 'inbound')
      b.processor.inbound(wire, 0, wire.length)
      const verdict = modelIn(theirs, packet, out.bundle)
      count(`${out.clear === true ? 'clear' : 'protected'}: ${verdict}`)
      expect(b.delivered).toEqual(verdict === 'delivered' ? [bytes] : [])
      expect(b.processor.statistics().drops).toEqual(verdict === 'delivered' ? {} : { [verdict]: 1 })
    }),
    { numRuns: 500 },
  )
  // Every verdict was met.
  for (const verdict of [
    'no-policy',
    'policy-discard',
    'no-outbound-sa',
    'waits',
    'clear: delivered',
    'clear: policy-mismatch',
    'clear: policy-discard',
    'protected: delivered',
    'protected: policy-mismatch',
    'protected: no-policy',
  ])
    expect(seen.get(verdict) ?? 0, verdict).toBeGreaterThan(0)
})
