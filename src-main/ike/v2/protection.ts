/**
 * The protection of the Encrypted payload (RFC 7296 section 3.14), for one direction of one IKE SA: combined-mode ciphers
 * (RFC 5282, RFC 7634), or CBC or counter mode (RFC 5930) with an integrity algorithm over the whole message, encrypted first.
 */
import { cipherKind } from '../../../src-shared/algorithms.ts'
import type { AeadName, CbcName, CtrName, IntegrityName, Protection } from '../../../src-shared/algorithms.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import type { Crypto, Random } from '../../ports.ts'
import { macOf } from '../mac.ts'
import type { MacPorts } from '../mac.ts'
import { encryptions } from '../encryptions.ts'
import { integrities } from '../suites.ts'

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
  readonly crypto: Pick<Crypto, 'aead' | 'cbc' | 'ctr' | 'equal'> & MacPorts
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

const COUNTER_IV_LENGTH = 8

/** RFC 5282 section 3.1, RFC 5930 section 2.2: an IV is never used twice with one key; a counter cannot repeat. */
function counterIvs(): () => Uint8Array {
  let next = 0n
  return () => {
    const iv = new Uint8Array(COUNTER_IV_LENGTH)
    new DataView(iv.buffer).setBigUint64(0, next)
    next += 1n
    return iv
  }
}

function combined({ crypto, encryptionKey }: SkProtectionParameters, name: AeadName): SkProtection {
  const { saltLength, icvLength } = encryptions[name]
  // RFC 5282 section 7.1, RFC 7634 section 2: the last bytes of the keying material are the salt.
  const keyLength = encryptionKey.length - saltLength
  const aead = crypto.aead(name, encryptionKey.subarray(0, keyLength))
  const salt = encryptionKey.slice(keyLength)
  const nextIv = counterIvs()
  const nonceFor = (iv: Uint8Array): Uint8Array => {
    const nonce = new Uint8Array(saltLength + COUNTER_IV_LENGTH)
    nonce.set(salt)
    nonce.set(iv, saltLength)
    return nonce
  }
  const overhead = () => COUNTER_IV_LENGTH + 1 + icvLength
  return {
    overhead,
    capacity: (room) => Math.max(0, room - overhead()),
    seal(message, offset, plaintext) {
      const iv = nextIv()
      message.set(iv, offset)
      // RFC 5282 section 5.1: from the IKE header to the end of what stands before the IV.
      const associated = message.subarray(0, offset)
      message.set(aead.seal(nonceFor(iv), associated, withPadding(plaintext, 1)), offset + COUNTER_IV_LENGTH)
    },
    open(message, offset) {
      const start = offset + COUNTER_IV_LENGTH
      if (message.length < start + icvLength) return fail('not-authentic')
      const nonce = nonceFor(message.subarray(offset, start))
      const padded = aead.open(nonce, message.subarray(0, offset), message.subarray(start))
      return padded === undefined ? fail('not-authentic') : withoutPadding(padded)
    },
  }
}

/** A cipher that knows nothing of integrity. `blockLength`: what plaintexts are padded to a multiple of. */
interface BareCipher {
  readonly ivLength: number
  readonly blockLength: number
  nextIv(): Uint8Array
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
}

function cbc({ crypto, random, encryptionKey }: SkProtectionParameters, name: CbcName): BareCipher {
  const { blockLength } = encryptions[name]
  return {
    ...crypto.cbc(name, encryptionKey),
    ivLength: blockLength,
    blockLength,
    // RFC 7296 section 3.14: an IV that cannot be foreseen.
    nextIv: () => random.bytes(blockLength),
  }
}

function ctr({ crypto, encryptionKey }: SkProtectionParameters, name: CtrName): BareCipher {
  const { saltLength, ivLength } = encryptions[name]
  const keyLength = encryptionKey.length - saltLength
  const cipher = crypto.ctr(name, encryptionKey.subarray(0, keyLength))
  // RFC 5930 section 2.3: nonce, IV, and a block counter that begins at one.
  const counterBlock = new Uint8Array(16)
  counterBlock.set(encryptionKey.subarray(keyLength))
  counterBlock.set([1], 15)
  const crypt = (iv: Uint8Array, data: Uint8Array): Uint8Array => {
    counterBlock.set(iv, saltLength)
    return cipher.crypt(counterBlock, data)
  }
  // RFC 5930 section 2.4: no padding is needed.
  return { ivLength, blockLength: 1, nextIv: counterIvs(), encrypt: crypt, decrypt: crypt }
}

function encryptThenMac(
  { crypto }: SkProtectionParameters,
  cipher: BareCipher,
  integrity: IntegrityName,
  integrityKey: Uint8Array,
): SkProtection {
  const { ivLength, blockLength } = cipher
  const { mac, icvLength } = integrities[integrity]
  const keyed = macOf(crypto, mac)
  // RFC 7296 section 3.14: the checksum covers the whole message up to itself.
  const icvOf = (message: Uint8Array, end: number): Uint8Array =>
    keyed(integrityKey, message.subarray(0, end)).subarray(0, icvLength)
  return {
    overhead: (plainLength) => ivLength + paddingFor(plainLength, blockLength) + 1 + icvLength,
    capacity(room) {
      const blocks = Math.floor((room - ivLength - icvLength) / blockLength)
      return Math.max(0, blocks * blockLength - 1)
    },
    seal(message, offset, plaintext) {
      const iv = cipher.nextIv()
      message.set(iv, offset)
      message.set(cipher.encrypt(iv, withPadding(plaintext, blockLength)), offset + ivLength)
      const end = message.length - icvLength
      message.set(icvOf(message, end), end)
    },
    open(message, offset) {
      const start = offset + ivLength
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
 * Throws TypeError when the integrity key is missing, and for what encrypts nothing: a bug of the caller.
 */
export function createSkProtection(parameters: SkProtectionParameters): SkProtection {
  const { protection, integrityKey } = parameters
  const cipher = cipherKind(protection.encryption)
  const beside = (bare: BareCipher): SkProtection => {
    if (protection.integrity === undefined || integrityKey === undefined)
      throw new TypeError(`${protection.encryption} stands with an integrity algorithm and its key`)
    return encryptThenMac(parameters, bare, protection.integrity, integrityKey)
  }
  switch (cipher.kind) {
    case 'aead':
      return combined(parameters, cipher.name)
    case 'cbc':
      return beside(cbc(parameters, cipher.name))
    case 'ctr':
      return beside(ctr(parameters, cipher.name))
    case 'null':
    case 'gmac':
      throw new TypeError(`${protection.encryption} does not protect IKE's own messages`)
  }
}
