/**
 * OpenSSL 3's libcrypto.so.3, called without node:crypto's objects: AES-GCM, ChaCha20-Poly1305, AES-CBC with HMAC (EVP_CIPHER
 * and HMAC of its manual pages). Loaded so that its symbols are its own: Node carries another OpenSSL under the same names.
 */
import { loadLibrary } from 'tun-tap'
import type { NativeFunction, PacketArena } from 'tun-tap'
import type { EncryptionName } from '../../../../src-shared/algorithms.ts'
import { integrityRows } from '../../crypto/integrity.ts'
import { randomIvs } from '../../crypto/packet-iv.ts'
import type { PacketCipher } from '../../../ports.ts'
import {
  createNonceLayout,
  ESP_HEADER_LENGTH,
  IV_LENGTH,
  NONCE_LAYOUT_LENGTH,
  PREFIX_LENGTH,
  SALT_LENGTH,
  TAG_LENGTH,
} from './nonce.ts'
import type { OpenProvider } from './provider.ts'
import { createRegionPool } from './region-pool.ts'
import type { RegionPool } from './region-pool.ts'

const LIBRARY = 'libcrypto.so.3'
const VERSION_TEXT = 0
const GET_TAG = 0x10
const SET_TAG = 0x11
const BLOCK = 16
/** Key, and whatever else is handed over once: an integrity key of 64 bytes is the longest. */
const SCRATCH_LENGTH = 256

const declarations = {
  version: 'const char *OpenSSL_version(int what)',
  cipherFetch: 'uintptr_t EVP_CIPHER_fetch(uintptr_t library, const char *name, uintptr_t properties)',
  contextNew: 'uintptr_t EVP_CIPHER_CTX_new()',
  contextFree: 'void EVP_CIPHER_CTX_free(uintptr_t context)',
  init: 'int EVP_CipherInit_ex2(uintptr_t context, uintptr_t cipher, uintptr_t key, uintptr_t iv, int encrypt, uintptr_t parameters)',
  setPadding: 'int EVP_CIPHER_CTX_set_padding(uintptr_t context, int padding)',
  update:
    'int EVP_CipherUpdate(uintptr_t context, uintptr_t out, uintptr_t out_length, uintptr_t in, int length)',
  final: 'int EVP_CipherFinal_ex(uintptr_t context, uintptr_t out, uintptr_t out_length)',
  control: 'int EVP_CIPHER_CTX_ctrl(uintptr_t context, int what, int length, uintptr_t data)',
  digest: 'uintptr_t EVP_get_digestbyname(const char *name)',
  macNew: 'uintptr_t HMAC_CTX_new()',
  macFree: 'void HMAC_CTX_free(uintptr_t context)',
  macInit:
    'int HMAC_Init_ex(uintptr_t context, uintptr_t key, int length, uintptr_t digest, uintptr_t engine)',
  macUpdate: 'int HMAC_Update(uintptr_t context, uintptr_t data, size_t length)',
  macFinal: 'int HMAC_Final(uintptr_t context, uintptr_t out, uintptr_t out_length)',
} as const

type Library = Readonly<Record<keyof typeof declarations, NativeFunction>>

interface Parts {
  readonly library: Library
  readonly arena: PacketArena
  readonly pool: RegionPool
  /** For what is handed over once, and where lengths come back. */
  readonly scratch: number
  readonly lengthAt: number
}

const combinedNames: Readonly<Record<string, string>> = {
  'aes-gcm-16 16': 'AES-128-GCM',
  'aes-gcm-16 24': 'AES-192-GCM',
  'aes-gcm-16 32': 'AES-256-GCM',
  'chacha20-poly1305 32': 'ChaCha20-Poly1305',
}

