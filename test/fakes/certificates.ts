/**
 * Certificates made at run time, right ones and wrong ones. They are written with the project's own tables, so the tests of the
 * reader also read what OpenSSL makes.
 */
import { createPublicKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { parseDistinguishedName } from '../../src-main/ike/distinguished-name.ts'
import {
  alternativeNames,
  basicConstraints,
  certificateFormat,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  signedFormat,
  subjectKeyIdentifier,
  authorityKeyIdentifier,
} from '../../src-main/pki/certificate-format.ts'
import type { GeneralName } from '../../src-main/pki/certificate-format.ts'
import { encode } from '../../src-main/wire/codec.ts'

export const newKey = (curve = 'P-256'): KeyObject =>
  generateKeyPairSync('ec', { namedCurve: curve }).privateKey

export const nameDer = (text: string): Uint8Array => {
  const der = text === '' ? Uint8Array.of(0x30, 0) : parseDistinguishedName(text)
  if (der === undefined) throw new Error(`no name: ${text}`)
  return der
}
export const spkiOf = (key: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }))

export interface Extension {
  readonly id: string
  readonly critical: boolean | undefined
  readonly value: Uint8Array
}
const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const extension = (id: string, value: Uint8Array, critical?: true): Extension => ({ id, critical, value })

export const dns = (name: string): GeneralName => ({ tag: 0x82, content: ascii(name) })
export const email = (name: string): GeneralName => ({ tag: 0x81, content: ascii(name) })
export const ip = (...bytes: readonly number[]): GeneralName => ({
  tag: 0x87,
  content: Uint8Array.from(bytes),
})
export const directory = (name: string): GeneralName => ({ tag: 0xa4, content: nameDer(name) })
export const uri = (text: string): GeneralName => ({ tag: 0x86, content: ascii(text) })

export const san = (...names: readonly GeneralName[]) => extension('551d11', encode(alternativeNames, names))
export const constraints = (isAuthority: boolean, pathLength?: number) =>
  extension(
    '551d13',
    encode(basicConstraints, { isAuthority: isAuthority ? true : undefined, pathLength }),
    true,
  )
export const usage = (...bits: readonly number[]) =>
  extension('551d0f', encode(keyUsage, new Set(bits)), true)
export const purposes = (...oids: readonly string[]) => extension('551d25', encode(extendedKeyUsage, oids))
const subtree = (base: GeneralName) => ({ base, minimum: undefined, maximum: undefined })
export const limits = (permitted: readonly GeneralName[], excluded: readonly GeneralName[] = []) =>
  extension(
    '551d1e',
    encode(nameConstraints, {
      permitted: permitted.length === 0 ? undefined : permitted.map(subtree),
      excluded: excluded.length === 0 ? undefined : excluded.map(subtree),
    }),
    true,
  )
export const keyId = (text: string) => extension('551d0e', encode(subjectKeyIdentifier, ascii(text)))
export const issuerKeyId = (text: string) =>
  extension('551d23', encode(authorityKeyIdentifier, { key: ascii(text), others: new Uint8Array(0) }))
export const unknownExtension = (critical: boolean) =>
  extension('2b0601040182370a', Uint8Array.of(5, 0), critical ? true : undefined)

export const SERVER_AUTH = '2b06010505070301'
export const CLIENT_AUTH = '2b06010505070302'
export const IPSEC_IKE = '2b06010505070311'
export const CODE_SIGNING = '2b06010505070303'

export const NOW = Date.UTC(2026, 10, 23)
const DAY = 86_400_000

const algorithms: Readonly<
  Record<string, { readonly identifier: string; readonly hash: string | undefined }>
> = {
  ec: { identifier: '300a06082a8648ce3d040302', hash: 'sha256' },
  rsa: { identifier: '300d06092a864886f70d01010b0500', hash: 'sha256' },
  ed25519: { identifier: '300506032b6570', hash: undefined },
  'ec-sha1': { identifier: '300906072a8648ce3d0401', hash: 'sha1' },
  'rsa-sha1': { identifier: '300d06092a864886f70d0101050500', hash: 'sha1' },
  'rsa-md5': { identifier: '300d06092a864886f70d0101040500', hash: 'md5' },
}

export interface Holder {
  readonly der: Uint8Array
  readonly key: KeyObject
  readonly subject: string
}

export interface Wish {
  readonly subject: string
  /** Absent: self-signed. */
  readonly by?: Holder
  readonly key?: KeyObject
  readonly spki?: Uint8Array
  readonly extensions?: readonly Extension[]
  readonly from?: number
  readonly until?: number
  readonly algorithm?: keyof typeof algorithms
  /** The algorithm named in the signed part, when it is to differ. */
  readonly innerAlgorithm?: keyof typeof algorithms
  readonly version?: number
}

/** A certificate with its key. */
export function issue(wish: Wish): Holder {
  const key = wish.key ?? newKey()
  const signer = wish.by?.key ?? key
  const algorithm = algorithms[wish.algorithm ?? signer.asymmetricKeyType ?? '']
  const inner = algorithms[wish.innerAlgorithm ?? ''] ?? algorithm
  if (algorithm === undefined || inner === undefined) throw new Error('no algorithm')
  const signed = encode(signedFormat, {
    version: wish.version ?? 2,
    serialNumber: Uint8Array.of(1, ...randomBytes(8)),
    algorithm: Uint8Array.from(Buffer.from(inner.identifier, 'hex')),
    issuer: nameDer(wish.by?.subject ?? wish.subject),
    validity: { notBefore: wish.from ?? NOW - DAY, notAfter: wish.until ?? NOW + DAY },
    subject: nameDer(wish.subject),
    publicKey: wish.spki ?? spkiOf(key),
    issuerUniqueId: undefined,
    subjectUniqueId: undefined,
    extensions: wish.extensions?.length === 0 ? undefined : wish.extensions,
  })
  const signature = new Uint8Array(sign(algorithm.hash, signed, signer))
  const der = encode(certificateFormat, {
    signed,
    algorithm: Uint8Array.from(Buffer.from(algorithm.identifier, 'hex')),
    signature,
  })
  return { der, key, subject: wish.subject }
}

export const AUTHORITY: readonly Extension[] = [constraints(true), usage(5, 6)]

export const authority = (subject: string, wish: Partial<Wish> = {}): Holder =>
  issue({ subject, extensions: AUTHORITY, ...wish })

/** A gateway's certificate as it should be, for `vpn.example.org` and 198.51.100.1. */
export const gateway = (by: Holder, wish: Partial<Wish> = {}): Holder =>
  issue({
    subject: 'O=Example, CN=gateway',
    by,
    extensions: [
      usage(0),
      purposes(SERVER_AUTH),
      san(dns('vpn.example.org'), ip(198, 51, 100, 1), email('admin@example.org')),
    ],
    ...wish,
  })

export const pem = (der: Uint8Array, label = 'CERTIFICATE'): string =>
  `-----BEGIN ${label}-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END ${label}-----\n`
