/** `culvert manual FILE` in the namespace of the lab. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConnectionStatus } from '../../../src-shared/status.ts'
import { run, start, until } from '../../interop/lab/processes.ts'
import type { Running } from '../../interop/lab/processes.ts'
import type { KernelLab } from './kernel-lab.ts'

const cli = join(import.meta.dirname, '../../../dist/cli.js')

export interface Manual {
  readonly process: Running
  /** What `culvert status --json` tells of it. */
  status(): Promise<ConnectionStatus>
  /** `culvert status`, for people. */
  statusText(): Promise<string>
  stop(): Promise<void>
}

export const environment = (lab: KernelLab): Readonly<Record<string, string>> => {
  const home = join(lab.folder, 'home')
  mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 })
  return { HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), XDG_CONFIG_HOME: home, XDG_DATA_HOME: home }
}

export const startManual = async (
  lab: KernelLab,
  lines: readonly string[],
  ...options: readonly string[]
): Promise<Manual> => {
  const file = join(lab.folder, 'office.xfrm')
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  const env = environment(lab)
  const argv = [process.execPath, cli]
  const running = start([...argv, 'manual', file, '--json', ...options], { namespace: lab.namespace, env })
  await until('culvert manual', () => {
    if (!running.alive)
      throw new Error(`culvert manual ended: ${[...running.errors, ...running.lines].join(' ')}`)
    return running.lines.some((line) => line.includes('"started"')) ? true : undefined
  })
  const ask = async (...more: readonly string[]) =>
    (await run([...argv, 'status', ...more], { namespace: lab.namespace, env })).stdout
  return {
    process: running,
    async status() {
      const [status] = JSON.parse(await ask('--json')) as readonly ConnectionStatus[]
      if (status === undefined) throw new Error('culvert status shows nothing')
      return status
    },
    statusText: () => ask(),
    async stop() {
      const ended = await running.stop('SIGINT')
      if (ended !== 0) throw new Error(`culvert manual ended with ${ended}: ${running.errors.join(' ')}`)
    },
  }
}
