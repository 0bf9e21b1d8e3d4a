/** The one window. Closing it hides it; connections go on. */
import { join } from 'node:path'
import { BrowserWindow, nativeTheme, screen } from 'electron'
import type { Log } from '../ports.ts'
import { LEAST, fitted, readBounds, writeBounds } from './bounds.ts'
import { PAGE_URL } from './channels.ts'
import { pageError } from './page-error.ts'

export interface WindowParts {
  /** Where its place on the screen is kept. */
  readonly boundsFile: string
  readonly preload: string
  readonly icon: string
  readonly log: Log
  /** The page died and could not be brought back. */
  readonly onLost: (reason: string) => void
  /** It was closed by the person for the first time, and goes on unseen. */
  readonly onHidden: () => void
}

export interface MainWindow {
  /** Shows it in front, as it is. */
  readonly show: () => void
  readonly toggle: () => void
  /** From now on closing means closing. */
  release(): void
}

/** A page that dies more often than this within the time below has something that loading it anew does not mend. */
const MOST_RELOADS = 3
const RELOAD_SPAN_MS = 60_000
/** surface-0 of the page's tokens, so that it does not flash while it loads. */
const background = { light: '#fbfcfc', dark: '#14191a' } as const

export function openWindow(parts: WindowParts, options: { readonly hidden: boolean }): MainWindow {
  const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
  const window = new BrowserWindow({
    ...fitted(readBounds(parts.boundsFile), areas),
    minWidth: LEAST.width,
    minHeight: LEAST.height,
    show: false,
    title: 'Culvert',
    icon: parts.icon,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload: parts.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      webviewTag: false,
      // Its dictionaries would be downloaded.
      spellcheck: false,
    },
  })
  let isReleased = false
  let wasHiddenOnce = false
  const reloads: number[] = []

  const keepBounds = (): void => {
    if (window.isDestroyed() || window.isMinimized() || window.isFullScreen()) return
    try {
      writeBounds(parts.boundsFile, window.getNormalBounds())
    } catch (error) {
      parts.log('warn', 'window', 'Its place cannot be kept', { problem: String(error) })
    }
  }
  const show = (): void => {
    if (window.isMinimized()) window.restore()
    window.show()
    window.focus()
  }

  window.once('ready-to-show', () => {
    if (!options.hidden) show()
  })
  window.on('close', (event) => {
    keepBounds()
    if (isReleased) return
    event.preventDefault()
    window.hide()
    if (!wasHiddenOnce) parts.onHidden()
    wasHiddenOnce = true
  })
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || isReleased) return
    parts.log('error', 'window', 'The page died', { reason, exitCode })
    const now = Date.now()
    reloads.splice(0, reloads.length, ...reloads.filter((at) => now - at < RELOAD_SPAN_MS), now)
    if (reloads.length > MOST_RELOADS) parts.onLost(reason)
    else window.webContents.reload()
  })
  window.webContents.on('console-message', (details, ...older: readonly unknown[]) => {
    const said = pageError(details, older)
    if (said !== undefined) parts.log('error', 'window', 'An error in the page', { said })
  })
  window.webContents.on('did-fail-load', (_event, code, description) => {
    parts.log('error', 'window', 'The page cannot be loaded', { code, description })
  })
  window.on('unresponsive', () => parts.log('warn', 'window', 'The page does not answer'))
  void window.loadURL(PAGE_URL).catch(() => undefined)

  return {
    show,
    toggle() {
      if (window.isVisible() && window.isFocused()) window.hide()
      else show()
    },
    release() {
      keepBounds()
      isReleased = true
    },
  }
}

/** Where the programs of the app lie: `dist` of the checkout, or of the package. `main`: this program's own folder. */
export const besides = (main: string) => ({
  preload: join(main, 'preload.cjs'),
  page: join(main, '..', 'renderer'),
})
