/** Starts and stops the demo office (src-main/demo) as a child process, and follows how far it is. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import * as v from 'valibot'
import type { DemoState } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import type { Log } from '../ports.ts'
import type { DemoLine } from './demo-lines.ts'
import { demoLine, demoProfileId } from './demo-lines.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

export interface DemoProgram {
  /** How to run dist/demo.js: program and first arguments. */
  readonly command: readonly string[]
  /** Beside this process's own: what makes a desktop runtime run a script. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface DemoOffice {
  readonly slice: Slice<DemoState>
  /** Begins; how it goes is in the slice. Does nothing while it runs. */
  start(): void
  /** Settles when all is taken down. */
  stop(): Promise<void>
}

export interface DemoParts {
  /** Undefined where this program comes without it. */
  readonly program: DemoProgram | undefined
  /** Looks for control sockets in a directory; gives the way to stop. */
  readonly watchProcesses: (directory: string) => () => void
  readonly notice: (failure: Failure) => void
  readonly log: Log
}

/** Long enough for Delete to be answered and the namespaces to go. */
const PATIENCE_MS = 10_000

export function createDemoOffice({ program, watchProcesses, notice, log }: DemoParts): DemoOffice {
  const slice = createSlice<DemoState>({ kind: 'stopped' })
  let running: { readonly child: ChildProcess; readonly ended: Promise<void> } | undefined

  function start(): void {
    if (running !== undefined) return
    const [file, ...parameters] = program?.command ?? []
    if (file === undefined) {
      const reason = 'This installation comes without the demo office.'
      slice.write({ kind: 'unavailable', reason, advice: 'Install Culvert anew, or import a profile.' })
      return
    }
    slice.write({ kind: 'starting', step: 'Starting' })
    const child = spawn(file, [...parameters, '--json'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...program?.environment },
    })
    running = { child, ended: follow(child) }
    void running.ended.then(() => (running = undefined))
  }

  function follow(child: ChildProcess): Promise<void> {
    let root = ''
    let unwatch: (() => void) | undefined
    let complaint = ''
    const hear = (line: DemoLine): void => {
      switch (line.kind) {
        case 'unavailable':
          slice.write(line)
          break
        case 'entered':
          root = line.root
          break
        case 'step':
          slice.write({ kind: 'starting', step: line.step })
          break
        case 'connecting':
          unwatch = watchProcesses(join(root, line.runtime))
          break
        case 'running': {
          const { page, pingMs } = line
          const seen = pingMs === undefined ? { page } : { page, pingMs }
          slice.write({ kind: 'running', profileId: demoProfileId, ...seen })
          break
        }
        case 'failed':
          notice(line.failure)
          break
      }
    }
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000)
    })
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (text) => {
        const line = parseLine(text)
        if (line === undefined)
          log('warn', 'demo', 'A line that is not understood', { text: text.slice(0, 200) })
        else hear(line)
      })
    child.stdin?.on('error', () => undefined)
    return new Promise((resolve) => {
      let isOver = false
      const end = (problem: string | undefined): void => {
        if (isOver) return
        isOver = true
        unwatch?.()
        if (problem !== undefined) {
          log('warn', 'demo', 'The demo office ended badly', { problem })
          if (slice.read().kind === 'starting') notice({ code: 'internal', details: { problem } })
        }
        if (slice.read().kind !== 'unavailable') slice.write({ kind: 'stopped' })
        resolve()
      }
      child.once('error', (error) => end(error.message))
      child.once('close', (code) =>
        end(complaint === '' ? undefined : `exit code ${code}: ${complaint.trim()}`),
      )
    })
  }

  return {
    slice,
    start,
    async stop() {
      if (running === undefined) {
        if (slice.read().kind === 'unavailable') slice.write({ kind: 'stopped' })
        return
      }
      const { child, ended } = running
      // The end of its input is its sign to take everything down.
      child.stdin?.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

function parseLine(text: string): DemoLine | undefined {
  try {
    const parsed = v.safeParse(demoLine, JSON.parse(text))
    return parsed.success ? parsed.output : undefined
  } catch {
    return undefined
  }
}
