import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { inBrowser, noBrowser, openWorkshop, type View, type Window, type Workshop } from './browser.ts'
import { states } from './states.ts'

let workshop: Workshop | undefined
let window: Window
beforeAll(async () => {
  if (noBrowser === undefined) workshop = await openWorkshop()
})
afterEach(async () => {
  await window.close()
})
afterAll(async () => {
  await workshop?.close()
})

async function open(view: View): Promise<Page> {
  window = await workshop!.open(view)
  await window.page.clock.runFor(1000)
  return window.page
}

/** Where the focus is: what it is called, and whether one sees it. */
interface Stop {
  readonly name: string
  readonly seen: boolean
}
const whereFocusIs = `(() => {
  const element = document.activeElement
  if (element === null || element === document.body) return null
  const style = getComputedStyle(element)
  const box = element.getBoundingClientRect()
  const labels = [...(element.labels ?? [])].map((label) => label.textContent)
  const name = [element.getAttribute('aria-label'), ...labels, element.textContent, element.id].find((text) => text && text.trim() !== '') ?? ''
  return {
    name: name.trim().replace(/\\s+/g, ' ').slice(0, 80),
    seen:
      (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 && box.bottom > 0 && box.top < innerHeight),
  }
})()`
const focus = (page: Page) => page.evaluate<Stop | null>(whereFocusIs)

/** Presses Tab until the focus is on what is called so. */
async function tabTo(page: Page, name: string): Promise<void> {
  const met: string[] = []
  for (let count = 0; count < 60; count += 1) {
    await page.keyboard.press('Tab')
    const stop = await focus(page)
    if (stop?.name.includes(name) === true) return
    met.push(stop?.name ?? 'nothing')
  }
  throw new Error(`Tab never reaches “${name}”, but ${met.join(' | ')}`)
}
const heading = (page: Page) =>
  page.evaluate<string>('document.querySelector("h1")?.textContent.trim() ?? ""')
const said = (page: Page) =>
  page.evaluate<string>('document.querySelector(".sr-only[role=status]")?.textContent.trim() ?? ""')

describe.skipIf(noBrowser !== undefined)(inBrowser('without a mouse'), () => {
  it('one connects, hears of it, and disconnects', async () => {
    const page = await open({ scenario: 'disconnected' })
    await tabTo(page, 'Profile: Head office')
    await page.keyboard.press('Enter')
    await page.clock.runFor(300)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.clock.runFor(300)
    expect((await focus(page))?.name).toContain('Branch in Lübeck')
    await tabTo(page, 'Connect')
    await page.keyboard.press('Enter')
    await page.clock.runFor(100)
    expect(await said(page)).toBe('Branch in Lübeck: Finding the gateway')
    await page.clock.runFor(5000)
    expect(await said(page)).toBe('Branch in Lübeck: Connected')
    await page.keyboard.press('Control+Enter')
    await page.clock.runFor(300)
    expect(await said(page)).toBe('Branch in Lübeck: Not connected')
  })

  it('one cancels while it connects', async () => {
    const page = await open({ scenario: 'disconnected' })
    await page.keyboard.press('Control+Enter')
    await page.clock.runFor(800)
    expect(await said(page)).toBe('Head office: Agreeing on encryption')
    await page.keyboard.press('Control+Enter')
    await page.clock.runFor(5000)
    expect(await said(page)).toBe('Head office: Not connected')
  })

  it('one answers the gateway’s question: the field has the focus, Enter sends it', async () => {
    const page = await open({ scenario: 'question' })
    await page.keyboard.type('a secret')
    await page.keyboard.press('Enter')
    await page.clock.runFor(6000)
    expect(await page.locator('[role=dialog]').count()).toBe(0)
    expect(await said(page)).toBe('Head office: Connected')
  })

  it('one declines it with Escape', async () => {
    const page = await open({ scenario: 'question' })
    await page.keyboard.press('Escape')
    await page.clock.runFor(1000)
    expect(await page.locator('[role=dialog]').count()).toBe(0)
    expect(await said(page)).toBe('Head office: Not connected')
  })

  it('one finds any action by its name, and the new view’s heading has the focus', async () => {
    const page = await open({ scenario: 'disconnected' })
    await page.keyboard.press('Control+k')
    await page.clock.runFor(300)
    await page.keyboard.type('settings')
    await page.clock.runFor(300)
    await page.keyboard.press('Enter')
    await page.clock.runFor(1000)
    await expect.poll(() => heading(page)).toBe('Settings')
    await expect.poll(async () => (await focus(page))?.name).toBe('Settings')
  })

  it('one sees every shortcut, and Escape gives the focus back', async () => {
    const page = await open({ scenario: 'disconnected' })
    await tabTo(page, 'Profile: Head office')
    await page.keyboard.press('?')
    await page.clock.runFor(300)
    expect(await page.locator('[role=dialog] dt').count()).toBeGreaterThan(5)
    await page.keyboard.press('Escape')
    await page.clock.runFor(300)
    expect((await focus(page))?.name).toContain('Head office')
  })

  it.each([
    ['1', 'Connect'],
    ['2', 'Profiles'],
    ['3', 'Status'],
    ['4', 'Exchange'],
    ['5', 'Log'],
    [',', 'Settings'],
  ])('Control and %s leads to %s', async (key, title) => {
    const page = await open({ scenario: 'connected', path: title === 'Connect' ? '/log' : '/' })
    await page.keyboard.press(`Control+${key}`)
    await page.clock.runFor(1500)
    await expect.poll(() => heading(page)).toBe(title)
  })

  it('one keeps an import', async () => {
    const page = await open({ scenario: 'incoming' })
    await expect.poll(() => heading(page)).toBe('Import')
    await tabTo(page, 'Keep')
    await page.keyboard.press('Enter')
    await page.clock.runFor(1500)
    await expect.poll(() => heading(page)).not.toBe('Import')
  })

  it('one edits a profile', async () => {
    const page = await open({
      scenario: 'disconnected',
      path: '/profiles/00000000-0000-4000-8000-000000000001/edit',
    })
    await tabTo(page, 'Name')
    await page.keyboard.press('Control+a')
    await page.keyboard.type('Main office')
    await page.clock.runFor(1000)
    await tabTo(page, 'Save')
    await page.keyboard.press('Enter')
    await page.clock.runFor(1500)
    await page.keyboard.press('Control+2')
    await page.clock.runFor(1500)
    expect(await page.locator('main').textContent()).toContain('Main office')
  })
})

describe.skipIf(noBrowser !== undefined)(inBrowser('the focus is seen'), () => {
  const still = states.filter(
    ({ press, keys, name }) => press === undefined && keys === undefined && !name.includes('loading'),
  )
  it.each(still)('at every stop of $name', async (state) => {
    const page = await open(state)
    const hidden: string[] = []
    const names = new Set<string>()
    for (let count = 0; count < 40; count += 1) {
      await page.keyboard.press('Tab')
      const stop = await focus(page)
      if (stop === null) break
      if (!stop.seen) hidden.push(stop.name)
      if (stop.name === '') hidden.push('something without a name')
      names.add(stop.name)
    }
    expect(names.size).toBeGreaterThan(1)
    expect(hidden).toEqual([])
  })
})
