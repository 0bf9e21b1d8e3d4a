/** `culvert manual FILE`: SAs and policies in iproute2's words, run over this machine until told to stop. */
import { VpnError } from '../../src-shared/errors.ts'
import { serveBridge } from '../app/bridge-server.ts'
import { controlSocketPath } from '../app/control-sockets.ts'
import { manualBridge } from '../app/manual-bridge.ts'
import { readManualFile } from '../app/manual-file.ts'
import type { ManualEvent, RunManualHere } from '../app/manual-run.ts'
import type { Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { failureOf } from './failure.ts'
import { manualEventLine } from './manual-words.ts'
import { openLog } from './open-log.ts'
import { failedObject } from './report.ts'

export interface ManualOptions {
  readonly json?: boolean
  readonly interface?: string
  readonly mtu?: string
  readonly allowCounterModes?: boolean
}

const USUAL_MTU = 1_500

export async function runManualKeys(
  cli: Cli,
  path: string,
  options: ManualOptions,
  run: RunManualHere,
): Promise<number> {
  const { terminal } = cli
  const json = options.json === true
  const log = openLog(cli)
  const stop = new AbortController()
  const stopListening = cli.onInterrupt(() => stop.abort())
  const closers: (() => void | Promise<void>)[] = []
  try {
    const mtu = mtuOf(options.mtu)
    const file = await readManualFile(path, options.allowCounterModes === true)
    for (const warning of file.warnings) terminal.err(`${terminal.tintErr('busy', '!')} ${warning}.`)
    const tell = (event: ManualEvent) =>
      terminal.out(json ? JSON.stringify({ at: Date.now(), ...event }) : manualEventLine(event, file.name))
    await run(
      {
        file,
        mtu,
        stop: stop.signal,
        onEvent: tell,
        async onStarted(status) {
          const bridge = manualBridge(status, log, () => stop.abort())
          const server = await serveBridge(bridge, controlSocketPath(cli.directories.runtime))
          closers.push(
            () => server.close(),
            () => bridge.close(),
          )
        },
      },
      log.log,
      options.interface,
    )
    return exitCodes.done.number
  } catch (error) {
    if (json) terminal.out(JSON.stringify(failedObject(failureOf(error), Date.now())))
    throw error
  } finally {
    stopListening()
    for (const close of closers) await close()
    log.close()
  }
}

function mtuOf(text: string | undefined): number {
  if (text === undefined) return USUAL_MTU
  const mtu = /^\d{3,5}$/.test(text) ? Number(text) : 0
  if (mtu < 576 || mtu > 65_535)
    throw new VpnError('usage', { problem: 'The MTU must be a number from 576 to 65535.' })
  return mtu
}
