/** What a run with manual keys shows of itself: never a key. */
import type { ConnectionStatus, ManualSaStatus, PolicyStatus, Traffic } from '../../src-shared/status.ts'
import { formatAddress, formatPrefix, rangeToPrefix } from '../ip/address.ts'
import { bundleOf } from '../ipsec/policy/entry.ts'
import type { PolicyEntry } from '../ipsec/policy/entry.ts'
import type { ManualSa } from '../ipsec/policy/manual-sa.ts'
import type { SaTemplate } from '../ipsec/policy/policy.ts'
import { protocolName } from '../ipsec/policy/protocol-names.ts'
import type { AddressSelector, FieldSelector } from '../ipsec/policy/selector.ts'
import { fits } from '../ipsec/processing/association-database.ts'
import type { Association } from '../ipsec/processing/association.ts'
import type { PacketProcessor } from '../ipsec/processing/packet-processor.ts'
import { sequenceNumber } from '../ipsec/sequence.ts'

export interface ManualStatusParts {
  readonly name: string
  readonly processor: PacketProcessor
  readonly sas: readonly ManualSa[]
  readonly entries: readonly PolicyEntry[]
  readonly interfaceName: string
  readonly mtu: number
  readonly since: number
  readonly traffic: Traffic
}

export function manualStatus(parts: ManualStatusParts): ConnectionStatus {
  const { name, processor, sas, entries, interfaceName, mtu, since, traffic } = parts
  const associations = processor.associations()
  return {
    profileId: `manual:${name}`,
    profileName: name,
    state: { kind: 'connected' },
    since,
    virtualAddresses: [],
    dns: { servers: [], domains: [] },
    interfaceName,
    mtu,
    dataPlane: 'manual keys, portable',
    ikeSas: [],
    manualSas: associations.map((association) => saStatus(association, sas)),
    traffic: { inbound: { ...traffic.inbound }, outbound: { ...traffic.outbound } },
    drops: processor.statistics().drops,
    policies: entries.flatMap((entry) => policyStatuses(entry, associations)),
  }
}

const mostShownOfWindow = 256

function saStatus(association: Association, sas: readonly ManualSa[]): ManualSaStatus {
  const { direction, protocol, mode, spi, transform, usage, window, windowSize, sequence } = association
  const manual = sas.find(
    (sa) => sa.spi === spi && sa.protocol === protocol && sa.destination === association.destination,
  )
  return {
    direction,
    protocol,
    mode,
    spi,
    source: formatAddress(association.source),
    destination: formatAddress(association.destination),
    ...(association.requestId === 0 ? {} : { requestId: association.requestId }),
    algorithms: manual === undefined ? '' : algorithmWords(manual),
    encapsulation: transform.kind === 'esp' && transform.encapsulation !== undefined ? 'udp' : 'none',
    extendedSequenceNumbers: association.extended,
    flow: {
      packets: usage.packets,
      bytes: usage.bytes,
      highestSequence: sequenceNumber(direction === 'inbound' ? window.highest() : sequence),
    },
    ...(direction === 'inbound' && windowSize > 0
      ? { replayWindow: { size: window.size, seen: window.seen(mostShownOfWindow) } }
      : {}),
    drops: association.drops.read(),
    ...(usage.stopped === undefined ? {} : { stopped: usage.stopped }),
  }
}

function algorithmWords({ encryption, integrity }: ManualSa): string {
  const cipher = encryption === undefined ? [] : [cipherWords(encryption)]
  return [...cipher, ...(integrity === undefined ? [] : [integrity.name])].join(', ')
}

const cipherWords = ({ name, keyBits }: NonNullable<ManualSa['encryption']>): string =>
  keyBits === 0 ? name : `${name} ${keyBits}`

function policyStatuses(entry: PolicyEntry, associations: readonly Association[]): readonly PolicyStatus[] {
  return entry.directions.map((direction) => {
    const bundle = bundleOf(entry, direction)
    const way = direction === 'out' ? 'outbound' : 'inbound'
    const outermost = bundle.at(-1)
    const sa =
      outermost === undefined
        ? undefined
        : associations.find((one) => one.direction === way && fits(outermost, one))
    return {
      direction: way,
      action: entry.action.kind,
      local: addressWords(entry.selector.local),
      remote: addressWords(entry.selector.remote),
      protocol: protocolWords(entry),
      ...(sa === undefined || bundle.length > 1 ? {} : { spi: sa.spi }),
      reason: reasonWords(entry, bundle),
    }
  })
}

/** `ESP transport, then AH transport; line 7`: the innermost first, as they are applied. */
function reasonWords({ origin, directions }: PolicyEntry, bundle: readonly SaTemplate[]): string {
  const forwarded = directions.includes('forward') ? ['forwarded'] : []
  const words = bundle.map(({ protocol, mode }) => `${protocol.toUpperCase()} ${mode}`).join(', then ')
  const line = origin === undefined ? [] : [`line ${origin.line}`]
  return [...(words === '' ? [] : [words]), ...forwarded, ...line].join('; ')
}

const addressWords = (selector: AddressSelector): string =>
  selector === 'any'
    ? 'any'
    : selector
        .map(({ start, end }) => {
          const prefix = rangeToPrefix(start, end)
          return prefix === undefined ? `${formatAddress(start)}-${formatAddress(end)}` : formatPrefix(prefix)
        })
        .join(', ')

function protocolWords({ selector: { protocol, localPorts, remotePorts } }: PolicyEntry): string {
  const name = typeof protocol === 'number' ? protocolName(protocol) : protocol
  const ports = [portWords('from', localPorts), portWords('to', remotePorts)].filter((words) => words !== '')
  return [name, ...ports].join(' ')
}

function portWords(way: 'from' | 'to', ports: FieldSelector): string {
  if (ports === 'any') return ''
  if (ports === 'opaque') return `${way} opaque`
  return `${way} ${ports.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(', ')}`
}
