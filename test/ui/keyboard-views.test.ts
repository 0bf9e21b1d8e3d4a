/** The views without a mouse: everything is reached, seen to have the focus, and done by keys alone. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { inBrowser, noBrowser, openWorkshop, type Window, type Workshop } from './browser.ts'

let workshop: Workshop | undefined
let window: Window
beforeAll(async () => {
  if (noBrowser === undefined) workshop = await openWorkshop()
})
afterAll(async () => {
  await workshop?.close()
})
afterEach(async () => {
  expect(window.complaints).toEqual([])
  await window.close()
})

async function openAt(scenario: string, path: string): Promise<Page> {
  window = await workshop!.open({ scenario, path, width: 900, height: 800 })
  await window.page.clock.runFor(2000)
  return window.page
}

/** What has the focus: its name for assistive technology as far as the page writes it, and whether it is drawn around. */
const focused = (page: Page) =>
  page.evaluate<{ readonly text: string; readonly isSeen: boolean }>(`(() => {
    const element = document.activeElement
    const label = element.labels?.[0]?.textContent ?? ''
    const text = [element.getAttribute('aria-label') ?? '', label, element.innerText].join(' ').replace(/\\s+/g, ' ')
    const style = getComputedStyle(element)
    return { text, isSeen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 }
  })()`)

/** Presses Tab until the focus is on what says this; every stop on the way must be seen. */
async function tabTo(page: Page, text: RegExp, most = 60): Promise<void> {
  const passed: string[] = []
  for (let step = 0; step < most; step += 1) {
    await page.keyboard.press('Tab')
    await page.clock.runFor(20)
    const now = await focused(page)
    passed.push(now.text.trim())
    expect(now.isSeen, `the focus on ${now.text} is not seen`).toBe(true)
    if (text.test(now.text)) return
  }
  throw new Error(`Tab does not lead to ${text.source}, but to ${passed.join(' | ')}`)
}
async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    // Held as long as a person holds it.
    await page.keyboard.down(key)
    await page.clock.runFor(60)
    await page.keyboard.up(key)
    await page.clock.runFor(240)
  }
}
const type = async (page: Page, text: string) => {
  await page.keyboard.type(text)
  await page.clock.runFor(400)
}
const bodyText = (page: Page) => page.evaluate<string>('document.body.innerText')

describe.skipIf(noBrowser !== undefined)(inBrowser('without a mouse'), () => {
  it('a profile is made: each field, the way to sign in, the encryption, and saved', async () => {
    const page = await openAt('disconnected', '/profiles/new')
    await tabTo(page, /^ ?Name/)
    await type(page, 'Lab')
    await tabTo(page, /Address/)
    await type(page, 'lab.example.org')
    await tabTo(page, /Password/)
    await press(page, 'ArrowRight', 'ArrowRight')
    expect(await bodyText(page)).toContain('One key that you and the gateway both know')
    await press(page, 'ArrowLeft', 'ArrowLeft')
    await tabTo(page, /User name/)
    await type(page, 'erika')
    await tabTo(page, /Change/)
    await press(page, 'Enter')
    await tabTo(page, /Recommended/)
    await press(page, 'ArrowDown')
    await tabTo(page, /Use this/)
    await press(page, 'Enter')
    expect(await bodyText(page)).toContain('From the suite Suite-B-GCM-256')
    // The dialog gives the focus back to the button that opened it.
    expect((await focused(page)).text).toContain('Change')
    await tabTo(page, /Save/)
    await press(page, 'Enter')
    expect(page.url()).toMatch(/#\/profiles$/)
    expect(await bodyText(page)).toContain('Lab')
  })

  it('an import is looked at and kept', async () => {
    const page = await openAt('incoming', '/import')
    await tabTo(page, /Legacy gateway/)
    await press(page, 'Space')
    await tabTo(page, /Keep one profile/)
    await press(page, 'Enter')
    expect(page.url()).toMatch(/#\/profiles$/)
    expect(await bodyText(page)).toContain('Berlin office')
  })

  it('a profile is moved, deleted by its menu, and brought back', async () => {
    const page = await openAt('many', '/profiles')
    const order = () =>
      page.evaluate<readonly string[]>(
        `[...document.querySelectorAll('[data-profile]')].map((row) => row.dataset.profile)`,
      )
    const before = await order()
    await tabTo(page, /Edit Head office/)
    await page.keyboard.press('Alt+ArrowDown')
    await page.clock.runFor(300)
    expect(await order()).not.toEqual(before)
    await tabTo(page, /Actions for/)
    const removed = await page.evaluate<string>(
      'document.activeElement.closest("[data-profile]").dataset.profile',
    )
    await press(page, 'Enter', 'End', 'Enter')
    // It is connected perhaps: then it is asked for.
    if ((await bodyText(page)).includes('Disconnect and delete')) {
      await tabTo(page, /Disconnect and delete/)
      await press(page, 'Enter')
    }
    expect(await order()).not.toContain(removed)
    await page.getByRole('button', { name: 'Undo' }).focus()
    await press(page, 'Enter')
    expect(await order()).toContain(removed)
  })

  it('the ladder is walked, a message opened, its tree unfolded', async () => {
    const page = await openAt('connected', '/exchange')
    await tabTo(page, /IKE_SA_INIT Request/)
    await press(page, 'ArrowDown', 'ArrowDown')
    expect((await focused(page)).text).toContain('IKE_AUTH')
    await press(page, 'Enter')
    expect(await bodyText(page)).toContain('This computer → gateway')
    await page.getByRole('treeitem').first().focus()
    const count = () => page.getByRole('treeitem').count()
    const before = await count()
    await press(page, 'ArrowLeft')
    expect(await count()).toBeLessThan(before)
    await press(page, 'ArrowRight')
    expect(await count()).toBe(before)
  })

  it('the status shows its chart as a table', async () => {
    const page = await openAt('connected', '/status')
    await tabTo(page, /Show as a table/)
    await press(page, 'Enter')
    expect(await bodyText(page)).toContain('From')
    expect((await focused(page)).text).toContain('Show as a chart')
  })
})
