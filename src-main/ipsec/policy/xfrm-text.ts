/** Writes SAs and policies in the syntax of iproute2, as xfrm.ts reads them, for a Linux kernel at either end. */
import { addressBits, formatAddress, formatPrefix, rangeToPrefix } from '../../ip/address.ts'
import { Secret } from '../../../src-shared/secret.ts'
import { kernelCiphers, kernelMacs } from './kernel-algorithms.ts'
import type { FlowSelector, ManualEncryption, ManualIntegrity, ManualSa } from './manual-sa.ts'
import type { PolicyDirection, SaTemplate } from './policy.ts'
import { protocolName } from './protocol-names.ts'
import type { AddressRange, FieldSelector, PolicySelector } from './selector.ts'
import type { XfrmConfiguration } from './xfrm.ts'
import type { XfrmPolicy } from './xfrm-policy.ts'
import { limitNames } from './xfrm-selector.ts'

/**
 * A file with everything, keys included: UTF-8, to be wiped when it was written. Throws RangeError for what the syntax cannot
 * hold (lists, ranges that are no prefix, port ranges, OPAQUE, AH with GMAC): nothing that came of xfrm.ts or kernel-policies.ts.
 */
export function xfrmText({ sas, policies }: XfrmConfiguration): Secret {
  const parts = [...sas.map(stateBytes), ...policies.map((policy) => bytesOf(`${xfrmPolicyLine(policy)}\n`))]
  return new Secret(joined(parts))
}

/**
 * The policies of the other end: what leaves here comes in there. SAs are the same at both ends. A policy for forwarded packets
 * follows from the one for incoming ones.
 */
export const mirroredPolicies = (policies: readonly XfrmPolicy[]): readonly XfrmPolicy[] =>
  policies.flatMap((policy) => {
    const [direction] = policy.entry.directions
    if (direction === 'out') return [turned(policy, 'in'), turned(policy, 'forward')]
    return direction === 'in' ? [turned(policy, 'out')] : []
  })

function turned({ entry, priority }: XfrmPolicy, direction: PolicyDirection): XfrmPolicy {
  const { local, remote, localPorts, remotePorts } = entry.selector
  return {
    entry: {
      ...entry,
      directions: [direction],
      selector: {
        ...entry.selector,
        local: remote,
        remote: local,
        localPorts: remotePorts,
        remotePorts: localPorts,
      },
    },
    priority,
  }
}

// ---------------------------------------------------------------- policies

const directionWords: Readonly<Record<PolicyDirection, string>> = { in: 'in', out: 'out', forward: 'fwd' }

/** One policy in one line. Throws RangeError for what the syntax cannot hold. */
export function xfrmPolicyLine({ entry, priority }: XfrmPolicy): string {
  const { directions, action } = entry
  const [direction, ...more] = directions
  if (direction === undefined || more.length > 0)
    throw new RangeError('a policy of a kernel has one direction')
  const words = [
    'ip xfrm policy add',
    flowWords(flowOf(entry.selector, direction)),
    `dir ${directionWords[direction]}`,
  ]
  if (action.kind === 'discard') words.push('action block')
  if (priority !== 0) words.push(`priority ${priority}`)
  if (action.kind === 'protect') words.push(...action.bundle.map(templateWords))
  return words.join(' ')
}

function flowOf(selector: PolicySelector, direction: PolicyDirection): FlowSelector {
  const [local, remote] = [onlyRange(selector.local), onlyRange(selector.remote)]
  const isOut = direction === 'out'
  return {
    source: isOut ? local : remote,
    destination: isOut ? remote : local,
    protocol: selector.protocol,
    sourcePorts: isOut ? selector.localPorts : selector.remotePorts,
    destinationPorts: isOut ? selector.remotePorts : selector.localPorts,
    message: selector.message,
  }
}

function onlyRange(addresses: PolicySelector['local']): AddressRange {
  const [range, ...more] = addresses === 'any' ? [] : addresses
  if (range === undefined || more.length > 0) throw new RangeError('a selector of a kernel has one prefix')
  return range
}

function templateWords(template: SaTemplate): string {
  const { protocol, mode, requestId, spi } = template
  const ends =
    template.mode === 'tunnel'
      ? `src ${formatAddress(template.ends.source)} dst ${formatAddress(template.ends.destination)} `
      : ''
  const id = requestId === undefined ? '' : ` reqid ${requestId}`
  return `tmpl ${ends}proto ${protocol}${spi === undefined ? '' : ` spi ${spiWords(spi)}`}${id} mode ${mode}`
}

const spiWords = (spi: number): string => `0x${spi.toString(16).padStart(8, '0')}`

function flowWords({ source, destination, protocol, ...flow }: FlowSelector): string {
  const words = [`src ${prefixWords(source)} dst ${prefixWords(destination)}`]
  if (protocol === 'opaque') throw new RangeError('a kernel does not know OPAQUE')
  if (protocol !== 'any') words.push(`proto ${protocolName(protocol)}`)
  const sourcePort = onePort(flow.sourcePorts)
  const destinationPort = onePort(flow.destinationPorts)
  if (sourcePort !== undefined) words.push(`sport ${sourcePort}`)
  if (destinationPort !== undefined) words.push(`dport ${destinationPort}`)
  if (flow.message !== 'any') words.push(messageWords(flow.message))
  return words.join(' ')
}

