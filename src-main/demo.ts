#!/usr/bin/env node
/** `npm run demo [-- --keep]`: shows the client at work against the embedded gateway, on this machine alone. */
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { VpnError } from '../src-shared/errors.ts'
import { exitCodes } from './cli/exit-codes.ts'
import { tellFailure } from './cli/failure.ts'
import { createTerminal } from './cli/terminal.ts'
import { runInside } from './demo/inside.ts'
import { runOffice } from './demo/office.ts'
import { runOutside } from './demo/outside.ts'
import { runVisit } from './demo/visit.ts'

const demoPath = fileURLToPath(import.meta.url)
const terminal = createTerminal(process.stdout, process.stderr, process.env)
const options = process.argv.slice(2)

process.exitCode = await main()
// What was opened is closed by now; a stray handle does not keep the terminal waiting.
setTimeout(() => process.exit(), 1_000).unref()

async function main(): Promise<number> {
  const [first, second] = options
  const keep = options.includes('--keep')
  switch (first) {
    case '--office':
      await runOffice()
      return 0
    case '--visit':
      await runVisit(second ?? '')
      return 0
    case '--inside':
      return inside(keep)
    case undefined:
    case '--keep':
      return runOutside(terminal, demoPath, { keep })
    default:
      terminal.err('Usage: npm run demo [-- --keep]')
      terminal.err('  --keep  hold the tunnel open until Ctrl-C')
      terminal.err(
        `Exit codes: 0 done, ${exitCodes.privilege.number} namespaces or /dev/net/tun denied, ${exitCodes.machine.number} something missing, ${exitCodes.interrupted.number} stopped before it was done.`,
      )
      return first === '--help' ? 0 : exitCodes.usage.number
  }
}

async function inside(keep: boolean): Promise<number> {
  const stop = new AbortController()
  const pipe = watchStarter(() => stop.abort())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())
  try {
    await runInside({
      cliPath: fileURLToPath(new URL('./cli.js', import.meta.url)),
      demoPath,
      keep,
      stop: stop.signal,
      terminal,
      entrance: pipe.entrance,
    })
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
  } finally {
    pipe.close()
  }
}

/** The process outside holds the other end: it says how to get in here, and its end is ours. */
function watchStarter(gone: () => void): {
  readonly entrance: () => string | undefined
  readonly close: () => void
} {
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
