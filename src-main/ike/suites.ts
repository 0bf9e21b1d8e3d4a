/**
 * The algorithms of IKEv2 and ESP: names, numbers, lengths and standing. A later algorithm is one name in
 * src-shared/algorithms.ts, one row here and one function behind the Crypto and PacketCrypto ports.
 */
import type {
  EncryptionName,
  GroupName,
  HashName,
  IntegrityName,
  PrfName,
  Protection,
} from '../../src-shared/algorithms.ts'
import { Encryption, Integrity, KeyExchangeMethod, Prf } from './v2/code-points.ts'

/** How good an algorithm is thought to be; for people, so the reason is one of the field's own terms. */
export type Standing =
  { readonly standing: 'recommended' | 'acceptable' } | { readonly standing: 'weak'; readonly reason: string }

interface Row {
  /** Transform ID in the IANA registry "IKEv2 Parameters". */
  readonly id: number
  /** Where the algorithm is defined for IKE or ESP. */
  readonly source: string
  readonly strength: Standing
}

/** Lengths in bytes unless the name says bits. */
export interface EncryptionRow extends Row {
  readonly keyBits: readonly number[]
  /** Whether the transform carries the Key Length attribute (RFC 7296 section 3.3.5). */
  readonly hasKeyLengthAttribute: boolean
  /** Keying material behind the key that goes into every nonce; 0 for CBC. */
  readonly saltLength: number
  readonly ivLength: number
  /** Plaintext with its trailer is a multiple of this in ESP (RFC 4303 section 2.4). */
  readonly blockLength: number
  /** Combined-mode: brings its own integrity, so that no integrity algorithm stands beside it. */
  readonly isCombined: boolean
  /** Of the combined mode; 0 where the integrity algorithm makes the ICV. */
  readonly icvLength: number
}

/** What a prf or an integrity algorithm is made of. */
export type MacFunction =
  { readonly kind: 'hmac'; readonly hash: HashName } | { readonly kind: 'aes-xcbc' | 'aes-cmac' }

export interface PrfRow extends Row {
  readonly mac: MacFunction
  /** Output and preferred key length: for an HMAC the same (RFC 7296 section 2.14, RFC 4868 section 2.4). */
  readonly length: number
}

export interface IntegrityRow extends Row {
  readonly mac: MacFunction
  readonly keyLength: number
  readonly icvLength: number
}

export interface GroupRow extends Row {
  readonly publicValueLength: number
  readonly sharedSecretLength: number
}

const recommended: Standing = { standing: 'recommended' }
const acceptable: Standing = { standing: 'acceptable' }
const weak = (reason: string): Standing => ({ standing: 'weak', reason })

export const encryptions: Readonly<Record<EncryptionName, EncryptionRow>> = {
  'aes-gcm-16': {
    id: Encryption.ENCR_AES_GCM_16,
    source: 'RFC 4106, RFC 5282',
    strength: recommended,
    keyBits: [128, 192, 256],
    hasKeyLengthAttribute: true,
    saltLength: 4,
    ivLength: 8,
    blockLength: 4,
    isCombined: true,
    icvLength: 16,
  },
  'chacha20-poly1305': {
    id: Encryption.ENCR_CHACHA20_POLY1305,
    source: 'RFC 7634',
    strength: recommended,
    keyBits: [256],
    // RFC 7634 section 4: the key has one length and no attribute says so.
    hasKeyLengthAttribute: false,
    saltLength: 4,
    ivLength: 8,
    blockLength: 4,
    isCombined: true,
    icvLength: 16,
  },
  'aes-cbc': {
    id: Encryption.ENCR_AES_CBC,
    source: 'RFC 3602',
    strength: acceptable,
    keyBits: [128, 192, 256],
    hasKeyLengthAttribute: true,
    saltLength: 0,
    ivLength: 16,
    blockLength: 16,
    isCombined: false,
    icvLength: 0,
  },
  '3des-cbc': {
    id: Encryption.ENCR_3DES,
    source: 'RFC 2451',
    strength: weak('its 64-bit blocks repeat after a few gigabytes (RFC 8221 section 5)'),
    keyBits: [192],
    // RFC 2451 section 2.2: one key length, and no attribute says so.
    hasKeyLengthAttribute: false,
    saltLength: 0,
    ivLength: 8,
    blockLength: 8,
    isCombined: false,
    icvLength: 0,
  },
  'des-cbc': {
    id: Encryption.ENCR_DES,
    source: 'RFC 2405',
    strength: weak('its 56-bit key is found in hours (RFC 8221 section 5)'),
    keyBits: [64],
    hasKeyLengthAttribute: false,
    saltLength: 0,
    ivLength: 8,
    blockLength: 8,
    isCombined: false,
    icvLength: 0,
  },
}

