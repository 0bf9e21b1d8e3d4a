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
