/** What is asked about one certificate, and how. */
import type { EpochMillis, Millis } from '../../src-shared/brands.ts'
import type { Result } from '../../src-shared/result.ts'
import type { Certificate } from './certificate.ts'
import type { Standing } from './ocsp.ts'

/** What was found of it; `undetermined` with a clause for people. */
export type Finding = Standing | { readonly kind: 'undetermined'; readonly problem: string }

/** One certificate's question. */
export interface Inquiry {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly at: EpochMillis
  /** When it has to be over, on the monotonic clock. */
  readonly deadline: Millis
  readonly ask: Ask
}

/**
 * What lies at the URL, from the cache or fetched, when `read` finds that it counts; the error is a clause. What counts is kept
 * until `until` of it. `body`: for POST; `key`: what names the answer in the cache.
 */
export type Ask = <Answer extends { readonly until: number }>(question: {
  readonly url: string
  readonly key: string
  readonly deadline: Millis
  readonly at: EpochMillis
  readonly mostBytes: number
  readonly body?: { readonly type: string; readonly bytes: Uint8Array }
  /** `isFresh`: it has just been fetched. */
  readonly read: (bytes: Uint8Array, isFresh: boolean) => Result<Answer, string>
}) => Promise<Result<Answer, string>>
