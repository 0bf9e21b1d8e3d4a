#!/usr/bin/env node
/** `npm run demo [-- --keep | --json]`: shows the client at work against the embedded gateway, on this machine alone. */
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { VpnError } from '../src-shared/errors.ts'
import { exitCodeOf, exitCodes } from './cli/exit-codes.ts'
import { tellFailure } from './cli/failure.ts'
import { createTerminal } from './cli/terminal.ts'
import { runForApp } from './demo/for-app.ts'
import { runInside } from './demo/inside.ts'
import type { DemoLine } from './app/demo-lines.ts'
import { runOffice } from './demo/office.ts'
import { runOutside } from './demo/outside.ts'
import { runVisit } from './demo/visit.ts'

const demoPath = fileURLToPath(import.meta.url)
const cliPath = fileURLToPath(new URL('./cli.js', import.meta.url))
const terminal = createTerminal(process.stdout, process.stderr, process.env)
const options = process.argv.slice(2)

process.exitCode = await main()
// What was opened is closed by now; a stray handle does not keep the terminal waiting.
setTimeout(() => process.exit(), 1_000).unref()

async function main(): Promise<number> {
  const [first, second] = options
  const keep = options.includes('--keep')
  const isForApp = options.includes('--json')
  switch (first) {
    case '--office':
      await runOffice()
      return 0
    case '--visit':
      await runVisit(second ?? '')
      return 0
    case '--inside':
      return inside((pipe, stop) => (isForApp ? insideForApp(stop) : insideForPeople(pipe, stop, keep)))
    case '--json':
      return runOutside({ terminal, demoPath, flags: ['--json'], tell })
    case undefined:
    case '--keep':
      return runOutside({ terminal, demoPath, flags: keep ? ['--keep'] : [] })
    default:
      terminal.err('Usage: npm run demo [-- --keep | --json]')
      terminal.err('  --keep  hold the tunnel open until Ctrl-C')
      terminal.err('  --json  the same until standard input ends, told in one JSON object a line')
      terminal.err(
        `Exit codes: 0 done, ${exitCodes.privilege.number} namespaces or /dev/net/tun denied, ${exitCodes.machine.number} something missing, ${exitCodes.interrupted.number} stopped before it was done.`,
      )
      return first === '--help' ? 0 : exitCodes.usage.number
  }
}

function tell(line: DemoLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/** Runs what is given until it ends by itself, by a signal, or because the process outside has gone. */
async function inside(run: (pipe: StarterPipe, stop: AbortSignal) => Promise<number>): Promise<number> {
  const stop = new AbortController()
  const pipe = watchStarter(() => stop.abort())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
  try {
    return await run(pipe, stop.signal)
  } finally {
    pipe.close()
  }
}

async function insideForPeople(pipe: StarterPipe, stop: AbortSignal, keep: boolean): Promise<number> {
  try {
    await runInside({ cliPath, demoPath, keep, stop, terminal, entrance: pipe.entrance })
    return 0
  } catch (error) {
    if (error instanceof VpnError && error.code === 'cancelled') {
      terminal.err('Stopped. Nothing is left behind.')
      return exitCodes.interrupted.number
    }
    if (!(error instanceof VpnError)) throw error
    const { problem } = error.details
    if (problem !== undefined) terminal.err(`  ${problem}`)
    return tellFailure(terminal, error.failure)
  }
}

async function insideForApp(stop: AbortSignal): Promise<number> {
  try {
    await runForApp({ cliPath, demoPath, stop, tell })
    return 0
  } catch (error) {
    if (!(error instanceof VpnError)) throw error
    if (error.code === 'cancelled') return 0
    tell({ kind: 'failed', failure: error.failure })
    return exitCodeOf(error.code)
  }
}

interface StarterPipe {
  readonly entrance: () => string | undefined
  readonly close: () => void
}

/** The process outside holds the other end: it says how to get in here, and its end is ours. */
function watchStarter(gone: () => void): StarterPipe {
  let entrance: string | undefined
  const stream = new Socket({ fd: 3 })
  const lines = createInterface({ input: stream })
  lines.on('line', (line) => (entrance = line))
  lines.on('close', gone)
  stream.on('error', gone)
  return {
    entrance: () => entrance,
    close() {
      lines.removeListener('close', gone)
      stream.destroy()
    },
  }
}
