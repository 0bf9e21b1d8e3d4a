/** Our own exchanges of a session, one at a time, each tried again when that may help. */
import type { Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { Cancel, Clock, Log } from '../../ports.ts'
import type { RekeyOutcome } from './exchanges/rekey-child.ts'
import { PeerRefused } from './refusal.ts'
import type { Activity, SessionState } from './session-state.ts'
import type { Timers } from '../timers.ts'

export const retryMs = millis(5_000)
/** A peer that refuses new keys for good is asked again now and then, until the hard lifetime ends the matter. */
const refusedRetryMs = millis(60_000)

export interface ExchangeQueue {
  /** Runs the task after those before it, unless the session has ended by then. `again`: what to do when it is worth another try. */
  run(activity: Activity, task: (state: SessionState) => Promise<RekeyOutcome>, again?: () => void): void
  /** Settles when nothing is under way any more, but no later: what is may itself be waiting for a peer that is gone. */
  idleWithin(longest: Millis): Promise<void>
}

export interface QueueOwner {
  /** Undefined before the session has begun and after it has ended. */
  readonly state: () => SessionState | undefined
  /** The peer has closed what was to be rekeyed. */
  readonly onTrafficGone: () => void
  /** There is no Child SA and there will be none: without one there is no tunnel. */
  readonly onHopeless: () => void
}

export function createExchangeQueue(
  { clock, log, timers }: { readonly clock: Clock; readonly log: Log; readonly timers: Timers },
  owner: QueueOwner,
): ExchangeQueue {
  let queue: Promise<void> = Promise.resolve()

  const later = (delay: Millis, again: (() => void) | undefined): void => {
    if (again !== undefined) timers.after(timers.jittered(delay), again)
  }

  const failed = (activity: Activity, error: unknown, again: (() => void) | undefined): void => {
    if (owner.state() === undefined) return
    if (!(error instanceof VpnError)) throw error
    const { code, details } = error
    log('warn', 'ike', 'an exchange did not succeed', { activity, code, ...details })
    if (activity === 'create-child') owner.onHopeless()
    else if (error instanceof PeerRefused) later(refusedRetryMs, again)
  }

  return {
    run(activity, task, again) {
      queue = queue.then(async () => {
        const state = owner.state()
        if (state === undefined) return
        state.activity = activity
        try {
          const outcome = await task(state)
          if (outcome === 'try-again') later(retryMs, again)
          if (outcome === 'gone') owner.onTrafficGone()
        } catch (error) {
          failed(activity, error, again)
        } finally {
          state.activity = 'none'
        }
      })
    },
    async idleWithin(longest) {
      let cancel: Cancel = () => undefined
      const tooLong = new Promise<void>((resolve) => {
        cancel = clock.after(longest, resolve)
      })
      await Promise.race([queue, tooLong])
      cancel()
    },
  }
}