export const openLibcrypto: OpenProvider = (arena) => {
  const find = loadLibrary(LIBRARY, { deep: true })
  const library: Library = {
    version: find(declarations.version),
    cipherFetch: find(declarations.cipherFetch),
    contextNew: find(declarations.contextNew),
    contextFree: find(declarations.contextFree),
    init: find(declarations.init),
    setPadding: find(declarations.setPadding),
    update: find(declarations.update),
    final: find(declarations.final),
    control: find(declarations.control),
    digest: find(declarations.digest),
    macNew: find(declarations.macNew),
    macFree: find(declarations.macFree),
    macInit: find(declarations.macInit),
    macUpdate: find(declarations.macUpdate),
    macFinal: find(declarations.macFinal),
  }
  const scratch = arena.region(SCRATCH_LENGTH)
  const lengthAt = arena.region(8)
  const parts = { library, arena, pool: createRegionPool(arena, NONCE_LAYOUT_LENGTH), scratch, lengthAt }
  return {
    name: 'libcrypto',
    description: `libcrypto (${String(library.version(VERSION_TEXT)).split(' ').slice(0, 2).join(' ')})`,
    crypto: {
      cipher({ encryption, encryptionKey, integrity, integrityKey }) {
        if (encryption !== 'aes-cbc') {
          if (integrity !== undefined) throw new TypeError(`${encryption} takes no integrity algorithm`)
          return combined(parts, encryption, encryptionKey)
        }
        if (integrity === undefined || integrity === 'none' || integrityKey === undefined)
          throw new TypeError('AES-CBC needs an integrity algorithm')
        const row = integrityRows[integrity]
        if (row.kind !== 'hmac') throw new TypeError(`libcrypto does not serve ${integrity} here`)
        const mac = createMac(parts, row.hash, integrityKey)
        return authenticatedCbc(parts, encryptionKey, mac, row.icvLength)
      },
    },
  }
}

/** Throws when a function that cannot fail has failed. */
const must = (what: string, result: number): number => {
  if (result === 0) throw new Error(`libcrypto: ${what} failed`)
  return result
}

/** A context with its key set; the key stands in the arena for this one call. */
function keyedContext(
  { library, arena, scratch }: Parts,
  name: string,
  key: Uint8Array,
  encrypt: 0 | 1,
): number {
  const cipher = must(name, library.cipherFetch(0, name, 0))
  const context = must('EVP_CIPHER_CTX_new', library.contextNew())
  arena.bytes.set(key, scratch)
  must('EVP_CipherInit_ex2', library.init(context, cipher, arena.at(scratch, key.length), 0, encrypt, 0))
  arena.bytes.fill(0, scratch, scratch + key.length)
  return context
}

// ---------------------------------------------------------------- combined modes (RFC 4106, RFC 7634)

function combined(parts: Parts, encryption: EncryptionName, keyingMaterial: Uint8Array): PacketCipher {
  const { library, arena, pool, lengthAt } = parts
  const keyLength = keyingMaterial.length - SALT_LENGTH
  const name = combinedNames[`${encryption} ${keyLength}`]
  if (name === undefined) throw new RangeError(`${encryption} has no keys of ${keyLength} bytes`)
  const context = keyedContext(parts, name, keyingMaterial.subarray(0, keyLength), 1)
  const place = pool.take()
  const layout = createNonceLayout(arena, place, keyingMaterial.subarray(keyLength))

  const begin = (offset: number, encrypt: 0 | 1, sequenceHigh: number, extended: boolean): void => {
    const nonce = arena.at(layout.nonce, SALT_LENGTH + IV_LENGTH)
    library.init(context, 0, 0, nonce, encrypt, 0)
    const length = layout.associatedLength(extended)
    const associated = arena.at(layout.associated(offset, sequenceHigh, extended), length)
    library.update(context, 0, arena.at(lengthAt, 4), associated, length)
  }
  const text = (offset: number, length: number): void => {
    const at = arena.at(offset + PREFIX_LENGTH, length)
    library.update(context, at, arena.at(lengthAt, 4), at, length)
  }

  return {
    ivLength: IV_LENGTH,
    icvLength: TAG_LENGTH,
    blockLength: 4,
    seal(buffer, offset, length, sequenceHigh, extended) {
      if (buffer !== arena.bytes) throw new RangeError('the packet does not lie in the arena')
      layout.nextIv(offset)
      begin(offset, 1, sequenceHigh, extended)
      text(offset, length - PREFIX_LENGTH)
      const tag = arena.at(offset + length, TAG_LENGTH)
      library.final(context, tag, arena.at(lengthAt, 4))
      must('the tag', library.control(context, GET_TAG, TAG_LENGTH, tag))
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      if (buffer !== arena.bytes) throw new RangeError('the packet does not lie in the arena')
      const textLength = length - PREFIX_LENGTH - TAG_LENGTH
      if (textLength < 0) return false
      layout.takeIv(offset)
      begin(offset, 0, sequenceHigh, extended)
      text(offset, textLength)
      const tag = arena.at(offset + length - TAG_LENGTH, TAG_LENGTH)
      must('the tag', library.control(context, SET_TAG, TAG_LENGTH, tag))
      return library.final(context, tag, arena.at(lengthAt, 4)) === 1
    },
    destroy() {
      library.contextFree(context)
      pool.giveBack(place)
    },
  }
}