const hmacPrf = (id: number, hash: HashName, length: number, strength: Standing): PrfRow => ({
  id,
  source: 'RFC 4868',
  strength,
  mac: { kind: 'hmac', hash },
  length,
})

// RFC 8247 section 2.2
export const prfs: Readonly<Record<PrfName, PrfRow>> = {
  'hmac-sha256': hmacPrf(Prf.PRF_HMAC_SHA2_256, 'sha256', 32, recommended),
  'hmac-sha384': hmacPrf(Prf.PRF_HMAC_SHA2_384, 'sha384', 48, recommended),
  'hmac-sha512': hmacPrf(Prf.PRF_HMAC_SHA2_512, 'sha512', 64, recommended),
  'hmac-sha1': {
    ...hmacPrf(Prf.PRF_HMAC_SHA1, 'sha1', 20, weak('SHA-1 is being retired (RFC 8247 section 2.2)')),
    source: 'RFC 2104',
  },
  'hmac-md5': {
    ...hmacPrf(Prf.PRF_HMAC_MD5, 'md5', 16, weak('MD5 is broken (RFC 8247 section 2.2)')),
    source: 'RFC 2104',
  },
  'aes-xcbc-128': {
    id: Prf.PRF_AES128_XCBC,
    source: 'RFC 4434',
    strength: acceptable,
    mac: { kind: 'aes-xcbc' },
    length: 16,
  },
  'aes-cmac-128': {
    id: Prf.PRF_AES128_CMAC,
    source: 'RFC 4615',
    strength: acceptable,
    mac: { kind: 'aes-cmac' },
    length: 16,
  },
}

// Keys as long as the hash: RFC 4868 section 2.1.1, RFC 2404 section 3.
const hmacIntegrity = (
  id: number,
  hash: HashName,
  keyLength: number,
  icvLength: number,
  strength: Standing,
): IntegrityRow => ({
  id,
  source: 'RFC 4868',
  strength,
  mac: { kind: 'hmac', hash },
  keyLength,
  icvLength,
})

// RFC 8247 section 2.3, RFC 8221 section 6
export const integrities: Readonly<Record<IntegrityName, IntegrityRow>> = {
  'hmac-sha256-128': hmacIntegrity(Integrity.AUTH_HMAC_SHA2_256_128, 'sha256', 32, 16, recommended),
  'hmac-sha384-192': hmacIntegrity(Integrity.AUTH_HMAC_SHA2_384_192, 'sha384', 48, 24, recommended),
  'hmac-sha512-256': hmacIntegrity(Integrity.AUTH_HMAC_SHA2_512_256, 'sha512', 64, 32, recommended),
  'hmac-sha1-96': {
    ...hmacIntegrity(
      Integrity.AUTH_HMAC_SHA1_96,
      'sha1',
      20,
      12,
      weak('SHA-1 is being retired (RFC 8247 section 2.3)'),
    ),
    source: 'RFC 2404',
  },
  'hmac-md5-96': {
    ...hmacIntegrity(Integrity.AUTH_HMAC_MD5_96, 'md5', 16, 12, weak('MD5 is broken (RFC 8247 section 2.3)')),
    source: 'RFC 2403',
  },
  'aes-xcbc-96': {
    id: Integrity.AUTH_AES_XCBC_96,
    source: 'RFC 3566',
    strength: acceptable,
    mac: { kind: 'aes-xcbc' },
    keyLength: 16,
    icvLength: 12,
  },
  'aes-cmac-96': {
    id: Integrity.AUTH_AES_CMAC_96,
    source: 'RFC 4494',
    strength: acceptable,
    mac: { kind: 'aes-cmac' },
    keyLength: 16,
    icvLength: 12,
  },
}

