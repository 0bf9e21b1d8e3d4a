/**
 * The algorithms that Culvert can agree on, one row each: name, number on the wire, lengths, source. A later algorithm is one row
 * here and one function in the crypto provider.
 */
import type {
  EncryptionName,
  GroupName,
  HashName,
  IntegrityName,
  PrfName,
} from '../../src-shared/algorithms.ts'

/** Lengths in bytes. */
export interface EncryptionRow {
  readonly name: EncryptionName
  readonly id: number
  readonly keyBits: readonly number[]
  /** Whether the Key Length attribute is sent: not for ciphers with one length (RFC 7296 section 3.3.5). */
  readonly keyLengthAttribute: boolean
  /** Combined-mode ciphers bring their own integrity. */
  readonly combined: boolean
  /** Comes behind the key in the keying material (RFC 4106 section 8.1, RFC 7634 section 2). */
  readonly saltLength: number
  readonly source: string
}

export const encryptions: readonly EncryptionRow[] = [
  {
    name: 'aes-cbc',
    id: 12,
    keyBits: [128, 192, 256],
    keyLengthAttribute: true,
    combined: false,
    saltLength: 0,
    source: 'RFC 3602',
  },
  {
    name: 'aes-gcm-16',
    id: 20,
    keyBits: [128, 192, 256],
    keyLengthAttribute: true,
    combined: true,
    saltLength: 4,
    source: 'RFC 4106, RFC 5282',
  },
  {
    name: 'chacha20-poly1305',
    id: 28,
    keyBits: [256],
    keyLengthAttribute: false,
    combined: true,
    saltLength: 4,
    source: 'RFC 7634',
  },
]

export interface PrfRow {
  readonly name: PrfName
  readonly id: number
  readonly hash: HashName
  /** Of its output, and of the keys that it prefers. */
  readonly length: number
  readonly weakness?: string
}

export const prfs: readonly PrfRow[] = [
  {
    name: 'hmac-sha1',
    id: 2,
    hash: 'sha1',
    length: 20,
    weakness: 'SHA-1 is being retired (RFC 8247 section 2.2)',
  },
  { name: 'hmac-sha256', id: 5, hash: 'sha256', length: 32 },
  { name: 'hmac-sha384', id: 6, hash: 'sha384', length: 48 },
  { name: 'hmac-sha512', id: 7, hash: 'sha512', length: 64 },
]

export interface IntegrityRow {
  readonly name: IntegrityName
  readonly id: number
  readonly hash: HashName
  readonly keyLength: number
  readonly icvLength: number
  readonly weakness?: string
}

export const integrities: readonly IntegrityRow[] = [
  {
    name: 'hmac-sha1-96',
    id: 2,
    hash: 'sha1',
    keyLength: 20,
    icvLength: 12,
    weakness: 'SHA-1 is being retired (RFC 8247 section 2.3)',
  },
  { name: 'hmac-sha256-128', id: 12, hash: 'sha256', keyLength: 32, icvLength: 16 },
  { name: 'hmac-sha384-192', id: 13, hash: 'sha384', keyLength: 48, icvLength: 24 },
  { name: 'hmac-sha512-256', id: 14, hash: 'sha512', keyLength: 64, icvLength: 32 },
]

export interface GroupRow {
  readonly name: GroupName
  readonly id: number
  readonly source: string
}

export const groups: readonly GroupRow[] = [
  { name: 'modp2048', id: 14, source: 'RFC 3526' },
  { name: 'modp3072', id: 15, source: 'RFC 3526' },
  { name: 'modp4096', id: 16, source: 'RFC 3526' },
  { name: 'ecp256', id: 19, source: 'RFC 5903' },
  { name: 'ecp384', id: 20, source: 'RFC 5903' },
  { name: 'ecp521', id: 21, source: 'RFC 5903' },
  { name: 'curve25519', id: 31, source: 'RFC 8031' },
]

function rowOf<Row extends { readonly name: string }>(rows: readonly Row[], name: Row['name']): Row {
  const found = rows.find((row) => row.name === name)
  if (found === undefined) throw new RangeError(`no such algorithm: ${name}`)
  return found
}

export const encryptionRow = (name: EncryptionName): EncryptionRow => rowOf(encryptions, name)
export const prfRow = (name: PrfName): PrfRow => rowOf(prfs, name)
export const integrityRow = (name: IntegrityName): IntegrityRow => rowOf(integrities, name)
export const groupRow = (name: GroupName): GroupRow => rowOf(groups, name)
