/** What the programs of the demonstration write, one JSON object a line, checked before it is believed. */
import * as v from 'valibot'
import { failureSchema, sliceSchemas } from '../app/contract-schemas.ts'

const count = v.number()

export const ready = v.object({ kind: v.picklist(['ready', 'listening']) })

/** `culvert gateway --json` */
export const cameIn = v.object({
  kind: v.literal('client-up'),
  client: v.object({ name: v.string(), endpoint: v.object({ address: v.string(), port: count }) }),
})

/** `culvert up --json` */
export const upLine = v.object({
  at: count,
  state: v.picklist(['disconnected', 'connecting', 'connected', 'reconnecting', 'disconnecting', 'failed']),
  phase: v.exactOptional(v.picklist(['resolving', 'negotiating', 'authenticating', 'configuring'])),
  failure: v.exactOptional(failureSchema),
})
export type UpLine = v.InferOutput<typeof upLine>

/** `culvert status --json`, on one line or on many. */
export const connections = sliceSchemas.connections

export const visited = v.object({
  address: v.string(),
  resolvedMs: count,
  status: count,
  bytes: count,
  text: v.string(),
  fetchedMs: count,
})

/** `demo --json`: how far it is. */
export const demoLine = v.variant('kind', [
  /** This machine denies what it needs. */
  v.object({ kind: v.literal('unavailable'), reason: v.string(), advice: v.string() }),
  /** Its mount namespace, through which its files are seen: `/proc/123/root`. */
  v.object({ kind: v.literal('entered'), root: v.pipe(v.string(), v.regex(/^\/proc\/\d+\/root$/)) }),
  v.object({ kind: v.literal('step'), step: v.string() }),
  /** The client runs; its control socket will lie in this directory of its mount namespace. */
  v.object({ kind: v.literal('connecting'), runtime: v.string() }),
  v.object({ kind: v.literal('running'), page: v.string(), pingMs: v.exactOptional(count) }),
  v.object({ kind: v.literal('failed'), failure: failureSchema }),
])
export type DemoLine = v.InferOutput<typeof demoLine>
