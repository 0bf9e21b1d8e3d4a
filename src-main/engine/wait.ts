/** Waiting that a signal ends. */
import type { Millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Clock, Signal } from '../ports.ts'

/** Resolves after the delay, or as soon as one of the signals fires; it leaves neither timer nor listener. */
export function pause(clock: Clock, delay: Millis, signals: readonly Signal[]): Promise<void> {
  if (signals.some((signal) => signal.aborted)) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      cancel()
      for (const signal of signals) signal.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(delay, done)
    for (const signal of signals) signal.addEventListener('abort', done, { once: true })
  })
}

/** Resolves when the signal fires. */
export const fired = (signal: Signal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))

/**
 * What the work gives, or VpnError 'cancelled' as soon as the signal fires: the work itself may not be one that can be stopped.
 * What it gives after that goes to `late`; how it fails after that is nobody's business any more.
 */
export function unlessCancelled<Value>(
  work: Promise<Value>,
  signal: Signal,
  late: (value: Value) => void = () => undefined,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    let cancelled = false
    const cancel = (): void => {
      cancelled = true
      reject(new VpnError('cancelled'))
    }
    if (signal.aborted) cancel()
    else signal.addEventListener('abort', cancel, { once: true })
    work.then(
      (value) => {
        signal.removeEventListener('abort', cancel)
        if (cancelled) late(value)
        else resolve(value)
      },
      (error: unknown) => {
        signal.removeEventListener('abort', cancel)
        reject(error instanceof Error ? error : new Error(String(error)))
      },
    )
  })
}

/** A signal that fires with the first of the two, and leaves no listener then. AbortSignal.any is missing in the Node 18 of an older Electron. */
export function eitherSignal(one: AbortSignal, other: AbortSignal): AbortSignal {
  const either = new AbortController()
  const fire = (): void => {
    for (const signal of [one, other]) signal.removeEventListener('abort', fire)
    either.abort()
  }
  for (const signal of [one, other]) signal.addEventListener('abort', fire, { once: true })
  if (one.aborted || other.aborted) fire()
  return either.signal
}
