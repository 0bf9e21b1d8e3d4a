/**
 * The whole way from the app: Debian's strongSwan with EAP-MSCHAPv2, a real tunnel, tray and notifications of a real desktop, and
 * what is left when parts of the app die.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bridge } from '../../src-shared/contract.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import { openLab } from '../interop/lab/lab.ts'
import type { Lab } from '../interop/lab/lab.ts'
import { userName, userPassword } from '../interop/lab/defaults.ts'
import { writeCulvertProfile } from '../interop/lab/culvert-profile.ts'
import { whyNot } from '../interop/lab/machine.ts'
import { addresses } from '../interop/lab/network.ts'
import { run, until } from '../interop/lab/processes.ts'
import { repositoryRoot } from '../interop/lab/repository.ts'
import type { Scenario } from '../interop/lab/scenario.ts'
import { snapshot } from '../interop/lab/snapshot.ts'
import type { HostSnapshot } from '../interop/lab/snapshot.ts'
import { makeHome, openApp } from './lab/app.ts'
import type { RunningApp } from './lab/app.ts'
import { openDisplay } from './lab/display.ts'
import type { Display } from './lab/display.ts'
import { enterNamespace } from './lab/namespace.ts'
import { whyNoApp } from './lab/needs.ts'
import { clickEntry, iconOf, menuOf, openNotifications, openPanel } from './lab/tray.ts'
import type { Notifications, Panel } from './lab/tray.ts'

declare global {
  interface Window {
    readonly culvert: Bridge
  }
}

const missing = whyNot() ?? whyNoApp('xfce4-panel', 'dunst', 'dunstctl', 'gdbus', 'dbus-daemon')
const scenario: Scenario = {
  name: 'Office',
  gateway: {
    proves: { method: 'certificate', certificate: 'gateway-ecdsa-p256' },
    asks: { method: 'eap', eap: 'mschapv2', username: userName, password: userPassword },
  },
  outcome: { kind: 'connected' },
}
/** The event loop of the main process may not stand still for longer: the window would not answer. */
const mostDelayMs = 50

