/** Identities: the ID payload's types (RFC 7296 section 3.5; the same numbers in IKEv1), and the text that profiles have. */
import { addressFromBytes, addressToBytes, formatAddress, parseAddress } from '../ip/address.ts'
import type { Identity } from '../ports.ts'
import { fromHex, toHex, utf8Bytes, utf8Text } from '../wire/text.ts'
import {
  equalDistinguishedNames,
  formatDistinguishedName,
  parseDistinguishedName,
} from './distinguished-name.ts'

/** RFC 7296 section 3.5. */
const IdType = { IPV4: 1, FQDN: 2, EMAIL: 3, IPV6: 5, DN: 9, KEY_ID: 11 } as const

/** In a profile: whoever the authority vouches for. Not an identity; `parseIdentity` does not take it. */
export const ANY_IDENTITY = '%any'

// ---------------------------------------------------------------- wire

/** An identity as the ID payload has it. */
export function identityToWire(identity: Identity): { readonly kind: number; readonly data: Uint8Array } {
  switch (identity.kind) {
    case 'ipv4':
    case 'ipv6': {
      const address = parseAddress(identity.address)
      const family = identity.kind === 'ipv4' ? 4 : 6
      if (address?.family !== family) throw new TypeError(`An ${identity.kind} identity has such an address`)
      return { kind: family === 4 ? IdType.IPV4 : IdType.IPV6, data: addressToBytes(address) }
    }
    case 'fqdn':
      return { kind: IdType.FQDN, data: utf8Bytes(identity.name) }
    case 'email':
      return { kind: IdType.EMAIL, data: utf8Bytes(identity.name) }
    case 'dn':
      return { kind: IdType.DN, data: identity.der }
    case 'key-id':
      return { kind: IdType.KEY_ID, data: identity.data }
  }
}

const addressIdentity = (data: Uint8Array, family: 4 | 6): Identity | undefined => {
  const address = addressFromBytes(data)
  if (address?.family !== family) return undefined
  return { kind: family === 4 ? 'ipv4' : 'ipv6', address: formatAddress(address) }
}

/** A name that could be shown: no control characters, so no zero byte that would end it elsewhere. */
const nameIdentity = (kind: 'fqdn' | 'email', data: Uint8Array): Identity | undefined => {
  const name = utf8Text(data)
  return name === undefined || name === '' || /\p{Cc}/u.test(name) ? undefined : { kind, name }
}

/** The identity that an ID payload states, in memory of its own; undefined for types we do not know and content that does not fit its type. */
export function identityFromWire(payload: {
  readonly kind: number
  readonly data: Uint8Array
}): Identity | undefined {
  const data = payload.data.slice()
  if (payload.kind === IdType.IPV4) return addressIdentity(data, 4)
  if (payload.kind === IdType.IPV6) return addressIdentity(data, 6)
  if (payload.kind === IdType.FQDN) return nameIdentity('fqdn', data)
  if (payload.kind === IdType.EMAIL) return nameIdentity('email', data)
  if (payload.kind === IdType.DN) {
    return formatDistinguishedName(data) === undefined ? undefined : { kind: 'dn', der: data }
  }
  return payload.kind === IdType.KEY_ID ? { kind: 'key-id', data } : undefined
}

// ---------------------------------------------------------------- text

const nameOf = (kind: 'fqdn' | 'email', name: string): Identity | undefined =>
  name === '' || name.length > 255 || /\p{Cc}/u.test(name) ? undefined : { kind, name }

const dnOf = (text: string): Identity | undefined => {
  const der = parseDistinguishedName(text)
  return der === undefined ? undefined : { kind: 'dn', der }
}

/** Hexadecimal digits are the bytes themselves, with or without `#`; anything else is text. */
function keyIdOf(text: string): Identity | undefined {
  const data = fromHex(text.startsWith('#') ? text.slice(1) : text) ?? utf8Bytes(text)
  return data.length === 0 ? undefined : { kind: 'key-id', data }
}

