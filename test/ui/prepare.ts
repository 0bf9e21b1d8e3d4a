import type { Page } from 'playwright-core'
import type { State } from './states.ts'

/** Lets the fake bridge answer and brings the window into the state. */
export async function prepare(page: Page, state: State, milliseconds = 3000): Promise<void> {
  await page.clock.runFor(milliseconds)
  for (const selector of [state.press ?? []].flat()) {
    await page.locator(selector).first().click()
    await page.clock.runFor(500)
  }
  if (state.choose !== undefined) {
    const [selector, value] = state.choose
    await page.locator(selector).first().selectOption(value)
    await page.clock.runFor(500)
  }
  if (state.keys !== undefined) await page.keyboard.press(state.keys)
  if (state.press !== undefined || state.keys !== undefined) await page.clock.runFor(500)
}
