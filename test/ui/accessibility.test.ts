import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inBrowser, noBrowser, openWorkshop, type Workshop } from './browser.ts'
import { prepare } from './prepare.ts'
import { states } from './states.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

let workshop: Workshop | undefined
beforeAll(async () => {
  if (noBrowser === undefined) workshop = await openWorkshop()
})
afterAll(async () => {
  await workshop?.close()
})

describe.skipIf(noBrowser !== undefined).each(['light', 'dark'] as const)(
  inBrowser('in the %s theme'),
  (theme) => {
    it.each(states)('axe finds nothing wrong with $name', async (state) => {
      const window = await workshop!.open({ ...state, theme })
      await prepare(window.page, state)
      await window.page.evaluate(axe)
      const found = await window.page.evaluate<{ readonly violations: readonly Violation[] }>(
        'axe.run(document, { resultTypes: ["violations"] })',
      )
      await window.close()
      expect(
        found.violations.map(({ id, nodes }) => ({
          id,
          nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary ?? ''}`),
        })),
      ).toEqual([])
      expect(window.complaints).toEqual([])
    })
  },
)
