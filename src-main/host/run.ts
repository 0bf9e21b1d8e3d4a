import { spawn } from 'node:child_process'
import { HostError } from './host-error.ts'

const LONGEST_OUTPUT = 4 * 1024 * 1024
/** The helper runs as root: tools come from the system's own folders, whatever the caller's PATH says. */
const environment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', LANG: 'C' }

export interface RunOptions {
  readonly input?: string
  /** Default 10,000. */
  readonly timeoutMs?: number
  /** What HostError calls it; default: the program's name. */
  readonly step?: string
  /** Variables beside PATH and the locale, for tools that need the user's session. */
  readonly environment?: Readonly<Record<string, string>>
}

export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** A program that waits for its input. */
export interface Waiting {
  readonly isGone: boolean
  /** Gives it all its input; settles as `run` does. To be called once; with nothing, to be rid of it. */
  finish(input: string): Promise<Output>
}

/** Runs a program, no shell, and gives what it wrote. Throws HostError when it cannot start, fails, or takes too long. */
export const run = (argv: readonly string[], options: RunOptions = {}): Promise<Output> =>
  begin(argv, options).finish(options.input ?? '')

/** Starts a program, no shell, ahead of its input. The time limit counts from the input on. */
export const begin = (argv: readonly string[], options: RunOptions = {}): Waiting => {
  const [program = '', ...parameters] = argv
  const step = options.step ?? program
  // A process group of its own: Ctrl-C in the terminal must not end a step half-way.
  const child = spawn(program, parameters, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...options.environment, ...environment },
    cwd: '/',
  })
  const output = { stdout: '', stderr: '' }
  let note = ''
  let isGone = false
  const stop = (why: string): void => {
    note = why
    child.kill('SIGKILL')
  }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
      if (output[name].length > LONGEST_OUTPUT) stop('wrote too much')
    })
  // A program that ends without reading its input; its exit status says the rest.
  child.stdin.on('error', () => undefined)
  const ended = new Promise<Output>((resolve, reject) => {
    child.once('error', (error) => {
      isGone = true
      reject(new HostError(step, argv, null, error.message))
    })
    child.once('close', (code) => {
      isGone = true
      if (code === 0 && note === '') resolve(output)
      else reject(new HostError(step, argv, note === '' ? code : null, note === '' ? output.stderr : note))
    })
  })
  // Told to whoever finishes it.
  ended.catch(() => undefined)
  return {
    get isGone() {
      return isGone
    },
    finish(input) {
      const timer = setTimeout(() => stop('took too long'), options.timeoutMs ?? 10_000)
      child.stdin.end(input)
      return ended.finally(() => clearTimeout(timer))
    },
  }
}
