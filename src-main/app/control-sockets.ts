/** The control sockets of all of this user's Culvert processes: one each, named by process, in the private runtime directory. */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BridgeClient } from './bridge-client.ts'
import { connectBridge } from './bridge-client.ts'

const NAME = /^control-(\d{1,10})\.sock$/

/** Whether a file's name is that of a control socket. */
export const isControlSocket = (name: string): boolean => NAME.test(name)

/** This process's socket. */
export const controlSocketPath = (runtimeDirectory: string, pid: number = process.pid): string =>
  join(runtimeDirectory, `control-${pid}.sock`)

/** Connects to every process that is there. Sockets whose process is gone are removed. The caller closes the clients. */
export async function connectToAll(runtimeDirectory: string): Promise<readonly BridgeClient[]> {
  let names: string[]
  try {
    names = readdirSync(runtimeDirectory).filter(isControlSocket)
  } catch {
    // No directory yet: nothing has ever run.
    return []
  }
  const found = await Promise.all(names.map((name) => connectOrClean(join(runtimeDirectory, name))))
  return found.filter((client) => client !== undefined)
}

async function connectOrClean(path: string): Promise<BridgeClient | undefined> {
  try {
    return await connectBridge(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    // Nobody listens: its process ended without cleaning up (kill -9).
    if (code === 'ECONNREFUSED') rmSync(path, { force: true })
    return undefined
  }
}
