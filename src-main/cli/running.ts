/** What the other Culvert processes of this user are doing, over their control sockets. */
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { BridgeClient } from '../app/bridge-client.ts'
import { connectToAll } from '../app/control-sockets.ts'
import type { Cli } from './context.ts'

/** Gives each running process's Bridge to the task; closes them when it is done. */
export async function withRunning<Value>(
  cli: Cli,
  task: (clients: readonly BridgeClient[]) => Promise<Value>,
): Promise<Value> {
  const clients = await connectToAll(cli.directories.runtime)
  try {
    return await task(clients)
  } finally {
    for (const client of clients) client.close()
  }
}

/** All connections of all processes. A process that goes meanwhile is left out. */
export const runningConnections = (cli: Cli): Promise<readonly ConnectionStatus[]> =>
  withRunning(cli, async (clients) => {
    const found = await Promise.all(clients.map((client) => snapshotOf(client)))
    return found.flat().sort((a, b) => a.profileName.localeCompare(b.profileName))
  })

async function snapshotOf(client: BridgeClient): Promise<readonly ConnectionStatus[]> {
  try {
    return await client.snapshot('connections')
  } catch {
    // It ended between connecting and answering.
    return []
  }
}
