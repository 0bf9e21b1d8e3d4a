/** The running app: joins App, window, tray, notifications and the desktop's events. */
import { basename, dirname, join } from 'node:path'
import { Menu, app, nativeTheme, powerMonitor, session } from 'electron'
import type { Directories } from '../app/directories.ts'
import type { DesktopApp } from '../app/desktop-app.ts'
import { openDesktopApp } from '../app/desktop-app.ts'
import { createKeyring } from '../app/keyring.ts'
import type { LogKeeper } from '../app/log.ts'
import { createMachineEngine } from '../app/machine-engine.ts'
import { run as runProgram } from '../host/run.ts'
import { readLimited } from '../profiles/store.ts'
import { setAutostart } from './autostart.ts'
import { incomingOf } from './incoming.ts'
import type { KeyringState } from './keyring-probe.ts'
import { lockDown } from './lockdown.ts'
import { createNotifier } from './notifications.ts'
import { servePage } from './page.ts'
import type { Places } from './places.ts'
import { createSafeKeyring } from './safe-storage.ts'
import { followSlices } from './slices.ts'
import type { Toggle } from './summary.ts'
import { createTray } from './tray.ts'
import { serveWindows } from './window-bridge.ts'
import { openWindow } from './window.ts'
import { languageOf, wordsOf } from './words/words.ts'

export interface RunParts {
  readonly places: Places
  readonly directories: Directories
  readonly environment: NodeJS.ProcessEnv
  readonly log: LogKeeper
  readonly keyring: Promise<KeyringState>
  readonly given: Given
}

/** How a start was asked for. */
export interface Given {
  readonly arguments: readonly string[]
  readonly directory: string
}

export interface Running {
  /** Another start of the app: shows this one, with what it was given. */
  readonly startedAgain: (given: Given) => void
}

export const AT_LOGIN = '--at-login'
/** A profile with its keys is far below. */
const FILE_LIMIT = 4_194_304
/** Then the helper is left to put the machine back by itself. */
const QUIT_LIMIT_MS = 15_000

export async function run({
  places,
  directories,
  environment,
  log,
  keyring,
  given,
}: RunParts): Promise<Running> {
  Menu.setApplicationMenu(null)
  lockDown(session.defaultSession, log.log)
  servePage(places.page)

  const desktop = await openApp({ places, directories, environment, log, keyring })
  const { bridge } = desktop
  catchEverything(desktop)
  serveWindows(bridge, log.log)
  const state = await followSlices(bridge)
  const words = () => wordsOf(state.settings().language, app.getLocale())
  const applyTheme = () => (nativeTheme.themeSource = state.settings().theme)
  applyTheme()

  const isAtLogin = given.arguments.includes(AT_LOGIN)
  const notifier = createNotifier(places.icon, () => window.show())
  const window = openWindow(
    {
      boundsFile: join(app.getPath('userData'), 'window.json'),
      preload: places.preload,
      icon: places.icon,
      log: log.log,
      onLost: (reason) => desktop.caught(new Error(`the page died: ${reason}`), 'window'),
      onHidden: () => {
        const { stillRunning: title, stillRunningBody: body } = words().notifications
        if (state.settings().notifications === 'all')
          notifier.show({ profileId: '', title, body, urgency: 'low' })
      },
    },
    { hidden: isAtLogin || state.settings().startMinimised },
  )

  const toggle = ({ does, profileId }: Toggle): void => {
    const asked =
      does === 'connect' ? bridge.call('connect', { profileId }) : bridge.call('disconnect', { profileId })
    void asked.then((result) => {
      if (!result.ok) desktop.notice(result.error)
    })
  }
  const tray = createTray(places.trayImages, {
    open: window.show,
    toggleWindow: window.toggle,
    toggle,
    quit: () => app.quit(),
  })
  state.onChange(({ news, rate }) => {
    tray.show({
      connections: state.connections(),
      library: state.library(),
      words: words(),
      rate: rate(words(), app.getLocale()),
    })
    const language = languageOf(state.settings().language, app.getLocale())
    for (const one of news(state.settings().notifications, words(), language)) notifier.show(one)
  })

  const applySettings = (): void => {
    applyTheme()
    const wanted = state.settings().connectAtLogin !== null
    try {
      const home = dirname(dirname(directories.profiles))
      setAutostart(home, wanted ? [...places.command, AT_LOGIN] : undefined)
    } catch (error) {
      desktop.caught(error, 'autostart')
    }
  }
  state.onSettings(applySettings)

  const take = async ({ arguments: argv, directory }: Given): Promise<void> => {
    const { paths, files, refused } = incomingOf(argv, directory)
    for (const link of refused) log.log('warn', 'desktop', 'A link that is none of ours', { link })
    const read = await Promise.all(
      paths.map(async (path) => {
        const found = await readLimited(path, FILE_LIMIT)
        if (!found.ok) log.log('warn', 'desktop', 'A file cannot be opened', { path, problem: found.error })
        return found.ok ? [{ name: basename(path), bytes: found.value, directory: dirname(path) }] : []
      }),
    )
    const opened = [...files, ...read.flat()]
    if (opened.length > 0) desktop.openFiles(opened)
  }
  await take(given)

  powerMonitor.on('resume', () => desktop.woke())
  const atLogin = state.settings().connectAtLogin
  if (isAtLogin && atLogin !== null) toggle({ does: 'connect', profileId: atLogin, name: '' })

  // The window hides when it is closed; the app ends when it is told to.
  app.on('window-all-closed', () => undefined)
  endOrderly(async () => {
    window.release()
    state.stop()
    tray.remove()
    notifier.closeAll()
    await desktop.close()
    log.close()
  }, log)

  return {
    startedAgain(again) {
      window.show()
      void take(again).catch((error: unknown) => desktop.caught(error, 'opening'))
    },
  }
}

