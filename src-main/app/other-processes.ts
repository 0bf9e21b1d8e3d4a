/** The connections of this user's other Culvert processes: seen over their control sockets, and ended when the person says so. */
import type { FSWatcher } from 'node:fs'
import { readdirSync, rmSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import type { ExchangeMessage } from '../../src-shared/exchange-message.ts'
import type { Failure } from '../../src-shared/errors.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { Log } from '../ports.ts'
import type { BridgeClient } from './bridge-client.ts'
import { connectBridge } from './bridge-client.ts'
import { isControlSocket } from './control-sockets.ts'
import { createSlice } from './slice.ts'
import type { Slice } from './slice.ts'

export interface OtherProcesses {
  readonly connections: Slice<readonly ConnectionStatus[]>
  /** By process. */
  readonly exchanges: Slice<readonly ForeignExchanges[]>
  /** Looks at the sockets of one more directory, until the given function is called. */
  watch(directory: string): () => void
  /** Ends the connection in its process. Fails with 'not-running' when none has it. */
  disconnect(profileId: string): Promise<Result<undefined, Failure>>
  close(): void
}

/** The IKE messages of one process; numbers are its own. */
export interface ForeignExchanges {
  readonly source: string
  readonly messages: readonly ExchangeMessage[]
}

interface Other {
  readonly client: BridgeClient
  connections: readonly ConnectionStatus[]
  exchanges: readonly ExchangeMessage[]
}

/** A process makes its socket before it listens. */
const SETTLE_MS = 50

/** `ownSocket`: the path of this process's own, which is left out. */
export function watchOtherProcesses(ownSocket: string, log: Log): OtherProcesses {
  const others = new Map<string, Other>()
  const connections = createSlice<readonly ConnectionStatus[]>([])
  const exchanges = createSlice<readonly ForeignExchanges[]>([])
  const watches = new Set<() => void>()
  const joining = new Set<string>()

  const publishConnections = () => {
    const all = [...others.values()].flatMap((other) => other.connections)
    if (all.length > 0 || connections.read().length > 0) connections.write(all)
  }
  const publishExchanges = () => {
    const all = [...others].map(([source, other]) => ({ source, messages: other.exchanges }))
    if (all.length > 0 || exchanges.read().length > 0) exchanges.write(all)
  }

  async function meet(path: string): Promise<void> {
    let client: BridgeClient
    try {
      client = await connectBridge(path)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      // Nobody listens: its process ended without cleaning up (kill -9).
      if (code === 'ECONNREFUSED') rmSync(path, { force: true })
      others.delete(path)
      return
    }
    const other: Other = { client, connections: [], exchanges: [] }
    others.set(path, other)
    const hearConnections = (value: readonly ConnectionStatus[]) => {
      other.connections = value.map(asSeenFromHere)
      publishConnections()
    }
    const hearExchanges = (value: readonly ExchangeMessage[]) => {
      other.exchanges = value
      publishExchanges()
    }
    void client.closed.then(() => {
      if (others.get(path) === other) others.delete(path)
      publishConnections()
      publishExchanges()
    })
    client.subscribe('connections', hearConnections)
    client.subscribe('exchanges', hearExchanges)
    try {
      hearConnections(await client.snapshot('connections'))
      hearExchanges(await client.snapshot('exchanges'))
    } catch (error) {
      // It ended meanwhile, or is of a version that says less; what it did say stays seen.
      log('debug', 'processes', 'Another process does not tell all', { problem: String(error) })
    }
  }

  function scan(directory: string): void {
    let names: readonly string[]
    try {
      names = readdirSync(directory)
    } catch {
      // It is gone with everything in it: 'closed' tells of each.
      return
    }
    for (const name of names.filter(isControlSocket)) {
      const path = join(directory, name)
      if (path === ownSocket || others.has(path) || joining.has(path)) continue
      joining.add(path)
      void meet(path).finally(() => joining.delete(path))
    }
  }

  return {
    connections,
    exchanges,
    watch(directory) {
      let timer: NodeJS.Timeout | undefined
      let watcher: FSWatcher | undefined
      const soon = () => {
        clearTimeout(timer)
        timer = setTimeout(() => scan(directory), SETTLE_MS)
      }
      try {
        watcher = watch(directory, soon)
        watcher.on('error', () => watcher?.close())
      } catch (error) {
        log('warn', 'processes', 'Other processes cannot be watched', {
          directory: basename(directory),
          problem: String(error),
        })
      }
      scan(directory)
      const stop = () => {
        clearTimeout(timer)
        watcher?.close()
        watches.delete(stop)
        for (const [path, { client }] of others) if (path.startsWith(`${directory}/`)) client.close()
      }
      watches.add(stop)
      return stop
    },
    async disconnect(profileId) {
      const carrier = [...others.values()].find((other) =>
        other.connections.some((status) => status.profileId === profileId),
      )
      if (carrier === undefined) return fail({ code: 'not-running', details: {} })
      const result = await carrier.client.call('disconnect', { profileId })
      // Its process may end before the answer is written: it is disconnected then, too.
      return result.ok || result.error.code === 'not-running' ? ok(undefined) : result
    },
    close() {
      for (const stop of [...watches]) stop()
      for (const { client } of others.values()) client.close()
    },
  }
}

/** Its question is answered where it was asked. */
const asSeenFromHere = ({ question: _question, ...status }: ConnectionStatus): ConnectionStatus => ({
  ...status,
  carriedBy: 'another',
})
