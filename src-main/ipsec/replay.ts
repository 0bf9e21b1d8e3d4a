/** The anti-replay window (RFC 4303 section 3.4.3) in the form of RFC 6479: a ring of 32-bit blocks, nothing is shifted. */

const LIMIT = 0x1_0000_0000
const BLOCK_BITS = 32

/**
 * One inbound SA's window. `check` changes nothing; `accept` comes after authentication only (RFC 4303 section 3.4.3), with the
 * number that was checked.
 */
export interface ReplayWindow {
  /** The high 32 bits that the number must have; undefined when it was seen before, or lies left of the window. */
  check(low: number): number | undefined
  /** Marks the number as seen; true when it is the highest so far. */
  accept(high: number, low: number): boolean
  /** The highest number accepted. */
  highest(): { readonly high: number; readonly low: number }
  /** Packets. */
  readonly size: number
  /** The newest first, one character a number from the highest down to the first of the SA: `1` seen, `0` not; at most so many. */
  seen(most: number): string
}

export interface ReplayWindowParameters {
  /** Packets, 32 to 4096; rounded up to whole blocks. */
  readonly size: number
  readonly extended: boolean
  /** The highest number seen already. */
  readonly last?: bigint
}

export function createReplayWindow({ size, extended, last = 0n }: ReplayWindowParameters): ReplayWindow {
  const window = Math.ceil(Math.min(4096, Math.max(32, size)) / BLOCK_BITS) * BLOCK_BITS
  const blocks = ringLength(window)
  const ring = new Uint32Array(blocks)
  // All that came before the SA moved here counts as seen.
  if (last > 0n) ring.fill(0xffff_ffff)
  let topHigh = Number((last >> 32n) & 0xffff_ffffn)
  let topLow = Number(last & 0xffff_ffffn)
  if (last > 0n) clearAbove(ring, topLow)

  /** RFC 4303 appendix A2.1: the high half follows from where the low half lies to the window. May be out of range at both ends. */
  const inferHigh = (low: number): number => {
    if (!extended) return 0
    const bottom = topLow - window + 1
    if (bottom >= 0) return low >= bottom ? topHigh : topHigh + 1
    return low >= bottom + LIMIT ? topHigh - 1 : topHigh
  }

  const isSeen = (low: number): boolean => ((ring[(low >>> 5) & (blocks - 1)] ?? 0) & (1 << (low & 31))) !== 0

  /** Positive when the number lies beyond the window's right end. Exact: the halves differ by at most one. */
  const ahead = (high: number, low: number): number => (high - topHigh) * LIMIT + (low - topLow)

  return {
    check(low) {
      const high = inferHigh(low)
      if (high < 0 || high >= LIMIT) return undefined
      // RFC 4303 section 2.2: the first packet has number 1; zero is never sent.
      if (low === 0 && high === 0) return undefined
      const distance = ahead(high, low)
      if (distance > 0) return high
      return distance <= -window || isSeen(low) ? undefined : high
    },
    accept(high, low) {
      const distance = ahead(high, low)
      if (distance > 0) {
        const steps = Math.min(blocks, Math.floor(((topLow & 31) + distance) / BLOCK_BITS))
        for (let step = 1; step <= steps; step += 1) ring[((topLow >>> 5) + step) & (blocks - 1)] = 0
        topHigh = high
        topLow = low
      }
      const block = (low >>> 5) & (blocks - 1)
      ring[block] = (ring[block] ?? 0) | (1 << (low & 31))
      return distance > 0
    },
    highest: () => ({ high: topHigh, low: topLow }),
    size: window,
    seen(most) {
      const last = topHigh > 0 ? window : Math.min(window, topLow)
      let text = ''
      // Back across 2^32 the low half goes on from its end.
      for (let back = 0; back < Math.min(most, last); back += 1)
        text += isSeen((topLow - back) >>> 0) ? '1' : '0'
      return text
    },
  }
}

/** RFC 6479 section 2: one block more than the window holds, and a power of two, so that the ring goes on across 2^32. */
function ringLength(window: number): number {
  let blocks = 2
  while (blocks * BLOCK_BITS < window + BLOCK_BITS) blocks *= 2
  return blocks
}

/** Numbers right of the highest were not seen: they share its block. */
function clearAbove(ring: Uint32Array, low: number): void {
  const block = (low >>> 5) & (ring.length - 1)
  const bit = low & 31
  ring[block] = bit === 31 ? 0xffff_ffff : (1 << (bit + 1)) - 1
}
