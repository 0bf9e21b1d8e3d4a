/** The configuration payload: what a client asks for and what a gateway gives (RFC 7296 section 3.15). */
import {
  addressFromBytes,
  addressToBytes,
  formatAddress,
  netmaskLength,
  parseAddress,
} from '../../ip/address.ts'
import type { IpAddress } from '../../ip/address.ts'
import { selectorFromAddress } from '../../ip/traffic-selector.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import { ConfigurationAttribute as Attribute, ConfigurationKind } from './code-points.ts'
import type { AssignedConfiguration } from '../child-sa.ts'
import type { Payload } from './payloads.ts'

type ConfigurationPayload = Extract<Payload, { type: 'configuration' }>
type ConfigurationItem = ConfigurationPayload['attributes'][number]

const empty = new Uint8Array()
/** What we take of each kind of attribute at most; a gateway that sends more is not believed the rest. */
const mostOfAKind = 16

export interface ConfigurationWishes {
  readonly ipv4: boolean
  readonly ipv6: boolean
}

/** CFG_REQUEST with empty values: any address, and all that goes with it. Undefined when nothing is wished. */
export function configurationRequest(wishes: ConfigurationWishes): ConfigurationPayload | undefined {
  if (!wishes.ipv4 && !wishes.ipv6) return undefined
  const ask = (attribute: number): ConfigurationItem => ({ attribute, value: empty })
  return {
    type: 'configuration',
    kind: ConfigurationKind.CFG_REQUEST,
    attributes: [
      ...(wishes.ipv4
        ? [Attribute.INTERNAL_IP4_ADDRESS, Attribute.INTERNAL_IP4_DNS, Attribute.INTERNAL_IP4_SUBNET]
        : []
      ).map(ask),
      ...(wishes.ipv6
        ? [Attribute.INTERNAL_IP6_ADDRESS, Attribute.INTERNAL_IP6_DNS, Attribute.INTERNAL_IP6_SUBNET]
        : []
      ).map(ask),
      ask(Attribute.INTERNAL_DNS_DOMAIN),
      ask(Attribute.APPLICATION_VERSION),
    ],
  }
}

/**
 * What a CFG_REPLY assigns; nothing where the payload is of another kind. Attributes of a wrong length or of an unknown kind are
 * passed over (RFC 7296 section 3.15.1), and so are addresses that no single host can have.
 */
export function readConfiguration(payload: ConfigurationPayload): AssignedConfiguration {
  const attributes = payload.kind === ConfigurationKind.CFG_REPLY ? payload.attributes : []
  const values = (attribute: number): readonly Uint8Array[] =>
    attributes
      .filter((item) => item.attribute === attribute)
      .slice(0, mostOfAKind)
      .map((item) => item.value)
  const addresses = (attribute: number, bytes: 4 | 16): readonly string[] =>
    values(attribute).flatMap((value) => {
      const address = value.length === bytes ? addressFromBytes(value) : undefined
      return address === undefined || !isOfOneHost(address) ? [] : [formatAddress(address)]
    })
  const version = values(Attribute.APPLICATION_VERSION)
    .map(asciiText)
    .find((text) => text !== undefined)
  return {
    addresses: [
      ...addresses(Attribute.INTERNAL_IP4_ADDRESS, 4).map((address) => ({ address, length: 32 })),
      ...values(Attribute.INTERNAL_IP6_ADDRESS)
        .flatMap((value) => ipv6WithLength(value, isOfOneHost))
        .map(({ address }) => ({ address, length: 128 })),
    ],
    dnsServers: [
      ...addresses(Attribute.INTERNAL_IP4_DNS, 4),
      ...addresses(Attribute.INTERNAL_IP6_DNS, 16),
    ].slice(0, mostOfAKind),
    dnsDomains: values(Attribute.INTERNAL_DNS_DOMAIN)
      .map(asciiText)
      .filter((name): name is string => name !== undefined && domainName.test(name)),
    subnets: [
      ...values(Attribute.INTERNAL_IP4_SUBNET).flatMap(ipv4WithMask),
      ...values(Attribute.INTERNAL_IP6_SUBNET).flatMap((value) => ipv6WithLength(value)),
    ],
    ...(version === undefined ? {} : { applicationVersion: version }),
  }
}

