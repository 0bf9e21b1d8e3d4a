import type { Clock } from '../ports.ts'
import { epochMillis, millis } from '../../src-shared/brands.ts'

/** setTimeout's limit: longer delays are waited in parts. */
const LONGEST_TIMER = 0x7fff_ffff

/** The machine's time. A pending task keeps the process alive. */
export const createClock = (): Clock => ({
  monotonic: () => millis(performance.now()),
  wall: () => epochMillis(Date.now()),
  after(delay, task) {
    let timer: NodeJS.Timeout
    const wait = (left: number): void => {
      const part = Math.min(Math.max(left, 0), LONGEST_TIMER)
      timer = setTimeout(() => {
        if (left > part) wait(left - part)
        else task()
      }, part)
    }
    wait(delay)
    return () => clearTimeout(timer)
  },
})
