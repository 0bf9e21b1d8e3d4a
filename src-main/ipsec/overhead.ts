/** What ESP in UDP costs a packet, and so what fits inside a path. */
import type { EncryptionName, EspSuite, IntegrityName } from '../../src-shared/algorithms.ts'

/** SPI and sequence number (RFC 4303 section 2). */
export const ESP_HEADER_LENGTH = 8
/** Pad length and next header. */
export const ESP_TRAILER_LENGTH = 2
const UDP_HEADER_LENGTH = 8
const IP_HEADER_LENGTH = { 4: 20, 6: 40 } as const

/** IV and granularity of payload and trailer: RFC 4106 section 3, RFC 7634 section 2, RFC 3602 section 3; RFC 4303 section 2.4 aligns to 4. */
const encryption: Readonly<Record<EncryptionName, { iv: number; block: number; tag: number }>> = {
  'aes-gcm-16': { iv: 8, block: 4, tag: 16 },
  'chacha20-poly1305': { iv: 8, block: 4, tag: 16 },
  'aes-cbc': { iv: 16, block: 16, tag: 0 },
  '3des-cbc': { iv: 8, block: 8, tag: 0 },
  'des-cbc': { iv: 8, block: 8, tag: 0 },
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
