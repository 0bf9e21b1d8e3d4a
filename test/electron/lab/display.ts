/** A screen that nobody sees, and a session bus of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Display {
  /** DISPLAY, and DBUS_SESSION_BUS_ADDRESS where a bus was asked for. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** The first line that a program says on a stream. */
const firstLine = (child: ChildProcess, what: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    const timer = setTimeout(() => reject(new Error(`${what} says nothing`)), 10_000)
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      if (!text.includes('\n')) return
      clearTimeout(timer)
      resolve(text.split('\n')[0] ?? '')
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${what} ended with ${code ?? 'a signal'}`)))
  })

export const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()))

/** `bus`: a session bus without any service on it, for those that the test starts. */
export const openDisplay = async ({ bus = false, size = '1280x1024x24' } = {}): Promise<Display> => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-display-'))
  const started: ChildProcess[] = []
  const run = (program: string, ...argv: readonly string[]): ChildProcess => {
    const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'ignore'] })
    started.push(child)
    return child
  }
  const screen = run('Xvfb', '-displayfd', '1', '-screen', '0', size, '-nolisten', 'tcp', '-ac')
  const env: Record<string, string> = { DISPLAY: `:${await firstLine(screen, 'Xvfb')}` }
  if (bus) {
    const daemon = run(
      'dbus-daemon',
      '--session',
      '--nofork',
      '--print-address',
      `--address=unix:dir=${folder}`,
    )
    env['DBUS_SESSION_BUS_ADDRESS'] = await firstLine(daemon, 'dbus-daemon')
  }
  return {
    env,
    async close() {
      for (const child of started.reverse()) {
        child.kill()
        await ended(child)
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
