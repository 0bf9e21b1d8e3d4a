/** The real app without a mouse: an import, an edit with an error, connecting; the palette, the help; the focus is always seen. */
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

/** `.test` leads nowhere by its own definition (RFC 6761 section 6.2): connecting fails, and nobody is asked. */
const profile = {
  uuid: '6f1b2c3d-0000-4000-8000-0000000000bb',
  name: 'Branch office',
  type: 'ikev2-eap',
  remote: { addr: 'vpn.culvert.test' },
  local: { eap_id: 'maria' },
}

describe.skipIf(missing !== undefined)(
  `the app without a mouse${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let display: Display
    let running: RunningApp
    beforeAll(async () => {
      display = await openDisplay({ bus: true })
      const home = makeHome()
      const file = join(home, 'branch.sswan')
      writeFileSync(file, JSON.stringify(profile))
      running = await openApp({ env: display.env, home, given: [file] })
    })
    afterAll(async () => {
      await running.quit()
      await display.close()
    })

    const press = (keys: string) => running.page.keyboard.press(keys, { delay: 20 })
    const library = () => running.page.evaluate(() => window.culvert.snapshot('library'))
    const connections = () => running.page.evaluate(() => window.culvert.snapshot('connections'))
    const shows = (text: string | RegExp): Promise<true> =>
      until(`the page to show ${String(text)}`, async () => {
        const all = await running.page.evaluate(() => document.body.innerText)
        return (typeof text === 'string' ? all.includes(text) : text.test(all)) ? true : undefined
      })
    const at = (hash: RegExp): Promise<true> =>
      until(`the view ${hash.source}`, () => (hash.test(running.page.url()) ? true : undefined))
    /** What has the focus: what it is called, and whether a person sees that it has it. */
    const focused = () =>
      running.page.evaluate(() => {
        const element = document.activeElement
        if (!(element instanceof HTMLElement) || element === document.body) return { name: '', isSeen: true }
        const labels =
          element instanceof HTMLInputElement || element instanceof HTMLSelectElement
            ? [...(element.labels ?? [])].map((label) => label.textContent)
            : []
        const { outlineStyle, outlineWidth } = getComputedStyle(element)
        const box = element.getBoundingClientRect()
        return {
          name: [element.getAttribute('aria-label') ?? '', ...labels, element.innerText]
            .join(' ')
            .replace(/\s+/g, ' ')
            .trim(),
          isSeen:
            outlineStyle !== 'none' &&
            parseFloat(outlineWidth) >= 2 &&
            box.bottom > 0 &&
            box.top < innerHeight,
        }
      })
    /** Presses Tab until the focus is on what is called so; it is seen on each stop of the way. */
    const tabTo = async (name: RegExp): Promise<void> => {
      const passed: string[] = []
      for (let step = 0; step < 80; step += 1) {
        await press('Tab')
        const now = await focused()
        passed.push(now.name)
        expect(now.isSeen, `the focus on “${now.name}” is not seen`).toBe(true)
        if (name.test(now.name)) return
      }
      throw new Error(`Tab does not lead to ${name.source}, but to ${passed.join(' | ')}`)
    }
    const violations = async () => {
      // What still fades in has not its colours yet.
      await new Promise((resolve) => setTimeout(resolve, 400))
      await running.page.evaluate(axe)
      const found = await running.page.evaluate<{
        violations: readonly { id: string; nodes: readonly { html: string }[] }[]
      }>('axe.run(document, { resultTypes: ["violations"] })')
      return found.violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)])
    }

    it('keeps the import that it was opened with', async () => {
      await shows('Branch office')
      await tabTo(/^Branch office/)
      await press('Space')
      await press('Space')
      await tabTo(/^Keep one profile/)
      await press('Enter')
      await until('the profile', async () => ((await library()).entries.length === 1 ? true : undefined))
      await at(/#\/profiles$/)
    })

    it('mends an address that it is told is wrong', async () => {
      await tabTo(/Edit Branch office/)
      await press('Enter')
      await at(/\/edit/)
      await tabTo(/^Address/)
      await press('Control+A')
      await running.page.keyboard.type('not a host name')
      await tabTo(/./)
      await shows(/Must be a host name or an IP address/)
      await running.page.getByLabel('Address', { exact: true }).focus()
      await press('Control+A')
      await running.page.keyboard.type('vpn2.culvert.test')
      await tabTo(/^Save/)
      await press('Enter')
      await until('the change to be kept', async () =>
        (await library()).entries[0]?.profile.gateway.address === 'vpn2.culvert.test' ? true : undefined,
      )
    })

    it('connects with Ctrl+Enter, from anywhere, and shows what stands in the way', async () => {
      await press('Control+,')
      await at(/#\/settings/)
      await press('Control+Enter')
      await until('an attempt', async () => ((await connections()).length === 1 ? true : undefined))
      await press('Control+1')
      await at(/#\/$/)
      await until(
        'it to fail',
        async () => ((await connections())[0]?.state.kind === 'failed' ? true : undefined),
        30_000,
      )
      await shows('does not lead to any address')
      expect(await violations()).toEqual([])
    })

    it('checks this network by the button of the failure', async () => {
      await tabTo(/^Check this network/)
      await press('Enter')
      const dialog = running.page.getByRole('dialog')
      await dialog.waitFor()
      await until(
        'the check to end',
        async () => ((await dialog.innerText()).includes('Asking the gateway') ? undefined : true),
        20_000,
      )
      expect(await dialog.innerText()).toContain('The name leads nowhere')
      expect(await violations()).toEqual([])
      await press('Escape')
      await dialog.waitFor({ state: 'detached' })
      // The focus is back where it was.
      expect((await focused()).name).toMatch(/^Check this network/)
    })

    it('finds everything by Ctrl+K, and all keys by ?', async () => {
      await press('Control+K')
      await until('the palette to listen', () =>
        running.page.evaluate(() => (document.activeElement?.tagName === 'INPUT' ? true : undefined)),
      )
      await running.page.keyboard.type('exch')
      await shows('Go to Exchange')
      expect(await violations()).toEqual([])
      await press('Enter')
      await at(/#\/exchange/)
      await press('?')
      await shows(/Keyboard[^]*Ctrl\s*Enter/)
      expect(await violations()).toEqual([])
      await press('Escape')
      await running.page.getByRole('dialog').waitFor({ state: 'detached' })
    })

    it('goes to each view by its own key, where the focus is on its title', async () => {
      for (const [keys, hash] of [
        ['Control+2', /#\/profiles/],
        ['Control+3', /#\/status/],
        ['Control+4', /#\/exchange/],
        ['Control+5', /#\/log/],
        ['Control+,', /#\/settings/],
        ['Control+1', /#\/$/],
      ] as const) {
        await press(keys)
        await at(hash)
        await until('the title to have the focus', () =>
          running.page.evaluate(() => (document.activeElement?.tagName === 'H1' ? true : undefined)),
        )
      }
    })
  },
)
