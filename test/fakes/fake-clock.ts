/** Time in a test's hands: it stands still until the test lets it pass. */
import type { EpochMillis, Millis } from '../../src-shared/brands.ts'
import { epochMillis, millis } from '../../src-shared/brands.ts'
import type { Clock } from '../../src-main/ports.ts'

export interface FakeClock extends Clock {
  /**
   * Lets so many milliseconds pass. Each timer that falls due runs at its time; `settle` runs after each, so that what it set
   * going comes to rest before time goes on.
   */
  pass(delayMs: number, settle?: () => Promise<void>): Promise<void>
  /** Timers that are still to come. */
  readonly pending: number
}

/** The wall clock begins at a fixed day. */
const wallAtStart = Date.UTC(2026, 0, 15, 12)

export function createFakeClock(): FakeClock {
  let now = 1_000
  let order = 0
  const timers = new Map<number, { readonly at: number; readonly task: () => void }>()
  const nextDue = (until: number) => {
    let due: { readonly id: number; readonly at: number; readonly task: () => void } | undefined
    for (const [id, timer] of timers) {
      if (timer.at <= until && (due === undefined || timer.at < due.at)) due = { id, ...timer }
    }
    return due
  }
  return {
    monotonic: (): Millis => millis(now),
    wall: (): EpochMillis => epochMillis(wallAtStart + now),
    after(delay, task) {
      const id = (order += 1)
      timers.set(id, { at: now + Math.max(0, delay), task })
      return () => void timers.delete(id)
    },
    async pass(delayMs, settle = () => Promise.resolve()) {
      const until = now + delayMs
      await settle()
      for (let due = nextDue(until); due !== undefined; due = nextDue(until)) {
        timers.delete(due.id)
        now = Math.max(now, due.at)
        due.task()
        await settle()
      }
      now = until
    },
    get pending() {
      return timers.size
    },
  }
}
