/** IDci and IDcr of quick mode: one network, protocol and port a side (RFC 2407 section 4.6.2, RFC 2409 section 5.5). */
import {
  addressFromBytes,
  addressToBytes,
  netmaskLength,
  parseAddress,
  prefixFirst,
  prefixLast,
  prefixOf,
  rangeToPrefix,
} from '../../ip/address.ts'
import type { IpAddress } from '../../ip/address.ts'
import { selectorFromAddress } from '../../ip/traffic-selector.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import { IdentityType } from './code-points.ts'
import { concat } from './keys.ts'
import type { PayloadOf } from './payloads.ts'

const netmask = (family: 4 | 6, length: number): Uint8Array =>
  Uint8Array.from({ length: family === 4 ? 4 : 16 }, (_, index) => {
    const bits = Math.min(8, Math.max(0, length - index * 8))
    return (0xff << (8 - bits)) & 0xff
  })

/** A single port, or 0 for any; ranges do not exist in version 1. */
const portOf = ({ startPort, endPort }: TrafficSelector): number => (startPort === endPort ? startPort : 0)

/** The selector as an ID payload; a range of addresses that is no network goes as a range. */
export function selectorPayload(selector: TrafficSelector): PayloadOf<'id'> {
  const { start, end, protocol } = selector
  const common = { type: 'id', protocol, port: portOf(selector) } as const
  const isV4 = start.family === 4
  const prefix = rangeToPrefix(start, end)
  if (prefix === undefined) {
    const data = concat(addressToBytes(start), addressToBytes(end))
    return { ...common, kind: isV4 ? IdentityType.IPV4_RANGE : IdentityType.IPV6_RANGE, data }
  }
  if (start.value === end.value) {
    return { ...common, kind: isV4 ? IdentityType.IPV4 : IdentityType.IPV6, data: addressToBytes(start) }
  }
  const data = concat(addressToBytes(start), netmask(start.family, prefix.length))
  return { ...common, kind: isV4 ? IdentityType.IPV4_SUBNET : IdentityType.IPV6_SUBNET, data }
}

/** The selector that an ID payload means; undefined for types and contents that mean none. */
export function selectorOf(payload: PayloadOf<'id'>): TrafficSelector | undefined {
  const range = rangeOf(payload)
  if (range === undefined) return undefined
  const { protocol, port } = payload
  const ports = port === 0 ? { startPort: 0, endPort: 65_535 } : { startPort: port, endPort: port }
  return { protocol, ...ports, ...range }
}

interface Range {
  readonly start: IpAddress
  readonly end: IpAddress
}

function rangeOf({ kind, data }: PayloadOf<'id'>): Range | undefined {
  switch (kind) {
    case IdentityType.IPV4:
    case IdentityType.IPV6: {
      const address = familyOf(kind === IdentityType.IPV4 ? 4 : 6, data)
      return address === undefined ? undefined : { start: address, end: address }
    }
    case IdentityType.IPV4_SUBNET:
    case IdentityType.IPV6_SUBNET: {
      const [address, mask] = halves(kind === IdentityType.IPV4_SUBNET ? 4 : 6, data)
      const length = mask === undefined ? undefined : netmaskLength(mask)
      if (address === undefined || length === undefined) return undefined
      const prefix = prefixOf(address, length)
      return { start: prefixFirst(prefix), end: prefixLast(prefix) }
    }
    case IdentityType.IPV4_RANGE:
    case IdentityType.IPV6_RANGE: {
      const [start, end] = halves(kind === IdentityType.IPV4_RANGE ? 4 : 6, data)
      return start === undefined || end === undefined || start.value > end.value ? undefined : { start, end }
    }
  }
  return undefined
}

const familyOf = (family: 4 | 6, data: Uint8Array): IpAddress | undefined => {
  const address = addressFromBytes(data)
  return address?.family === family ? address : undefined
}

const halves = (family: 4 | 6, data: Uint8Array): readonly [IpAddress | undefined, IpAddress | undefined] => {
  const half = family === 4 ? 4 : 16
  if (data.length !== 2 * half) return [undefined, undefined]
  return [familyOf(family, data.subarray(0, half)), familyOf(family, data.subarray(half))]
}

/** The host of an address as a selector; none when the text is no address. */
export function selectorsOf(address: string): readonly TrafficSelector[] {
  const parsed = parseAddress(address)
  return parsed === undefined ? [] : [selectorFromAddress(parsed)]
}
