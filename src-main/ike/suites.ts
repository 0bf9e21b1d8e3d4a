/**
 * The algorithms that Culvert can agree on, one row each: number on the wire, lengths in bytes, source. A later algorithm is one
 * row here and one function in the crypto provider. The numbers are those of IKEv2's registry.
 */
import type {
  EncryptionName,
  GroupName,
  HashName,
  IntegrityName,
  PrfName,
  Protection,
} from '../../src-shared/algorithms.ts'

export interface EncryptionRow {
  readonly id: number
  readonly keyBits: readonly number[]
  /** Whether the Key Length attribute is sent: not for ciphers with one length (RFC 7296 section 3.3.5). */
  readonly hasKeyLengthAttribute: boolean
  /** Combined-mode ciphers bring their own integrity. */
  readonly isCombined: boolean
  /** Comes behind the key in the keying material (RFC 4106 section 8.1, RFC 7634 section 2). */
  readonly saltLength: number
  readonly source: string
}

const aes = { keyBits: [128, 192, 256], hasKeyLengthAttribute: true } as const

export const encryptions: Readonly<Record<EncryptionName, EncryptionRow>> = {
  'aes-cbc': { id: 12, ...aes, isCombined: false, saltLength: 0, source: 'RFC 3602' },
  'aes-gcm-16': { id: 20, ...aes, isCombined: true, saltLength: 4, source: 'RFC 4106, RFC 5282' },
  'chacha20-poly1305': {
    id: 28,
    keyBits: [256],
    hasKeyLengthAttribute: false,
    isCombined: true,
    saltLength: 4,
    source: 'RFC 7634',
  },
}

export interface PrfRow {
  readonly id: number
  readonly hash: HashName
  /** Of its output, and of the keys that it prefers. */
  readonly length: number
  readonly weakness?: string
}

export const prfs: Readonly<Record<PrfName, PrfRow>> = {
  'hmac-sha1': { id: 2, hash: 'sha1', length: 20, weakness: 'SHA-1 is being retired (RFC 8247 section 2.2)' },
  'hmac-sha256': { id: 5, hash: 'sha256', length: 32 },
  'hmac-sha384': { id: 6, hash: 'sha384', length: 48 },
  'hmac-sha512': { id: 7, hash: 'sha512', length: 64 },
}

export interface IntegrityRow {
  readonly id: number
  readonly hash: HashName
  readonly keyLength: number
  readonly icvLength: number
  readonly weakness?: string
}

export const integrities: Readonly<Record<IntegrityName, IntegrityRow>> = {
  'hmac-sha1-96': {
    id: 2,
    hash: 'sha1',
    keyLength: 20,
    icvLength: 12,
    weakness: 'SHA-1 is being retired (RFC 8247 section 2.3)',
  },
  'hmac-sha256-128': { id: 12, hash: 'sha256', keyLength: 32, icvLength: 16 },
  'hmac-sha384-192': { id: 13, hash: 'sha384', keyLength: 48, icvLength: 24 },
  'hmac-sha512-256': { id: 14, hash: 'sha512', keyLength: 64, icvLength: 32 },
}

export interface GroupRow {
  readonly id: number
  readonly source: string
}

export const groups: Readonly<Record<GroupName, GroupRow>> = {
  modp2048: { id: 14, source: 'RFC 3526' },
  modp3072: { id: 15, source: 'RFC 3526' },
  modp4096: { id: 16, source: 'RFC 3526' },
  ecp256: { id: 19, source: 'RFC 5903' },
  ecp384: { id: 20, source: 'RFC 5903' },
  ecp521: { id: 21, source: 'RFC 5903' },
  curve25519: { id: 31, source: 'RFC 8031' },
}

/** From a number on the wire to our name for it; undefined for what we do not have. */
const byId = <Name extends string>(rows: Readonly<Record<Name, { readonly id: number }>>) => {
  const names = new Map<number, Name>()
  for (const name in rows) names.set(rows[name].id, name)
  return (id: number): Name | undefined => names.get(id)
}

export const encryptionById = byId(encryptions)
export const prfById = byId(prfs)
export const integrityById = byId(integrities)
export const groupById = byId(groups)
export const groupId = (name: GroupName): number => groups[name].id

/** Bytes of one direction's keys: the encryption key with its salt, and the integrity key (RFC 7296 sections 2.14 and 2.17). */
export const keyLengths = (
  protection: Protection,
): { readonly encryption: number; readonly integrity: number } => ({
  encryption: protection.keyBits / 8 + encryptions[protection.encryption].saltLength,
  integrity: protection.integrity === undefined ? 0 : integrities[protection.integrity].keyLength,
})
