/**
 * AES-GCM by Intel's libipsec-mb (Debian: libipsec-mb1, x86-64): one call a packet, straight to the routine for this
 * processor. The processor's features are read from the kernel, which knows what it lets programs use.
 */
import { readFileSync } from 'node:fs'
import { arch } from 'node:os'
import { loadLibrary } from 'tun-tap'
import type { NativeFunction, PacketArena } from 'tun-tap'
import type { PacketCipher } from '../../../ports.ts'
import {
  createNonceLayout,
  IV_LENGTH,
  NONCE_LAYOUT_LENGTH,
  PREFIX_LENGTH,
  SALT_LENGTH,
  TAG_LENGTH,
} from './nonce.ts'
import type { OpenProvider } from './provider.ts'
import { createRegionPool } from './region-pool.ts'
import type { RegionPool } from './region-pool.ts'

const LIBRARY = 'libIPSec_MB.so.1'

/** Fastest first: the routine's suffix and what the processor must have. */
const variants = [
  {
    suffix: 'vaes_avx512',
    needs: ['avx512f', 'avx512bw', 'avx512vl', 'avx512dq', 'avx512cd', 'vaes', 'vpclmulqdq', 'bmi2'],
  },
  { suffix: 'avx_gen4', needs: ['avx2', 'aes', 'pclmulqdq', 'bmi2'] },
  { suffix: 'avx_gen2', needs: ['avx', 'aes', 'pclmulqdq'] },
  { suffix: 'sse', needs: ['sse4_2', 'aes', 'pclmulqdq'] },
] as const

/** struct gcm_key_data: round keys and powers of the hash key; less than 1,100 bytes in every version of the library. */
const KEY_DATA_LENGTH = 2048
/** struct gcm_context_data, less than 128 bytes. */
const CONTEXT_LENGTH = 256

interface Routines {
  readonly prepare: NativeFunction
  readonly seal: NativeFunction
  readonly open: NativeFunction
}

export const openIpsecMb: OpenProvider = (arena) => {
  if (arch() !== 'x64') throw new Error('it is for x86-64')
  const features = processorFeatures()
  const variant = variants.find(({ needs }) => needs.every((feature) => features.has(feature)))
  if (variant === undefined) throw new Error('the processor has no AES instructions')
  const find = loadLibrary(LIBRARY, { deep: false })
  const routines = new Map([128, 192, 256].map((bits) => [bits, routinesOf(find, bits, variant.suffix)]))
  const versionText = find('const char *imb_get_version_str()')
  const pool = createRegionPool(arena, KEY_DATA_LENGTH + NONCE_LAYOUT_LENGTH)
  const context = arena.region(CONTEXT_LENGTH)
  return {
    name: 'ipsec-mb',
    description: `libipsec-mb ${String(versionText()).replace(/^v/, '')} (${variant.suffix})`,
    crypto: {
      cipher({ encryption, encryptionKey, integrity }) {
        const found = routines.get((encryptionKey.length - SALT_LENGTH) * 8)
        if (encryption !== 'aes-gcm-16' || integrity !== undefined || found === undefined)
          throw new TypeError(`libipsec-mb does not serve ${encryption} here`)
        return gcmCipher(arena, pool, context, found, encryptionKey)
      },
    },
  }
}

function routinesOf(find: (declaration: string) => NativeFunction, bits: number, suffix: string): Routines {
  const work = (name: string) =>
    find(
      `void ${name}(uintptr_t key, uintptr_t context, uintptr_t out, uintptr_t in, uint64_t length, uintptr_t iv, ` +
        'uintptr_t associated, uint64_t associated_length, uintptr_t tag, uint64_t tag_length)',
    )
  return {
    prepare: find(`void aes_gcm_pre_${bits}_${suffix}(uintptr_t key, uintptr_t prepared)`),
    seal: work(`aes_gcm_enc_${bits}_${suffix}`),
    open: work(`aes_gcm_dec_${bits}_${suffix}`),
  }
}

function gcmCipher(
  arena: PacketArena,
  pool: RegionPool,
  context: number,
  { prepare, seal, open }: Routines,
  keyingMaterial: Uint8Array,
): PacketCipher {
  const { bytes, view } = arena
  const keyLength = keyingMaterial.length - SALT_LENGTH
  const keyData = pool.take()
  const layout = createNonceLayout(arena, keyData + KEY_DATA_LENGTH, keyingMaterial.subarray(keyLength))
  // The raw key stands in the arena for this one call.
  bytes.set(keyingMaterial.subarray(0, keyLength), context)
  prepare(arena.at(context, keyLength), arena.at(keyData, KEY_DATA_LENGTH))
  bytes.fill(0, context, context + keyLength)
  const tagAt = context + CONTEXT_LENGTH - TAG_LENGTH

  const run = (
    routine: NativeFunction,
    offset: number,
    length: number,
    tag: number,
    sequenceHigh: number,
    extended: boolean,
  ): void => {
    const start = offset + PREFIX_LENGTH
    const text = arena.at(start, length)
    const associatedLength = layout.associatedLength(extended)
    routine(
      arena.at(keyData, KEY_DATA_LENGTH),
      arena.at(context, CONTEXT_LENGTH),
      text,
      text,
      length,
      arena.at(layout.nonce, SALT_LENGTH + IV_LENGTH),
      arena.at(layout.associated(offset, sequenceHigh, extended), associatedLength),
      associatedLength,
      arena.at(tag, TAG_LENGTH),
      TAG_LENGTH,
    )
  }

  return {
    ivLength: IV_LENGTH,
    icvLength: TAG_LENGTH,
    blockLength: 4,
    seal(buffer, offset, length, sequenceHigh, extended) {
      if (buffer !== bytes) throw new RangeError('the packet does not lie in the arena')
      layout.nextIv(offset)
      run(seal, offset, length - PREFIX_LENGTH, offset + length, sequenceHigh, extended)
    },
    open(buffer, offset, length, sequenceHigh, extended) {
      if (buffer !== bytes) throw new RangeError('the packet does not lie in the arena')
      const textLength = length - PREFIX_LENGTH - TAG_LENGTH
      if (textLength < 0) return false
      layout.takeIv(offset)
      run(open, offset, textLength, tagAt, sequenceHigh, extended)
      // In constant time: all four words are compared.
      const tag = offset + length - TAG_LENGTH
      const difference =
        (view.getInt32(tag) ^ view.getInt32(tagAt)) |
        (view.getInt32(tag + 4) ^ view.getInt32(tagAt + 4)) |
        (view.getInt32(tag + 8) ^ view.getInt32(tagAt + 8)) |
        (view.getInt32(tag + 12) ^ view.getInt32(tagAt + 12))
      return difference === 0
    },
    destroy() {
      pool.giveBack(keyData)
    },
  }
}

function processorFeatures(): ReadonlySet<string> {
  const line = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'latin1'))?.[1] ?? ''
  return new Set(line.split(' '))
}
