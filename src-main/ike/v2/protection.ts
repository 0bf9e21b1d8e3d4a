/**
 * The protection of the Encrypted payload (RFC 7296 section 3.14), for one direction of one IKE SA: combined-mode ciphers
 * (RFC 5282, RFC 7634) or CBC with an HMAC over the whole message, encrypted first.
 */
import type { CbcName, IntegrityName, Protection } from '../../../src-shared/algorithms.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import type { Crypto, Random } from '../../ports.ts'
import { macOf } from '../mac.ts'
import type { MacPorts } from '../mac.ts'
import { encryptions, integrities } from '../suites.ts'

/** Seals and opens bodies `[IV][ciphertext: plaintext, padding, pad length][ICV]` that reach to the end of their message. */
export interface SkProtection {
  /** How many bytes the body has besides so many of plaintext. */
  overhead(plainLength: number): number
  /** The most plaintext whose body fits into so much room; 0 when there is none. */
  capacity(room: number): number
  /**
   * Writes the body of a message in place. All before `offset` is already final, lengths too, and gets authenticated; the
   * message is as long as `offset`, the plaintext and its overhead together.
   */
  seal(message: Uint8Array, offset: number, plaintext: Uint8Array): void
  /**
   * The plaintext without its padding, in bytes of its own. `not-authentic` may be anybody's doing; `malformed` is the
   * authenticated peer's.
   */
  open(message: Uint8Array, offset: number): Result<Uint8Array, 'not-authentic' | 'malformed'>
}

export interface SkProtectionParameters {
  readonly crypto: Pick<Crypto, 'aead' | 'cbc' | 'equal'> & MacPorts
  readonly random: Random
  readonly protection: Protection
  /** SK_ei or SK_er; for combined modes with the salt behind the key. Stays the caller's, who wipes it. */
  readonly encryptionKey: Uint8Array
  /** SK_ai or SK_ar; exactly when the protection has an integrity algorithm. Stays the caller's. */
  readonly integrityKey?: Uint8Array
}

/** RFC 7296 section 3.14: what stands before the pad length is the plaintext; the padding itself may be anything. */
function withoutPadding(padded: Uint8Array): Result<Uint8Array, 'malformed'> {
  if (padded.length === 0) return fail('malformed')
  const padLength = new DataView(padded.buffer, padded.byteOffset, padded.length).getUint8(padded.length - 1)
  const plainLength = padded.length - 1 - padLength
  return plainLength < 0 ? fail('malformed') : ok(padded.subarray(0, plainLength))
}

/** Padding of zeros and the pad length behind the plaintext, to a multiple of the block. */
function withPadding(plaintext: Uint8Array, blockLength: number): Uint8Array {
  const padLength = paddingFor(plaintext.length, blockLength)
  const padded = new Uint8Array(plaintext.length + padLength + 1)
  padded.set(plaintext)
  padded.set([padLength], padded.length - 1)
  return padded
}

const paddingFor = (plainLength: number, blockLength: number): number =>
  (blockLength - ((plainLength + 1) % blockLength)) % blockLength

const SALT_LENGTH = 4
const COUNTER_IV_LENGTH = 8
const TAG_LENGTH = 16

function combined(
  { crypto, encryptionKey }: SkProtectionParameters,
  name: 'aes-gcm-16' | 'chacha20-poly1305',
): SkProtection {
  // RFC 5282 section 7.1, RFC 7634 section 2: the last four bytes of the keying material are the salt.
  const keyLength = encryptionKey.length - SALT_LENGTH
  const aead = crypto.aead(name, encryptionKey.subarray(0, keyLength))
  const salt = encryptionKey.slice(keyLength)
  let sealed = 0n
  const nonceFor = (iv: Uint8Array): Uint8Array => {
    const nonce = new Uint8Array(SALT_LENGTH + COUNTER_IV_LENGTH)
    nonce.set(salt)
    nonce.set(iv, SALT_LENGTH)
    return nonce
  }
  const overhead = () => COUNTER_IV_LENGTH + 1 + TAG_LENGTH
  return {
    overhead,
    capacity: (room) => Math.max(0, room - overhead()),
    seal(message, offset, plaintext) {
      // RFC 5282 section 3.1: an IV is never used twice with one key; a counter cannot repeat.
      const iv = new Uint8Array(COUNTER_IV_LENGTH)
      new DataView(iv.buffer).setBigUint64(0, sealed)
      sealed += 1n
      message.set(iv, offset)
      // RFC 5282 section 5.1: from the IKE header to the end of what stands before the IV.
      const associated = message.subarray(0, offset)
      message.set(aead.seal(nonceFor(iv), associated, withPadding(plaintext, 1)), offset + COUNTER_IV_LENGTH)
    },
    open(message, offset) {
      const start = offset + COUNTER_IV_LENGTH
      if (message.length < start + TAG_LENGTH) return fail('not-authentic')
      const nonce = nonceFor(message.subarray(offset, start))
      const padded = aead.open(nonce, message.subarray(0, offset), message.subarray(start))
      return padded === undefined ? fail('not-authentic') : withoutPadding(padded)
    },
  }
}

function encryptThenMac(
  { crypto, random, encryptionKey }: SkProtectionParameters,
  encryption: CbcName,
  integrity: IntegrityName,
  integrityKey: Uint8Array,
): SkProtection {
  const cipher = crypto.cbc(encryption, encryptionKey)
  const { blockLength } = encryptions[encryption]
  const { mac, icvLength } = integrities[integrity]
  const keyed = macOf(crypto, mac)
  // RFC 7296 section 3.14: the checksum covers the whole message up to itself.
  const icvOf = (message: Uint8Array, end: number): Uint8Array =>
    keyed(integrityKey, message.subarray(0, end)).subarray(0, icvLength)
  return {
    overhead: (plainLength) => blockLength + paddingFor(plainLength, blockLength) + 1 + icvLength,
    capacity(room) {
      const blocks = Math.floor((room - blockLength - icvLength) / blockLength)
      return Math.max(0, blocks * blockLength - 1)
    },
    seal(message, offset, plaintext) {
      // RFC 7296 section 3.14: an IV that cannot be foreseen.
      const iv = random.bytes(blockLength)
      message.set(iv, offset)
      message.set(cipher.encrypt(iv, withPadding(plaintext, blockLength)), offset + blockLength)
      const end = message.length - icvLength
      message.set(icvOf(message, end), end)
    },
    open(message, offset) {
      const start = offset + blockLength
      const end = message.length - icvLength
      const cipherLength = end - start
      if (cipherLength < blockLength || cipherLength % blockLength !== 0) return fail('not-authentic')
      // The checksum first: nothing is decrypted that the peer did not send.
      if (!crypto.equal(icvOf(message, end), message.subarray(end))) return fail('not-authentic')
      return withoutPadding(cipher.decrypt(message.subarray(offset, start), message.subarray(start, end)))
    },
  }
}

/**
 * The protection of one direction. One a key, ever: with combined modes two of them would use the same IVs.
 * Throws TypeError when the integrity key is missing: a bug of the caller.
 */
export function createSkProtection(parameters: SkProtectionParameters): SkProtection {
  const { protection, integrityKey } = parameters
  switch (protection.encryption) {
    case 'aes-gcm-16':
    case 'chacha20-poly1305':
      return combined(parameters, protection.encryption)
    case 'aes-cbc':
    case '3des-cbc':
    case 'des-cbc':
      if (protection.integrity === undefined || integrityKey === undefined) {
        throw new TypeError('CBC stands with an integrity algorithm and its key')
      }
      return encryptThenMac(parameters, protection.encryption, protection.integrity, integrityKey)
  }
}
