/**
 * The demonstration as the desktop app shows it: the same world, held open until told to stop. One JSON object a line says how far
 * it is; the connection itself is seen over the client's control socket.
 */
import * as v from 'valibot'
import { VpnError } from '../../src-shared/errors.ts'
import { makePki } from './certificates.ts'
import type { DemoFiles } from './files.ts'
import { writeFiles } from './files.ts'
import { isReady, unlessStopped } from './inside.ts'
import type { DemoLine } from '../app/demo-lines.ts'
import { upLine, visited } from './messages.ts'
import { makeGround, makeNetworks } from './network.ts'
import { places } from './places.ts'
import type { Program, Programs } from './programs.ts'
import { createPrograms } from './programs.ts'

export interface ForAppOptions {
  /** dist/cli.js and dist/demo.js. */
  readonly cliPath: string
  readonly demoPath: string
  readonly stop: AbortSignal
  readonly tell: (line: DemoLine) => void
}

const { client, gateway, office } = places

/** Settles when it was told to stop, or the connection was ended, and all is taken down. Rejects with VpnError. */
export async function runForApp({ cliPath, demoPath, stop, tell }: ForAppOptions): Promise<void> {
  const step = (text: string) => tell({ kind: 'step', step: text })
  const node = process.execPath
  const programs = createPrograms({
    XDG_RUNTIME_DIR: places.folder,
    XDG_CONFIG_HOME: `${places.folder}/config`,
    XDG_DATA_HOME: `${places.folder}/data`,
  })

  async function build(): Promise<DemoFiles> {
    step('Making three networks')
    await makeGround()
    await makeNetworks()
    step('Making certificates')
    const files = writeFiles(makePki(gateway.name))
    step('Starting the office and its gateway')
    const officeProgram = programs.start('the office', office.namespace, [node, demoPath, '--office'])
    const config = ['gateway', '--config', files.gatewayConfig, '--json']
    const gatewayProgram = programs.start('the gateway', gateway.namespace, [node, cliPath, ...config])
    await isReady(officeProgram)
    await isReady(gatewayProgram)
    return files
  }

  try {
    const up = await unlessStopped(stop, async () => {
      const files = await build()
      step('Connecting')
      const program = programs.start('the client', client.namespace, [
        node,
        cliPath,
        'up',
        files.profile,
        '--json',
      ])
      tell({ kind: 'connecting', runtime: `${places.folder}/culvert` })
      await connected(program)
      return program
    })
    step('Fetching a page through the tunnel')
    const seen = await unlessStopped(stop, async () => {
      const page = await visit(programs, demoPath)
      const pingMs = await ping(programs)
      return { page, ...(pingMs === undefined ? {} : { pingMs }) }
    })
    tell({ kind: 'running', ...seen })
    // Something to be seen on the line, as there is when a person works.
    programs.start('traffic', client.namespace, ['ping', '-q', '-n', '-i', '1', office.address])
    await Promise.race([up.ended, aborted(stop)])
  } finally {
    await programs.stopAll()
  }
}

const aborted = (stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (stop.aborted) resolve()
    else stop.addEventListener('abort', () => resolve(), { once: true })
  })

async function connected(up: Program): Promise<void> {
  for (;;) {
    const parsed = v.safeParse(upLine, await up.next())
    if (!parsed.success) {
      const code = await up.ended
      throw new VpnError('internal', {
        problem: `the client ended with exit code ${code}: ${up.complaint()}`,
      })
    }
    const { state, failure } = parsed.output
    if (state === 'connected') return
    if (state === 'failed') throw new VpnError(failure?.code ?? 'internal', failure?.details)
  }
}

/** What the office's web server says, as any program of the client's machine would get it. */
async function visit(programs: Programs, demoPath: string): Promise<string> {
  const argv = [process.execPath, demoPath, '--visit', office.name]
  const program = programs.start('the visit', client.namespace, argv)
  const line = v.safeParse(visited, await program.next())
  if (line.success) return line.output.text
  await program.ended
  throw new VpnError('internal', { problem: `the page was not fetched: ${program.complaint()}` })
}

/** The time there and back; undefined where this machine has no usable ping. */
async function ping(programs: Programs): Promise<number | undefined> {
  const program = programs.start('ping', client.namespace, [
    'ping',
    '-n',
    '-c',
    '1',
    '-W',
    '2',
    office.address,
  ])
  const time = /time=([\d.]+) ms/.exec(await program.text())?.[1]
  return time === undefined ? undefined : Number(time)
}
