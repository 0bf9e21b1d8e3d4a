/** Random bytes that are the same in every run: SHA-256 over a seed and a counter. A test may say what comes next. */
import { createHash } from 'node:crypto'
import type { Random } from '../../src-main/ports.ts'

export interface FakeRandom extends Random {
  /** The next draws of this length give these bytes, in order. */
  force(...next: readonly Uint8Array[]): void
}

export function createFakeRandom(seed: string): FakeRandom {
  let counter = 0
  const forced: Uint8Array[] = []
  return {
    force: (...next) => void forced.push(...next),
    bytes(length) {
      const index = forced.findIndex((one) => one.length === length)
      if (index >= 0) return Uint8Array.from(forced.splice(index, 1)[0] ?? [])
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at += 32) {
        const block = createHash('sha256')
          .update(`${seed} ${(counter += 1)}`)
          .digest()
        bytes.set(block.subarray(0, length - at), at)
      }
      return bytes
    },
  }
}
