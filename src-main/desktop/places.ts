/** Where the app's own files lie, in a checkout and in a package, and how it is started. */
import { dirname, join } from 'node:path'
import { app } from 'electron'

export interface Places {
  readonly preload: string
  /** The folder of the window's page. */
  readonly page: string
  readonly icon: string
  readonly trayImages: string
  /** To be run as programs: real files, outside the package's archive. */
  readonly helper: string
  readonly demo: string
  /** How this very program is started again. */
  readonly command: readonly string[]
}

/** `main`: the folder of this program, dist/desktop. */
export function placesFrom(main: string, environment: NodeJS.ProcessEnv): Places {
  const dist = dirname(main)
  const root = dirname(dist)
  const programs = dist.replace(/\.asar(?=[\\/])/, '.asar.unpacked')
  // A packaged app lies within its program; an AppImage is mounted somewhere else at every start.
  const program = environment['APPIMAGE'] ?? process.execPath
  const options = app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : []
  return {
    preload: join(main, 'preload.cjs'),
    page: join(dist, 'renderer'),
    icon: join(root, 'assets', 'icons', '256x256.png'),
    trayImages: join(root, 'assets', 'tray'),
    helper: join(programs, 'helper.js'),
    demo: join(programs, 'demo.js'),
    command: app.isPackaged ? [program, ...options] : [program, ...options, app.getAppPath()],
  }
}
