/** Which failures a retry can mend, and how long to wait before it. */
import type { ErrorCode } from '../../src-shared/errors.ts'
import type { Millis } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'

const mendable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'gateway-unreachable',
  'gateway-not-found',
  'gateway-gave-up',
  'gateway-internal',
])

/** Wrong passwords, untrusted certificates and the like stay wrong; silence and trouble on the way may pass. */
export const isMendable = (code: ErrorCode): boolean => mendable.has(code)

const firstMs = 500
const longestMs = 30_000

/** 0.5 s, 1 s, 2 s … up to half a minute; `unit` in [0, 1) spreads many clients of one gateway. */
export const backOff = (attempt: number, unit: number): Millis =>
  millis(Math.min(firstMs * 2 ** Math.min(attempt - 1, 10), longestMs) * (0.75 + 0.5 * unit))

/** A session that stood this long begins the count of tries anew. */
export const lastingMs = 60_000