async function openApp({
  places,
  directories,
  environment,
  log,
  keyring,
}: Omit<RunParts, 'given'>): Promise<DesktopApp> {
  const terminal = createKeyring(
    (argv, { input, timeoutMs }) =>
      runProgram(argv, {
        ...(input === undefined ? {} : { input }),
        timeoutMs,
        environment: defined(environment),
      }),
    environment,
  )
  const keyringState = await keyring
  const folder = join(dirname(directories.keys), 'secrets')
  return openDesktopApp({
    engine: createMachineEngine({ helperPath: places.helper, log: log.log }),
    directories,
    keyring: keyringState === 'available' ? createSafeKeyring(folder, terminal, log.log) : undefined,
    keyringState,
    log,
    helperPath: places.helper,
    demo: { command: [process.execPath, places.demo], environment: { ELECTRON_RUN_AS_NODE: '1' } },
    about: { version: app.getVersion(), runtime: `Electron ${process.versions.electron}` },
  })
}

const defined = (environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )

/** A bug of the main process is told once, in the window; what it did to a connection, the connection finds out. */
function catchEverything(desktop: DesktopApp): void {
  process.on('uncaughtException', (error) => desktop.caught(error, 'main'))
  process.on('unhandledRejection', (reason) => desktop.caught(reason, 'main'))
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    if (reason !== 'clean-exit' && reason !== 'killed')
      desktop.caught(new Error(`${type} process: ${reason}, ${exitCode}`), 'chromium')
  })
}

/** Quitting waits until everything is put back, but not for ever. */
function endOrderly(close: () => Promise<void>, { log }: LogKeeper): void {
  let isEnding = false
  app.on('before-quit', (event) => {
    event.preventDefault()
    if (isEnding) return
    isEnding = true
    const late = setTimeout(() => app.exit(1), QUIT_LIMIT_MS)
    void close()
      .catch((error: unknown) =>
        log('error', 'desktop', 'Not everything ended in order', { problem: String(error) }),
      )
      .finally(() => {
        clearTimeout(late)
        app.exit(0)
      })
  })
}