const addressOf = (text: string): Identity | undefined => {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  return { kind: address.family === 4 ? 'ipv4' : 'ipv6', address: formatAddress(address) }
}

/** strongSwan's prefixes, which say the type where the text alone would be read as another. */
const prefixes = new Map<string, (text: string) => Identity | undefined>([
  ['ipv4', addressOf],
  ['ipv6', addressOf],
  ['fqdn', (text) => nameOf('fqdn', text)],
  ['dns', (text) => nameOf('fqdn', text)],
  ['email', (text) => nameOf('email', text)],
  ['rfc822', (text) => nameOf('email', text)],
  ['userfqdn', (text) => nameOf('email', text)],
  ['dn', dnOf],
  ['asn1dn', dnOf],
  ['keyid', keyIdOf],
])

/**
 * The identity that a text in strongSwan's notation means: `vpn.example.org`, `user@example.org`, `10.0.0.1`, `fd00::1`,
 * `C=CH, O=Example, CN=gateway`, `keyid:0a0b0c`, or with a type before it, `fqdn:…`, `email:…`, `dn:…`; `@name`, `@@user@name` and
 * `@#hex` as well. Undefined when it means none.
 */
export function parseIdentity(text: string): Identity | undefined {
  const trimmed = text.trim()
  if (trimmed === ANY_IDENTITY) return undefined
  const colon = trimmed.indexOf(':')
  const byPrefix = colon < 0 ? undefined : prefixes.get(trimmed.slice(0, colon).toLowerCase())
  if (byPrefix !== undefined) return byPrefix(trimmed.slice(colon + 1))
  if (trimmed.startsWith('@#')) return keyIdOf(trimmed.slice(1))
  if (trimmed.startsWith('@@')) return nameOf('email', trimmed.slice(2))
  if (trimmed.startsWith('@')) return nameOf('fqdn', trimmed.slice(1))
  if (trimmed.includes('=')) return dnOf(trimmed)
  if (trimmed.includes('@')) return nameOf('email', trimmed)
  return addressOf(trimmed) ?? nameOf('fqdn', trimmed)
}

const formatName = (kind: 'fqdn' | 'email', name: string): string => {
  const meant = parseIdentity(name)
  return meant?.kind === kind && meant.name === name ? name : `${kind}:${name}`
}

/** The text that `parseIdentity` reads back as the same identity. */
export function formatIdentity(identity: Identity): string {
  switch (identity.kind) {
    case 'ipv4':
    case 'ipv6':
      return identity.address
    case 'fqdn':
    case 'email':
      return formatName(identity.kind, identity.name)
    case 'dn':
      return formatDistinguishedName(identity.der) ?? `dn:#${toHex(identity.der)}`
    case 'key-id':
      return `keyid:${toHex(identity.data)}`
  }
}

// ---------------------------------------------------------------- comparison

const equalBytes = (a: Uint8Array, b: Uint8Array): boolean => toHex(a) === toHex(b)

/** ASCII letters alone have two cases here: names are not looked at as Unicode. */
const withoutCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Whether both are the same identity: same type, names without regard to case, DNs as RFC 5280 section 7.1 compares them. */
export function equalIdentities(a: Identity, b: Identity): boolean {
  switch (a.kind) {
    case 'ipv4':
    case 'ipv6':
      return b.kind === a.kind && formatOr(b.address) === formatOr(a.address)
    case 'fqdn':
    case 'email':
      return b.kind === a.kind && withoutCase(a.name) === withoutCase(b.name)
    case 'dn':
      return b.kind === 'dn' && equalDistinguishedNames(a.der, b.der)
    case 'key-id':
      return b.kind === 'key-id' && equalBytes(a.data, b.data)
  }
}

const formatOr = (text: string): string => {
  const address = parseAddress(text)
  return address === undefined ? text : formatAddress(address)
}
