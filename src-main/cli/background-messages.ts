/** What `up --detach` and the process that it starts say to each other, until it is connected. */
import * as v from 'valibot'
import { failureSchema, sliceSchemas } from '../app/contract-schemas.ts'

const question = v.object({
  id: v.number(),
  kind: v.picklist(['password', 'psk', 'p12-password', 'key-password', 'one-time-code']),
  text: v.string(),
})

/** From the background to the front. */
export const upwardSchema = v.variant('kind', [
  v.object({ kind: v.literal('ready') }),
  v.object({ kind: v.literal('status'), connections: sliceSchemas.connections }),
  v.object({ kind: v.literal('question'), question }),
  /** The end; without a failure it was told to stop. */
  v.object({
    kind: v.literal('ended'),
    failure: v.exactOptional(failureSchema),
    /** The kill switch holds on. */
    holding: v.exactOptional(v.boolean()),
  }),
])

/** From the front to the background. */
export const downwardSchema = v.variant('kind', [
  v.object({
    kind: v.literal('begin'),
    target: v.string(),
    username: v.exactOptional(v.string()),
    /** For which the front has answers, whatever the profile says. */
    given: v.array(v.picklist(['password', 'key-password', 'psk'])),
    killSwitch: v.exactOptional(v.boolean()),
    exportKeys: v.exactOptional(v.string()),
  }),
  v.object({ kind: v.literal('answer'), id: v.number(), secret: v.instance(Uint8Array) }),
  v.object({ kind: v.literal('decline'), id: v.number(), failure: failureSchema }),
  v.object({ kind: v.literal('stop') }),
  /** Connected: from here on it stands alone. */
  v.object({ kind: v.literal('released') }),
])

export type Upward = v.InferOutput<typeof upwardSchema>
export type Downward = v.InferOutput<typeof downwardSchema>
