/** A connection's rates as a table and in figures: what the chart shows, in words. */
import type { RateHistory } from '../../stores/rate-history.ts'

/** How much of the history the status view shows. */
export const SHOWN_MS = 300_000

/** The samples of the last `spanMs` before the newest. */
export function recent(history: RateHistory, spanMs: number): RateHistory {
  const newest = history.times[history.times.length - 1] ?? 0
  const first = history.times.findIndex((at) => at > newest - spanMs)
  if (first <= 0) return history
  return {
    times: history.times.slice(first),
    inbound: history.inbound.slice(first),
    outbound: history.outbound.slice(first),
  }
}

const spans = [60_000, 120_000, SHOWN_MS]

/** How much time the chart shows: the shortest of a few lengths that holds all there is. */
export function chartSpan({ times }: RateHistory): number {
  const age = (times[times.length - 1] ?? 0) - (times[0] ?? 0)
  return spans.find((span) => span >= age) ?? SHOWN_MS
}

export interface ThroughputRow {
  /** When the stretch begins, milliseconds since 1970. */
  readonly from: number
  /** Bytes a second, the mean of the stretch. */
  readonly inbound: number
  readonly outbound: number
}

/** The mean of each stretch of `stepMs`, the newest first. */
export function throughputRows(history: RateHistory, stepMs: number): readonly ThroughputRow[] {
  const stretches = new Map<number, { inbound: number[]; outbound: number[] }>()
  history.times.forEach((at, index) => {
    const from = Math.floor(at / stepMs) * stepMs
    const stretch = stretches.get(from) ?? { inbound: [], outbound: [] }
    stretches.set(from, stretch)
    stretch.inbound.push(history.inbound[index] ?? 0)
    stretch.outbound.push(history.outbound[index] ?? 0)
  })
  return [...stretches]
    .map(([from, { inbound, outbound }]) => ({ from, inbound: mean(inbound), outbound: mean(outbound) }))
    .reverse()
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

export interface Figures {
  readonly now: { readonly inbound: number; readonly outbound: number }
  readonly peak: { readonly inbound: number; readonly outbound: number }
}

export const figures = ({ inbound, outbound }: RateHistory): Figures => ({
  now: { inbound: inbound[inbound.length - 1] ?? 0, outbound: outbound[outbound.length - 1] ?? 0 },
  peak: { inbound: Math.max(0, ...inbound), outbound: Math.max(0, ...outbound) },
})
