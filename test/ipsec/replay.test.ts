import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createReplayWindow } from '../../src-main/ipsec/replay.ts'
import type { ReplayWindow } from '../../src-main/ipsec/replay.ts'

const LIMIT = 2n ** 32n

/** RFC 4303 section 3.4.3 word for word, on whole numbers, remembering everything. */
function createModel(size: number, last: bigint) {
  const seen = new Set<bigint>()
  let top = last
  return {
    /** What a receiver that knows the whole number does. */
    offer(sequence: bigint): boolean {
      const isFresh =
        sequence > top || (sequence > top - BigInt(size) && sequence > last && !seen.has(sequence))
      if (!isFresh || sequence === 0n) return false
      seen.add(sequence)
      if (sequence > top) top = sequence
      return true
    },
    top: () => top,
  }
}

/** As openEsp does it: the packet is authentic exactly when the high half was inferred right. */
function offer(window: ReplayWindow, sequence: bigint, extended: boolean): boolean {
  const low = Number(sequence % LIMIT)
  const high = window.check(low)
  if (high === undefined || (extended && BigInt(high) !== sequence / LIMIT)) return false
  window.accept(high, low)
  return true
}

describe('createReplayWindow', () => {
  it.each([
    [32, false, 0n],
    [64, false, 0n],
    [64, false, 0xffff_ff00n],
    [96, true, 0n],
    [64, true, LIMIT - 100n],
    [4096, true, LIMIT - 100n],
    [4096, true, 5n * LIMIT - 3000n],
    [1024, true, 7n * LIMIT + 10n],
  ] as const)('is RFC 4303 section 3.4.3: window %i, extended %s, from %i', (size, extended, last) => {
    // Steps from where the highest number stands: forwards, backwards, jumps around the window's ends.
    const step = fc.oneof(
      fc.integer({ min: -40, max: 40 }),
      fc.integer({ min: -size - 40, max: -size + 40 }),
      fc.integer({ min: 0, max: size * 3 }),
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 300 }), (steps) => {
        const window = createReplayWindow({ size, extended, last })
        const model = createModel(size, last)
        for (const by of steps) {
          const sequence = model.top() + BigInt(by)
          if (sequence < 0n || (!extended && sequence >= LIMIT)) continue
          expect(offer(window, sequence, extended)).toBe(model.offer(sequence))
          const { high, low } = window.highest()
          expect(BigInt(high) * LIMIT + BigInt(low)).toBe(model.top())
        }
      }),
      { numRuns: 40 },
    )
  })

  it('takes nothing for seen that was only checked', () => {
    const window = createReplayWindow({ size: 64, extended: false })
    for (let times = 0; times < 3; times += 1) expect(window.check(5000)).toBe(0)
    expect(window.highest()).toEqual({ high: 0, low: 0 })
    expect(window.check(1)).toBe(0)
  })

  it('refuses 0, which nobody sends', () => {
    expect(createReplayWindow({ size: 64, extended: false }).check(0)).toBeUndefined()
    expect(createReplayWindow({ size: 64, extended: true }).check(0)).toBeUndefined()
  })

  it('refuses numbers before the first 2^32, and behind the last', () => {
    // Appendix A2.1 case B with a high half of 0: what would lie before 0 is no number.
    expect(createReplayWindow({ size: 64, extended: true, last: 5n }).check(0xffff_fff0)).toBeUndefined()
    const atTheEnd = createReplayWindow({ size: 64, extended: true, last: 2n ** 64n - 1n })
    expect(atTheEnd.check(3)).toBeUndefined()
  })

  it('survives a jump over the whole window', () => {
    const window = createReplayWindow({ size: 64, extended: false })
    expect(offer(window, 10n, false)).toBe(true)
    expect(offer(window, 4_000_000_000n, false)).toBe(true)
    expect(offer(window, 10n, false)).toBe(false)
    for (let back = 1n; back < 64n; back += 1n) expect(offer(window, 4_000_000_000n - back, false)).toBe(true)
    expect(offer(window, 4_000_000_000n - 64n, false)).toBe(false)
  })

  it('keeps its size within 32 and 4096', () => {
    const small = createReplayWindow({ size: 1, extended: false, last: 0n })
    expect(offer(small, 100n, false) && offer(small, 69n, false)).toBe(true)
    expect(offer(small, 68n, false)).toBe(false)
    const large = createReplayWindow({ size: 1_000_000, extended: false })
    expect(offer(large, 10_000n, false) && offer(large, 10_000n - 4095n, false)).toBe(true)
    expect(offer(large, 10_000n - 4096n, false)).toBe(false)
  })
})

describe('what is seen of the window', () => {
  it('is the newest first, ends with the first number there can be, and goes on across 2^32', () => {
    const young = createReplayWindow({ size: 64, extended: false })
    expect(young.seen(256)).toBe('')
    for (const low of [1, 2, 4, 7]) young.accept(0, low)
    expect(young.seen(256)).toBe('1001011')
    expect(young.seen(3)).toBe('100')
    expect(young.size).toBe(64)
    for (let low = 8; low <= 200; low += 1) if (low !== 190) young.accept(0, low)
    expect(young.seen(256)).toBe(`${'1'.repeat(10)}0${'1'.repeat(53)}`)

    const old = createReplayWindow({ size: 32, extended: true, last: LIMIT - 3n })
    old.accept(0, 0xffff_ffff)
    old.accept(1, 1)
    // 2^32 + 1, 2^32, 2^32 - 1, 2^32 - 2, then what came before the SA moved here.
    expect(old.seen(256)).toBe(`1010${'1'.repeat(28)}`)
  })
})
