/** RSA with the padding of PKCS #1 version 1.5, for IKEv1's authentication by public-key encryption and for nothing else. */
import { constants, privateDecrypt, publicEncrypt } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { DecryptionKey, EncryptionKey } from '../../ports.ts'
import { usableKeyType } from './signatures.ts'

/** Undefined for keys that are not RSA, or too weak. */
export function createEncryptionKey(key: KeyObject): EncryptionKey | undefined {
  if (key.type !== 'public' || usableKeyType(key) !== 'rsa') return undefined
  const most = lengthOf(key) - LEAST_PADDING
  return {
    encrypt(plaintext) {
      if (plaintext.length > most) throw new RangeError(`more than ${most} bytes for one RSA block`)
      return new Uint8Array(publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, plaintext))
    },
  }
}

/** Undefined for keys that are not RSA, or too weak. */
export function createDecryptionKey(key: KeyObject): DecryptionKey | undefined {
  if (key.type !== 'private' || usableKeyType(key) !== 'rsa') return undefined
  const length = lengthOf(key)
  return {
    decrypt(ciphertext, substitute) {
      const block = ciphertext.length === length ? rawDecrypt(key, ciphertext) : undefined
      return unpadded(block ?? new Uint8Array(length), substitute)
    },
  }
}

/** Two zero bytes and a two around eight random bytes at least (RFC 8017 section 7.2). */
const LEAST_PADDING = 11

const lengthOf = (key: KeyObject): number => Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)

/** Node refuses the padding where OpenSSL has no implicit rejection (CVE-2023-46809), so it is taken off here. */
function rawDecrypt(key: KeyObject, ciphertext: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext))
  } catch {
    // A number that is no less than the modulus.
    return undefined
  }
}

/**
 * EM = 0x00 || 0x02 || PS || 0x00 || M (RFC 8017 section 7.2.2). Looks at every byte whatever it finds, so that neither the answer
 * nor the work tells a right padding from a wrong one.
 */
function unpadded(block: Uint8Array, substitute: Uint8Array): Uint8Array {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  let wrong = view.getUint8(0) | (view.getUint8(1) ^ 2)
  let separator = 0
  let looking = 1
  for (let at = 2; at < block.length; at += 1) {
    const isZero = Number(view.getUint8(at) === 0)
    separator += at * (isZero & looking)
    looking &= 1 - isZero
  }
  wrong |= looking | Number(separator < LEAST_PADDING - 1)
  const good = block.slice(separator + 1)
  block.fill(0)
  return wrong === 0 ? good : substitute.slice()
}
