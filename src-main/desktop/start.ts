/** The desktop app from its start to its end: one process, one window, one tray icon, over one App. */
import { join } from 'node:path'
import { app } from 'electron'
import * as v from 'valibot'
import { createLog, LOG_FILE } from '../app/log.ts'
import { directoriesFrom, ensureRuntimeDirectory } from '../app/directories.ts'
import { isProbe, keyringState, probe } from './keyring-probe.ts'
import { registerPageScheme } from './page.ts'
import { placesFrom } from './places.ts'
import { run } from './run.ts'

/** What a second start hands to the first. */
const handedOver = v.object({ arguments: v.array(v.string()), directory: v.string() })

/** This program's own arguments: without the program, options of Chromium's, and the app's path in a checkout. */
const ownArguments = (): readonly string[] => {
  const [, ...given] = process.argv
  return given.filter((argument) => app.isPackaged || argument !== app.getAppPath())
}

/** `main`: the folder this program lies in. */
export function start(main: string): void {
  if (isProbe(process.argv)) {
    probe()
    return
  }
  const environment = process.env
  const directories = directoriesFrom(environment)
  const places = placesFrom(main, environment)
  // The same in a checkout and a package: the keyring's entry is named by it.
  app.setName('Culvert')
  registerPageScheme()
  app.setPath('userData', join(directories.profiles, '..', 'desktop'))
  const mine = { arguments: ownArguments(), directory: process.cwd() }
  if (!app.requestSingleInstanceLock(mine)) {
    app.exit(0)
    return
  }
  ensureRuntimeDirectory(directories.runtime)
  const log = createLog({ file: join(directories.runtime, LOG_FILE) })
  const fail = (error: unknown): void => {
    log.log('error', 'desktop', 'The app cannot start', { problem: String(error) })
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    app.exit(1)
  }
  // While Chromium gets ready, another process asks the keyring.
  const keyring = keyringState(places.command, environment)
  const running = app
    .whenReady()
    .then(() => run({ places, directories, environment, log, keyring, given: mine }))
  running.catch(fail)
  app.on('second-instance', (_event, _argv, _directory, data) => {
    const parsed = v.safeParse(handedOver, data)
    const given = parsed.success ? parsed.output : { arguments: [], directory: '/' }
    // What cannot start has said so already.
    void running.then(({ startedAgain }) => startedAgain(given)).catch(() => undefined)
  })
}
