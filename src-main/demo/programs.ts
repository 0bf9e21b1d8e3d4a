/** The programs of the demonstration: each in its network namespace, each ended by us. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { createInterface } from 'node:readline'
import { VpnError } from '../../src-shared/errors.ts'

export interface Program {
  readonly name: string
  /** Each line that it writes, parsed; whoever waits gets it in order. Undefined once it has ended. */
  next(): Promise<unknown>
  /** All that it writes until it ends. */
  text(): Promise<string>
  /** Its exit code, once it has ended; its own words when it failed are in `complaint`. */
  readonly ended: Promise<number>
  complaint(): string
  /** Asks it to end and waits until it has. */
  stop(): Promise<number>
}

const patienceMs = 5_000

/** `ip` lies where ordinary users do not always look. */
export const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin`

export const findProgram = (program: string): boolean =>
  searchPath.split(':').some((folder) => {
    try {
      accessSync(`${folder}/${program}`, constants.X_OK)
      return folder !== ''
    } catch {
      return false
    }
  })

export interface Programs {
  start(name: string, namespace: string, argv: readonly string[]): Program
  stopAll(): Promise<void>
}

export function createPrograms(environment: Readonly<Record<string, string>>): Programs {
  const running = new Set<Program>()
  // Where there is no process namespace to end them all, each ends with us all the same (prctl(2), PR_SET_PDEATHSIG).
  const tied = findProgram('setpriv') ? ['setpriv', '--pdeathsig', 'TERM', '--'] : []
  return {
    start(name, namespace, argv) {
      const child = spawn('ip', ['netns', 'exec', namespace, ...tied, ...argv], {
        stdio: ['pipe', 'pipe', 'pipe'],
        // A process group of its own: Ctrl-C is for us alone, we end the others in order.
        detached: true,
        env: { ...process.env, PATH: searchPath, ...environment },
      })
      const program = follow(name, child)
      running.add(program)
      void program.ended.then(() => running.delete(program))
      return program
    },
    async stopAll() {
      // The last to come goes first: the client says goodbye while its gateway is there.
      for (const program of [...running].reverse()) await program.stop()
    },
  }
}

function follow(name: string, child: ChildProcess): Program {
  const lines: string[] = []
  let wake: (() => void) | undefined
  let over = false
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4096)))
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line)
      wake?.()
    })
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      errors += error.message
      resolve(127)
    })
    child.once('close', (code) => resolve(code ?? 128))
  }).finally(() => {
    over = true
    wake?.()
  })
  return {
    name,
    ended,
    complaint: () => errors.trim(),
    async next() {
      for (;;) {
        const line = lines.shift()
        if (line !== undefined) return parse(name, line)
        if (over) return undefined
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    async text() {
      await ended
      return lines.splice(0).join('\n')
    },
    async stop() {
      if (over) return ended
      child.stdin?.end()
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      try {
        return await ended
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

function parse(name: string, line: string): unknown {
  try {
    const value: unknown = JSON.parse(line)
    return value
  } catch {
    throw new VpnError('internal', { problem: `${name} wrote a line that is not JSON` })
  }
}
