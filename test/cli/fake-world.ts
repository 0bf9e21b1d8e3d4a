import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EngineLike } from '../../src-main/app/app.ts'
import { directoriesFrom } from '../../src-main/app/directories.ts'
import type { Cli, DoctorChecks } from '../../src-main/cli/context.ts'
import { runProgram } from '../../src-main/cli/program.ts'
import { createTerminal } from '../../src-main/cli/terminal.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { Secret } from '../../src-shared/secret.ts'
import { fakeEngine } from '../app/fake-engine.ts'

type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

export interface FakeWorld {
  readonly root: string
  readonly cli: Cli
  /** What was written to standard output and standard error since the last look. */
  read(): { readonly out: string; readonly err: string }
  /** Runs a command line and gives its exit code. */
  culvert(...argv: readonly string[]): Promise<number>
  interrupt(signal: Signal): void
  /** What the person types at each question; undefined: there is no terminal. */
  typing: string[] | undefined
  /** What was asked. */
  readonly asked: string[]
  readonly stdin: { text: string }
  engine: EngineLike
  checks: DoctorChecks
  dispose(): void
}

export function fakeWorld(
  options: { readonly isTTY?: boolean; readonly environment?: Record<string, string> } = {},
): FakeWorld {
  const root = mkdtempSync(join(tmpdir(), 'culvert-cli-'))
  const environment = {
    HOME: root,
    XDG_CONFIG_HOME: join(root, 'config'),
    XDG_DATA_HOME: join(root, 'data'),
    XDG_RUNTIME_DIR: join(root, 'run'),
    ...options.environment,
  }
  const written = { out: '', err: '' }
  const stream = (name: 'out' | 'err') => ({
    isTTY: options.isTTY === true,
    write(text: string) {
      written[name] += text
    },
  })
  const handlers = new Set<(signal: Signal) => void>()
  const world: FakeWorld = {
    root,
    asked: [],
    typing: undefined,
    stdin: { text: '' },
    engine: fakeEngine(),
    checks: {
      checkMachine: () => Promise.resolve([]),
      checkPath: () => Promise.resolve({ kind: 'not-found' }),
    },
    read() {
      const { out, err } = written
      written.out = ''
      written.err = ''
      return { out, err }
    },
    culvert: (...argv) => runProgram(world.cli, '1.2.3', argv),
    interrupt(signal) {
      for (const handler of [...handlers]) handler(signal)
    },
    dispose: () => rmSync(root, { recursive: true, force: true }),
    cli: {
      terminal: createTerminal(stream('out'), stream('err'), environment),
      environment,
      directories: directoriesFrom(environment),
      readStdin: (limit) => {
        const bytes = new TextEncoder().encode(world.stdin.text)
        return Promise.resolve(bytes.length > limit ? undefined : bytes)
      },
      prompt(text, signal) {
        world.asked.push(text)
        if (world.typing === undefined) return undefined
        const typed = world.typing.shift()
        if (typed !== undefined) return Promise.resolve(new Secret(new TextEncoder().encode(typed)))
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new VpnError('cancelled')), { once: true })
        })
      },
      onInterrupt(handler) {
        handlers.add(handler)
        return () => handlers.delete(handler)
      },
      createEngine: () => Promise.resolve(world.engine),
      runProgram: () => Promise.reject(new Error('no such program')),
      runGateway: () => Promise.resolve(),
      runManual: () => Promise.resolve(),
      checks: {
        checkMachine: () => world.checks.checkMachine(),
        checkPath: (gateway) => world.checks.checkPath(gateway),
      },
      ownCommand: [],
    },
  }
  return world
}