/** CFG_REPLY for what a gateway assigns; the mirror of `readConfiguration`. */
export function configurationReply(assigned: AssignedConfiguration): ConfigurationPayload {
  const item = (attribute: number, value: Uint8Array): ConfigurationItem => ({ attribute, value })
  const address = (text: string): Uint8Array => {
    const parsed = parseAddress(text)
    if (parsed === undefined) throw new Error('a configured address is not an address')
    return addressToBytes(parsed)
  }
  const is4 = (bytes: Uint8Array): boolean => bytes.length === 4
  return {
    type: 'configuration',
    kind: ConfigurationKind.CFG_REPLY,
    attributes: [
      ...assigned.addresses.map((given) => {
        const bytes = address(given.address)
        return is4(bytes)
          ? item(Attribute.INTERNAL_IP4_ADDRESS, bytes)
          : item(Attribute.INTERNAL_IP6_ADDRESS, Uint8Array.of(...bytes, given.length))
      }),
      ...assigned.dnsServers.map((server) => {
        const bytes = address(server)
        return item(is4(bytes) ? Attribute.INTERNAL_IP4_DNS : Attribute.INTERNAL_IP6_DNS, bytes)
      }),
      ...assigned.dnsDomains.map((name) => item(Attribute.INTERNAL_DNS_DOMAIN, asciiBytes(name))),
      ...assigned.subnets.map((subnet) => {
        const bytes = address(subnet.address)
        return is4(bytes)
          ? item(Attribute.INTERNAL_IP4_SUBNET, Uint8Array.of(...bytes, ...maskOf(subnet.length)))
          : item(Attribute.INTERNAL_IP6_SUBNET, Uint8Array.of(...bytes, subnet.length))
      }),
      ...(assigned.applicationVersion === undefined
        ? []
        : [item(Attribute.APPLICATION_VERSION, asciiBytes(assigned.applicationVersion))]),
    ],
  }
}

/** The client's own addresses: what it may be inside the tunnel. */
export const selectorsOf = (assigned: AssignedConfiguration): readonly TrafficSelector[] =>
  assigned.addresses.flatMap(({ address }) => {
    const parsed = parseAddress(address)
    return parsed === undefined ? [] : [selectorFromAddress(parsed)]
  })

/** RFC 1035 section 2.3.1, with the underscores that are in use; a hyphen in front could be taken for an option. */
const domainName = /^(?=.{1,253}$)(?!-)[A-Za-z0-9_-]{1,63}(?:\.(?!-)[A-Za-z0-9_-]{1,63})*\.?$/

/** Not the unspecified address, loopback, multicast or broadcast (RFC 6890, RFC 4291 section 2.4). */
function isOfOneHost({ family, value }: IpAddress): boolean {
  if (family === 6) return value > 1n && value >> 120n !== 0xffn
  const first = value >> 24n
  return first !== 0n && first !== 127n && first < 224n
}

function ipv6WithLength(
  value: Uint8Array,
  isUsable: (address: IpAddress) => boolean = () => true,
): readonly { readonly address: string; readonly length: number }[] {
  const address = value.length === 17 ? addressFromBytes(value.subarray(0, 16)) : undefined
  const length = value[16] ?? 0
  return address === undefined || length > 128 || !isUsable(address)
    ? []
    : [{ address: formatAddress(address), length }]
}

function ipv4WithMask(value: Uint8Array): readonly { readonly address: string; readonly length: number }[] {
  if (value.length !== 8) return []
  const address = addressFromBytes(value.subarray(0, 4))
  const mask = addressFromBytes(value.subarray(4, 8))
  const length = mask === undefined ? undefined : netmaskLength(mask)
  return address === undefined || length === undefined ? [] : [{ address: formatAddress(address), length }]
}

function maskOf(length: number): readonly number[] {
  const mask = length === 0 ? 0 : (0xffff_ffff << (32 - length)) >>> 0
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff)
}

const asciiBytes = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0) & 0x7f)

/** Printable ASCII of a sane length, or undefined: it is shown to people. */
function asciiText(value: Uint8Array): string | undefined {
  if (value.length === 0 || value.length > 255 || value.some((byte) => byte < 0x20 || byte > 0x7e))
    return undefined
  return String.fromCharCode(...value)
}
