/** What every command is given of the world, so that tests can give another. */
import type { Question } from '../../src-shared/status.ts'
import type { Secret } from '../../src-shared/secret.ts'
import type { EngineLike } from '../app/app.ts'
import type { Directories } from '../app/directories.ts'
import type { PathReport } from '../../src-shared/network-report.ts'
import type { GatewayRun } from '../app/gateway-run.ts'
import type { RunManualHere } from '../app/manual-run.ts'
import type { RunProgram } from '../app/keyring.ts'
import type { Check } from '../host/linux/checks.ts'
import type { Log } from '../ports.ts'
import type { Terminal } from './terminal.ts'

export interface Cli {
  readonly terminal: Terminal
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly directories: Directories
  /** All of standard input, at most `limit` bytes; undefined when there is more. */
  readStdin(limit: number): Promise<Uint8Array | undefined>
  /** Asks on the terminal without echo. Undefined when there is no terminal to ask on. */
  prompt(text: string, signal: AbortSignal): Promise<Secret> | undefined
  /** Calls the handler at Ctrl-C, SIGTERM and SIGHUP; gives the way to stop. */
  onInterrupt(handler: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP') => void): () => void
  /** The real engine over the real machine, or a test's. */
  createEngine(log: Log): Promise<EngineLike>
  readonly runProgram: RunProgram
  /** Runs the embedded gateway on this machine until it is told to stop. */
  readonly runGateway: (parts: Omit<GatewayRun, 'helperPath'>) => Promise<void>
  /** Runs SAs by hand on this machine until it is told to stop. */
  readonly runManual: RunManualHere
  readonly checks: DoctorChecks
  /** How to run this command again: the program and its first arguments. */
  readonly ownCommand: readonly string[]
  /** The pipe to the command that started this one in the background; absent when none did. */
  readonly parent?: ParentPipe
}

/** What `doctor` looks at. */
export interface DoctorChecks {
  checkMachine(): Promise<readonly Check[]>
  checkPath(gateway: string): Promise<PathReport>
}

/** Messages to and from the command in front (Node's IPC channel). */
export interface ParentPipe {
  send(message: object): void
  onMessage(handler: (message: unknown) => void): void
  /** Called when the command in front has gone. */
  onGone(handler: () => void): void
  disconnect(): void
}

/** Gives the answer to a question; rejects with VpnError when nobody can or will. */
export type Answer = (question: Question) => Promise<Secret>
