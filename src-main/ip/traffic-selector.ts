/** Traffic selectors (RFC 7296 section 3.13.1, RFC 4301 section 4.4.1.1): which packets an SA carries, on one side. */
import {
  addressBits,
  compareAddresses,
  formatAddress,
  formatPrefix,
  highestAddress,
  lowestAddress,
  parseAddress,
  parsePrefix,
  prefixFirst,
  prefixLast,
  rangeToPrefix,
  rangeToPrefixes,
} from './address.ts'
import type { IpAddress, IpPrefix } from './address.ts'

/**
 * One range of addresses, one protocol or any, one range of ports; both ends are included.
 * ICMP and ICMPv6 keep the type in the high byte of a "port" and the code in the low byte. The pair 65535, 0 is OPAQUE:
 * packets whose ports cannot be seen (RFC 7296 section 3.13.1).
 */
export interface TrafficSelector {
  /** IP protocol number; 0 is any. */
  readonly protocol: number
  readonly startPort: number
  readonly endPort: number
  readonly start: IpAddress
  readonly end: IpAddress
}

const ICMP = 1
const ICMPV6 = 58
const protocolNames = new Map([
  [ICMP, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [47, 'gre'],
  [50, 'esp'],
  [ICMPV6, 'ipv6-icmp'],
  [132, 'sctp'],
])
const protocolNumbers = new Map([...protocolNames].map(([number, name]) => [name, number]))

export const isOpaque = (selector: TrafficSelector): boolean =>
  selector.startPort === 65535 && selector.endPort === 0

const hasAnyPort = (selector: TrafficSelector): boolean =>
  selector.startPort === 0 && selector.endPort === 65535

/** Every packet of one family. */
export const selectorOfEverything = (family: 4 | 6): TrafficSelector => ({
  protocol: 0,
  startPort: 0,
  endPort: 65535,
  start: lowestAddress(family),
  end: highestAddress(family),
})

/** All packets to or from a network. */
export const selectorFromPrefix = (prefix: IpPrefix): TrafficSelector => ({
  protocol: 0,
  startPort: 0,
  endPort: 65535,
  start: prefixFirst(prefix),
  end: prefixLast(prefix),
})

/** All packets to or from one address. */
export const selectorFromAddress = (address: IpAddress): TrafficSelector =>
  selectorFromPrefix({ address, length: addressBits(address.family) })

// ---------------------------------------------------------------- sets

function intersectPorts(a: TrafficSelector, b: TrafficSelector): readonly [number, number] | undefined {
  // RFC 4301 section 4.4.1.1: OPAQUE matches OPAQUE, and ANY covers OPAQUE.
  if (isOpaque(a)) return isOpaque(b) || hasAnyPort(b) ? [65535, 0] : undefined
  if (isOpaque(b)) return hasAnyPort(a) ? [65535, 0] : undefined
  const start = Math.max(a.startPort, b.startPort)
  const end = Math.min(a.endPort, b.endPort)
  return start <= end ? [start, end] : undefined
}

/** The packets that both selectors take; undefined when there are none. */
export function intersectSelectors(a: TrafficSelector, b: TrafficSelector): TrafficSelector | undefined {
  if (a.start.family !== b.start.family) return undefined
  if (a.protocol !== 0 && b.protocol !== 0 && a.protocol !== b.protocol) return undefined
  const ports = intersectPorts(a, b)
  const start = compareAddresses(a.start, b.start) >= 0 ? a.start : b.start
  const end = compareAddresses(a.end, b.end) <= 0 ? a.end : b.end
  if (ports === undefined || compareAddresses(start, end) > 0) return undefined
  return {
    protocol: a.protocol === 0 ? b.protocol : a.protocol,
    startPort: ports[0],
    endPort: ports[1],
    start,
    end,
  }
}

export const equalSelectors = (a: TrafficSelector, b: TrafficSelector): boolean =>
  a.protocol === b.protocol &&
  a.startPort === b.startPort &&
  a.endPort === b.endPort &&
  compareAddresses(a.start, b.start) === 0 &&
  compareAddresses(a.end, b.end) === 0

/** Whether every packet of `inner` is one of `outer` too. */
export function selectorCovers(outer: TrafficSelector, inner: TrafficSelector): boolean {
  const both = intersectSelectors(outer, inner)
  return both !== undefined && equalSelectors(both, inner)
}

/** Whether each selector of `inner` lies within one of `outer`: what a narrowed answer must do (RFC 7296 section 2.9). */
export const selectorsCover = (
  outer: readonly TrafficSelector[],
  inner: readonly TrafficSelector[],
): boolean => inner.every((one) => outer.some((other) => selectorCovers(other, one)))

/**
 * What both lists take, in the order of the first (RFC 7296 section 2.9). Selectors that lie wholly within another of the
 * result are left out; the result is empty when nothing is common. Caps are the caller's: the work is |proposed| × |allowed|.
 */
export function narrowSelectors(
  proposed: readonly TrafficSelector[],
  allowed: readonly TrafficSelector[],
): readonly TrafficSelector[] {
  const common: TrafficSelector[] = []
  for (const wanted of proposed) {
    for (const permitted of allowed) {
      const both = intersectSelectors(wanted, permitted)
      if (both !== undefined && !common.some((known) => equalSelectors(known, both))) common.push(both)
    }
  }
  return common.filter((one) => !common.some((other) => other !== one && selectorCovers(other, one)))
}

// ---------------------------------------------------------------- packets

/**
 * Whether a packet's address, protocol and port on this side fit. `port` is undefined when the packet shows none: a later
 * fragment, or a protocol without ports; such packets fit ANY and OPAQUE only. For ICMP it is type × 256 + code.
 */
export function selectorMatches(
  selector: TrafficSelector,
  address: IpAddress,
  protocol: number,
  port: number | undefined,
): boolean {
  if (address.family !== selector.start.family) return false
  if (selector.protocol !== 0 && selector.protocol !== protocol) return false
  if (address.value < selector.start.value || address.value > selector.end.value) return false
  if (hasAnyPort(selector)) return true
  if (port === undefined) return isOpaque(selector)
  return port >= selector.startPort && port <= selector.endPort
}

/** The addresses of the selectors as routes: merged, ascending, IPv4 first; protocol and ports are left aside. */
export function selectorsToPrefixes(selectors: readonly TrafficSelector[]): readonly IpPrefix[] {
  const ranges = selectors
    .map(({ start, end }) => ({ start, end }))
    .sort((a, b) => compareAddresses(a.start, b.start))
  const merged: { start: IpAddress; end: IpAddress }[] = []
  for (const range of ranges) {
    const last = merged.at(-1)
    const joins =
      last !== undefined && last.end.family === range.start.family && range.start.value <= last.end.value + 1n
    if (!joins) merged.push(range)
    else if (range.end.value > last.end.value) last.end = range.end
  }
  return merged.flatMap(({ start, end }) => rangeToPrefixes(start, end))
}

// ---------------------------------------------------------------- text

function formatPorts(selector: TrafficSelector): string {
  const { protocol, startPort, endPort } = selector
  if (hasAnyPort(selector)) return ''
  if (isOpaque(selector)) return '/opaque'
  const isIcmp = protocol === ICMP || protocol === ICMPV6
  if (isIcmp && startPort === (endPort & 0xff00) && (endPort & 255) === 255) return `/${startPort >> 8}`
  const one = (port: number) => (isIcmp ? `${port >> 8}(${port & 255})` : `${port}`)
  return startPort === endPort ? `/${one(startPort)}` : `/${one(startPort)}-${one(endPort)}`
}

/** `10.0.0.0/8`, `10.0.0.0/8[tcp/80]`, `10.0.0.1-10.0.0.9[udp/1024-2047]`, `fd00::/8[ipv6-icmp/128]`, `…[any/53]`. */
export function formatSelector(selector: TrafficSelector): string {
  const prefix = rangeToPrefix(selector.start, selector.end)
  const addresses =
    prefix === undefined
      ? `${formatAddress(selector.start)}-${formatAddress(selector.end)}`
      : formatPrefix(prefix)
  const ports = formatPorts(selector)
  if (selector.protocol === 0 && ports === '') return addresses
  const protocol =
    selector.protocol === 0 ? 'any' : (protocolNames.get(selector.protocol) ?? `${selector.protocol}`)
  return `${addresses}[${protocol}${ports}]`
}

const wholeNumber = /^(?:0|[1-9][0-9]{0,4})$/

function parseNumber(text: string, highest: number): number | undefined {
  const value = wholeNumber.test(text) ? Number(text) : Number.POSITIVE_INFINITY
  return value <= highest ? value : undefined
}

const isIcmpNumber = (protocol: number) => protocol === ICMP || protocol === ICMPV6

function parseOnePort(text: string, protocol: number): readonly [number, number] | undefined {
  if (!isIcmpNumber(protocol)) {
    const port = parseNumber(text, 65535)
    return port === undefined ? undefined : [port, port]
  }
  const [, typeText = '', codeText] = /^([0-9]+)(?:\(([0-9]+)\))?$/.exec(text) ?? []
  const type = parseNumber(typeText, 255)
  if (type === undefined) return undefined
  if (codeText === undefined) return [type << 8, (type << 8) | 255]
  const code = parseNumber(codeText, 255)
  return code === undefined ? undefined : [(type << 8) | code, (type << 8) | code]
}

function parsePorts(text: string, protocol: number): readonly [number, number] | undefined {
  if (text === '' || text === 'any') return [0, 65535]
  if (text === 'opaque') return [65535, 0]
  const [first = '', last = first, ...more] = text.split('-')
  const from = parseOnePort(first, protocol)
  const to = parseOnePort(last, protocol)
  if (from === undefined || to === undefined || more.length > 0 || from[0] > to[1]) return undefined
  return [from[0], to[1]]
}

function parseRange(text: string): readonly [IpAddress, IpAddress] | undefined {
  const dash = text.indexOf('-')
  if (dash < 0) {
    const prefix = parsePrefix(text)
    return prefix === undefined ? undefined : [prefixFirst(prefix), prefixLast(prefix)]
  }
  const start = parseAddress(text.slice(0, dash))
  const end = parseAddress(text.slice(dash + 1))
  if (start === undefined || end?.family !== start.family || start.value > end.value) return undefined
  return [start, end]
}

/** What `formatSelector` writes, and bare addresses; undefined when the text is none. */
export function parseSelector(text: string): TrafficSelector | undefined {
  const [, rangeText, inBrackets = ''] = /^([^[\]]+)(?:\[([^[\]]*)\])?$/.exec(text.trim()) ?? []
  if (rangeText === undefined) return undefined
  const range = parseRange(rangeText)
  const slash = inBrackets.indexOf('/')
  const protocolText = slash < 0 ? inBrackets : inBrackets.slice(0, slash)
  const protocol =
    protocolText === '' || protocolText === 'any'
      ? 0
      : (protocolNumbers.get(protocolText) ?? parseNumber(protocolText, 255))
  if (range === undefined || protocol === undefined) return undefined
  const ports = parsePorts(slash < 0 ? '' : inBrackets.slice(slash + 1), protocol)
  if (ports === undefined) return undefined
  return { protocol, startPort: ports[0], endPort: ports[1], start: range[0], end: range[1] }
}
