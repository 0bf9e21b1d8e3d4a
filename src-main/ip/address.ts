/** IPv4 and IPv6 addresses and prefixes as values: parsing, canonical text, order, ranges. */

/** An address as a number in network byte order: 32 bits for family 4, 128 bits for family 6. */
export interface IpAddress {
  readonly family: 4 | 6
  readonly value: bigint
}

/** A network: the address has no bits set behind the prefix when it came from `prefixOf` or `rangeToPrefixes`. */
export interface IpPrefix {
  readonly address: IpAddress
  readonly length: number
}

/** The width of an address in bits: 32 or 128. */
export const addressBits = (family: 4 | 6): 32 | 128 => (family === 4 ? 32 : 128)

const highest = { 4: (1n << 32n) - 1n, 6: (1n << 128n) - 1n } as const

/** The address with all bits clear or all bits set: the ends of "everything". */
export const lowestAddress = (family: 4 | 6): IpAddress => ({ family, value: 0n })
export const highestAddress = (family: 4 | 6): IpAddress => ({ family, value: highest[family] })

// ---------------------------------------------------------------- text

const decimalOctet = /^(?:0|[1-9][0-9]{0,2})$/

/** Dotted decimal as inet_pton takes it: four parts, no leading zeros, so that nothing can be read as octal. */
function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    if (!decimalOctet.test(part)) return undefined
    const octet = Number(part)
    if (octet > 255) return undefined
    value = (value << 8n) | BigInt(octet)
  }
  return value
}

const hexGroup = /^[0-9a-f]{1,4}$/i

/** Groups of one side of `::`; an IPv4 tail counts as two (RFC 4291 section 2.2). */
function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (hexGroup.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const tail = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined
    if (tail === undefined) return undefined
    groups.push(Number(tail >> 16n), Number(tail & 0xffffn))
  }
  return groups
}

function parseIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::')
  if (more.length > 0) return undefined
  const before = parseGroups(head, tail === undefined)
  const behind = tail === undefined ? [] : parseGroups(tail, true)
  if (before === undefined || behind === undefined) return undefined
  const missing = 8 - before.length - behind.length
  // RFC 4291 section 2.2: "::" stands for one or more groups.
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...new Array<number>(missing).fill(0), ...behind]
  return groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n)
}

/** The address that a text means; undefined when it is none. No zone identifiers, no brackets, no leading zeros in IPv4. */
export function parseAddress(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined
  const family = text.includes(':') ? 6 : 4
  const value = family === 6 ? parseIpv6(text) : parseIpv4(text)
  return value === undefined ? undefined : { family, value }
}

function formatIpv4(value: bigint): string {
  const bits = Number(value)
  return `${(bits >>> 24) & 255}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`
}

/** RFC 5952 section 4: lower case, no leading zeros, the first longest run of two or more zero groups becomes "::". */
function formatIpv6(value: bigint): string {
  const groups: number[] = []
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn))
  // RFC 5952 section 5: the IPv4 tail of a mapped address is written in dotted decimal.
  if (value >> 32n === 0xffffn) return `::ffff:${formatIpv4(value & highest[4])}`
  let start = -1
  let length = 1
  for (let from = 0; from < 8;) {
    let to = from
    while (to < 8 && groups[to] === 0) to += 1
    if (to - from > length) [start, length] = [from, to - from]
    from = to + 1
  }
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? hex(groups) : `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`
}

/** The canonical text: dotted decimal, or RFC 5952. Equal addresses have equal texts. */
export const formatAddress = (address: IpAddress): string =>
  address.family === 4 ? formatIpv4(address.value) : formatIpv6(address.value)

// ---------------------------------------------------------------- bytes

/** 4 or 16 bytes in network byte order, a fresh array. */
export function addressToBytes(address: IpAddress): Uint8Array {
  const bytes = new Uint8Array(addressBits(address.family) / 8)
  const view = new DataView(bytes.buffer)
  if (address.family === 4) view.setUint32(0, Number(address.value))
  else {
    view.setBigUint64(0, address.value >> 64n)
    view.setBigUint64(8, BigInt.asUintN(64, address.value))
  }
  return bytes
}

