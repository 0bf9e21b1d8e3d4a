/**
 * How long it takes to find a packet's policy and an SA, as the databases grow. Policies are as a large site has them: networks of
 * different sizes, hosts, services by port, ranges, a few that take anything, in random order. Packets: half to what some policy
 * names, half to anywhere. "Not remembered" asks the index anew each time, "remembered" asks what the flow found before.
 */
import { createDice } from '../fuzz/mutator.ts'
import type { IpAddress } from '../../src-main/ip/address.ts'
import { addressToBytes, prefixFirst, prefixLast } from '../../src-main/ip/address.ts'
import { createPacketView } from '../../src-main/ip/packet.ts'
import type { PacketView } from '../../src-main/ip/packet.ts'
import type { PolicyEntry } from '../../src-main/ipsec/policy/entry.ts'
import { everyPacket } from '../../src-main/ipsec/policy/selector.ts'
import type { AddressRange } from '../../src-main/ipsec/policy/selector.ts'
import { createPolicyDatabase } from '../../src-main/ipsec/policy/spd.ts'
import { mismatches } from '../../src-main/ipsec/policy/explain.ts'
import { factsOf } from '../../src-main/ipsec/policy/populate.ts'
import type { SaTemplate } from '../../src-main/ipsec/policy/policy.ts'
import { createAssociation } from '../../src-main/ipsec/processing/association.ts'
import type { AssociationParameters } from '../../src-main/ipsec/processing/association.ts'
import { createAssociationDatabase } from '../../src-main/ipsec/processing/association-database.ts'
import { espSpi } from '../../src-shared/brands.ts'
import { median, report } from './row.ts'

const dice = createDice(4301)
const pick = <Value>(values: readonly [Value, ...Value[]]): Value =>
  values[dice.below(values.length)] ?? values[0]

const anyAddress = (): IpAddress => ({
  family: 4,
  value: BigInt(dice.below(2 ** 32)),
})

function anyNetwork(): AddressRange {
  const prefix = { address: anyAddress(), length: pick([8, 12, 16, 16, 20, 24, 24, 24, 24, 28, 32, 32]) }
  if (dice.below(10) > 0) return { start: prefixFirst(prefix), end: prefixLast(prefix) }
  const start = prefixFirst(prefix)
  return { start, end: { family: 4, value: start.value + BigInt(dice.below(1000)) } }
}

const ports = [22, 25, 53, 80, 110, 143, 389, 443, 445, 636, 993, 1433, 3306, 3389, 5432, 8080] as const

function anyEntry(): PolicyEntry {
  const hasPort = dice.below(2) === 0
  const first = pick([...ports])
  return {
    directions: ['out'],
    selector: {
      ...everyPacket,
      local: dice.below(5) === 0 ? 'any' : [anyNetwork()],
      remote: dice.below(20) === 0 ? 'any' : [anyNetwork()],
      protocol: hasPort ? pick([6, 6, 17]) : dice.below(3) === 0 ? 1 : 'any',
      remotePorts: hasPort
        ? [{ first, last: dice.below(8) === 0 ? first + dice.below(1000) : first }]
        : 'any',
    },
    names: [],
    action: { kind: pick(['bypass', 'discard']) },
    populate: [],
  }
}

const word = (address: IpAddress): number => new DataView(addressToBytes(address).buffer).getUint32(0)

function within(ranges: PolicyEntry['selector']['local']): number {
  const range = ranges === 'any' ? undefined : ranges[0]
  if (range === undefined) return word(anyAddress())
  const size = Number(range.end.value - range.start.value) + 1
  return Number(range.start.value) + dice.below(size)
}

function packetFor(entry: PolicyEntry | undefined): PacketView {
  const view = createPacketView()
  view.version = 4
  view.length = 1400
  view.headerLength = 20
  view.protocol = 6
  view.hasPorts = true
  view.sourcePort = 1024 + dice.below(60_000)
  view.destinationPort = pick([...ports])
  view.source0 = word(anyAddress())
  view.destination0 = word(anyAddress())
  if (entry === undefined) return view
  const { local, remote, protocol, remotePorts } = entry.selector
  view.source0 = within(local)
  view.destination0 = within(remote)
  if (typeof protocol === 'number') view.protocol = protocol
  if (typeof remotePorts !== 'string') view.destinationPort = remotePorts[0]?.first ?? 0
  return view
}

/** Of the processor's time, so that other work on the machine counts little. */
const processorMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Nanoseconds for one, the median of seven rounds; the first is thrown away. */
function nanoseconds(count: number, work: (index: number) => void): number {
  const rounds: number[] = []
  for (let round = 0; round < 8; round += 1) {
    const start = processorMs()
    for (let index = 0; index < count; index += 1) work(index)
    if (round > 0) rounds.push(((processorMs() - start) * 1e6) / count)
  }
  return median(rounds)
}

const words = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 0 })

interface PolicyFigures {
  readonly size: number
  readonly remembered: number
  readonly asked: number
  readonly scanned: number
  readonly firstMs: number
}

