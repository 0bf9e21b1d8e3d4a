/** A connection's rates over the last minutes, from its growing counters. Pure; the composable beside it feeds it. */
import type { Traffic } from '../../../src-shared/status.ts'

export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Bytes a second since the sample before. */
  readonly inbound: number
  readonly outbound: number
}

export interface History {
  readonly last?: { readonly at: number; readonly inbound: number; readonly outbound: number }
  readonly samples: readonly Sample[]
}

export const HISTORY_MS = 300_000
/** Two looks closer together than this are one: their rate would only be noise. */
const SHORTEST_MS = 400

export const emptyHistory: History = { samples: [] }

/** The history with one more look at the counters. Counters that shrank belong to a new connection. */
export function looked(history: History, traffic: Traffic, at: number): History {
  const now = { at, inbound: traffic.inbound.bytes, outbound: traffic.outbound.bytes }
  const { last } = history
  if (last === undefined || now.inbound < last.inbound || now.outbound < last.outbound)
    return { last: now, samples: [] }
  const elapsed = at - last.at
  if (elapsed < SHORTEST_MS) return history
  const sample = {
    at,
    inbound: ((now.inbound - last.inbound) * 1000) / elapsed,
    outbound: ((now.outbound - last.outbound) * 1000) / elapsed,
  }
  return { last: now, samples: [...history.samples.filter((old) => old.at > at - HISTORY_MS), sample] }
}

export interface ThroughputRow {
  readonly from: number
  readonly to: number
  readonly inbound: number
  readonly outbound: number
}

/** The text alternative: the mean of each stretch of `stepMs`, the newest first. */
export function throughputRows(samples: readonly Sample[], stepMs: number): readonly ThroughputRow[] {
  const stretches = new Map<number, Sample[]>()
  for (const sample of samples) {
    const from = Math.floor(sample.at / stepMs) * stepMs
    const stretch = stretches.get(from)
    if (stretch === undefined) stretches.set(from, [sample])
    else stretch.push(sample)
  }
  return [...stretches]
    .map(([from, stretch]) => ({
      from,
      to: from + stepMs,
      inbound: mean(stretch.map(({ inbound }) => inbound)),
      outbound: mean(stretch.map(({ outbound }) => outbound)),
    }))
    .reverse()
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

export interface Peaks {
  readonly inbound: number
  readonly outbound: number
}

export const peaks = (samples: readonly Sample[]): Peaks => ({
  inbound: Math.max(0, ...samples.map(({ inbound }) => inbound)),
  outbound: Math.max(0, ...samples.map(({ outbound }) => outbound)),
})
