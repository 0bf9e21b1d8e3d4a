/** Mode Config's attributes (draft-ietf-ipsec-isakmp-mode-cfg-05) and Cisco Unity's: what the gateway gives to a client. */
import {
  addressFromBytes,
  addressToBytes,
  formatAddress,
  netmaskLength,
  parseAddress,
} from '../../ip/address.ts'
import { utf8Bytes, utf8Text } from '../../wire/text.ts'
import type { AssignedConfiguration } from '../child-sa.ts'
import type { Attribute } from './attributes.ts'
import { bytesOf, find, numberOf, variable } from './attributes.ts'
import { TransactionAttribute } from './code-points.ts'
import { concat } from './keys.ts'
import type { GivenConfiguration } from './responder.ts'

const {
  INTERNAL_IP4_ADDRESS,
  INTERNAL_IP4_NETMASK,
  INTERNAL_IP4_DNS,
  INTERNAL_IP6_ADDRESS,
  INTERNAL_IP6_DNS,
  APPLICATION_VERSION,
  UNITY_BANNER,
  UNITY_SAVE_PASSWORD,
  UNITY_DEF_DOMAIN,
  UNITY_SPLIT_DNS,
  UNITY_SPLIT_INCLUDE,
  UNITY_BACKUP_SERVERS,
} = TransactionAttribute

/** What a gateway of Cisco's kind says besides. */
export interface UnityConfiguration {
  /** Shown to the person, cleaned of control characters. */
  readonly banner: string | undefined
  readonly mayKeepPassword: boolean
  readonly backupServers: readonly string[]
}

export interface ModeConfiguration extends AssignedConfiguration {
  readonly unity: UnityConfiguration
}

const nothing = new Uint8Array()

/** What we ask for. */
export const wishes = (wanted: { readonly ipv4: boolean; readonly ipv6: boolean }): readonly Attribute[] => [
  ...(wanted.ipv4
    ? [INTERNAL_IP4_ADDRESS, INTERNAL_IP4_NETMASK, INTERNAL_IP4_DNS].map((type) => variable(type, nothing))
    : []),
  ...(wanted.ipv6 ? [INTERNAL_IP6_ADDRESS, INTERNAL_IP6_DNS].map((type) => variable(type, nothing)) : []),
  ...[
    UNITY_BANNER,
    UNITY_SAVE_PASSWORD,
    UNITY_DEF_DOMAIN,
    UNITY_SPLIT_DNS,
    UNITY_SPLIT_INCLUDE,
    UNITY_BACKUP_SERVERS,
  ].map((type) => variable(type, nothing)),
]

const all = (attributes: readonly Attribute[], type: number): readonly Uint8Array[] =>
  attributes.filter((one) => one.type === type).map(bytesOf)

const addressesIn = (attributes: readonly Attribute[], type: number, length: 4 | 16): readonly string[] =>
  all(attributes, type).flatMap((data) => {
    const address = data.length >= length ? addressFromBytes(data.subarray(0, length)) : undefined
    return address === undefined ? [] : [formatAddress(address)]
  })

/** Names one behind the other, parted by commas, blanks or zero bytes; only what a name can be. */
const namesIn = (data: Uint8Array): readonly string[] =>
  (utf8Text(data) ?? '')
    .split(/[\s,\0]+/)
    .filter((name) => /^[\p{L}\p{N}_-]{1,63}(?:\.[\p{L}\p{N}_-]{1,63})*\.?$/u.test(name))
    .slice(0, 64)

/** Cisco's: 14 bytes a network: address, mask, protocol and ports, of which only the network is used. */
const SPLIT_ENTRY = 14
const networksIn = (data: Uint8Array): readonly { readonly address: string; readonly length: number }[] => {
  const networks: { address: string; length: number }[] = []
  for (let at = 0; at + SPLIT_ENTRY <= data.length && networks.length < 256; at += SPLIT_ENTRY) {
    const address = addressFromBytes(data.subarray(at, at + 4))
    const mask = addressFromBytes(data.subarray(at + 4, at + 8))
    const length = mask === undefined ? undefined : netmaskLength(mask)
    if (address !== undefined && length !== undefined)
      networks.push({ address: formatAddress(address), length })
  }
  return networks
}

const LONGEST_BANNER = 4096

