/** The app as a program among others: what its page may do, a second start, closing, crashes. */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bridge } from '../../src-shared/contract.ts'
import { until } from '../interop/lab/processes.ts'
import { openApp } from './lab/app.ts'
import type { RunningApp } from './lab/app.ts'
import { openDisplay } from './lab/display.ts'
import type { Display } from './lab/display.ts'
import { whyNoApp } from './lab/needs.ts'

declare global {
  interface Window {
    readonly culvert: Bridge
  }
}

const missing = whyNoApp()
const exec = promisify(execFile)

const profile = {
  version: 1,
  id: '6f1b2c3d-0000-4000-8000-000000000001',
  name: 'Office by link',
  gateway: { address: 'vpn.example.test' },
  ikeVersion: 2,
  local: { authentication: { method: 'eap', username: 'maria', password: { from: 'prompt' } } },
  remote: { authentication: { method: 'certificate', authorities: [] } },
}

describe.skipIf(missing !== undefined)(`the app${missing === undefined ? '' : ` (${missing})`}`, () => {
  let display: Display
  let running: RunningApp
  beforeAll(async () => {
    display = await openDisplay({ bus: true })
    running = await openApp({ env: display.env })
  })
  afterAll(async () => {
    await running.quit()
    await display.close()
  })
  const isVisible = (): Promise<boolean> =>
    running.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() === true)
  const shows = (text: string): Promise<true> =>
    until(`the page to show ${text}`, async () =>
      (await running.page.evaluate(() => document.body.innerText)).includes(text) ? true : undefined,
    )
  const startAgain = (...given: readonly string[]) => {
    const [program = '', ...argv] = running.command
    return exec(program, [...argv, ...given], { env: { ...running.env }, timeout: 20_000 })
  }

  it('opens a compact window that shows itself', async () => {
    const size = await running.electron.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return { size: window?.getSize(), least: window?.getMinimumSize() }
    })
    expect(size).toEqual({ size: [420, 680], least: [360, 560] })
    await running.page.getByRole('button').first().waitFor()
    expect(await isVisible()).toBe(true)
  })

  it('gives its page the Bridge and nothing of Node', async () => {
    const seen = await running.page.evaluate(() => ({
      bridge: Object.keys(window.culvert).sort(),
      node: ['require', 'process', 'Buffer', 'module', '__dirname'].filter((name) => name in globalThis),
    }))
    expect(seen).toEqual({ bridge: ['call', 'close', 'snapshot', 'subscribe'], node: [] })
  })

  it('runs no inline script, and speaks to no network', async () => {
    const seen = await running.page.evaluate(async () => {
      const script = document.createElement('script')
      script.textContent = 'globalThis.wasRun = true'
      document.head.append(script)
      const fetched = await fetch('https://example.org/').then(
        () => 'fetched',
        () => 'refused',
      )
      const image = await new Promise<string>((resolve) => {
        const element = new Image()
        element.onload = () => resolve('loaded')
        element.onerror = () => resolve('refused')
        element.src = 'http://127.0.0.1/picture.png'
      })
      return { wasRun: 'wasRun' in globalThis, fetched, image }
    })
    expect(seen).toEqual({ wasRun: false, fetched: 'refused', image: 'refused' })
  })

  it('gives no file from outside its folder', async () => {
    const seen = await running.page.evaluate(() =>
      Promise.all(
        [
          'app://culvert/../desktop/main.cjs',
          'app://culvert/..%2fdesktop%2fmain.cjs',
          'app://other/index.html',
        ].map((address) =>
          fetch(address).then(
            (answer) => answer.status,
            () => 'refused',
          ),
        ),
      ),
    )
    for (const status of seen) expect([404, 'refused']).toContain(status)
  })

  it('hides when it is closed, and a second start shows the first', async () => {
    await running.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    expect(await isVisible()).toBe(false)
    await startAgain()
    await until('the window to be seen', async () => ((await isVisible()) ? true : undefined))
  })

  it('shows a profile that comes by a link, and takes it only when told', async () => {
    const data = Buffer.from(JSON.stringify(profile)).toString('base64url')
    await startAgain(`culvert://import?name=office.culvert.json&data=${data}`)
    const preview = await until('the preview', async () =>
      running.page.evaluate(() =>
        window.culvert.snapshot('incomingImport').then((value) => value ?? undefined),
      ),
    )
    expect(preview.profiles.map((one) => one.profile.name)).toEqual(['Office by link'])
    await shows('Office by link')
    const library = await running.page.evaluate(() => window.culvert.snapshot('library'))
    expect(library.entries).toEqual([])
    await running.page.evaluate((id) => window.culvert.call('discardImport', { id }), preview.id)
  })

  it('shows a profile file it is started with', async () => {
    const file = join(running.home, 'branch.culvert.json')
    writeFileSync(file, JSON.stringify({ ...profile, name: 'Branch by file' }))
    await startAgain(file)
    await shows('Branch by file')
    const preview = await running.page.evaluate(() => window.culvert.snapshot('incomingImport'))
    if (preview !== null)
      await running.page.evaluate((id) => window.culvert.call('discardImport', { id }), preview.id)
  })

  it('starts with the session when a profile is to be connected at login, and no more when not', async () => {
    const entry = join(running.home, 'config', 'autostart', 'culvert.desktop')
    const set = (connectAtLogin: string | null) =>
      running.page.evaluate(
        (value) => window.culvert.call('changeSettings', { connectAtLogin: value }),
        connectAtLogin,
      )
    await set(profile.id)
    await until('the autostart entry', () => (existsSync(entry) ? true : undefined))
    expect(readFileSync(entry, 'utf8')).toMatch(/^Exec=".*electron".* "--at-login"$/m)
    await set(null)
    await until('the autostart entry to go', () => (existsSync(entry) ? undefined : true))
  })

  it('says nothing to its standard error', () => {
    expect(running.errors).toEqual([])
  })

  it('checks what a page asks for', async () => {
    const seen = await running.page.evaluate(async () => {
      const bridge = window.culvert as unknown as {
        call: (name: unknown, argument: unknown) => Promise<{ ok: boolean }>
        snapshot: (name: unknown) => Promise<unknown>
      }
      const call = (name: unknown, argument: unknown) => bridge.call(name, argument)
      const snapshot = (name: unknown) => bridge.snapshot(name)
      return {
        wrongArgument: (await call('connect', { profileId: 7 })).ok,
        unknownCommand: (await call('constructor', {})).ok,
        unknownSlice: await snapshot('__proto__').then(
          () => 'given',
          () => 'refused',
        ),
      }
    })
    expect(seen).toEqual({ wrongArgument: false, unknownCommand: false, unknownSlice: 'refused' })
  })

  it('opens no other window, leads nowhere else and grants nothing', async () => {
    const before = running.page.url()
    const seen = await running.page.evaluate(async () => {
      const opened = window.open('https://example.org/')
      location.href = 'https://example.org/'
      await new Promise((resolve) => setTimeout(resolve, 300))
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
        () => 'granted',
        (error: unknown) => (error instanceof Error ? error.name : ''),
      )
      return { opened: opened === null, microphone }
    })
    expect(seen.opened).toBe(true)
    expect(seen.microphone).toMatch(/NotAllowed|NotFound/)
    expect(running.page.url()).toBe(before)
    expect(before).toMatch(/^app:\/\/culvert\/index.html/)
    expect(await running.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(
      1,
    )
  })

  it('comes back when its page dies', async () => {
    const found = await running.electron.evaluate(async ({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      if (contents === undefined) return 0
      const loaded = new Promise<void>((resolve) => contents.once('did-finish-load', () => resolve()))
      contents.forcefullyCrashRenderer()
      await loaded
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      return contents.executeJavaScript("document.querySelectorAll('button').length") as Promise<number>
    })
    expect(found).toBeGreaterThan(0)
  }, 30_000)
})
