/** Secrets in a real keyring, none at all, and one that is locked. */
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Bridge } from '../../src-shared/contract.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { run } from '../interop/lab/processes.ts'
import { directoriesOf, makeHome, openApp } from './lab/app.ts'
import { openDisplay } from './lab/display.ts'
import { whyNoApp } from './lab/needs.ts'

declare global {
  interface Window {
    readonly culvert: Bridge
  }
}

const missing = whyNoApp('gnome-keyring-daemon', 'dbus-daemon')
const profile = {
  version: 1,
  id: '6f1b2c3d-0000-4000-8000-00000000000a',
  name: 'Kept',
  gateway: { address: 'vpn.example.test', port: 500 },
  ikeVersion: 2,
  local: {
    identity: 'maria@example.test',
    authentication: { method: 'psk', secret: { from: 'prompt' } },
  },
  remote: {
    identity: 'vpn.example.test',
    authentication: { method: 'psk', secret: { from: 'prompt' } },
  },
} as unknown as Profile

describe.skipIf(missing !== undefined)(`the keyring${missing === undefined ? '' : ` (${missing})`}`, () => {
  const desktop = { XDG_CURRENT_DESKTOP: 'GNOME' }
  const unlock = async (env: Readonly<Record<string, string>>, home: string): Promise<number> => {
    const child = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
      env: { ...process.env, ...env, ...directoriesOf(home) },
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    child.stdin.end('password of the keyring\n')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    return child.pid ?? 0
  }

  it('keeps a secret where it is unlocked, and never in the clear', async () => {
    const display = await openDisplay({ bus: true })
    const home = makeHome()
    const daemon = await unlock(display.env, home)
    const running = await openApp({ env: { ...display.env, ...desktop }, home })
    try {
      const seen = await running.page.evaluate(async (one) => {
        const about = await window.culvert.snapshot('about')
        const saved = await window.culvert.call('saveProfile', {
          profile: one,
          secrets: [{ kind: 'psk', secret: 'a secret nobody may read' }],
        })
        const library = await window.culvert.snapshot('library')
        return { keyring: about.keyring, saved, place: library.entries[0]?.secrets.psk }
      }, profile)
      expect(seen).toEqual({ keyring: 'available', saved: { ok: true, value: undefined }, place: 'kept' })
      const folder = join(home, 'data', 'culvert', 'secrets')
      const files = readdirSync(folder)
      expect(files).toEqual([`${profile.id}.json`])
      const found = await run(['grep', '-rla', 'a secret nobody may read', home])
      expect(found.stdout).toBe('')
      expect(readFileSync(join(folder, files[0] ?? ''), 'utf8')).not.toContain(
        Buffer.from('a secret nobody may read').toString('base64'),
      )
    } finally {
      await running.quit()
      process.kill(daemon)
      await display.close()
    }
  })

  it('says that there is none, and starts all the same', async () => {
    const display = await openDisplay()
    const running = await openApp({ env: display.env })
    try {
      const seen = await running.page.evaluate(async () => ({
        keyring: (await window.culvert.snapshot('about')).keyring,
        keeps: (await window.culvert.snapshot('library')).keepsSecrets.yes,
      }))
      expect(seen).toEqual({ keyring: 'none', keeps: false })
    } finally {
      await running.quit()
      await display.close()
    }
  })
})
