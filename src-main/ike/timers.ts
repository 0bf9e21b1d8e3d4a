/** What a session has still to do, all of it forgotten at once when the session ends. */
import type { Millis } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'
import type { Cancel, Clock, Random } from '../ports.ts'

/** RFC 7296 section 2.8: lifetimes vary, so that both ends do not rekey at once. */
const jitter = 0.1

export class Timers {
  readonly #clock: Clock
  readonly #random: Random
  readonly #waiting = new Set<Cancel>()
  #stopped = false

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  /** Gives when it is going to be, on the monotonic clock. After `stop` nothing is awaited any more. */
  after(delay: Millis, task: () => void): Millis {
    if (!this.#stopped) {
      const cancel = this.#clock.after(delay, () => {
        this.#waiting.delete(cancel)
        task()
      })
      this.#waiting.add(cancel)
    }
    return millis(this.#clock.monotonic() + delay)
  }

  /** Up to a tenth earlier. */
  jittered(delay: Millis): Millis {
    return millis(delay * (1 - jitter * unitInterval(this.#random)))
  }

  /** What happens at once when it is called for, but not twice within the pause: called for again, it waits for the pause's end. */
  paced(pause: Millis, task: () => void): () => void {
    let last: Millis | undefined
    let isWaiting = false
    const run = (): void => {
      isWaiting = false
      last = this.#clock.monotonic()
      task()
    }
    return () => {
      if (isWaiting) return
      const left = last === undefined ? 0 : last + pause - this.#clock.monotonic()
      if (left <= 0) return run()
      isWaiting = true
      this.after(millis(left), run)
    }
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#waiting) cancel()
    this.#waiting.clear()
  }
}

/** A number in [0, 1). */
export function unitInterval(random: Random): number {
  const bytes = random.bytes(4)
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 0x1_0000_0000
}