/** What a reply or a setting gives; whatever does not fit its type is left out. */
export function readModeConfiguration(attributes: readonly Attribute[]): ModeConfiguration {
  const banner = all(attributes, UNITY_BANNER)
    .map((data) =>
      utf8Text(data)
        ?.replace(/[^\P{Cc}\n]/gu, '')
        .trim()
        .slice(0, LONGEST_BANNER),
    )
    .find((text) => text !== undefined && text !== '')
  const savePassword = find(attributes, UNITY_SAVE_PASSWORD)
  const version = all(attributes, APPLICATION_VERSION)[0]
  const applicationVersion = version === undefined ? undefined : utf8Text(version)
  return {
    addresses: [
      // The netmask tells of the office's network, not of ours: the address stands alone.
      ...addressesIn(attributes, INTERNAL_IP4_ADDRESS, 4).map((address) => ({ address, length: 32 })),
      ...addressesIn(attributes, INTERNAL_IP6_ADDRESS, 16).map((address) => ({ address, length: 128 })),
    ],
    dnsServers: [
      ...addressesIn(attributes, INTERNAL_IP4_DNS, 4),
      ...addressesIn(attributes, INTERNAL_IP6_DNS, 16),
    ],
    dnsDomains: [UNITY_SPLIT_DNS, UNITY_DEF_DOMAIN].flatMap((type) => all(attributes, type).flatMap(namesIn)),
    subnets: all(attributes, UNITY_SPLIT_INCLUDE).flatMap(networksIn),
    ...(applicationVersion === undefined ? {} : { applicationVersion }),
    unity: {
      banner,
      mayKeepPassword: savePassword !== undefined && numberOf(savePassword) === 1,
      backupServers: all(attributes, UNITY_BACKUP_SERVERS).flatMap(namesIn),
    },
  }
}

/** The families that a client asks for an address of. */
export const wishesIn = (
  asked: readonly Attribute[],
): { readonly ipv4: boolean; readonly ipv6: boolean } => ({
  ipv4: find(asked, INTERNAL_IP4_ADDRESS) !== undefined,
  ipv6: find(asked, INTERNAL_IP6_ADDRESS) !== undefined,
})

const addressBytes = (text: string): Uint8Array => {
  const parsed = parseAddress(text)
  if (parsed === undefined) throw new TypeError(`not an address: ${text}`)
  return addressToBytes(parsed)
}

/** Address and mask, and zeros for protocol and ports: all of that network. */
const splitEntry = ({
  address,
  length,
}: {
  readonly address: string
  readonly length: number
}): Uint8Array => {
  const entry = new Uint8Array(SPLIT_ENTRY)
  entry.set(addressBytes(address))
  new DataView(entry.buffer).setUint32(4, length === 0 ? 0 : 0xffff_ffff << (32 - length))
  return entry
}

/** What a gateway gives, as attributes: only of the kinds that were asked for; pushed, when nothing was, all of them. */
export function modeConfigurationReply(
  given: GivenConfiguration,
  asked: readonly Attribute[] | undefined,
): readonly Attribute[] {
  const isAsked = (type: number): boolean => asked === undefined || asked.some((one) => one.type === type)
  const of = (family: 4 | 6, texts: readonly string[]): readonly Uint8Array[] =>
    texts.filter((text) => text.includes(':') === (family === 6)).map(addressBytes)
  const addresses = given.addresses.map(({ address }) => address)
  const networks = given.subnets.filter(({ address }) => !address.includes(':')).map(splitEntry)
  const { dnsDomains, banner, applicationVersion } = given
  const offers: readonly (readonly [number, readonly Uint8Array[]])[] = [
    [INTERNAL_IP4_ADDRESS, of(4, addresses)],
    // The client's address stands alone: it is no part of a network of ours.
    [
      INTERNAL_IP4_NETMASK,
      of(4, addresses)
        .slice(0, 1)
        .map(() => new Uint8Array(4).fill(0xff)),
    ],
    [INTERNAL_IP4_DNS, of(4, given.dnsServers)],
    [INTERNAL_IP6_ADDRESS, of(6, addresses)],
    [INTERNAL_IP6_DNS, of(6, given.dnsServers)],
    [UNITY_BANNER, banner === undefined ? [] : [utf8Bytes(banner)]],
    [UNITY_DEF_DOMAIN, dnsDomains.slice(0, 1).map(utf8Bytes)],
    [UNITY_SPLIT_DNS, dnsDomains.length === 0 ? [] : [utf8Bytes(dnsDomains.join(','))]],
    [UNITY_SPLIT_INCLUDE, networks.length === 0 ? [] : [concat(...networks)]],
    [APPLICATION_VERSION, applicationVersion === undefined ? [] : [utf8Bytes(applicationVersion)]],
  ]
  return offers.flatMap(([type, values]) => (isAsked(type) ? values.map((data) => variable(type, data)) : []))
}
