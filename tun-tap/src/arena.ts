/**
 * One piece of memory for packets, cut into regions. It is the only memory that batched system calls and native libraries
 * are given addresses of, and `at` is the only way to one: checked against the memory's ends, for use in the call at hand.
 */
import { arenaOver } from './native.ts'

const ALIGNMENT = 64
/** What stands around each region of a guarded arena. */
const GUARD_LENGTH = 64
const GUARD_BYTE = 0xa5

export interface PacketArena {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** The whole memory as 32-bit words; little endian on every machine that this package knows. */
  readonly words: Uint32Array
  /** Takes a region out of what is left and gives its offset, a multiple of 64. RangeError when there is not enough. */
  region(length: number): number
  /** The address of `length` bytes at `offset`. RangeError unless all of them lie inside. Not to be kept. */
  at(offset: number, length: number): number
  /** Writes the address of `length` bytes at `offset` into the memory at `place`, as the kernel's structures want it. */
  point(place: number, offset: number, length: number): void
  /** Throws when something was written between two regions; does nothing unless the arena is guarded. */
  checkGuards(): void
}

export interface PacketArenaOptions {
  /** Watched bytes around each region, for `checkGuards`. */
  readonly guarded?: boolean
  /** At least as long; it is neither freed nor transferred while the arena is used. Default: memory of its own. */
  readonly memory?: ArrayBuffer
}

/** Most of the memory is never touched and costs nothing until it is. */
export const createPacketArena = (
  length: number,
  { guarded = false, memory = new ArrayBuffer(length + ALIGNMENT) }: PacketArenaOptions = {},
): PacketArena => {
  const { bytes, view, address } = arenaOver(memory)
  // The kernel and ciphers want structures aligned; what malloc gives is aligned to 16.
  const base = (ALIGNMENT - (address % ALIGNMENT)) % ALIGNMENT
  const end = bytes.length
  const guards: number[] = []
  const words = new Uint32Array(bytes.buffer)
  let free = base

  const guard = (): void => {
    if (!guarded) return
    guards.push(free)
    bytes.fill(GUARD_BYTE, free, free + GUARD_LENGTH)
    free += GUARD_LENGTH
  }

  const at = (offset: number, size: number): number => {
    if (!(offset >= 0 && size >= 0 && offset + size <= end)) throw new RangeError('outside the packet arena')
    return address + offset
  }

  return {
    bytes,
    view,
    words,
    region(size) {
      const needed = Math.ceil(size / ALIGNMENT) * ALIGNMENT + (guarded ? 2 * GUARD_LENGTH : 0)
      if (!(size > 0) || free + needed > end) throw new RangeError('the packet arena is used up')
      guard()
      const offset = free
      free += Math.ceil(size / ALIGNMENT) * ALIGNMENT
      guard()
      return offset
    },
    at,
    point(place, offset, size) {
      const pointer = at(offset, size)
      view.setUint32(place, pointer, true)
      view.setUint32(place + 4, pointer / 0x1_0000_0000, true)
    },
    checkGuards() {
      for (const start of guards) {
        for (let index = start; index < start + GUARD_LENGTH; index += 1) {
          if (bytes[index] !== GUARD_BYTE)
            throw new Error(`a region of the packet arena was overrun at ${index}`)
        }
      }
    },
  }
}
