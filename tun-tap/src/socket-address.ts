/** struct sockaddr_in and sockaddr_in6, and addresses as text. */
import { isIPv4, isIPv6 } from 'node:net'
import { sys } from './native.ts'

export const AF_INET = 2
export const AF_INET6 = 10
/** Room for either: family 2, port 2 (network order), IPv4 address 4; or flow 4, IPv6 address 16, scope 4. */
export const SOCKET_ADDRESS_LENGTH = 28
const IPV4_LENGTH = 16

export type Family = 4 | 6

const parseIpv4 = (text: string): Uint8Array | undefined =>
  isIPv4(text) ? Uint8Array.from(text.split('.'), Number) : undefined

const parseIpv6 = (text: string): Uint8Array | undefined => {
  if (!isIPv6(text) || text.includes('%')) return undefined
  // An IPv4 tail becomes two groups first (RFC 4291 section 2.2).
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...parts: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = '', tail] = plain.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)))
  const before = groups(head)
  const after = tail === undefined ? [] : groups(tail)
  const all = [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]))
}

/** 4 or 16 bytes in network order; undefined for what is no address of this family. No zone. */
export const parseAddress = (family: Family, text: string): Uint8Array | undefined =>
  family === 4 ? parseIpv4(text) : parseIpv6(text)

const longestZeros = (groups: readonly number[]): { start: number; length: number } => {
  let best = { start: -1, length: 1 }
  for (let start = 0; start < 8; start += 1) {
    let length = 0
    while (start + length < 8 && groups[start + length] === 0) length += 1
    if (length > best.length) best = { start, length }
  }
  return best
}

/** The canonical text form: dotted quad, or RFC 5952 for IPv6. */
export const formatAddress = (view: DataView, offset: number, family: Family): string => {
  if (family === 4)
    return `${view.getUint8(offset)}.${view.getUint8(offset + 1)}.${view.getUint8(offset + 2)}.${view.getUint8(offset + 3)}`
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(offset + 2 * index))
  // RFC 5952 section 5: IPv4-mapped addresses keep their dotted tail.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${formatAddress(view, offset + 12, 4)}`
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':')
  const zeros = longestZeros(groups)
  if (zeros.start < 0) return text(groups)
  return `${text(groups.slice(0, zeros.start))}::${text(groups.slice(zeros.start + zeros.length))}`
}

/** Writes a socket address; gives its length, or 0 when the text is no address of the family. */
export const writeSocketAddress = (
  view: DataView,
  offset: number,
  family: Family,
  address: string,
  port: number,
): number => {
  const [plain = '', zone] = address.split('%')
  const bytes = parseAddress(family, plain)
  if (bytes === undefined || (zone !== undefined && family === 4)) return 0
  view.setUint16(offset, family === 4 ? AF_INET : AF_INET6, true)
  view.setUint16(offset + 2, port)
  if (family === 6) view.setUint32(offset + 4, 0)
  bytes.forEach((byte, index) => view.setUint8(offset + (family === 4 ? 4 : 8) + index, byte))
  if (family === 4) return IPV4_LENGTH
  const scope = zone === undefined ? 0 : /^\d+$/.test(zone) ? Number(zone) : sys.if_nametoindex(zone)
  view.setUint32(offset + 24, scope, true)
  return SOCKET_ADDRESS_LENGTH
}

export const readPort = (view: DataView, offset: number): number => view.getUint16(offset + 2)

/** The address in a socket address; link-local ones carry their zone as a number. */
export const readAddress = (view: DataView, offset: number, family: Family): string => {
  if (family === 4) return formatAddress(view, offset + 4, 4)
  const scope = view.getUint32(offset + 24, true)
  const text = formatAddress(view, offset + 8, 6)
  return scope === 0 ? text : `${text}%${scope}`
}