// ---------------------------------------------------------------- AES-CBC with an HMAC (RFC 3602, RFC 2404, RFC 4868)

interface Mac {
  /** Over these bytes, and the high half of the sequence number where there is one; gives where the result lies. */
  over(offset: number, length: number, sequenceHigh: number, extended: boolean): number
  destroy(): void
}

function createMac({ library, arena, pool, scratch, lengthAt }: Parts, hash: string, key: Uint8Array): Mac {
  const digest = must(hash, library.digest(hash))
  const context = must('HMAC_CTX_new', library.macNew())
  arena.bytes.set(key, scratch)
  must('HMAC_Init_ex', library.macInit(context, arena.at(scratch, key.length), key.length, digest, 0))
  arena.bytes.fill(0, scratch, scratch + key.length)
  // 64 bytes: the longest result; the high half is written in front of it before.
  const result = pool.take()
  return {
    over(offset, length, sequenceHigh, extended) {
      library.macInit(context, 0, 0, 0, 0)
      library.macUpdate(context, arena.at(offset, length), length)
      if (extended) {
        // RFC 4303 section 2.2.1: the high half is authenticated, though it is not sent.
        arena.view.setUint32(result, sequenceHigh)
        library.macUpdate(context, arena.at(result, 4), 4)
      }
      library.macFinal(context, arena.at(result, NONCE_LAYOUT_LENGTH), arena.at(lengthAt, 4))
      return result
    },
    destroy() {
      library.macFree(context)
      pool.giveBack(result)
    },
  }
}

function authenticatedCbc(parts: Parts, key: Uint8Array, mac: Mac, icvLength: number): PacketCipher {
  const { library, arena, lengthAt } = parts
  const { bytes, view } = arena
  const name = `AES-${key.length * 8}-CBC`
  // The two directions have different round keys.
  const contexts = [keyedContext(parts, name, key, 0), keyedContext(parts, name, key, 1)] as const
  const prefixLength = ESP_HEADER_LENGTH + BLOCK
  const nextIv = randomIvs(BLOCK)

  const run = (offset: number, length: number, encrypt: 0 | 1): void => {
    const text = arena.at(offset + prefixLength, length)
    const context = contexts[encrypt]
    library.init(context, 0, 0, arena.at(offset + ESP_HEADER_LENGTH, BLOCK), encrypt, 0)
    library.setPadding(context, 0)
    must('EVP_CipherUpdate', library.update(context, text, arena.at(lengthAt, 4), text, length))
  }

  return {
    ivLength: BLOCK,
    icvLength,
    blockLength: BLOCK,
    seal(buffer, offset, length, sequenceHigh, extended) {
      if (buffer !== bytes) throw new RangeError('the packet does not lie in the arena')
      bytes.set(nextIv(), offset + ESP_HEADER_LENGTH)
      run(offset, length - prefixLength, 1)
      const icv = mac.over(offset, length, sequenceHigh, extended)
      bytes.copyWithin(offset + length, icv, icv + icvLength)
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      if (buffer !== bytes) throw new RangeError('the packet does not lie in the arena')
      const textLength = length - prefixLength - icvLength
      if (textLength < 0 || textLength % BLOCK !== 0) return false
      const icv = mac.over(offset, length - icvLength, sequenceHigh, extended)
      // In constant time: all words are compared.
      let difference = 0
      for (let at = 0; at < icvLength; at += 4)
        difference |= view.getInt32(icv + at) ^ view.getInt32(offset + length - icvLength + at)
      if (difference !== 0) return false
      run(offset, textLength, 0)
      return true
    },
    destroy() {
      for (const context of contexts) library.contextFree(context)
      mac.destroy()
    },
  }
}
