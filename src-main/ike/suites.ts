/**
 * The pseudo-random functions and integrity algorithms of IKE and ESP, and what is to be said of whole suites. A later algorithm is
 * one name in src-shared/algorithms.ts, one row here, in encryptions.ts or in groups.ts, and one function behind the Crypto and
 * PacketCrypto ports.
 */
import type {
  EncryptionName,
  GroupName,
  HashName,
  IntegrityName,
  PrfName,
  Protection,
} from '../../src-shared/algorithms.ts'
import { encryptions } from './encryptions.ts'
import { groups } from './groups.ts'
import { acceptable, byId, recommended, weak } from './standing.ts'
import type { AlgorithmRow, Standing } from './standing.ts'
import { Integrity, Prf } from './v2/code-points.ts'

/** What a prf or an integrity algorithm is made of. */
export type MacFunction =
  { readonly kind: 'hmac'; readonly hash: HashName } | { readonly kind: 'aes-xcbc' | 'aes-cmac' }

export interface PrfRow extends AlgorithmRow {
  readonly mac: MacFunction
  /** Output and preferred key length: for an HMAC the same (RFC 7296 section 2.14, RFC 4868 section 2.4). */
  readonly length: number
}

export interface IntegrityRow extends AlgorithmRow {
  readonly mac: MacFunction
  readonly keyLength: number
  readonly icvLength: number
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

export const prfById = byId(prfs)
export const integrityById = byId(integrities)

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
  const look = (algorithm: Weakness['algorithm'], { strength }: AlgorithmRow): void => {
    if (strength.standing === 'weak') found.push({ algorithm, reason: strength.reason })
  }
  look(suite.encryption, encryptions[suite.encryption])
  if (suite.integrity !== undefined) look(suite.integrity, integrities[suite.integrity])
  if (suite.prf !== undefined) look(suite.prf, prfs[suite.prf])
  if (suite.group !== undefined) look(suite.group, groups[suite.group])
  return found
}
