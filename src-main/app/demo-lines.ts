/** What `demo --json` says, one JSON object a line, and the profile that it connects. */
import * as v from 'valibot'
import { failureSchema } from './contract-schemas.ts'

/** In no library; always the same, so that it is known again. */
export const demoProfileId = '0ff1ce00-0000-4000-8000-000000000001'

export const demoLine = v.variant('kind', [
  /** This machine denies what it needs. */
  v.object({ kind: v.literal('unavailable'), reason: v.string(), advice: v.string() }),
  /** Its mount namespace, through which its files are seen: `/proc/123/root`. */
  v.object({ kind: v.literal('entered'), root: v.pipe(v.string(), v.regex(/^\/proc\/\d+\/root$/)) }),
  v.object({ kind: v.literal('step'), step: v.string() }),
  /** The client runs; its control socket will lie in this directory of its mount namespace. */
  v.object({ kind: v.literal('connecting'), runtime: v.string() }),
  v.object({ kind: v.literal('running'), page: v.string(), pingMs: v.exactOptional(v.number()) }),
  v.object({ kind: v.literal('failed'), failure: failureSchema }),
])
export type DemoLine = v.InferOutput<typeof demoLine>
