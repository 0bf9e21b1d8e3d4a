/** The words of `culvert policy`: why an entry does not take a packet, and what becomes of it. */
import { formatAddress } from '../ip/address.ts'
import { bundleOf } from '../ipsec/policy/entry.ts'
import type { PolicyEntry } from '../ipsec/policy/entry.ts'
import type { Explanation, Mismatch, PacketFacts } from '../ipsec/policy/explain.ts'
import type { Finding } from '../ipsec/policy/findings.ts'
import type { PolicyDirection, SaTemplate } from '../ipsec/policy/policy.ts'
import { addressWords, messageWords, portWords } from '../ipsec/policy/policy-text.ts'
import { protocolName } from '../ipsec/policy/protocol-names.ts'

const ways: Readonly<Record<PolicyDirection, string>> = {
  out: 'leaves',
  in: 'comes in',
  forward: 'comes in and goes on',
}

const most = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text)

/** `its remote port is 80, not 443`. */
export function mismatchWords(
  { selector }: PolicyEntry,
  mismatch: Mismatch,
  direction: PolicyDirection,
  facts: PacketFacts,
): string {
  switch (mismatch.field) {
    case 'direction':
      return `it is not for what ${ways[direction]}`
    case 'name':
      return 'it is for whoever proves an identity, and no packet says who sent it'
    case 'local':
    case 'remote':
      return `the ${mismatch.field} address ${formatAddress(mismatch.shown)} is not in ${most(addressWords(selector[mismatch.field]))}`
    case 'protocol':
      return `${facts.protocol === undefined ? 'a hidden protocol' : protocolName(facts.protocol)} is not ${selector.protocol === 'opaque' ? 'hidden' : protocolName(Number(selector.protocol))}`
    case 'local-port':
      return fieldWords('local port', mismatch.shown, portWords(selector.localPorts))
    case 'remote-port':
      return fieldWords('remote port', mismatch.shown, portWords(selector.remotePorts))
    case 'message': {
      const { shown } = mismatch
      const text = shown === undefined ? undefined : `${shown >> 8}/${shown & 255}`
      return fieldWords('type', text, messageWords(selector.message))
    }
  }
}

function fieldWords(field: string, shown: number | string | undefined, wanted: string): string {
  if (shown === undefined) return `it does not show its ${field}, and only a shown one can be ${most(wanted)}`
  return wanted === 'opaque'
    ? `it shows its ${field}, ${shown}`
    : `its ${field} is ${shown}, not ${most(wanted)}`
}

/** What becomes of the packet, in sentences. */
export function outcomeWords(
  { met }: Explanation,
  direction: PolicyDirection,
  facts: PacketFacts,
): readonly string[] {
  // RFC 4301 section 5.1 step 2, section 5.2 step 3b.
  if (met === undefined) return ['No entry takes it: it is dropped.']
  const { entry } = met
  switch (entry.action.kind) {
    case 'bypass':
      return [
        direction === 'out' ? 'It leaves as it is, unprotected.' : 'It is let in as it is, unprotected.',
      ]
    case 'discard':
      return ['It is dropped.']
    case 'protect':
      return direction === 'out' ? leavingWords(entry, facts) : comingWords(entry, direction, facts)
  }
}

function leavingWords(entry: PolicyEntry, facts: PacketFacts): readonly string[] {
  const populated = entry.populate.map((field) => (field === 'message' ? 'type' : field.replace('-', ' ')))
  return [
    `It leaves under ${bundleWords(entry, 'out', facts)}.`,
    'Without such an SA it does not leave at all, and never unprotected.',
    ...(populated.length === 0
      ? []
      : [`The SA is made for this packet's own ${populated.join(', ')} alone.`]),
  ]
}

const comingWords = (
  entry: PolicyEntry,
  direction: PolicyDirection,
  facts: PacketFacts,
): readonly string[] => [
  `It must have come under ${bundleWords(entry, direction, facts)}.`,
  'Unprotected, or through another SA, it is dropped.',
]

/** Innermost first, as it is applied. */
const bundleWords = (entry: PolicyEntry, direction: PolicyDirection, facts: PacketFacts): string =>
  bundleOf(entry, direction)
    .map((template) => templateWords(template, facts))
    .join(', and around it ')

function templateWords(template: SaTemplate, { source, destination }: PacketFacts): string {
  const { protocol, mode, spi } = template
  // In transport mode the packet's own header stays in front.
  const ends = template.mode === 'tunnel' ? template.ends : { source, destination }
  const which = spi === undefined ? '' : ` (SPI ${spi.toString(16).padStart(8, '0')})`
  return `${protocol.toUpperCase()} in ${mode} mode from ${formatAddress(ends.source)} to ${formatAddress(ends.destination)}${which}`
}

/** `line 3`, or `entry 3` where there are no lines. */
export const placeWords = (entries: readonly PolicyEntry[], place: number): string => {
  const line = entries[place - 1]?.origin?.line
  return line === undefined ? `entry ${place}` : `line ${line}`
}

export function findingWords(finding: Finding, entries: readonly PolicyEntry[]): string {
  switch (finding.kind) {
    case 'never-met':
      return `${placeWords(entries, finding.place)}: nothing reaches this entry: ${placeWords(entries, finding.takenBy)} takes all of it before.`
    case 'ike-protected':
      return `${placeWords(entries, finding.place)}: IKE itself would have to be protected, by SAs that only IKE makes. Put "bypass udp local-port 500 remote-port 500" before it.`
    case 'open-end':
      return 'What meets no entry is dropped. If that is not meant, end with "bypass".'
  }
}
