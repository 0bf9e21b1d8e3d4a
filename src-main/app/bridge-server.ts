/**
 * Carries a Bridge over a Unix socket, so that other terminals see and steer the connection of this process. Only the socket's
 * owner reaches it (its directory is private); what arrives is checked all the same.
 *
 * Client → server, one JSON line each: `{ id, call, argument }`, `{ id, snapshot }`, `{ id, subscribe }`, `{ id, unsubscribe }`.
 * Server → client: `{ id, result }` in answer, `{ slice, value }` for each new value of a subscribed slice.
 */
import { chmodSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import * as v from 'valibot'
import type { ConnectionBridge, ConnectionSlices } from '../../src-shared/contract.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { fail } from '../../src-shared/result.ts'
import { callChecked, connectionSchemas, isConnectionCommand } from './command-schemas.ts'
import { isSliceName } from './contract-schemas.ts'
import { jsonLine, readJsonLines } from './json-lines.ts'

const LIMITS = { clients: 16, line: 65_536, unsentBytes: 4_194_304 } as const
/** New values of a slice within this time become one. */
const COALESCE_MS = 100

const requestSchema = v.variant('kind', [
  v.object({ kind: v.literal('call'), id: v.number(), name: v.string(), argument: v.unknown() }),
  v.object({ kind: v.literal('snapshot'), id: v.number(), name: v.string() }),
  v.object({ kind: v.literal('subscribe'), id: v.number(), name: v.string() }),
  v.object({ kind: v.literal('unsubscribe'), id: v.number(), name: v.string() }),
])

export interface BridgeServer {
  close(): Promise<void>
}

/** Listens at the path, which must be free. Rejects with VpnError 'host-step-failed' when it cannot. */
export async function serveBridge(bridge: ConnectionBridge, path: string): Promise<BridgeServer> {
  const clients = new Set<Socket>()
  const server = createServer((socket) => {
    if (clients.size >= LIMITS.clients) {
      socket.destroy()
      return
    }
    clients.add(socket)
    const stop = serveClient(bridge, socket)
    socket.once('close', () => {
      clients.delete(socket)
      stop()
    })
  })
  await listen(server, path)
  chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        // Closing a server removes its socket file.
        server.close(() => resolve())
        for (const client of clients) client.destroy()
      }),
  }
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // sun_path holds 108 bytes, its end included (unix(7)); longer ones would be cut.
    if (Buffer.byteLength(path) > 107) {
      reject(new VpnError('host-step-failed', { step: `the path ${path} is too long for a socket` }))
      return
    }
    server.once('error', (error) => {
      reject(new VpnError('host-step-failed', { step: `no control socket at ${path}` }, error))
    })
    server.listen(path, () => resolve())
  })

/** Answers one client until it goes; gives what to do then. */
function serveClient(bridge: ConnectionBridge, socket: Socket): () => void {
  const subscriptions = new Map<keyof ConnectionSlices, () => void>()
  const send = (value: object) => {
    if (socket.destroyed) return
    socket.write(jsonLine(value))
    // One that does not read what it asked for.
    if (socket.writableLength > LIMITS.unsentBytes) socket.destroy()
  }
  const refuse = (id: number, problem: string) => {
    const failure: Failure = { code: 'usage', details: { problem } }
    send({ id, result: fail(failure) })
  }
  // A client may go at any time; 'close' follows and does the rest.
  socket.on('error', () => socket.destroy())

  const handle = (value: unknown): void => {
    const parsed = v.safeParse(requestSchema, value)
    if (!parsed.success) {
      socket.destroy()
      return
    }
    const request = parsed.output
    const { id, name } = request
    if (request.kind === 'call') {
      if (!isConnectionCommand(name)) refuse(id, 'This command is not known.')
      else
        void callChecked(bridge, connectionSchemas, name, request.argument).then((result) =>
          send({ id, result }),
        )
      return
    }
    if (!isSliceName(name)) {
      refuse(id, 'This slice is not known.')
      return
    }
    switch (request.kind) {
      case 'snapshot':
        void bridge.snapshot(name).then((current) => send({ id, result: { ok: true, value: current } }))
        break
      case 'subscribe':
        if (!subscriptions.has(name)) subscriptions.set(name, forward(bridge, name, send))
        send({ id, result: { ok: true } })
        break
      case 'unsubscribe':
        subscriptions.get(name)?.()
        subscriptions.delete(name)
        send({ id, result: { ok: true } })
        break
    }
  }
  readJsonLines(socket, LIMITS.line, handle, () => socket.destroy())
  return () => {
    for (const stop of subscriptions.values()) stop()
    subscriptions.clear()
  }
}

/** Sends each new value of a slice, those in quick succession as one; gives the way to stop. */
function forward(
  bridge: ConnectionBridge,
  name: keyof ConnectionSlices,
  send: (value: object) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  let latest: ConnectionSlices[keyof ConnectionSlices]
  const stop = bridge.subscribe(name, (value) => {
    latest = value
    timer ??= setTimeout(() => {
      timer = undefined
      send({ slice: name, value: latest })
    }, COALESCE_MS)
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}
