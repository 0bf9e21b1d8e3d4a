/**
 * Integrity with a key, for packets: HMACs (RFC 2403, RFC 2404, RFC 4868), AES-XCBC-MAC-96 (RFC 3566), AES-CMAC-96 (RFC 4494) and
 * AH's AES-GMAC (RFC 4543).
 */
import { createCipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import type { AhIntegrityName, GmacName, HashName, IntegrityName } from '../../../src-shared/algorithms.ts'
import type { PacketIntegrity } from '../../ports.ts'
import { createAesMac } from './aes-mac.ts'

/** How each check value is made. Lengths in bytes. */
export type IntegrityRow =
  | { readonly kind: 'hmac'; readonly hash: HashName; readonly icvLength: number }
  | { readonly kind: 'aes-xcbc' | 'aes-cmac'; readonly icvLength: number }

export const integrityRows: Readonly<Record<IntegrityName, IntegrityRow>> = {
  'hmac-md5-96': { kind: 'hmac', hash: 'md5', icvLength: 12 },
  'hmac-sha1-96': { kind: 'hmac', hash: 'sha1', icvLength: 12 },
  'hmac-sha256-128': { kind: 'hmac', hash: 'sha256', icvLength: 16 },
  'hmac-sha384-192': { kind: 'hmac', hash: 'sha384', icvLength: 24 },
  'hmac-sha512-256': { kind: 'hmac', hash: 'sha512', icvLength: 32 },
  'aes-xcbc-96': { kind: 'aes-xcbc', icvLength: 12 },
  'aes-cmac-96': { kind: 'aes-cmac', icvLength: 12 },
}

/** A check value of whole messages, under one key. */
export interface CheckValue {
  readonly length: number
  /** Of the two parts as one message; valid until the next call. */
  of(message: Uint8Array, end?: Uint8Array): Uint8Array
  destroy(): void
}

export function checkValue(name: IntegrityName, givenKey: Uint8Array): CheckValue {
  const row = integrityRows[name]
  const length = row.icvLength
  switch (row.kind) {
    case 'hmac': {
      const key = Uint8Array.from(givenKey)
      const { hash } = row
      return {
        length,
        of(message, end) {
          const mac = createHmac(hash, key).update(message)
          if (end !== undefined) mac.update(end)
          return mac.digest().subarray(0, length)
        },
        destroy: () => void key.fill(0),
      }
    }
    case 'aes-xcbc':
    case 'aes-cmac': {
      const mac = createAesMac(row.kind, givenKey)
      return {
        length,
        of: (message, end) =>
          (end === undefined ? mac.of(message) : mac.of(message, end)).subarray(0, length),
        destroy: () => mac.destroy(),
      }
    }
  }
}

/** Of encryption alone (RFC 4303 section 3.2.1): nothing is checked. */
export const noCheckValue: CheckValue = {
  length: 0,
  of: () => new Uint8Array(0),
  destroy: () => undefined,
}

/** RFC 4303 section 2.2.1, RFC 4302 section 2.5.1: the high half is authenticated behind the packet, though it is not sent. */
export function createHighHalf(): (sequenceHigh: number, extended: boolean) => Uint8Array | undefined {
  const bytes = new Uint8Array(4)
  const view = new DataView(bytes.buffer)
  return (sequenceHigh, extended) => {
    if (!extended) return undefined
    view.setUint32(0, sequenceHigh)
    return bytes
  }
}

/** Throws RangeError for a key of the wrong length, where the algorithm has but one. */
export function createPacketIntegrity(name: AhIntegrityName, key: Uint8Array): PacketIntegrity {
  switch (name) {
    case 'aes-128-gmac':
    case 'aes-192-gmac':
    case 'aes-256-gmac':
      return gmac(name, key)
    case 'hmac-md5-96':
    case 'hmac-sha1-96':
    case 'hmac-sha256-128':
    case 'hmac-sha384-192':
    case 'hmac-sha512-256':
    case 'aes-xcbc-96':
    case 'aes-cmac-96': {
      const code = checkValue(name, key)
      const highHalf = createHighHalf()
      const of = (buffer: Uint8Array, offset: number, length: number, high: number, extended: boolean) =>
        code.of(buffer.subarray(offset, offset + length), highHalf(high, extended))
      return {
        icvLength: code.length,
        compute(buffer, offset, length, high, extended, icv, at) {
          icv.set(of(buffer, offset, length, high, extended), at)
        },
        verify: (buffer, offset, length, high, extended, icv, at) =>
          timingSafeEqual(of(buffer, offset, length, high, extended), icv.subarray(at, at + code.length)),
        destroy: () => code.destroy(),
      }
    }
  }
}

// ---------------------------------------------------------------- AES-GMAC in AH (RFC 4543 section 4)

const gmacKeys = {
  'aes-128-gmac': { length: 16, cipher: 'aes-128-gcm' },
  'aes-192-gmac': { length: 24, cipher: 'aes-192-gcm' },
  'aes-256-gmac': { length: 32, cipher: 'aes-256-gcm' },
} as const satisfies Record<GmacName, unknown>

const SALT_LENGTH = 4
const IV_LENGTH = 8
const TAG_LENGTH = 16
const HIGHEST_HALF = 0xffff_ffff

/** AH's check value is the IV with the tag behind it. `keyingMaterial`: the key with its salt behind it. */
function gmac(name: GmacName, keyingMaterial: Uint8Array): PacketIntegrity {
  const { length: keyLength, cipher: algorithm } = gmacKeys[name]
  if (keyingMaterial.length !== keyLength + SALT_LENGTH)
    throw new RangeError(`${name} has keys of ${keyLength} bytes with ${SALT_LENGTH} of salt`)
  const key = Uint8Array.from(keyingMaterial.subarray(0, keyLength))
  const nonce = new Uint8Array(SALT_LENGTH + IV_LENGTH)
  nonce.set(keyingMaterial.subarray(keyLength))
  const iv = nonce.subarray(SALT_LENGTH)
  const counter = new DataView(nonce.buffer, SALT_LENGTH)
  const highHalf = createHighHalf()
  let ivHigh = 0
  let ivLow = 0

  const tagOf = (
    buffer: Uint8Array,
    offset: number,
    length: number,
    high: number,
    extended: boolean,
  ): Uint8Array => {
    const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: TAG_LENGTH })
    cipher.setAAD(buffer.subarray(offset, offset + length))
    const end = highHalf(high, extended)
    if (end !== undefined) cipher.setAAD(end)
    cipher.final()
    return cipher.getAuthTag()
  }
  return {
    icvLength: IV_LENGTH + TAG_LENGTH,
    compute(buffer, offset, length, high, extended, icv, at) {
      // RFC 4543 section 3.1: an IV is never used twice under one key; a counter cannot repeat.
      counter.setUint32(0, ivHigh)
      counter.setUint32(4, ivLow)
      if (ivLow === HIGHEST_HALF) ivHigh += 1
      ivLow = (ivLow + 1) >>> 0
      icv.set(iv, at)
      icv.set(tagOf(buffer, offset, length, high, extended), at + IV_LENGTH)
    },
    verify(buffer, offset, length, high, extended, icv, at) {
      iv.set(icv.subarray(at, at + IV_LENGTH))
      const tag = icv.subarray(at + IV_LENGTH, at + IV_LENGTH + TAG_LENGTH)
      return timingSafeEqual(tagOf(buffer, offset, length, high, extended), tag)
    },
    destroy() {
      key.fill(0)
      nonce.fill(0)
    },
  }
}
