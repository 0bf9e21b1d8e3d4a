/** The encryption algorithms of IKE and ESP: one row each; their functions stand behind the Crypto and PacketCrypto ports. */
import type { EncryptionName } from '../../src-shared/algorithms.ts'
import { acceptable, byId, recommended, weak } from './standing.ts'
import type { AlgorithmRow, Standing } from './standing.ts'
import { Encryption } from './v2/code-points.ts'

/** Lengths in bytes unless the name says bits. */
export interface EncryptionRow extends AlgorithmRow {
  readonly keyBits: readonly number[]
  /** Whether the transform carries the Key Length attribute (RFC 7296 section 3.3.5). */
  readonly hasKeyLengthAttribute: boolean
  /** Keying material behind the key that goes into every nonce; 0 for CBC. */
  readonly saltLength: number
  readonly ivLength: number
  /** Plaintext with its trailer is a multiple of this in ESP (RFC 4303 section 2.4). */
  readonly blockLength: number
  /** Brings its own integrity, so that no integrity algorithm stands beside it. */
  readonly isCombined: boolean
  /** Of the combined mode; 0 where the integrity algorithm makes the ICV. */
  readonly icvLength: number
  /** Whether IKE's own messages may be protected by it, or ESP alone. */
  readonly inIke: boolean
}

const aesKeys = [128, 192, 256]

const combined = (
  id: number,
  source: string,
  strength: Standing,
  icvLength: number,
  saltLength: number,
): EncryptionRow => ({
  id,
  source,
  strength,
  keyBits: aesKeys,
  hasKeyLengthAttribute: true,
  saltLength,
  ivLength: 8,
  blockLength: 4,
  isCombined: true,
  icvLength,
  inIke: true,
})
// RFC 4106 section 8.1
const gcm = (id: number, strength: Standing, icvLength: number): EncryptionRow =>
  combined(id, 'RFC 4106, RFC 5282', strength, icvLength, 4)
// RFC 4309 section 7.1: three bytes of salt.
const aesCcm = (id: number, strength: Standing, icvLength: number): EncryptionRow =>
  combined(id, 'RFC 4309, RFC 5282', strength, icvLength, 3)
// RFC 5529 section 3: in ESP alone.
const camelliaCcm = (id: number, strength: Standing, icvLength: number): EncryptionRow => ({
  ...combined(id, 'RFC 5529', strength, icvLength, 3),
  inIke: false,
})

const cbc = (
  id: number,
  source: string,
  strength: Standing,
  keyBits: readonly number[],
  blockLength: number,
  hasKeyLengthAttribute: boolean,
): EncryptionRow => ({
  id,
  source,
  strength,
  keyBits,
  hasKeyLengthAttribute,
  saltLength: 0,
  ivLength: blockLength,
  blockLength,
  isCombined: false,
  icvLength: 0,
  inIke: true,
})
const smallBlocks = weak('its 64-bit blocks repeat after a few gigabytes (RFC 8221 section 5)')

const ctr = (id: number, source: string, inIke: boolean): EncryptionRow => ({
  id,
  source,
  strength: acceptable,
  keyBits: aesKeys,
  hasKeyLengthAttribute: true,
  // RFC 3686 section 5.1
  saltLength: 4,
  ivLength: 8,
  blockLength: 4,
  isCombined: false,
  icvLength: 0,
  inIke,
})

const shortCheck = weak('its check value of 64 bits may be guessed (NIST SP 800-38D appendix C)')
const readable = weak('it does not encrypt')

/** The preferred ones first, as they are shown. */
export const encryptions: Readonly<Record<EncryptionName, EncryptionRow>> = {
  'aes-gcm-16': gcm(Encryption.ENCR_AES_GCM_16, recommended, 16),
  'chacha20-poly1305': {
    ...combined(Encryption.ENCR_CHACHA20_POLY1305, 'RFC 7634', recommended, 16, 4),
    keyBits: [256],
    // RFC 7634 section 4: the key has one length and no attribute says so.
    hasKeyLengthAttribute: false,
  },
  'aes-cbc': cbc(Encryption.ENCR_AES_CBC, 'RFC 3602', acceptable, aesKeys, 16, true),
  'aes-ccm-16': aesCcm(Encryption.ENCR_AES_CCM_16, acceptable, 16),
  'aes-ccm-12': aesCcm(Encryption.ENCR_AES_CCM_12, acceptable, 12),
  // RFC 8247 section 2.1 asks for it where bandwidth is scarce.
  'aes-ccm-8': aesCcm(Encryption.ENCR_AES_CCM_8, acceptable, 8),
  'aes-gcm-12': gcm(Encryption.ENCR_AES_GCM_12, acceptable, 12),
  'aes-gcm-8': gcm(Encryption.ENCR_AES_GCM_8, shortCheck, 8),
  'aes-ctr': ctr(Encryption.ENCR_AES_CTR, 'RFC 3686, RFC 5930', true),
  'camellia-cbc': cbc(Encryption.ENCR_CAMELLIA_CBC, 'RFC 4312, RFC 5529', acceptable, aesKeys, 16, true),
  'camellia-ctr': ctr(Encryption.ENCR_CAMELLIA_CTR, 'RFC 5529', false),
  'camellia-ccm-16': camelliaCcm(Encryption.ENCR_CAMELLIA_CCM_16, acceptable, 16),
  'camellia-ccm-12': camelliaCcm(Encryption.ENCR_CAMELLIA_CCM_12, acceptable, 12),
  'camellia-ccm-8': camelliaCcm(Encryption.ENCR_CAMELLIA_CCM_8, acceptable, 8),
  'null-aes-gmac': {
    ...combined(Encryption.ENCR_NULL_AUTH_AES_GMAC, 'RFC 4543', readable, 16, 4),
    inIke: false,
  },
  null: {
    id: Encryption.ENCR_NULL,
    source: 'RFC 2410',
    strength: readable,
    keyBits: [0],
    hasKeyLengthAttribute: false,
    saltLength: 0,
    ivLength: 0,
    blockLength: 4,
    isCombined: false,
    icvLength: 0,
    // RFC 7296 section 5: IKE's own messages are never left readable.
    inIke: false,
  },
  // RFC 2451 section 2.2: 3DES and IDEA have one key length, which no attribute says; the others say theirs.
  '3des-cbc': cbc(Encryption.ENCR_3DES, 'RFC 2451', smallBlocks, [192], 8, false),
  'blowfish-cbc': cbc(Encryption.ENCR_BLOWFISH, 'RFC 2451', smallBlocks, aesKeys, 8, true),
  'cast-cbc': cbc(Encryption.ENCR_CAST, 'RFC 2144, RFC 2451', smallBlocks, [128], 8, true),
  'idea-cbc': cbc(Encryption.ENCR_IDEA, 'RFC 2451', smallBlocks, [128], 8, false),
  'rc5-cbc': cbc(Encryption.ENCR_RC5, 'RFC 2040, RFC 2451', smallBlocks, [128], 8, true),
  'des-cbc': cbc(
    Encryption.ENCR_DES,
    'RFC 2405',
    weak('its 56-bit key is found in hours (RFC 8221 section 5)'),
    [64],
    8,
    false,
  ),
}

export const encryptionById = byId(encryptions)
