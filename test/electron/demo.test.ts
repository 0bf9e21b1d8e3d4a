/** A newcomer's first two clicks: the demo office from the first screen, a real tunnel, and its end. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bridge } from '../../src-shared/contract.ts'
import { run, until } from '../interop/lab/processes.ts'
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
  `the demo office from the app${missing === undefined ? '' : ` (${missing})`}`,
  () => {
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
    const snapshot = () =>
      running.page.evaluate(async () => ({
        demo: await window.culvert.snapshot('demo'),
        connections: await window.culvert.snapshot('connections'),
      }))

    it('connects with a click, and passes traffic', async () => {
      const links = (await run(['ip', '-o', 'link'])).stdout
      await running.page.getByRole('button', { name: /demo office/i }).click()
      const seen = await until(
        'the demo office to be connected',
        async () => {
          const { demo, connections } = await snapshot()
          if (demo.kind === 'unavailable') throw new Error(`${demo.reason} ${demo.advice}`)
          const found = connections.find(({ state }) => state.kind === 'connected')
          return demo.kind === 'running' && found !== undefined && demo.page !== undefined ? demo : undefined
        },
        60_000,
      )
      expect(seen.page).not.toBe('')
      expect(seen.pingMs).toBeGreaterThan(0)
      await until('the window to say so', async () =>
        (await running.page.evaluate(() => document.body.innerText)).includes('You are in the demo office')
          ? true
          : undefined,
      )
      expect((await run(['ip', '-o', 'link'])).stdout, 'this machine’s own links are as before').toBe(links)
    })

    it('ends with another', async () => {
      await running.page.getByRole('button', { name: 'End the demo' }).click()
      await until('the demo to end', async () => {
        const { demo, connections } = await snapshot()
        return demo.kind === 'stopped' && connections.length === 0 ? true : undefined
      })
    })
  },
)
