/** The views in the real app, over the real Bridge: import, edit with errors, encryption, settings; each view with axe, narrow and wide. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bridge } from '../../src-shared/contract.ts'
import { until } from '../interop/lab/processes.ts'
import { makeHome, openApp } from './lab/app.ts'
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
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const profile = {
  uuid: '6f1b2c3d-0000-4000-8000-0000000000aa',
  name: 'Branch office',
  type: 'ikev2-eap',
  remote: { addr: 'vpn.example.test' },
  local: { eap_id: 'maria' },
}

describe.skipIf(missing !== undefined)(`the views${missing === undefined ? '' : ` (${missing})`}`, () => {
  let display: Display
  let running: RunningApp
  beforeAll(async () => {
    display = await openDisplay({ bus: true, size: '1700x1000x24' })
    const home = makeHome()
    const file = join(home, 'branch.sswan')
    writeFileSync(file, JSON.stringify(profile))
    running = await openApp({ env: display.env, home, given: [file] })
  })
  afterAll(async () => {
    await running.quit()
    await display.close()
  })
  const library = () => running.page.evaluate(() => window.culvert.snapshot('library'))
  const go = (hash: string) =>
    running.page.evaluate((to) => {
      location.hash = to
    }, hash)

  it('imports the file it was started with, when told', async () => {
    const { page } = running
    await page.getByText('Branch office').first().waitFor()
    await page.getByRole('button', { name: 'Keep one profile' }).click()
    await until('the profile', async () => ((await library()).entries.length === 1 ? true : undefined))
    expect((await library()).entries[0]?.profile.gateway.address).toBe('vpn.example.test')
  })

  it('checks what is edited, and saves what is right', async () => {
    const { page } = running
    await go(`#/profiles/${profile.uuid}/edit`)
    const address = page.getByLabel('Address', { exact: true })
    await address.waitFor()
    await address.fill('not a host name')
    await address.blur()
    await until('the field to be told wrong', async () =>
      (await address.getAttribute('aria-invalid')) === 'true' ? true : undefined,
    )
    await address.fill('vpn2.example.test')
    await until('the field to be right', async () =>
      (await address.getAttribute('aria-invalid')) === 'true' ? undefined : true,
    )
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await until('the profile to be changed', async () =>
      (await library()).entries[0]?.profile.gateway.address === 'vpn2.example.test' ? true : undefined,
    )
  })

  it('reads the proposals that administrators paste', async () => {
    const read = (text: string) =>
      running.page.evaluate(async (given) => {
        const answer = await window.culvert.call('readProposal', { kind: 'ike', text: given })
        return answer.ok && answer.value.valid
      }, text)
    expect(await read('aes256gcm16-prfsha384-ecp384')).toBe(true)
    expect(await read('aes256gcm16-nothing')).toBe(false)
  })

  it('changes theme and language at once, in the window and beside it', async () => {
    const change = (settings: { theme?: 'dark' | 'system'; language?: 'de' | 'en' }) =>
      running.page.evaluate((given) => window.culvert.call('changeSettings', given), settings)
    await go('#/settings')
    await change({ theme: 'dark', language: 'de' })
    const seen = () =>
      running.page.evaluate(() => ({
        language: document.documentElement.lang,
        isDark: matchMedia('(prefers-color-scheme: dark)').matches,
        title: document.querySelector('h1')?.textContent ?? '',
      }))
    await until('the page to be German', async () => ((await seen()).language === 'de' ? true : undefined))
    await until('the title to be German', async () =>
      (await seen()).title === 'Optionen' ? true : undefined,
    ).catch(() => undefined)
    expect(await seen()).toEqual({ language: 'de', isDark: true, title: 'Optionen' })
    await change({ theme: 'system', language: 'en' })
    await until('the page to be English', () =>
      running.page.evaluate(() => (document.documentElement.lang.startsWith('en') ? true : undefined)),
    )
  })

  const views = [
    '#/',
    '#/profiles',
    `#/profiles/${profile.uuid}/edit`,
    '#/status',
    '#/exchange',
    '#/log',
    '#/settings',
  ]
  it.each(views)(
    '%s has nothing that axe objects to, and no sideways scrolling from 360 to 1600 px',
    async (view) => {
      const { page, electron } = running
      await go(view)
      for (const width of [360, 1600]) {
        await electron.evaluate(({ BrowserWindow }, size) => {
          BrowserWindow.getAllWindows()[0]?.setContentSize(size, 800)
        }, width)
        await until('the size', () =>
          page.evaluate((wanted) => (Math.abs(innerWidth - wanted) <= 2 ? true : undefined), width),
        )
        await new Promise((resolve) => setTimeout(resolve, 400))
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect(sideways, `at ${width} px`).toBeLessThanOrEqual(0)
      }
      await page.evaluate(axe)
      const found = await page.evaluate<{
        violations: readonly { id: string; nodes: readonly { html: string }[] }[]
      }>('axe.run(document, { resultTypes: ["violations"] })')
      expect(found.violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])).toEqual([])
    },
  )
})