const modp = (id: number, bits: number, strength: Standing = acceptable, source = 'RFC 3526'): GroupRow => ({
  id,
  source,
  strength,
  publicValueLength: bits / 8,
  sharedSecretLength: bits / 8,
})

// RFC 5903 section 7: public values are x and y side by side, the shared secret is x.
const ecp = (id: number, coordinateLength: number): GroupRow => ({
  id,
  source: 'RFC 5903',
  strength: recommended,
  publicValueLength: 2 * coordinateLength,
  sharedSecretLength: coordinateLength,
})

// RFC 8247 section 2.4
export const groups: Readonly<Record<GroupName, GroupRow>> = {
  curve25519: {
    id: KeyExchangeMethod.CURVE25519,
    source: 'RFC 8031',
    strength: recommended,
    publicValueLength: 32,
    sharedSecretLength: 32,
  },
  ecp256: ecp(KeyExchangeMethod.ECP_256, 32),
  ecp384: ecp(KeyExchangeMethod.ECP_384, 48),
  ecp521: ecp(KeyExchangeMethod.ECP_521, 66),
  modp2048: modp(KeyExchangeMethod.MODP_2048, 2048),
  modp3072: modp(KeyExchangeMethod.MODP_3072, 3072),
  modp4096: modp(KeyExchangeMethod.MODP_4096, 4096),
  modp6144: modp(KeyExchangeMethod.MODP_6144, 6144),
  modp8192: modp(KeyExchangeMethod.MODP_8192, 8192),
  modp1536: modp(KeyExchangeMethod.MODP_1536, 1536, weak('1536 bits are too few (RFC 8247 section 2.4)')),
  modp1024: modp(
    KeyExchangeMethod.MODP_1024,
    1024,
    weak('1024 bits are within reach of states (RFC 8247 section 2.4)'),
    'RFC 2409 section 6.2',
  ),
  modp768: modp(
    KeyExchangeMethod.MODP_768,
    768,
    weak('768 bits have been broken in public (RFC 8247 section 2.4)'),
    'RFC 2409 section 6.1',
  ),
}

/** Lookup by transform ID: the name, or undefined for what we do not have. */
const byId = <Name extends string>(
  table: Readonly<Record<Name, Row>>,
): ((id: number) => Name | undefined) => {
  const names = new Map<number, Name>()
  for (const name in table) names.set(table[name].id, name)
  return (id) => names.get(id)
}

export const encryptionById = byId(encryptions)
export const prfById = byId(prfs)
export const integrityById = byId(integrities)
export const groupById = byId(groups)

/** The group's number in the KE payload and in INVALID_KE_PAYLOAD. */
export const groupId = (name: GroupName): number => groups[name].id

/** How many bytes of keying material one direction takes (RFC 7296 sections 2.14 and 2.17). */
export function keyLengths(protection: Protection): {
  /** The cipher's key with its salt. */
  readonly encryption: number
  /** 0 with combined modes. */
  readonly integrity: number
} {
  return {
    encryption: protection.keyBits / 8 + encryptions[protection.encryption].saltLength,
    integrity: protection.integrity === undefined ? 0 : integrities[protection.integrity].keyLength,
  }
}

export interface Weakness {
  readonly algorithm: EncryptionName | IntegrityName | PrfName | GroupName
  readonly reason: string
}

/** What a person should know about a suite: each weak algorithm in it, once. */
export function weaknessesOf(
  suite: Protection & { readonly prf?: PrfName; readonly group?: GroupName },
): readonly Weakness[] {
  const found: Weakness[] = []
  const look = (algorithm: Weakness['algorithm'], { strength }: Row): void => {
    if (strength.standing === 'weak') found.push({ algorithm, reason: strength.reason })
  }
  look(suite.encryption, encryptions[suite.encryption])
  if (suite.integrity !== undefined) look(suite.integrity, integrities[suite.integrity])
  if (suite.prf !== undefined) look(suite.prf, prfs[suite.prf])
  if (suite.group !== undefined) look(suite.group, groups[suite.group])
  return found
}