/** The address in exactly 4 or 16 bytes; undefined for any other length. */
export function addressFromBytes(bytes: Uint8Array): IpAddress | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length === 4) return { family: 4, value: BigInt(view.getUint32(0)) }
  if (bytes.length === 16) return { family: 6, value: (view.getBigUint64(0) << 64n) | view.getBigUint64(8) }
  return undefined
}

// ---------------------------------------------------------------- order

export const equalAddresses = (a: IpAddress, b: IpAddress): boolean =>
  a.family === b.family && a.value === b.value

/** Negative, zero or positive; IPv4 stands before IPv6. */
export function compareAddresses(a: IpAddress, b: IpAddress): number {
  if (a.family !== b.family) return a.family - b.family
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0
}

// ---------------------------------------------------------------- prefixes

const hostMask = (family: 4 | 6, length: number): bigint => highest[family] >> BigInt(length)

/** The network of this length that the address lies in: the bits behind the prefix are cleared. */
export const prefixOf = (address: IpAddress, length: number): IpPrefix => ({
  address: { family: address.family, value: address.value & ~hostMask(address.family, length) },
  length,
})

/** `10.0.0.0/8`, or a bare address as its own /32 or /128. Bits behind the prefix are kept: `10.0.0.7/24` is an address in a network. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const slash = text.indexOf('/')
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (address === undefined) return undefined
  if (slash < 0) return { address, length: addressBits(address.family) }
  const digits = text.slice(slash + 1)
  const length = decimalOctet.test(digits) ? Number(digits) : Number.POSITIVE_INFINITY
  return length <= addressBits(address.family) ? { address, length } : undefined
}

/** `10.0.0.0/8`, always with the length. */
export const formatPrefix = (prefix: IpPrefix): string => `${formatAddress(prefix.address)}/${prefix.length}`

export const prefixFirst = (prefix: IpPrefix): IpAddress => prefixOf(prefix.address, prefix.length).address

export const prefixLast = (prefix: IpPrefix): IpAddress => ({
  family: prefix.address.family,
  value: prefix.address.value | hostMask(prefix.address.family, prefix.length),
})

export function prefixContains(prefix: IpPrefix, address: IpAddress): boolean {
  if (prefix.address.family !== address.family) return false
  const shift = BigInt(addressBits(address.family) - prefix.length)
  return prefix.address.value >> shift === address.value >> shift
}

/** The length of a netmask such as 255.255.255.0; undefined when its ones are not all in front. */
export function netmaskLength(mask: IpAddress): number | undefined {
  const inverted = mask.value ^ highest[mask.family]
  if ((inverted & (inverted + 1n)) !== 0n) return undefined
  return addressBits(mask.family) - (inverted === 0n ? 0 : inverted.toString(2).length)
}

/** The fewest prefixes that cover exactly the range, ascending: at most 62 for IPv4, 254 for IPv6. Empty when start lies behind end. */
export function rangeToPrefixes(start: IpAddress, end: IpAddress): readonly IpPrefix[] {
  const { family } = start
  const bits = addressBits(family)
  const prefixes: IpPrefix[] = []
  if (end.family !== family) return prefixes
  for (let from = start.value; from <= end.value;) {
    let hostBits = 0
    let size = 1n
    // Grow while the block stays aligned at its start and within the range.
    while (hostBits < bits && (from & size) === 0n && from + size * 2n - 1n <= end.value) {
      hostBits += 1
      size <<= 1n
    }
    prefixes.push({ address: { family, value: from }, length: bits - hostBits })
    from += size
  }
  return prefixes
}

/** The one prefix that is exactly this range; undefined when none is. */
export function rangeToPrefix(start: IpAddress, end: IpAddress): IpPrefix | undefined {
  if (start.family !== end.family || start.value > end.value) return undefined
  const difference = start.value ^ end.value
  if ((difference & (difference + 1n)) !== 0n || (start.value & difference) !== 0n) return undefined
  const hostBits = difference === 0n ? 0 : difference.toString(2).length
  return { address: start, length: addressBits(start.family) - hostBits }
}
