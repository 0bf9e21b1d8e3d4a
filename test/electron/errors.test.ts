/** What nobody caught, in the page and in the main process: told to the person once, kept in the log with its stack, and nothing ends. */
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

describe.skipIf(missing !== undefined)(
  `what nobody caught${missing === undefined ? '' : ` (${missing})`}`,
  () => {
    let display: Display
    let running: RunningApp
    beforeAll(async () => {
      display = await openDisplay({ bus: true })
      running = await openApp({ env: display.env })
      await running.page.getByRole('button').first().waitFor()
    })
    afterAll(async () => {
      await running.quit()
      await display.close()
    })
    const log = (part: string) =>
      running.page.evaluate(
        async (wanted) =>
          (await window.culvert.snapshot('log')).filter((line) => JSON.stringify(line).includes(wanted)),
        part,
      )
    const bodyText = () => running.page.evaluate(() => document.body.innerText)
    const shows = (text: string) =>
      until(`the page to show ${text}`, async () => ((await bodyText()).includes(text) ? true : undefined))

    it.each([
      ['thrown', 'torn page'],
      ['rejected', 'broken promise'],
    ] as const)('in the page: %s, is told once and stands in the log with its stack', async (how, text) => {
      await running.page.evaluate(
        ({ kind, message }) => {
          const fail = () => {
            throw new Error(message)
          }
          for (let count = 0; count < 3; count += 1) {
            if (kind === 'thrown') setTimeout(fail)
            else void Promise.resolve().then(fail)
          }
        },
        { kind: how, message: text },
      )
      await shows(`Something in Culvert itself went wrong: ${text}.`)
      // One message, however often it was thrown.
      expect(await running.page.locator('li', { hasText: text }).count()).toBe(1)
      const lines = await until('the log', async () => {
        const found = await log(text)
        return found.length >= 3 ? found : undefined
      })
      expect(lines.every(({ level, area }) => level === 'error' && area === 'window')).toBe(true)
      expect(JSON.stringify(lines[0]?.fields)).toContain('at ')
    })

    it.each([
      ['thrown', 'torn main'],
      ['rejected', 'broken main promise'],
    ] as const)('in the main process: %s, is told once and the app goes on', async (how, text) => {
      await running.electron.evaluate(
        (_electron, { kind, message }) => {
          for (let count = 0; count < 3; count += 1) {
            if (kind === 'thrown')
              setTimeout(() => {
                throw new Error(message)
              })
            else void Promise.reject(new Error(message))
          }
        },
        { kind: how, message: text },
      )
      await shows('This is a bug.')
      const lines = await until('the log', async () => {
        const found = await log(text)
        return found.length === 3 ? found : undefined
      })
      expect(lines.every(({ level }) => level === 'error')).toBe(true)
      expect(JSON.stringify(lines[0]?.fields)).toContain('at ')
      const notices = await running.page.evaluate(() => window.culvert.snapshot('notices'))
      expect(notices).toHaveLength(1)
      // It still answers.
      await running.page.evaluate(
        (ids) => Promise.all(ids.map((id) => window.culvert.call('dismissNotice', { id }))),
        notices.map(({ id }) => id),
      )
      await until('the notice to go', async () =>
        (await running.page.evaluate(() => window.culvert.snapshot('notices'))).length === 0
          ? true
          : undefined,
      )
    })
  },
)