describe.skipIf(missing !== undefined)(
  `the app and a tunnel${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let lab: Lab
    let display: Display
    let panel: Panel
    let notifications: Notifications
    let running: RunningApp
    let leave: () => void
    let profile: Profile
    let home: string
    let item: string
    let before: HostSnapshot

    beforeAll(async () => {
      lab = await openLab()
      await lab.prepare(scenario)
      const file = await writeCulvertProfile(scenario, lab.pki, join(lab.folder, 'app'))
      const written = JSON.parse(readFileSync(file, 'utf8')) as Profile
      profile = {
        ...written,
        local: {
          ...written.local,
          authentication: {
            method: 'eap',
            username: userName,
            password: { from: 'prompt' },
            allow: ['mschapv2'],
          },
        },
      }
      display = await openDisplay({ bus: true })
      panel = openPanel(display.env)
      notifications = openNotifications(display.env)
      home = makeHome()
      before = await machine()
      leave = enterNamespace(lab.network.client)
      running = await openApp({ env: display.env, home, namespace: lab.network.client })
      item = await panel.item()
    })
    afterAll(async () => {
      await running.quit().catch(() => undefined)
      leave()
      await notifications.close()
      await panel.close()
      await display.close()
      await lab.close()
    })

    const machine = () => snapshot(lab.network.client, lab.network.clientResolvConf)
    const isAsBefore = async (): Promise<void> => {
      await until(
        'the machine to be as before',
        async () => (JSON.stringify(await machine()) === JSON.stringify(before) ? true : undefined),
        5_000,
        50,
      ).catch(() => undefined)
      expect(await machine()).toEqual(before)
    }
    const connection = (): Promise<ConnectionStatus | undefined> =>
      running.page.evaluate(async () => (await window.culvert.snapshot('connections'))[0])
    const reaches = (kind: string): Promise<ConnectionStatus> =>
      until(
        `the connection to be ${kind}`,
        async () => {
          const found = await connection()
          if (found?.state.kind === 'failed' && kind !== 'failed')
            throw new Error(JSON.stringify(found.state.failure) + lab.gateway.log())
          return found?.state.kind === kind ? found : undefined
        },
        40_000,
      )
    const answer = async (password: string): Promise<void> => {
      const field = running.page.getByRole('dialog').locator('input')
      await field.waitFor()
      await field.fill(password)
      await field.press('Enter')
    }
    const connectInWindow = () =>
      running.page.getByRole('button', { name: 'Connect', exact: true }).first().click()

    it('shows a grey mark and an empty menu before there is a profile', async () => {
      const labels = (await menuOf(display.env, item)).map(({ label }) => label)
      expect(labels).toEqual(['Not connected', 'Open Culvert', 'Quit'])
    })

    it('keeps a profile and offers a favourite in the tray', async () => {
      const saved = await running.page.evaluate(
        (one) => window.culvert.call('saveProfile', { profile: one, secrets: [] }),
        profile,
      )
      expect(saved).toEqual({ ok: true, value: undefined })
      await running.page.evaluate(
        (profileId) => window.culvert.call('arrangeProfiles', { entries: [{ profileId, favourite: true }] }),
        profile.id,
      )
      await until('the favourite', async () =>
        (await menuOf(display.env, item)).some(({ label }) => label === 'Connect to Office')
          ? true
          : undefined,
      )
    })

    it('says what to do when the password is wrong', async () => {
      await running.page.evaluate(() => {
        location.hash = '#/'
      })
      await connectInWindow()
      await answer('not the password')
      const { state } = await reaches('failed')
      expect(state.kind === 'failed' ? state.failure.code : '').toBe('credentials-refused')
      await until('the banner', async () =>
        /didn.t accept|password/i.test(await running.page.evaluate(() => document.body.innerText))
          ? true
          : undefined,
      )
      await until('the notification', async () =>
        (await notifications.titles()).includes('Could not connect to Office') ? true : undefined,
      )
      expect((await menuOf(display.env, item)).map(({ label }) => label)).toContain(
        'Could not connect to Office',
      )
    })

    it('connects from the window, passes traffic, and shows it in the tray', async () => {
      const grey = await iconOf(display.env, item)
      await running.electron.evaluate(() => {
        // Beside the app's own work: how late a timer of 5 ms comes.
        const world = globalThis as unknown as { lateness: number; lastTick: number }
        world.lateness = 0
        world.lastTick = performance.now()
        setInterval(() => {
          const now = performance.now()
          world.lateness = Math.max(world.lateness, now - world.lastTick - 5)
          world.lastTick = now
        }, 5)
      })
      await running.page.evaluate((profileId) => window.culvert.call('disconnect', { profileId }), profile.id)
      await connectInWindow()
      await answer(userPassword)
      const status = await reaches('connected')
      expect(status.virtualAddresses.length).toBeGreaterThan(0)
      const ping = await lab.probe.ping(addresses.office.ipv4)
      expect(ping.received, ping.text).toBe(1)
      const page = await lab.probe.fetch(`http://${addresses.office.ipv4}/`)
      expect(page.head).toBe('the intranet page\n')
      const lateness = await running.electron.evaluate(
        () => (globalThis as unknown as { lateness: number }).lateness,
      )
      console.log(`event loop of the main process while connecting: ${lateness.toFixed(0)} ms late at most`)
      expect(lateness, 'the main process stood still').toBeLessThan(mostDelayMs * 4)
      await until('the tray to say so', async () =>
        (await menuOf(display.env, item)).some(({ label }) => label === 'Connected to Office')
          ? true
          : undefined,
      )
      expect(await iconOf(display.env, item)).not.toBe(grey)
      await until('the notification', async () =>
        (await notifications.titles()).includes('Connected to Office') ? true : undefined,
      )
    })

    it('is seen and ended from a terminal', async () => {
      const terminal = (...words: readonly string[]) =>
        run([process.execPath, join(repositoryRoot, 'dist/cli.js'), ...words], {
          namespace: lab.network.client,
          env: running.env,
        })
      const status = await terminal('status', '--json')
      expect(status.stdout, status.stderr).toContain('"connected"')
      const down = await terminal('down')
      expect(down.status, down.stderr).toBe(0)
      await isAsBefore()
    })

    it('is connected and disconnected from the tray', async () => {
      await clickEntry(display.env, item, /^Connect to Office$/)
      await answer(userPassword)
      await reaches('connected')
      await until('the entry to turn', async () =>
        (await menuOf(display.env, item)).some(({ label }) => label === 'Disconnect from Office')
          ? true
          : undefined,
      )
      await clickEntry(display.env, item, /^Disconnect from Office$/)
      await until('the connection to end', async () =>
        (await connection()) === undefined ? true : undefined,
      )
      await isAsBefore()
    })

    it('keeps the tunnel when the window is closed and when its page dies', async () => {
      await connectInWindow()
      await answer(userPassword)
      await reaches('connected')
      await running.electron.evaluate(async ({ BrowserWindow }) => {
        const [window] = BrowserWindow.getAllWindows()
        window?.close()
        const loaded = new Promise<void>((resolve) =>
          window?.webContents.once('did-finish-load', () => resolve()),
        )
        window?.webContents.forcefullyCrashRenderer()
        await loaded
      })
      const ping = await lab.probe.ping(addresses.office.ipv4)
      expect(ping.received, ping.text).toBe(1)
    })

    it('puts the machine back when the main process is killed', async () => {
      await running.kill('SIGKILL')
      await isAsBefore()
      // And it starts again beside what was left.
      running = await openApp({ env: display.env, home, namespace: lab.network.client })
      await running.page.getByRole('button').first().waitFor()
    })
  },
)
