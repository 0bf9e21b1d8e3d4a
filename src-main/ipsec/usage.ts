/** What an SA has carried, and when that is enough (RFC 4301 section 4.4.2.1, lifetime). */
import type { Millis } from '../../src-shared/brands.ts'
import type { ExpiryCause, SaLifetime } from './data-plane.ts'

/** One SA's counters; written by the data plane alone. */
export interface Usage {
  packets: number
  bytes: number
  lastAt: Millis | undefined
  softTold: boolean
  /** Why the SA passes nothing any more. */
  stopped: ExpiryCause | undefined
  readonly softPackets: number
  readonly hardPackets: number
  readonly softBytes: number
  readonly hardBytes: number
}

export const createUsage = (lifetime: SaLifetime = {}): Usage => ({
  packets: 0,
  bytes: 0,
  lastAt: undefined,
  softTold: false,
  stopped: undefined,
  softPackets: lifetime.softPackets ?? Infinity,
  hardPackets: lifetime.hardPackets ?? Infinity,
  softBytes: lifetime.softBytes ?? Infinity,
  hardBytes: lifetime.hardBytes ?? Infinity,
})

/** The two things a packet can bring about; `report` is called at most once for each in an SA's life. */
export type ExpiryReport = (kind: 'soft-expired' | 'hard-expired', cause: ExpiryCause) => void

/** Counts one packet that passed. The one that reaches a hard limit is the last. */
export function recordUse(usage: Usage, bytes: number, at: Millis, report: ExpiryReport): void {
  usage.packets += 1
  usage.bytes += bytes
  usage.lastAt = at
  if (usage.packets >= usage.softPackets) tellSoft(usage, 'packets', report)
  if (usage.bytes >= usage.softBytes) tellSoft(usage, 'bytes', report)
  if (usage.packets >= usage.hardPackets) stop(usage, 'packets', report)
  if (usage.bytes >= usage.hardBytes) stop(usage, 'bytes', report)
}

export function tellSoft(usage: Usage, cause: ExpiryCause, report: ExpiryReport): void {
  if (usage.softTold) return
  usage.softTold = true
  report('soft-expired', cause)
}

export function stop(usage: Usage, cause: ExpiryCause, report: ExpiryReport): void {
  if (usage.stopped !== undefined) return
  usage.stopped = cause
  report('hard-expired', cause)
}
