/** The icon in the desktop's tray: the mark in its state, and a menu with what one wants without opening the window. */
import { join } from 'node:path'
import type { MenuItemConstructorOptions, NativeImage } from 'electron'
import { Menu, Tray, nativeImage, nativeTheme } from 'electron'
import type { Library } from '../../src-shared/library.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { MarkState, Toggle } from './summary.ts'
import { markOf, stateLine, togglesOf } from './summary.ts'
import type { Words } from './words/en.ts'

export interface TrayState {
  readonly connections: readonly ConnectionStatus[]
  readonly library: Library
  readonly words: Words
  /** Undefined when nothing is connected. */
  readonly rate: string | undefined
}

export interface TrayActions {
  readonly open: () => void
  readonly toggleWindow: () => void
  readonly toggle: (toggle: Toggle) => void
  readonly quit: () => void
}

export interface TrayIcon {
  show(state: TrayState): void
  remove(): void
}

/** Pixels of the images, and the scale of the screen they are for, 16 being one. */
const sizes = [
  { pixels: 16, scaleFactor: 1 },
  { pixels: 22, scaleFactor: 1.375 },
  { pixels: 32, scaleFactor: 2 },
] as const

/** `folder`: assets/tray. Panels are dark on most desktops; a light theme tells a light panel. */
function imageOf(folder: string, mark: MarkState): NativeImage {
  const panel = nativeTheme.shouldUseDarkColors ? 'dark' : 'light'
  const image = nativeImage.createEmpty()
  for (const { pixels, scaleFactor } of sizes) {
    const file = join(folder, `${mark}-${panel}-${pixels}.png`)
    image.addRepresentation({ scaleFactor, buffer: nativeImage.createFromPath(file).toPNG() })
  }
  return image
}

export function menuOf(
  { connections, library, words, rate }: TrayState,
  actions: TrayActions,
): MenuItemConstructorOptions[] {
  const { tray } = words
  const doing = { connect: tray.connect, cancel: tray.cancel, disconnect: tray.disconnect } as const
  const toggles = togglesOf(connections, library)
  return [
    { label: stateLine(connections, words), enabled: false },
    ...(rate === undefined ? [] : [{ label: rate, enabled: false }]),
    { type: 'separator' },
    ...toggles.map((toggle) => ({
      label: escaped(doing[toggle.does](toggle.name)),
      click: () => actions.toggle(toggle),
    })),
    ...(toggles.length === 0 ? [] : [{ type: 'separator' } as const]),
    { label: tray.open, click: actions.open },
    { label: tray.quit, click: actions.quit },
  ]
}

/** `&` would underline the next letter, and `_` does so in GTK menus. */
const escaped = (label: string): string => label.replaceAll('&', '&&')

export function createTray(folder: string, actions: TrayActions): TrayIcon {
  const tray = new Tray(imageOf(folder, 'off'))
  let shownMark = 'off-'
  let shownMenu = ''
  let latest: TrayState | undefined
  tray.on('click', actions.toggleWindow)

  const show = (state: TrayState): void => {
    latest = state
    const mark = markOf(state.connections)
    const dark = String(nativeTheme.shouldUseDarkColors)
    if (shownMark !== `${mark}-${dark}`) {
      tray.setImage(imageOf(folder, mark))
      shownMark = `${mark}-${dark}`
    }
    const template = menuOf(state, actions)
    const text = template.map(({ label, type }) => label ?? type ?? '').join('\n')
    // A menu that is set anew closes the open one on some desktops: only when it says something else.
    if (text === shownMenu) return
    shownMenu = text
    tray.setContextMenu(Menu.buildFromTemplate(template))
    tray.setToolTip(
      ['Culvert', stateLine(state.connections, state.words), state.rate].filter(Boolean).join('\n'),
    )
  }
  const themeChanged = (): void => {
    if (latest !== undefined) show(latest)
  }
  nativeTheme.on('updated', themeChanged)
  return {
    show,
    remove() {
      nativeTheme.off('updated', themeChanged)
      tray.destroy()
    },
  }
}
