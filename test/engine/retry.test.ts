import { describe, expect, it } from 'vitest'
import { backOff, isMendable } from '../../src-main/engine/retry.ts'
import { errorCodes, isErrorCode } from '../../src-shared/error-words.ts'

describe('trying again', () => {
  it('waits half a second, then twice as long each time, up to half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 100, 1e6].map((attempt) => backOff(attempt, 0.5))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000,
    ])
  })

  it('spreads many clients by a quarter in both directions', () => {
    expect(backOff(1, 0)).toBe(375)
    expect(backOff(1, 0.999)).toBeCloseTo(625, 0)
    expect(backOff(20, 0.999)).toBeLessThan(37_500)
  })

  it('is for trouble on the way, not for what stays wrong', () => {
    expect(errorCodes.filter(isErrorCode).filter(isMendable)).toEqual([
      'gateway-not-found',
      'gateway-unreachable',
      'gateway-gave-up',
      'gateway-internal',
    ])
  })
})
