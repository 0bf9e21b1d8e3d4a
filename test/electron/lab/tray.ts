/** The tray's icon and the notifications as a real desktop's panel and daemon show them. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { must, until } from '../../interop/lab/processes.ts'
import { directoriesOf, makeHome } from './app.ts'
import { ended } from './display.ts'

export interface Panel {
  /** Bus name of the app's item; settles when it has appeared. */
  item(): Promise<string>
  close(): Promise<void>
}

export type SessionEnv = Readonly<Record<string, string>>

/** xfce4-panel with nothing but the tray: the host that StatusNotifier items need. */
const panelConfiguration = `<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="32"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray"/>
  </property>
</channel>
`

export const openPanel = (env: SessionEnv): Panel => {
  const home = makeHome()
  const folder = join(home, 'config', 'xfce4', 'xfconf', 'xfce-perchannel-xml')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'xfce4-panel.xml'), panelConfiguration)
  const child: ChildProcess = spawn('xfce4-panel', ['--disable-wm-check'], {
    env: { ...process.env, ...env, ...directoriesOf(home) },
    stdio: 'ignore',
  })
  return {
    item: () =>
      until(
        'the item in the tray',
        async () => {
          const text = await gdbus(
            env,
            'org.kde.StatusNotifierWatcher',
            '/StatusNotifierWatcher',
            'org.freedesktop.DBus.Properties.Get',
            'org.kde.StatusNotifierWatcher',
            'RegisteredStatusNotifierItems',
          ).catch(() => '')
          return /(:\d+\.\d+)\/StatusNotifierItem/.exec(text)?.[1]
        },
        30_000,
      ),
    async close() {
      child.kill()
      await ended(child)
    },
  }
}

export const gdbus = (
  env: SessionEnv,
  destination: string,
  path: string,
  method: string,
  ...argv: readonly string[]
): Promise<string> =>
  must(
    [
      'gdbus',
      'call',
      '--session',
      '--timeout',
      '5',
      '--dest',
      destination,
      '--object-path',
      path,
      '--method',
      method,
      ...argv,
    ],
    {
      env,
    },
  )

export interface MenuEntry {
  readonly id: number
  readonly label: string
}

const MENU = '/com/canonical/dbusmenu'

/** The entries of the item's menu that have a label, top to bottom. */
export const menuOf = async (env: SessionEnv, item: string): Promise<readonly MenuEntry[]> => {
  const layout = await gdbus(env, item, MENU, 'com.canonical.dbusmenu.GetLayout', '0', '--', '-1', '@as []')
  return [...layout.matchAll(/\((\d+), \{[^}]*?'label': <'((?:[^'\\]|\\.)*)'>/g)].map(([, id, label]) => ({
    id: Number(id),
    label: label ?? '',
  }))
}

/** Clicks the entry whose label fits. */
export const clickEntry = async (env: SessionEnv, item: string, label: RegExp): Promise<void> => {
  const entries = await menuOf(env, item)
  const entry = entries.find((one) => label.test(one.label))
  if (entry === undefined) throw new Error(`no entry ${String(label)} in ${JSON.stringify(entries)}`)
  await gdbus(env, item, MENU, 'com.canonical.dbusmenu.Event', String(entry.id), 'clicked', "<''>", '0')
}

/** What the item's icon is now, as a fingerprint: its pixels. */
export const iconOf = (env: SessionEnv, item: string): Promise<string> =>
  gdbus(
    env,
    item,
    '/StatusNotifierItem',
    'org.freedesktop.DBus.Properties.Get',
    'org.kde.StatusNotifierItem',
    'IconPixmap',
  )

export interface Notifications {
  /** Titles shown so far, oldest first. */
  titles(): Promise<readonly string[]>
  close(): Promise<void>
}

export const openNotifications = (env: SessionEnv): Notifications => {
  const home = makeHome()
  const child = spawn('dunst', ['-history_length', '100'], {
    env: { ...process.env, ...env, ...directoriesOf(home) },
    stdio: 'ignore',
  })
  const all = { ...env, ...directoriesOf(home) }
  return {
    async titles() {
      // What is shown goes to the history when it is closed.
      await must(['dunstctl', 'close-all'], { env: all })
      const history = JSON.parse(await must(['dunstctl', 'history'], { env: all })) as {
        readonly data: readonly (readonly { readonly summary: { readonly data: string } }[])[]
      }
      return history.data
        .flat()
        .map(({ summary }) => summary.data)
        .reverse()
    },
    async close() {
      child.kill()
      await ended(child)
    },
  }
}
