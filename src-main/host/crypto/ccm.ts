/**
 * CCM (RFC 3610, NIST SP 800-38C) made of a block cipher's CBC and counter modes, shaped as node:crypto's objects are: for Camellia,
 * and for AES where the library has no CCM. A message goes through `update` as a whole.
 */
import { timingSafeEqual } from 'node:crypto'
import { cbcCipher } from './cbc-cipher.ts'
import type { Combined, CombinedOpening } from './combined.ts'
import { ctrCipher } from './ctr-cipher.ts'

const BLOCK_LENGTH = 16
const zeroIv = new Uint8Array(BLOCK_LENGTH)
/** RFC 3610 section 2.2: longer associated data has its length in other forms, which nothing here needs. */
const MOST_ASSOCIATED = 0xfeff

export interface CcmParameters {
  readonly family: 'aes' | 'camellia'
  /** 16, 24 or 32 bytes. */
  readonly key: Uint8Array
  /** 7 to 13 bytes. */
  readonly nonce: Uint8Array
  readonly tagLength: number
}

const upToBlock = (length: number): number => Math.ceil(length / BLOCK_LENGTH) * BLOCK_LENGTH

/** T of RFC 3610 section 2.2: the CBC-MAC of B_0, the associated data and the message, each padded with zeros. */
function checkOf(
  { family, key, nonce, tagLength }: CcmParameters,
  associated: Uint8Array,
  message: Uint8Array,
): Uint8Array {
  if (associated.length > MOST_ASSOCIATED) throw new RangeError('too much associated data for CCM')
  const prefixed = associated.length === 0 ? 0 : upToBlock(2 + associated.length)
  const blocks = new Uint8Array(BLOCK_LENGTH + prefixed + upToBlock(message.length))
  const view = new DataView(blocks.buffer)
  const lengthSize = BLOCK_LENGTH - 1 - nonce.length
  // Flags: associated data present, M' = (M - 2) / 2, L' = L - 1.
  blocks[0] = (associated.length === 0 ? 0 : 0x40) | (((tagLength - 2) / 2) << 3) | (lengthSize - 1)
  // The length of the message, in the last bytes of B_0; no message reaches more than four of them.
  if (lengthSize >= 4) view.setUint32(BLOCK_LENGTH - 4, message.length)
  else if (message.length >= 2 ** (8 * lengthSize)) throw new RangeError('too long a message for CCM')
  else
    for (let at = 0, rest = message.length; at < lengthSize; at += 1, rest >>>= 8)
      blocks[BLOCK_LENGTH - 1 - at] = rest
  blocks.set(nonce, 1)
  if (associated.length > 0) {
    view.setUint16(BLOCK_LENGTH, associated.length)
    blocks.set(associated, BLOCK_LENGTH + 2)
  }
  blocks.set(message, BLOCK_LENGTH + prefixed)
  const chain = cbcCipher(family === 'aes' ? 'aes-cbc' : 'camellia-cbc', key)
  const check = chain.encrypt(zeroIv, blocks).slice(-BLOCK_LENGTH)
  chain.destroy()
  blocks.fill(0)
  return check
}

/** S_0 in front, then the message encrypted: RFC 3610 section 2.3. */
function keyStreamOver({ family, key, nonce }: CcmParameters, message: Uint8Array): Uint8Array {
  const counterBlock = new Uint8Array(BLOCK_LENGTH)
  counterBlock[0] = BLOCK_LENGTH - 2 - nonce.length
  counterBlock.set(nonce, 1)
  const text = new Uint8Array(BLOCK_LENGTH + message.length)
  text.set(message, BLOCK_LENGTH)
  const cipher = ctrCipher(family === 'aes' ? 'aes-ctr' : 'camellia-ctr', key)
  const result = cipher.crypt(counterBlock, text)
  cipher.destroy()
  return result
}

const masked = (check: Uint8Array, mask: Uint8Array, length: number): Uint8Array =>
  check.slice(0, length).map((byte, at) => byte ^ (mask[at] ?? 0))

export function ccmCipher(parameters: CcmParameters): Combined {
  let associated = new Uint8Array(0)
  let tag = new Uint8Array(0)
  return {
    setAAD: (data) => (associated = Uint8Array.from(data)),
    update(plaintext) {
      const check = checkOf(parameters, associated, plaintext)
      const stream = keyStreamOver(parameters, plaintext)
      tag = Uint8Array.from(masked(check, stream, parameters.tagLength))
      return stream.subarray(BLOCK_LENGTH)
    },
    final: () => undefined,
    getAuthTag: () => tag,
  }
}

export function ccmDecipher(parameters: CcmParameters): CombinedOpening {
  let associated = new Uint8Array(0)
  let tag = new Uint8Array(0)
  let isGenuine = false
  return {
    setAAD: (data) => (associated = Uint8Array.from(data)),
    setAuthTag: (data) => (tag = Uint8Array.from(data)),
    update(ciphertext) {
      const stream = keyStreamOver(parameters, ciphertext)
      const plaintext = stream.subarray(BLOCK_LENGTH)
      const check = masked(checkOf(parameters, associated, plaintext), stream, parameters.tagLength)
      isGenuine = tag.length === check.length && timingSafeEqual(check, tag)
      // `final` tells, as with node:crypto; until then nobody has what nobody sealed.
      if (!isGenuine) plaintext.fill(0)
      return plaintext
    },
    final() {
      if (!isGenuine) throw new Error('the tag does not fit')
    },
  }
}
