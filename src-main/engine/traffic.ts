/** What a connection has carried since it began, through all the SAs that came and went. */
import type { SaStatistics } from '../ipsec/data-plane.ts'
import type { Traffic } from '../../src-shared/status.ts'

type Sa = Pick<SaStatistics, 'direction' | 'packets' | 'bytes'>

const nothing: Traffic = { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } }

const plus = (traffic: Traffic, { direction, packets, bytes }: Sa): Traffic => ({
  ...traffic,
  [direction]: {
    packets: traffic[direction].packets + packets,
    bytes: traffic[direction].bytes + bytes,
  },
})

export class TrafficMeter {
  #gone: Traffic = nothing

  /** Takes over what an SA has carried, when it goes. */
  retire(sa: Sa): void {
    this.#gone = plus(this.#gone, sa)
  }

  /** With what the SAs that are there have carried. Only ever grows. */
  total(present: readonly Sa[]): Traffic {
    return present.reduce(plus, this.#gone)
  }
}
