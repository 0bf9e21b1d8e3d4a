/** Notices what happens to the machine under a connection: it slept, its network changed. */
import { millis } from '../../src-shared/brands.ts'
import type { Cancel, Clock, HostNetwork } from '../ports.ts'

const tickMs = millis(5_000)
/** A tick that comes this much later than it should was slept through. */
const sleptMs = 10_000

export function watchMachine(
  ports: { readonly clock: Clock; readonly hostNetwork: HostNetwork },
  heard: { readonly onWake: () => void; readonly onNetworkChange: () => void },
): Cancel {
  const { clock, hostNetwork } = ports
  let cancel: Cancel
  const tick = (): void => {
    const from = clock.wall()
    cancel = clock.after(tickMs, () => {
      if (clock.wall() - from > tickMs + sleptMs) heard.onWake()
      tick()
    })
  }
  tick()
  const unhear = hostNetwork.onChange(heard.onNetworkChange)
  return () => {
    cancel()
    unhear()
  }
}
