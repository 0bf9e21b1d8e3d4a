import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inBrowser, noBrowser, openWorkshop, type Workshop } from './browser.ts'
import { prepare } from './prepare.ts'
import { states } from './states.ts'

let workshop: Workshop | undefined
beforeAll(async () => {
  if (noBrowser === undefined) workshop = await openWorkshop()
})
afterAll(async () => {
  await workshop?.close()
})

/** What lies outside the window to the right, and what scrolls sideways that is no table or code. */
const tooWide = `(() => {
  const found = []
  if (document.documentElement.scrollWidth > window.innerWidth) found.push('the page is ' + document.documentElement.scrollWidth)
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('.sr-only, svg, [data-wide], table, pre, .uplot')) continue
    const style = getComputedStyle(element)
    const scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll'
    const box = element.getBoundingClientRect()
    if (box.width === 0 || box.height === 0 || style.visibility === 'hidden') continue
    const shared = element.closest('[role="region"][tabindex="0"]')
    if (!shared && box.right > window.innerWidth + 1) found.push('outside: ' + element.outerHTML.slice(0, 160))
    if (!shared && scrolls && element.scrollWidth > element.clientWidth + 1) found.push('scrolls: ' + element.outerHTML.slice(0, 160))
  }
  return found.slice(0, 5)
})()`

const sizes = [
  { width: 360, height: 560, textSize: 1 },
  { width: 420, height: 680, textSize: 2 },
  { width: 760, height: 640, textSize: 1 },
  { width: 1180, height: 760, textSize: 2 },
  { width: 1600, height: 900, textSize: 1 },
] as const

describe.skipIf(noBrowser !== undefined).each(['en', 'de'] as const)(
  inBrowser('in the language %s'),
  (language) => {
    it.each(states)('$name fits into 360 to 1600 px and with text of 200 %', async (state) => {
      const window = await workshop!.open({ ...state, language })
      const found: string[] = []
      // What is opened by a click stands where it was opened: two sizes must do.
      const opened = state.press !== undefined || state.keys !== undefined
      for (const { width, height, textSize } of opened ? sizes.slice(0, 2) : sizes) {
        await window.page.setViewportSize({ width, height })
        if (opened) await window.page.reload()
        await window.page.evaluate(`document.documentElement.style.fontSize = '${16 * textSize}px'`)
        await prepare(window.page, state, opened || width === 360 ? 1500 : 200)
        const wide = await window.page.evaluate<readonly string[]>(tooWide)
        found.push(...wide.map((problem) => `${width} px, text × ${textSize}: ${problem}`))
      }
      await window.close()
      expect(found).toEqual([])
    })
  },
)
