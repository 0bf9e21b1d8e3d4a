/** What is probably not meant in a list of policies: entries that nothing reaches, IKE that protects itself, an open end. */
import type { PolicyEntry } from './entry.ts'
import { hasTwoPorts, rangeOfFamily } from './selector.ts'
import type { AddressSelector, FieldSelector, PolicySelector } from './selector.ts'

export type Finding =
  | { readonly kind: 'never-met'; readonly place: number; readonly takenBy: number }
  | { readonly kind: 'ike-protected'; readonly place: number }
  /** What meets no entry is dropped: nothing takes all the rest. */
  | { readonly kind: 'open-end' }

/** Every pair is compared: longer lists are looked at up to here. */
const MOST_COMPARED = 3000

const IKE_PORT = 500

/** In the order of the entries; places from 1. */
export function findingsIn(entries: readonly PolicyEntry[]): readonly Finding[] {
  const looked = entries.slice(0, MOST_COMPARED)
  const findings: Finding[] = []
  for (const [index, entry] of looked.entries()) {
    const takenBy = looked.findIndex((other, at) => at < index && coversEntry(other, entry))
    if (takenBy >= 0) findings.push({ kind: 'never-met', place: index + 1, takenBy: takenBy + 1 })
  }
  const ike = looked.findIndex(protectsIke)
  const bypass = looked.findIndex(({ action, selector }) => action.kind !== 'protect' && mayBeIke(selector))
  if (ike >= 0 && (bypass < 0 || bypass > ike)) findings.push({ kind: 'ike-protected', place: ike + 1 })
  if (!entries.some(takesAll)) findings.push({ kind: 'open-end' })
  return findings
}

/** Keys by hand need no IKE: an entry that names its SA is not looked at. */
const protectsIke = ({ action, selector, names }: PolicyEntry): boolean =>
  action.kind === 'protect' &&
  names.length === 0 &&
  action.bundle.every(({ spi }) => spi === undefined) &&
  mayBeIke(selector)

const mayBeIke = ({ protocol, localPorts, remotePorts }: PolicySelector): boolean =>
  (protocol === 'any' || protocol === 17) && mayBe(localPorts, IKE_PORT) && mayBe(remotePorts, IKE_PORT)

const mayBe = (field: FieldSelector, value: number): boolean =>
  field === 'any' || (field !== 'opaque' && field.some(({ first, last }) => value >= first && value <= last))

const takesAll = ({ selector, names, directions }: PolicyEntry): boolean =>
  names.length === 0 &&
  directions.includes('in') &&
  directions.includes('out') &&
  Object.values(selector).every((field) => field === 'any')

/** Whether every packet that `inner` takes is one that `outer` takes. May miss it for lists that only together hold a range. */
function coversEntry(outer: PolicyEntry, inner: PolicyEntry): boolean {
  if (outer.names.length > 0 || inner.names.length > 0) return false
  if (!inner.directions.every((direction) => outer.directions.includes(direction))) return false
  const [a, b] = [outer.selector, inner.selector]
  return (
    (a.protocol === 'any' || a.protocol === b.protocol) &&
    coversAddresses(a.local, b.local) &&
    coversAddresses(a.remote, b.remote) &&
    coversPorts(a, b) &&
    coversField(a.message, b.message)
  )
}

function coversAddresses(outer: AddressSelector, inner: AddressSelector): boolean {
  if (outer === 'any') return true
  const ranges = inner === 'any' ? [rangeOfFamily(4), rangeOfFamily(6)] : inner
  return ranges.every((range) =>
    outer.some(
      ({ start, end }) =>
        start.family === range.start.family &&
        start.value <= range.start.value &&
        range.end.value <= end.value,
    ),
  )
}

const coversPorts = (outer: PolicySelector, inner: PolicySelector): boolean =>
  // The fields say something of protocols with ports alone.
  (typeof inner.protocol === 'number' && !hasTwoPorts(inner.protocol) && outer.protocol === 'any') ||
  (coversField(outer.localPorts, inner.localPorts) && coversField(outer.remotePorts, inner.remotePorts))

function coversField(outer: FieldSelector, inner: FieldSelector): boolean {
  if (outer === 'any') return true
  if (outer === 'opaque' || inner === 'any' || inner === 'opaque') return outer === inner
  return inner.every(({ first, last }) => outer.some((range) => range.first <= first && last <= range.last))
}
