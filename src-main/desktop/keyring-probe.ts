/**
 * Finds out whether the desktop's keyring can be used, in a process of its own: where the keyring is locked, or its service hangs,
 * Chromium waits for it on the main thread, and for good.
 */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { app } from 'electron'
import { canKeep } from './safe-box.ts'

export type KeyringState = 'available' | 'locked' | 'none'

const FLAG = '--probe-keyring'
const LIMIT_MS = 10_000
const ASK_LIMIT_MS = 3_000
const exits = { available: 0, none: 7 } as const

export const isProbe = (argv: readonly string[]): boolean => argv.includes(FLAG)

/** The probing process: tries what the app will do, says it by its exit status. */
export function probe(): void {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-keyring-'))
  app.setName('Culvert')
  app.setPath('userData', folder)
  app.disableHardwareAcceleration()
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  void app.whenReady().then(() => app.exit(canKeep() ? exits.available : exits.none))
}

/** Whether the Secret Service says that its usual collection is locked; false where it is not there or does not say. */
function saysLocked(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const get = [
    ...['--dest', 'org.freedesktop.secrets', '--object-path', '/org/freedesktop/secrets/aliases/default'],
    ...['--method', 'org.freedesktop.DBus.Properties.Get', 'org.freedesktop.Secret.Collection', 'Locked'],
  ]
  return new Promise((resolve) => {
    execFile(
      'gdbus',
      ['call', '--session', '--timeout', '2', ...get],
      { env: environment, timeout: ASK_LIMIT_MS },
      (error, stdout) => resolve(error === null && stdout.includes('true')),
    )
  })
}

/**
 * `command`: how this very program is started. A keyring that says it is locked is not tried: that would ask the person for its
 * password before there is anything to see.
 */
export async function keyringState(
  command: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<KeyringState> {
  if ((environment['DBUS_SESSION_BUS_ADDRESS'] ?? '') === '') return 'none'
  if (await saysLocked(environment)) return 'locked'
  const [program = process.execPath, ...parameters] = command
  return new Promise((resolve) => {
    const child = spawn(program, [...parameters, FLAG], { stdio: 'ignore', env: environment })
    const timer = setTimeout(() => {
      resolve('locked')
      child.kill('SIGKILL')
    }, LIMIT_MS)
    const end = (state: KeyringState): void => {
      clearTimeout(timer)
      resolve(state)
    }
    child.once('error', () => end('none'))
    child.once('close', (code) => end(code === exits.available ? 'available' : 'none'))
  })
}