function prefixWords({ start, end }: AddressRange): string {
  const prefix = rangeToPrefix(start, end)
  if (prefix === undefined) throw new RangeError('a kernel does not know ranges that are no prefix')
  return prefix.length === addressBits(start.family) ? formatAddress(start) : formatPrefix(prefix)
}

function onePort(field: FieldSelector): number | undefined {
  if (field === 'any') return undefined
  const [range, ...more] = field === 'opaque' ? [] : field
  if (range?.first !== range?.last || range === undefined || range.first === 0 || more.length > 0) {
    throw new RangeError('iproute2 knows any port, or one but 0')
  }
  return range.first
}

function messageWords(field: Exclude<FieldSelector, 'any'>): string {
  const [range, ...more] = field === 'opaque' ? [] : field
  if (range === undefined || more.length > 0 || range.first >> 8 !== range.last >> 8) {
    throw new RangeError('a kernel knows one type of message')
  }
  const [type, first, last] = [range.first >> 8, range.first & 255, range.last & 255]
  if (first === 0 && last === 255) return `type ${type}`
  if (first !== last) throw new RangeError('a kernel knows all codes or one')
  return `type ${type} code ${first}`
}

// ---------------------------------------------------------------- states

function stateBytes(sa: ManualSa): Uint8Array {
  const head = [
    `ip xfrm state add src ${formatAddress(sa.source)} dst ${formatAddress(sa.destination)}`,
    `proto ${sa.protocol} spi ${spiWords(sa.spi)}`,
    ...(sa.requestId === 0 ? [] : [`reqid ${sa.requestId}`]),
    `mode ${sa.mode}`,
    ...(sa.replayWindow === 0 ? [] : [`replay-window ${sa.replayWindow}`]),
    ...sequenceWords('replay-seq', sa.lastReceived),
    ...sequenceWords('replay-oseq', sa.lastSent),
    ...flagWords(sa),
    ...limitNames.flatMap(([name, field]) => {
      const value = sa.lifetime[field]
      return value === undefined ? [] : [`limit ${name} ${value}`]
    }),
    ...(sa.paddedLength === 0 ? [] : [`tfcpad ${sa.paddedLength}`]),
    ...encapsulationWords(sa.encapsulation),
    ...(sa.selector === undefined ? [] : [`sel ${flowWords(sa.selector)}`]),
  ].join(' ')
  return joined([
    bytesOf(head),
    ...(sa.integrity === undefined ? [] : macBytes(sa.integrity)),
    ...(sa.encryption === undefined ? [] : cipherBytes(sa.encryption)),
    bytesOf('\n'),
  ])
}

function sequenceWords(name: string, value: bigint): readonly string[] {
  const [low, high] = [value & 0xffff_ffffn, value >> 32n]
  return [...(low === 0n ? [] : [`${name} ${low}`]), ...(high === 0n ? [] : [`${name}-hi ${high}`])]
}

function flagWords({ flags, extendedSequenceNumbers }: ManualSa): readonly string[] {
  const plain = [
    ...flags.filter((flag) => flag !== 'dont-encap-dscp'),
    ...(extendedSequenceNumbers ? ['esn'] : []),
  ]
  return [
    ...(plain.length === 0 ? [] : [`flag ${plain.join(' ')}`]),
    ...(flags.includes('dont-encap-dscp') ? ['extra-flag dont-encap-dscp'] : []),
  ]
}

const encapsulationWords = (encapsulation: ManualSa['encapsulation']): readonly string[] => {
  if (encapsulation === undefined) return []
  const { sourcePort, destinationPort, originalAddress } = encapsulation
  return [`encap espinudp ${sourcePort} ${destinationPort} ${formatAddress(originalAddress)}`]
}

function macBytes({ name, key }: ManualIntegrity): readonly Uint8Array[] {
  const mac = kernelMacs.find(({ ours }) => ours === name)
  if (mac === undefined) throw new RangeError(`a kernel does not know ${name}`)
  return [bytesOf(` auth-trunc '${mac.kernel}' `), hexadecimal(key), bytesOf(` ${mac.icvBits}`)]
}

function cipherBytes({ name, key }: ManualEncryption): readonly Uint8Array[] {
  const cipher = kernelCiphers.find(({ ours }) => ours === name)
  if (cipher === undefined) throw new RangeError(`a kernel does not know ${name}`)
  const { kernel, icvBits } = cipher
  return icvBits === undefined
    ? [bytesOf(` enc '${kernel}' `), key.length === 0 ? bytesOf("''") : hexadecimal(key)]
    : [bytesOf(` aead '${kernel}' `), hexadecimal(key), bytesOf(` ${icvBits}`)]
}

// ---------------------------------------------------------------- bytes

/** ASCII: all that is written here. */
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0))

/** Never a string: it could not be wiped. */
function hexadecimal(key: Secret): Uint8Array {
  const bytes = key.reveal()
  const digits = new Uint8Array(2 + bytes.length * 2)
  digits.set([0x30, 0x78])
  const digit = (value: number): number => value + (value < 10 ? 0x30 : 0x57)
  for (const [index, byte] of bytes.entries()) {
    digits[2 + index * 2] = digit(byte >> 4)
    digits[3 + index * 2] = digit(byte & 15)
  }
  return digits
}

/** The parts are wiped: some are keys. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
    part.fill(0)
  }
  return whole
}
