/** A ConnectionBridge whose other end is another process's socket. */
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import * as v from 'valibot'
import type { ConnectionBridge, ConnectionCommands, ConnectionSlices } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import { failureSchema, isSliceName, sliceSchemas } from './contract-schemas.ts'
import { jsonLine, readJsonLines } from './json-lines.ts'

const LINE_LIMIT = 16_777_216
const ANSWER_TIMEOUT_MS = 30_000

const messageSchema = v.union([
  v.object({ id: v.number(), result: v.object({ ok: v.literal(true), value: v.optional(v.unknown()) }) }),
  v.object({ id: v.number(), result: v.object({ ok: v.literal(false), error: failureSchema }) }),
  v.object({ slice: v.string(), value: v.unknown() }),
])

export interface BridgeClient extends ConnectionBridge {
  /** Settles when the other end is gone or `close` was called. */
  readonly closed: Promise<void>
}

/** Connects to a socket. Rejects with the system's error (ECONNREFUSED: its process is gone). */
export const connectBridge = (path: string): Promise<BridgeClient> =>
  new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve(clientOver(socket))
    })
  })

type Listeners = { readonly [Name in keyof ConnectionSlices]: Set<(value: ConnectionSlices[Name]) => void> }

function clientOver(socket: Socket): BridgeClient {
  const waiting = new Map<number, (result: Result<unknown, Failure>) => void>()
  const listeners: Listeners = { connections: new Set(), log: new Set(), exchanges: new Set() }
  let nextId = 1
  const gone: Result<never, Failure> = fail({ code: 'not-running', details: {} })

  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      for (const answer of waiting.values()) answer(gone)
      waiting.clear()
      resolve()
    })
  })
  socket.on('error', () => socket.destroy())

  readJsonLines(
    socket,
    LINE_LIMIT,
    (value) => {
      const parsed = v.safeParse(messageSchema, value)
      if (!parsed.success) socket.destroy()
      else if ('slice' in parsed.output) hear(parsed.output.slice, parsed.output.value)
      else {
        const { id, result } = parsed.output
        waiting.get(id)?.(result.ok ? ok(result.value) : result)
        waiting.delete(id)
      }
    },
    () => socket.destroy(),
  )

  function hear(name: string, value: unknown): void {
    if (!isSliceName(name)) return
    switch (name) {
      case 'connections':
        tell(listeners.connections, v.safeParse(sliceSchemas.connections, value))
        break
      case 'log':
        tell(listeners.log, v.safeParse(sliceSchemas.log, value))
        break
      case 'exchanges':
        tell(listeners.exchanges, v.safeParse(sliceSchemas.exchanges, value))
        break
    }
  }

  const ask = (request: object): Promise<Result<unknown, Failure>> =>
    new Promise((resolve) => {
      if (socket.destroyed) {
        resolve(gone)
        return
      }
      const id = nextId++
      const timer = setTimeout(() => {
        waiting.delete(id)
        resolve(fail({ code: 'internal', details: { problem: 'the other process does not answer' } }))
      }, ANSWER_TIMEOUT_MS)
      waiting.set(id, (result) => {
        clearTimeout(timer)
        resolve(result)
      })
      socket.write(jsonLine({ id, ...request }))
    })

  async function snapshot<Name extends keyof ConnectionSlices>(name: Name): Promise<ConnectionSlices[Name]> {
    const result = await ask({ kind: 'snapshot', name })
    if (!result.ok) throw new VpnError(result.error.code, result.error.details)
    const schema: v.GenericSchema<unknown, ConnectionSlices[Name]> = sliceSchemas[name]
    const parsed = v.safeParse(schema, result.value)
    if (!parsed.success)
      throw new VpnError('internal', { problem: 'the other process speaks another version' })
    return parsed.output
  }

  return {
    async call<Name extends keyof ConnectionCommands>(
      name: Name,
      argument: ConnectionCommands[Name]['arguments'],
    ) {
      const result = await ask({ kind: 'call', name, argument })
      return result.ok ? ok(undefined) : result
    },
    snapshot,
    subscribe<Name extends keyof ConnectionSlices>(
      name: Name,
      listener: (value: ConnectionSlices[Name]) => void,
    ) {
      const set: Listeners[Name] = listeners[name]
      if (set.size === 0) void ask({ kind: 'subscribe', name })
      set.add(listener)
      return () => {
        set.delete(listener)
        if (set.size === 0) void ask({ kind: 'unsubscribe', name })
      }
    },
    close: () => socket.destroy(),
    closed,
  }
}

function tell<Value>(
  listeners: ReadonlySet<(value: Value) => void>,
  parsed: { readonly success: true; readonly output: Value } | { readonly success: false },
): void {
  if (parsed.success) for (const listener of listeners) listener(parsed.output)
}
