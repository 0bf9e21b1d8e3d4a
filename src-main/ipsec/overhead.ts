/** What ESP in UDP costs a packet, and so what fits inside a path. */
import type { EncryptionName, EspSuite, IntegrityName } from '../../src-shared/algorithms.ts'

/** SPI and sequence number (RFC 4303 section 2). */
export const ESP_HEADER_LENGTH = 8
/** Pad length and next header. */
export const ESP_TRAILER_LENGTH = 2
const UDP_HEADER_LENGTH = 8
const IP_HEADER_LENGTH = { 4: 20, 6: 40 } as const

interface Lengths {
  readonly iv: number
  readonly block: number
  readonly tag: number
}
/** RFC 4106 section 3, RFC 4309 section 3, RFC 5529 section 3, RFC 7634 section 2, RFC 4543 section 3; RFC 4303 section 2.4 aligns to 4. */
const combined = (tag: number): Lengths => ({ iv: 8, block: 4, tag })
/** RFC 3602 section 3, RFC 4312 section 2, RFC 2451 section 2.6. */
const cbc = (block: number): Lengths => ({ iv: block, block, tag: 0 })
/** RFC 3686 section 3, RFC 5529 section 2. */
const ctr: Lengths = { iv: 8, block: 4, tag: 0 }

/** IV, granularity of payload and trailer, and the check value of the cipher's own. */
const encryption: Readonly<Record<EncryptionName, Lengths>> = {
  'aes-gcm-8': combined(8),
  'aes-gcm-12': combined(12),
  'aes-gcm-16': combined(16),
  'aes-ccm-8': combined(8),
  'aes-ccm-12': combined(12),
  'aes-ccm-16': combined(16),
  'camellia-ccm-8': combined(8),
  'camellia-ccm-12': combined(12),
  'camellia-ccm-16': combined(16),
  'chacha20-poly1305': combined(16),
  'null-aes-gmac': combined(16),
  'aes-cbc': cbc(16),
  'camellia-cbc': cbc(16),
  '3des-cbc': cbc(8),
  'des-cbc': cbc(8),
  'blowfish-cbc': cbc(8),
  'cast-cbc': cbc(8),
  'idea-cbc': cbc(8),
  'rc5-cbc': cbc(8),
  'aes-ctr': ctr,
  'camellia-ctr': ctr,
  null: { iv: 0, block: 4, tag: 0 },
}

/** RFC 2403, RFC 2404, RFC 4868, RFC 3566, RFC 4494. */
const integrity: Readonly<Record<IntegrityName, number>> = {
  'hmac-md5-96': 12,
  'hmac-sha1-96': 12,
  'hmac-sha256-128': 16,
  'hmac-sha384-192': 24,
  'hmac-sha512-256': 32,
  'aes-xcbc-96': 12,
  'aes-cmac-96': 12,
}

/** The lengths that a suite adds, in bytes. */
export interface EspLengths {
  readonly ivLength: number
  readonly blockLength: number
  readonly icvLength: number
}

export function espLengths(suite: EspSuite): EspLengths {
  const { iv, block, tag } = encryption[suite.encryption]
  return {
    ivLength: iv,
    blockLength: block,
    icvLength: tag + (suite.integrity === undefined ? 0 : integrity[suite.integrity]),
  }
}

/**
 * The longest inner packet whose ESP-in-UDP datagram is at most `pathMtu` bytes long with its IP header (tunnel mode, no IP
 * options). Never negative.
 */
export function innerMtu(pathMtu: number, outerFamily: 4 | 6, suite: EspSuite): number {
  const { ivLength, blockLength, icvLength } = espLengths(suite)
  const room =
    pathMtu - IP_HEADER_LENGTH[outerFamily] - UDP_HEADER_LENGTH - ESP_HEADER_LENGTH - ivLength - icvLength
  return Math.max(0, Math.floor(room / blockLength) * blockLength - ESP_TRAILER_LENGTH)
}
