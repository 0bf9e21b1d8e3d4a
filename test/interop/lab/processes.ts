/** Processes of the lab: started with an argument list, never through a shell, and ended by their own id. */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Finished {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface StartOptions {
  /** The network namespace it runs in; absent means where we are. */
  readonly namespace?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  readonly timeoutMs?: number
}

const command = (argv: readonly string[], namespace: string | undefined): readonly [string, string[]] => {
  const [program, ...rest] = namespace === undefined ? argv : ['ip', 'netns', 'exec', namespace, ...argv]
  if (program === undefined) throw new Error('an empty argument list')
  return [program, rest]
}

/** Runs a program to its end. */
export const run = async (argv: readonly string[], options: StartOptions = {}): Promise<Finished> => {
  const [program, rest] = command(argv, options.namespace)
  const child = spawn(program, rest, {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: options.timeoutMs ?? 30_000,
  })
  living.add(child)
  const stdout: Buffer[] = []
  const stderr: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
  child.stdin.on('error', () => undefined)
  child.stdin.end(options.input ?? '')
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      living.delete(child)
      if (signal !== null) stderr.push(Buffer.from(`ended by ${signal}`))
      resolve({
        status: code ?? 128,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      })
    })
  })
}

/** Runs a program that must succeed, and gives its standard output. */
export const must = async (argv: readonly string[], options: StartOptions = {}): Promise<string> => {
  const finished = await run(argv, options)
  if (finished.status !== 0) {
    throw new Error(
      `${argv.join(' ')} ended with ${finished.status}: ${finished.stderr.trim()} ${finished.stdout.trim()}`,
    )
  }
  return finished.stdout
}

export interface Running {
  readonly pid: number
  /** Every line of standard output so far. */
  readonly lines: readonly string[]
  readonly errors: readonly string[]
  /** The exit status once it has ended, 128 when a signal ended it. */
  readonly ended: Promise<number>
  readonly alive: boolean
  onLine(listener: (line: string) => void): void
  write(text: string): void
  kill(signal: NodeJS.Signals): void
  /** Ends it with the signal, harder after the grace time, and waits. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<number>
}

const living = new Set<ChildProcess>()

/** Starts a program that stays. */
export const start = (argv: readonly string[], options: StartOptions = {}): Running => {
  const [program, rest] = command(argv, options.namespace)
  const child = spawn(program, rest, {
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  living.add(child)
  const lines: string[] = []
  const errors: string[] = []
  const listeners: ((line: string) => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const listener of listeners) listener(line)
  })
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line))
  child.stdin.on('error', () => undefined)
  let alive = true
  const ended = new Promise<number>((resolve) => {
    child.once('error', (error) => {
      errors.push(error.message)
      alive = false
      living.delete(child)
      resolve(127)
    })
    child.once('close', (code) => {
      alive = false
      living.delete(child)
      resolve(code ?? 128)
    })
  })
  if (options.input !== undefined) child.stdin.write(options.input)
  return {
    pid: child.pid ?? -1,
    lines,
    errors,
    ended,
    get alive() {
      return alive
    },
    onLine: (listener) => listeners.push(listener),
    write: (text) => child.stdin.write(text),
    kill: (signal) => child.kill(signal),
    stop: async (signal = 'SIGTERM', graceMs = 5000) => {
      if (alive) child.kill(signal)
      const hard = setTimeout(() => child.kill('SIGKILL'), graceMs)
      const status = await ended
      clearTimeout(hard)
      return status
    },
  }
}

export const delay = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Asks again until the answer is not undefined; the failure names what was waited for. */
export const until = async <Value>(
  what: string,
  ask: () => Value | undefined | Promise<Value | undefined>,
  timeoutMs = 10_000,
  everyMs = 20,
): Promise<Value> => {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await ask()
    if (value !== undefined) return value
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`)
    await delay(everyMs)
  }
}

/** What must happen even when the process ends in the middle: registered here, run synchronously at exit. */
const atExit = new Set<() => void>()
export const onExit = (task: () => void): (() => void) => {
  atExit.add(task)
  return () => atExit.delete(task)
}
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL')
  for (const task of atExit) task()
})

/** As `must`, but blocking: only for clearing up at exit, when nothing can be awaited any more. */
export const mustNow = (argv: readonly string[]): string => {
  const [program, rest] = command(argv, undefined)
  return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
