/** The real app in a real Electron, driven by Playwright. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron } from 'playwright-core'
import type { ElectronApplication, Page } from 'playwright-core'
import { repositoryRoot } from '../../interop/lab/repository.ts'
import { electronRuntime } from './needs.ts'

export interface AppOptions {
  readonly env: Readonly<Record<string, string>>
  /** HOME and all of XDG's directories; made anew, and removed at the end, when absent. */
  readonly home?: string
  /** The network namespace it runs in; the caller has entered it (namespace.ts). */
  readonly namespace?: string
  /** What the app is started with: files, links, options of its own. */
  readonly given?: readonly string[]
}

export interface RunningApp {
  readonly electron: ElectronApplication
  readonly page: Page
  readonly home: string
  /** Everything it wrote to its standard error, but Chromium's own talk. */
  readonly errors: readonly string[]
  /** The variables that another program of this person must have to meet the app. */
  readonly env: Readonly<Record<string, string>>
  /** How another start of it is made: program and arguments. */
  readonly command: readonly string[]
  readonly pid: number
  quit(): Promise<number | null>
  kill(signal: NodeJS.Signals): Promise<void>
}

const chromiumTalk =
  /:(?:ERROR|WARNING|INFO|FATAL):|libnotify-WARNING|Debugger listening|For help, see|DevTools listening|Debugger attached|debugger to disconnect|^\s*$/

export const directoriesOf = (home: string): Readonly<Record<string, string>> => ({
  HOME: home,
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_DATA_HOME: join(home, 'data'),
  XDG_RUNTIME_DIR: join(home, 'run'),
  XDG_STATE_HOME: join(home, 'state'),
  XDG_CACHE_HOME: join(home, 'cache'),
})

/** Where the app's own files for tests lie; a packaged app has none. */
export const appFolder = process.env['CULVERT_APP'] ?? repositoryRoot

export const makeHome = (): string => {
  const home = mkdtempSync(join(tmpdir(), 'culvert-home-'))
  for (const path of Object.values(directoriesOf(home))) mkdirSync(path, { recursive: true, mode: 0o700 })
  return home
}

export const openApp = async ({
  env,
  home: given,
  namespace,
  given: extra = [],
}: AppOptions): Promise<RunningApp> => {
  const home = given ?? makeHome()
  const { executable } = electronRuntime()
  // Chromium refuses root otherwise.
  const options = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const wrapper = join(home, 'electron')
  const prefix = namespace === undefined ? '' : `ip netns exec ${namespace} `
  writeFileSync(wrapper, `#!/bin/sh\nexec ${prefix}'${executable}' "$@"\n`)
  chmodSync(wrapper, 0o755)
  const all = { ...process.env, ...env, ...directoriesOf(home), LANG: 'C.UTF-8', LANGUAGE: '' }
  const environment = Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  delete environment['ELECTRON_RUN_AS_NODE']
  const argv = [...options, appFolder, ...extra]
  const electron = await _electron.launch({
    executablePath: wrapper,
    args: argv,
    env: environment,
    timeout: 30_000,
    // What the app says its theme is, and not Playwright.
    colorScheme: null,
  })
  const errors: string[] = []
  const child = electron.process()
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors.push(...text.split('\n').filter((line) => !chromiumTalk.test(line)))
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const page = await electron.firstWindow({ timeout: 20_000 })
  page.setDefaultTimeout(15_000)
  const forget = (): void => {
    if (given === undefined) rmSync(home, { recursive: true, force: true })
  }
  return {
    electron,
    page,
    home,
    errors,
    env: environment,
    command: [wrapper, ...argv],
    pid: child.pid ?? 0,
    async quit() {
      await electron.evaluate(({ app }) => {
        setTimeout(() => app.quit(), 10)
      })
      const code = await exited
      forget()
      return code
    },
    async kill(signal) {
      child.kill(signal)
      await exited
      forget()
    },
  }
}
