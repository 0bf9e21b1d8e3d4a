/** Pieces of one length in an arena that are used again: SAs come and go, the memory for their keys does not grow with them. */
import type { PacketArena } from 'tun-tap'

export interface RegionPool {
  /** Throws RangeError when the arena is used up. */
  take(): number
  /** Wipes it. */
  giveBack(offset: number): void
}

export function createRegionPool(arena: PacketArena, length: number): RegionPool {
  const free: number[] = []
  return {
    take: () => free.pop() ?? arena.region(length),
    giveBack(offset) {
      arena.bytes.fill(0, offset, offset + length)
      free.push(offset)
    },
  }
}
