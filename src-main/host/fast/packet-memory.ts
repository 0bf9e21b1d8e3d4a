/**
 * The memory that a worker's packets lie in. It is a WebAssembly memory, so that checksums over whole packets are summed sixteen
 * bytes at a time by a function of a few instructions; where that cannot be had, it is plain memory and JavaScript sums.
 */
import { createPacketArena } from 'tun-tap'
import type { PacketArena } from 'tun-tap'
import { wideSum } from '../../ip/wide-sum.ts'
import type { SumBlocks, WideBytes } from '../../ip/wide-sum.ts'

export type PacketMemory = PacketArena & WideBytes

/** The part of WebAssembly (JavaScript interface) that is used; Node's types leave it to the browser's. */
declare const WebAssembly: {
  readonly Memory: new (limits: { readonly initial: number; readonly maximum: number }) => {
    readonly buffer: ArrayBuffer
  }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

const PAGE = 65_536

/**
 * (func (export "s") (param $at i32) (param $end i32) (result i32) (local $a v128) (local $b v128) …): adds up the little-endian
 * 16-bit words between two places, 32 bytes at a time, in eight sums of 32 bits.
 */
const module = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    [0x01, 0x07, 0x01, 0x60, 0x02, 0x7f, 0x7f, 0x01, 0x7f], // type: (i32, i32) -> i32
    [0x02, 0x08, 0x01, 0x01, 0x6d, 0x01, 0x6d, 0x02, 0x00, 0x00], // import "m" "m": a memory
    [0x03, 0x02, 0x01, 0x00], // one function of that type
    [0x07, 0x05, 0x01, 0x01, 0x73, 0x00, 0x00], // export "s"
    [0x0a, 0x5a, 0x01, 0x58], // code: one body of 88 bytes
    [0x01, 0x02, 0x7b], // two locals v128: $a, $b
    [0x02, 0x40, 0x03, 0x40], // block, loop
    [0x20, 0x00, 0x20, 0x01, 0x4f, 0x0d, 0x01], // leave when $at >= $end
    [0x20, 0x02, 0x20, 0x00, 0xfd, 0x00, 0x00, 0x00], // $a, v128.load $at
    [0xfd, 0x7f, 0xfd, 0xae, 0x01, 0x21, 0x02], // i32x4.extadd_pairwise_i16x8_u, i32x4.add, to $a
    [0x20, 0x03, 0x20, 0x00, 0xfd, 0x00, 0x00, 0x10], // $b, v128.load $at + 16
    [0xfd, 0x7f, 0xfd, 0xae, 0x01, 0x21, 0x03], // the same to $b
    [0x20, 0x00, 0x41, 0x20, 0x6a, 0x21, 0x00], // $at += 32
    [0x0c, 0x00, 0x0b, 0x0b], // again; end of loop and block
    [0x20, 0x02, 0x20, 0x03, 0xfd, 0xae, 0x01, 0x21, 0x02], // $a += $b
    [0x20, 0x02, 0xfd, 0x1b, 0x00], // the four lanes of $a, added
    [0x20, 0x02, 0xfd, 0x1b, 0x01, 0x6a],
    [0x20, 0x02, 0xfd, 0x1b, 0x02, 0x6a],
    [0x20, 0x02, 0xfd, 0x1b, 0x03, 0x6a],
    [0x0b],
  ].flat(),
)

const isSumBlocks = (value: unknown): value is SumBlocks => typeof value === 'function'

/** `length` in bytes, the most that will ever be used; what is not touched costs nothing. */
export function createPacketMemory(length: number, { guarded }: { readonly guarded: boolean }): PacketMemory {
  try {
    const pages = Math.ceil(length / PAGE)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const { s: sum } = new WebAssembly.Instance(new WebAssembly.Module(module), { m: { m: memory } }).exports
    const arena = createPacketArena(length, { guarded, memory: memory.buffer })
    if (isSumBlocks(sum) && sumsRight(arena, sum)) return { ...arena, sumBlocks: sum }
    return arena
  } catch {
    // A processor without 128-bit vectors, or a runtime that forbids WebAssembly: the same by other means.
    return createPacketArena(length, { guarded })
  }
}

/** Whether it gives what the plain way gives. */
function sumsRight(arena: PacketArena, sum: SumBlocks): boolean {
  const at = arena.region(2048)
  for (let index = 0; index < 2048; index += 1) arena.bytes[at + index] = (index * 31) ^ (index >> 3)
  const right = [32, 64, 1024, 1984].every(
    (length) => sum(at + 1, at + 1 + length) === wideSum(arena, at + 1, length),
  )
  arena.bytes.fill(0, at, at + 2048)
  return right
}
