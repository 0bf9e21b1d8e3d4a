/** What a session needs while it stands: its NAT mapping kept open, its authentication kept fresh. */
import type { Millis } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Clock, Random, Signal } from '../ports.ts'
import { backOff, isMendable } from './retry.ts'
import type { Established } from './ike-session.ts'
import { pause } from './wait.ts'

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

export interface Reauthentication<Successor> {
  readonly ports: { readonly clock: Clock; readonly random: Random }
  /** How long our authentication is good for, from now on; undefined for ever. */
  readonly lifetime: Millis | undefined
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
  const never = new Promise<Successor>(() => undefined)
  if (lifetime === undefined) return never
  await pause(ports.clock, millis(Math.max(lifetime, leastLifetimeMs) * reauthenticateAt), [signal])
  const isOver = (): boolean => signal.aborted
  for (let attempt = 1; !isOver(); attempt += 1) {
    try {
      return await dial()
    } catch (error) {
      if (isOver()) break
      onTrouble(error)
      if (!(error instanceof VpnError) || !isMendable(error.code)) break
    }
    await pause(ports.clock, backOff(attempt, (ports.random.bytes(1)[0] ?? 0) / 256), [signal])
  }
  return never
}
