/** The helper as the client sees it: a child process that answers one line to each. */
import { spawn, type ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import * as v from 'valibot'
import { VpnError } from '../../src-shared/errors.ts'
import type { KnownGateway, Log, TunnelConfiguration } from '../ports.ts'
import { type Restriction, Response } from './helper/protocol.ts'
import { linesOf } from './helper/serve.ts'
import { HostError } from './host-error.ts'

/** helper/protocol.ts's Request, without its number, as the client makes it. */
export type Question =
  | { readonly do: 'prepare' }
  | { readonly do: 'open'; readonly configuration: TunnelConfiguration }
  | { readonly do: 'reconfigure'; readonly tunnel: number; readonly configuration: TunnelConfiguration }
  | { readonly do: 'close'; readonly tunnel: number }
  | { readonly do: 'refresh' }
  | { readonly do: 'restrict'; readonly restriction: Restriction }
  | { readonly do: 'release' }

export interface HelperProcess {
  /** Settles when the helper may work and listens. Rejects as `ask` does. */
  readonly ready: Promise<void>
  /** What an earlier run's block knew, once it is ready; undefined where there is none. */
  held(): readonly KnownGateway[] | undefined
  /** Gives the number of the tunnel where there is one. Throws VpnError, HostError. */
  ask(question: Question): Promise<number | undefined>
  /** Whether it has ended; then all its tunnels are undone, or wait in its journals for the next helper. */
  isGone(): boolean
  /** Ends the conversation; settles when the helper has undone everything and is gone. */
  end(): Promise<void>
}

interface Waiting {
  readonly resolve: (tunnel: number | undefined) => void
  readonly reject: (error: Error) => void
}

const PKEXEC = '/usr/bin/pkexec'

const canRun = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Electron is Node where this says so. */
const AS_NODE = 'ELECTRON_RUN_AS_NODE'
const isElectron = 'electron' in process.versions

/** In a package the helper is started by a program of its own, whose path polkit's action names (packaging/linux). */
const PACKAGED = /[/\\]app\.asar\.unpacked[/\\]dist[/\\]helper\.js$/
const installedHelper = (helperPath: string): string | undefined => {
  const program = helperPath.replace(PACKAGED, '/culvert-helper')
  return program !== helperPath && canRun(program) ? program : undefined
}

const start = (helperPath: string): ChildProcess => {
  const installed = installedHelper(helperPath)
  const program = installed === undefined ? [process.execPath, helperPath] : [installed]
  const isRoot = process.geteuid?.() === 0
  if (!isRoot && !canRun(PKEXEC))
    throw new VpnError('no-privilege', { reason: 'not root, and polkit (pkexec) is not installed' })
  // pkexec hands no environment on.
  const asNode = isElectron && installed === undefined ? ['/usr/bin/env', `${AS_NODE}=1`] : []
  const [file = '', ...parameters] = isRoot ? program : [PKEXEC, ...asNode, ...program]
  const runtime = process.env['XDG_RUNTIME_DIR']
  return spawn(file, parameters, {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A session of its own keeps the terminal's Ctrl-C away; pkexec may need that terminal to ask for the password.
    detached: isRoot,
    ...(isRoot
      ? {
          cwd: '/',
          env: {
            PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
            ...(isElectron ? { [AS_NODE]: '1' } : {}),
            ...(runtime === undefined ? {} : { XDG_RUNTIME_DIR: runtime }),
          },
        }
      : {}),
  })
}

/** pkexec that still asks the person for leave does not hear that its input has ended. */
const withdraw = ({ pid }: ChildProcess): void => {
  if (pid === undefined || process.geteuid?.() === 0) return
  try {
    process.kill(pid, 'SIGTERM')
  } catch {
    // Leave was given just now and it belongs to root; or it is gone. In both cases the end of its input is enough.
  }
}

/** pkexec(1): 126 when the person dismissed the question, 127 when they may not. */
const endOf = (code: number | null, stderr: string): Error => {
  if (code === 126 || code === 127)
    return new VpnError('no-privilege', { reason: stderr.trim().split('\n')[0] ?? 'refused' })
  return new HostError('helper', ['culvert-helper'], code, stderr === '' ? 'ended by itself' : stderr)
}

const failureOf = (response: Extract<Response, { say: 'failed' }>): VpnError => {
  const { step, command, exit, reason } = response.details
  if (response.code !== 'host-step-failed' || step === undefined)
    return new VpnError(response.code, response.details)
  const status = exit === undefined || exit === 'none' ? null : Number(exit)
  return new HostError(step, command === undefined ? [] : command.split(' '), status, reason ?? '')
}

const parseLine = (line: string): Response | undefined => {
  try {
    const result = v.safeParse(Response, JSON.parse(line))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

/** Starts the helper: directly as root, else through pkexec. Throws VpnError('no-privilege') when neither can be. */
export const startHelper = (helperPath: string, log: Log): HelperProcess => {
  const child = start(helperPath)
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('a pipe is missing')
  const waiting = new Map<number, Waiting>()
  let next = 0
  let ended: Error | undefined
  let errorText = ''
  let isReady: () => void = () => undefined
  let isWorking = false
  let held: readonly KnownGateway[] | undefined

  stderr.setEncoding('utf8').on('data', (text: string) => {
    if (errorText.length < 10_000) errorText += text
  })
  // What cannot be written is answered by the helper's end.
  stdin.on('error', () => undefined)

  const gone = new Promise<void>((resolve) => {
    const finish = (error: Error): void => {
      ended ??= error
      for (const { reject } of waiting.values()) reject(ended)
      waiting.clear()
      resolve()
    }
    child.once('error', (error) => finish(new HostError('helper', [helperPath], null, error.message)))
    child.once('close', (code) => finish(endOf(code, errorText)))
  })

  const ready = Promise.race([
    new Promise<void>((resolve) => (isReady = resolve)),
    gone.then(() => Promise.reject(ended ?? new Error('the helper is gone'))),
  ])
  // Whoever asks is told; nobody has to ask.
  ready.catch(() => undefined)

  const hear = (response: Response): void => {
    switch (response.say) {
      case 'ready':
        isWorking = true
        held = response.held
        isReady()
        return
      case 'log':
        log(response.level, 'helper', response.message, response.details)
        return
      case 'done':
        waiting.get(response.id)?.resolve(response.tunnel)
        waiting.delete(response.id)
        return
      case 'failed':
        waiting.get(response.id)?.reject(failureOf(response))
        waiting.delete(response.id)
    }
  }

  const listen = async (): Promise<void> => {
    for await (const line of linesOf(stdout)) {
      const response = parseLine(line)
      if (response !== undefined) hear(response)
      else log('warn', 'helper', 'said something unknown', { length: line.length })
    }
  }
  void listen().catch((error: unknown) => {
    log('warn', 'helper', 'cannot be heard', {
      reason: error instanceof Error ? error.message : String(error),
    })
  })

  return {
    ready,
    held: () => held,
    ask: (question) =>
      new Promise((resolve, reject) => {
        if (ended !== undefined) {
          reject(ended)
          return
        }
        const id = next
        next += 1
        waiting.set(id, { resolve, reject })
        stdin.write(`${JSON.stringify({ id, ...question })}\n`)
      }),
    isGone: () => ended !== undefined,
    async end() {
      stdin.end()
      if (!isWorking) withdraw(child)
      await gone
    },
  }
}
