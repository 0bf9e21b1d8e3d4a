import type { Page } from 'playwright-core'
import type { State } from './states.ts'

/** Lets the fake bridge answer and brings the window into the state. */
export async function prepare(page: Page, state: State, milliseconds = 3000): Promise<void> {
  await page.clock.runFor(milliseconds)
  if (state.press !== undefined) await page.locator(state.press).first().click()
  if (state.keys !== undefined) await page.keyboard.press(state.keys)
  if (state.press !== undefined || state.keys !== undefined) await page.clock.runFor(500)
}
