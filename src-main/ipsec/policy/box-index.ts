/**
 * Finds the entry that decides about a packet of one direction: every entry is one box or more over six axes (addresses, protocol,
 * ports, message type), every packet a point. Where lists make a box too wide, the entry itself is asked.
 */
import type { PacketView } from '../../ip/packet.ts'
import { createAddressAxis } from './address-axis.ts'
import type { AddressAxis } from './address-axis.ts'
import { AXES, BOX_WORDS } from './box-split.ts'
import { createBoxTree } from './box-tree.ts'
import type { PolicyEntry } from './entry.ts'
import type { PolicyDirection } from './policy.ts'
import { hasMessageType, hasTwoPorts, isExtensionHeader, rangeOfFamily } from './selector.ts'
import type { AddressRange, AddressSelector, FieldSelector, ProtocolSelector } from './selector.ts'

export interface BoxIndex {
  find(view: PacketView): PolicyEntry | undefined
}

/** What a packet does not show lies behind the last number that it could. */
const OPAQUE_PORT = 65_536
const OPAQUE_PROTOCOL = 256

/** More pairs of address ranges than this become one box around them all. */
const MOST_BOXES = 64

type Interval = readonly [number, number]

export function createBoxIndex(entries: readonly PolicyEntry[], direction: PolicyDirection): BoxIndex {
  const ipv4 = createFamilyIndex(4, entries, direction)
  const ipv6 = createFamilyIndex(6, entries, direction)
  return {
    find(view) {
      const place = view.version === 4 ? ipv4(view) : view.version === 6 ? ipv6(view) : -1
      return entries[place]
    },
  }
}

/** An entry in coordinates: each axis a list of intervals. */
type Compiled = readonly (readonly Interval[])[]

function createFamilyIndex(
  family: 4 | 6,
  entries: readonly PolicyEntry[],
  direction: PolicyDirection,
): (view: PacketView) => number {
  const sides = entries.flatMap((entry, place) => {
    if (!entry.directions.includes(direction) || entry.names.length > 0) return []
    const { local, remote } = entry.selector
    const [source, destination] = direction === 'out' ? [local, remote] : [remote, local]
    const ranges = { source: rangesOf(source, family), destination: rangesOf(destination, family) }
    return ranges.source.length === 0 || ranges.destination.length === 0 ? [] : [{ entry, place, ...ranges }]
  })
  const sources = createAddressAxis(family, rangesIn(sides, 'source'))
  const destinations = createAddressAxis(family, rangesIn(sides, 'destination'))

  const bounds: number[] = []
  const places: number[] = []
  const inexact: (Compiled | undefined)[] = []
  for (const { entry, place, source, destination } of sides) {
    const compiled = compile(entry, direction, sources, destinations, source, destination)
    if (compiled.some((intervals) => intervals.length === 0)) continue
    const exact = addBoxes(compiled, bounds)
    while (places.length * BOX_WORDS < bounds.length) {
      places.push(place)
      inexact.push(exact ? undefined : compiled)
    }
  }
  const tree = createBoxTree(Int32Array.from(bounds), Int32Array.from(places))
  const point = new Int32Array(AXES)
  const accepts = (box: number): boolean => {
    const compiled = inexact[box]
    return (
      compiled === undefined || compiled.every((intervals, axis) => isWithin(intervals, point[axis] ?? 0))
    )
  }
  return (view) => {
    locate(view, sources, destinations, point)
    return tree.find(point, accepts)
  }
}

function* rangesIn(
  sides: readonly {
    readonly source: readonly AddressRange[]
    readonly destination: readonly AddressRange[]
  }[],
  side: 'source' | 'destination',
): Iterable<AddressRange> {
  for (const one of sides) yield* one[side]
}

const rangesOf = (selector: AddressSelector, family: 4 | 6): readonly AddressRange[] =>
  selector === 'any' ? [rangeOfFamily(family)] : selector.filter(({ start }) => start.family === family)

const isWithin = (intervals: readonly Interval[], value: number): boolean =>
  intervals.some(([low, high]) => value >= low && value <= high)

function compile(
  { selector }: PolicyEntry,
  direction: PolicyDirection,
  sources: AddressAxis,
  destinations: AddressAxis,
  source: readonly AddressRange[],
  destination: readonly AddressRange[],
): Compiled {
  const { localPorts, remotePorts } = selector
  const [sourcePorts, destinationPorts] =
    direction === 'out' ? [localPorts, remotePorts] : [remotePorts, localPorts]
  return [
    source.map((range) => sources.pieces(range)),
    destination.map((range) => destinations.pieces(range)),
    [protocolInterval(selector.protocol)],
    fieldIntervals(sourcePorts),
    fieldIntervals(destinationPorts),
    fieldIntervals(selector.message),
  ]
}

const protocolInterval = (protocol: ProtocolSelector): Interval =>
  protocol === 'any'
    ? [0, OPAQUE_PROTOCOL]
    : protocol === 'opaque'
      ? [OPAQUE_PROTOCOL, OPAQUE_PROTOCOL]
      : [protocol, protocol]

function fieldIntervals(field: FieldSelector): readonly Interval[] {
  if (field === 'any') return [[0, OPAQUE_PORT]]
  if (field === 'opaque') return [[OPAQUE_PORT, OPAQUE_PORT]]
  return field.map(({ first, last }): Interval => [first, last])
}

const lowest = (intervals: readonly Interval[]): number =>
  intervals.length === 1 ? (intervals[0]?.[0] ?? 0) : Math.min(...intervals.map(([low]) => low))
const highest = (intervals: readonly Interval[]): number =>
  intervals.length === 1 ? (intervals[0]?.[1] ?? 0) : Math.max(...intervals.map(([, high]) => high))

/** Writes an entry's boxes behind those before; true when they hold nothing but what the entry takes. */
function addBoxes(compiled: Compiled, bounds: number[]): boolean {
  const [sources = [], destinations = [], ...fields] = compiled
  if (sources.length * destinations.length > MOST_BOXES) {
    for (const intervals of compiled) bounds.push(lowest(intervals), highest(intervals))
    return false
  }
  for (const source of sources) {
    for (const destination of destinations) {
      bounds.push(source[0], source[1], destination[0], destination[1])
      for (const field of fields) bounds.push(lowest(field), highest(field))
    }
  }
  return fields.every((field) => field.length === 1)
}

/** Writes the packet's coordinates. */
function locate(view: PacketView, sources: AddressAxis, destinations: AddressAxis, point: Int32Array): void {
  point[0] = sources.piece(view.source0, view.source1, view.source2, view.source3)
  point[1] = destinations.piece(view.destination0, view.destination1, view.destination2, view.destination3)
  point[2] = isProtocolHidden(view) ? OPAQUE_PROTOCOL : view.protocol
  const showsPorts = view.hasPorts && hasTwoPorts(view.protocol)
  point[3] = showsPorts ? view.sourcePort : OPAQUE_PORT
  point[4] = showsPorts ? view.destinationPort : OPAQUE_PORT
  point[5] = view.hasPorts && hasMessageType(view.protocol) ? view.sourcePort : OPAQUE_PORT
}

/** RFC 4301 section 4.4.1.1: of a later IPv6 fragment only the next header is known, and that may be an extension header. */
export const isProtocolHidden = (view: PacketView): boolean =>
  view.version === 6 && view.fragmentOffset > 0 && isExtensionHeader(view.protocol)