function measurePolicies(size: number): PolicyFigures {
  const entries = Array.from({ length: size }, anyEntry)
  const spd = createPolicyDatabase(entries)
  const packets = Array.from({ length: 4096 }, (_, index) =>
    packetFor(index % 2 === 0 ? entries[dice.below(size)] : undefined),
  )
  const start = processorMs()
  spd.lookupUncached('out', packets[0] ?? createPacketView())
  const firstMs = processorMs() - start
  const asked = nanoseconds(packets.length, (index) => {
    const view = packets[index]
    if (view !== undefined) spd.lookupUncached('out', view)
  })
  const flows = packets.slice(0, 64)
  const remembered = nanoseconds(200_000, (index) => {
    const view = flows[index & 63]
    if (view !== undefined) spd.lookup('out', view)
  })
  const facts = packets.slice(0, size > 10_000 ? 64 : 4096).map(factsOf)
  const scanned = nanoseconds(facts.length, (index) => {
    const one = facts[index]
    if (one !== undefined) entries.find((entry) => mismatches(entry, 'out', one).length === 0)
  })
  return { size, remembered, asked, scanned, firstMs }
}

interface SaFigures {
  readonly size: number
  readonly inbound: number
  readonly tunnel: number
  readonly transport: number
}

/** Never used to encrypt: only found. */
const cipher = {
  ivLength: 8,
  icvLength: 16,
  blockLength: 4,
  seal: () => undefined,
  open: () => true,
  destroy: () => undefined,
}

const peer = (index: number): IpAddress => ({ family: 4, value: 0x0a00_0000n + BigInt(index) })
const self: IpAddress = { family: 4, value: 0xc633_6401n }

function measureSas(size: number): SaFigures {
  const sad = createAssociationDatabase()
  const templates: SaTemplate[] = []
  for (let index = 0; index < size; index += 1) {
    for (const mode of ['tunnel', 'transport'] as const) {
      for (const direction of ['inbound', 'outbound'] as const) {
        const isOut = direction === 'outbound'
        const parameters: AssociationParameters = {
          direction,
          spi: espSpi(0x1000 + index * 2 + (mode === 'tunnel' ? 0 : 1)),
          source: isOut ? self : peer(index),
          destination: isOut ? peer(index) : self,
          mode,
          transform: { kind: 'esp', cipher },
          extendedSequenceNumbers: false,
          replayWindow: 64,
        }
        sad.add(createAssociation(parameters, () => undefined))
      }
    }
    templates.push({ protocol: 'esp', mode: 'tunnel', ends: { source: self, destination: peer(index) } })
  }
  const packets = Array.from({ length: 1024 }, () => {
    const header = new Uint8Array(20)
    header[0] = 0x45
    header.set(addressToBytes(self), 12)
    header.set(addressToBytes(peer(dice.below(size))), 16)
    return header
  })
  const toSelf = new Uint8Array(20)
  toSelf.set(addressToBytes(self), 16)
  const spis = Array.from({ length: 1024 }, () => 0x1000 + dice.below(size * 2))
  const found = (sa: unknown): void => {
    if (sa === undefined) throw new Error('an SA that is there was not found')
  }
  const inbound = nanoseconds(100_000, (index) =>
    found(sad.inbound('esp', spis[index & 1023] ?? 0, toSelf, 16, 4)),
  )
  const tunnel = nanoseconds(100_000, (index) => {
    const template = templates[index % size]
    if (template !== undefined) found(sad.outbound(template, toSelf, 0))
  })
  const transport: SaTemplate = { protocol: 'esp', mode: 'transport' }
  const outbound = nanoseconds(50_000, (index) => {
    const packet = packets[index & 1023]
    if (packet !== undefined) found(sad.outbound(transport, packet, 0))
  })
  return { size, inbound, tunnel, transport: outbound }
}

const policies = [10, 1000, 100_000].map(measurePolicies)
const sas = [1, 100, 10_000].map(measureSas)

const growth = (figures: readonly number[]): number =>
  (figures.at(-1) ?? Number.NaN) / (figures[0] ?? Number.NaN)
const remembered = growth(policies.map((one) => one.remembered))
const asked = growth(policies.map((one) => one.asked))
const inbound = growth(sas.map((one) => one.inbound))
report({
  name: 'Policy of a flow that is remembered, 100,000 entries against 10',
  value: `${remembered.toFixed(1)} times the time`,
  target: 'flat',
  met: remembered < 3,
})
report({
  name: 'Policy of a new flow, 100,000 entries against 10',
  value: `${asked.toFixed(0)} times the time`,
  target: 'far slower than the 10,000 times of a scan',
  met: asked < 200,
})
report({
  name: 'SA of an incoming packet, 10,000 pairs in each mode against 1',
  value: `${inbound.toFixed(1)} times the time`,
  target: 'far slower than the 10,000 times of a scan',
  met: inbound < 200,
})

const text = `| Entries of the SPD | remembered, ns | new flow, ns | scan in order, ns | first lookup after an edit, ms |
| --- | --- | --- | --- | --- |
${policies.map((one) => `| ${words(one.size)} | ${words(one.remembered)} | ${words(one.asked)} | ${words(one.scanned)} | ${one.firstMs.toFixed(1)} |`).join('\n')}

| Pairs of SAs in each mode | incoming, by SPI, ns | outgoing tunnel, by policy, ns | outgoing transport, by address, ns |
| --- | --- | --- | --- |
${sas.map((one) => `| ${words(one.size)} | ${words(one.inbound)} | ${words(one.tunnel)} | ${words(one.transport)} |`).join('\n')}

Processor time, medians of seven rounds. Policies are networks, hosts, ranges and services in random order; half of the packets go where some
policy leads, half anywhere. The scan is that of \`culvert policy explain\`, which looks for all reasons. After an edit the first lookup
builds the index anew. How it works: [decision 0511](decisions/0511-policy-index.md).`
process.stdout.write(`${JSON.stringify({ section: 'lookup', heading: 'Finding policies and SAs', text })}\n`)
