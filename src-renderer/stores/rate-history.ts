import type { Traffic } from '../../src-shared/status.ts'

export interface RateHistory {
  /** Milliseconds since 1970, the newest last. */
  readonly times: readonly number[]
  /** Bytes a second. */
  readonly inbound: readonly number[]
  readonly outbound: readonly number[]
}

export const noHistory: RateHistory = { times: [], inbound: [], outbound: [] }

const sampleMs = 900
const keptSamples = 900
/** After such a gap the old samples say nothing about the present. */
const gapMs = 10_000

/** Turns counters that only grow into bytes a second, a sample about every second. */
export class RateRecorder {
  #last: { readonly at: number; readonly inbound: number; readonly outbound: number } | undefined
  history: RateHistory = noHistory

  /** Gives whether there is a new sample. */
  record(at: number, traffic: Traffic): boolean {
    const now = { at, inbound: traffic.inbound.bytes, outbound: traffic.outbound.bytes }
    const last = this.#last
    const restarted = last !== undefined && (now.inbound < last.inbound || now.outbound < last.outbound)
    if (last === undefined || restarted || at - last.at > gapMs) {
      this.#last = now
      this.history = noHistory
      return true
    }
    const seconds = (at - last.at) / 1000
    if (at - last.at < sampleMs) return false
    this.#last = now
    const add = (list: readonly number[], value: number) => [...list.slice(1 - keptSamples), value]
    this.history = {
      times: add(this.history.times, at),
      inbound: add(this.history.inbound, (now.inbound - last.inbound) / seconds),
      outbound: add(this.history.outbound, (now.outbound - last.outbound) / seconds),
    }
    return true
  }
}
