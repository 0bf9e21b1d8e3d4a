/** A clock that moves when a test says so. */
import { millis } from '../../../src-shared/brands.ts'
import type { Millis } from '../../../src-shared/brands.ts'

export interface StillClock {
  monotonic(): Millis
  advance(by: number): void
  at(value: number): Millis
}

export const fakeClock = (): StillClock => {
  let now = 1000
  return {
    monotonic: () => millis(now),
    advance(by) {
      now += by
    },
    at: millis,
  }
}
