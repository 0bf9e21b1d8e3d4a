/** What a session needs while it stands: its NAT mapping kept open, its authentication kept fresh. */
import type { Millis } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { unitInterval } from '../ike/timers.ts'
import type { Clock, Random, Signal } from '../ports.ts'
import { backOff, isMendable } from './retry.ts'
import type { Established } from './ike-session.ts'
import { eitherSignal, fired, pause } from './wait.ts'

/** RFC 3948 section 4: only the side behind the NAT sends keepalives. Goes on until the signal fires. */
export function keepNatOpen(
  clock: Clock,
  { natKeepaliveSeconds }: Pick<Profile, 'natKeepaliveSeconds'>,
  { nat }: Pick<Established, 'nat'>,
  send: () => void,
  signal: Signal,
): void {
  if (!nat.local || natKeepaliveSeconds === 0) return
  let cancel = (): void => undefined
  const beat = (): void => {
    if (signal.aborted) return
    send()
    cancel = clock.after(millis(natKeepaliveSeconds * 1000), beat)
  }
  signal.addEventListener('abort', () => cancel(), { once: true })
  beat()
}

/** RFC 4478: begin in time; the new session stands before the old one ends. */
const reauthenticateAt = 0.85
/** A gateway that asks for more is not believed. */
const leastLifetimeMs = 10_000

/** RFC 4478: how long our authentication is good for, from when the gateway last said it; for ever until it does. */
export class AuthLifetime {
  #lifetime: Millis | undefined
  #outdated = new AbortController()

  tell(lifetime: Millis): void {
    this.#lifetime = lifetime
    this.#outdated.abort()
    this.#outdated = new AbortController()
  }

  /** Resolves when it is time to authenticate anew, or as soon as the signal fires. */
  async due(clock: Clock, signal: AbortSignal): Promise<void> {
    let isDue = false
    while (!isDue && !signal.aborted) {
      const outdated = this.#outdated.signal
      await (this.#lifetime === undefined
        ? fired(eitherSignal(outdated, signal))
        : pause(clock, millis(Math.max(this.#lifetime, leastLifetimeMs) * reauthenticateAt), [
            outdated,
            signal,
          ]))
      isDue = !outdated.aborted
    }
  }
}

export interface Reauthentication<Successor> {
  readonly ports: { readonly clock: Clock; readonly random: Random }
  readonly lifetime: AuthLifetime
  readonly dial: () => Promise<Successor>
  readonly onTrouble: (error: unknown) => void
  /** The old session has ended. */
  readonly signal: AbortSignal
}

/**
 * Gives the successor of a session once one stands. What a retry can mend is tried again; what it cannot leaves the old session
 * as it is, for as long as the gateway lets it live. Never settles when the signal fires first.
 */
export async function reauthenticate<Successor>(task: Reauthentication<Successor>): Promise<Successor> {
  const { ports, lifetime, dial, onTrouble, signal } = task
  await lifetime.due(ports.clock, signal)
  const isOver = (): boolean => signal.aborted
  for (let attempt = 1; !isOver(); attempt += 1) {
    try {
      return await dial()
    } catch (error) {
      if (isOver()) break
      onTrouble(error)
      if (!(error instanceof VpnError) || !isMendable(error.code)) break
    }
    await pause(ports.clock, backOff(attempt, unitInterval(ports.random)), [signal])
  }
  return new Promise<Successor>(() => undefined)
}
