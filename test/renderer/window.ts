/** The whole window in happy-dom over the fake bridge; what it asks of the main process is recorded. */
import { mount, flushPromises } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { vi } from 'vitest'
import App from '../../src-renderer/app.vue'
import { setBridge } from '../../src-renderer/bridge.ts'
import { fakeBridge } from '../../src-renderer/fake/fake-bridge.ts'
import { i18n, setLanguage } from '../../src-renderer/i18n.ts'
import { router } from '../../src-renderer/router.ts'
import type { Commands } from '../../src-shared/contract.ts'

// A busy machine may take its time; nothing here waits for real time.
vi.setConfig({ testTimeout: 60_000 })

// There is no canvas here; what the chart says in words is what is tested.
vi.mock('uplot', () => ({
  default: class {
    destroy = () => undefined
    setData = () => undefined
    setSize = () => undefined
  },
}))

// What is loaded on demand is loaded before the first test's time runs.
await Promise.all([
  import('../../src-renderer/views/profiles/profiles-view.vue'),
  import('../../src-renderer/views/editor/editor-view.vue'),
  import('../../src-renderer/views/import/import-view.vue'),
  import('../../src-renderer/views/status/status-view.vue'),
  import('../../src-renderer/views/exchange/exchange-view.vue'),
])

export interface Call {
  readonly name: keyof Commands
  readonly argument: unknown
}

export async function openWindow(scenario: string, path: string, language: 'en' | 'de' = 'en') {
  vi.useFakeTimers({ now: Date.parse('2026-11-23T11:54:00Z') })
  document.body.innerHTML = ''
  const bridge = fakeBridge(scenario)
  const calls: Call[] = []
  await bridge.call('changeSettings', { language })
  setBridge({
    ...bridge,
    call: (name, argument) => {
      // What cannot be cloned would not get through the real bridge either.
      calls.push({ name, argument: structuredClone(argument) })
      return bridge.call(name, argument)
    },
  })
  // As main.ts does before anything is drawn.
  setLanguage((await bridge.snapshot('settings')).language)
  const pinia = createPinia()
  setActivePinia(pinia)
  await router.push(path)
  const app = mount(App, { attachTo: document.body, global: { plugins: [pinia, i18n, router] } })

  const settle = async (milliseconds = 300) => {
    for (let round = 0; round < 6; round += 1) {
      await vi.dynamicImportSettled()
      await flushPromises()
      await vi.advanceTimersByTimeAsync(milliseconds / 6)
    }
    await flushPromises()
  }
  await settle()

  const all = (selector: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(selector)]
  const find = (selector: string): HTMLElement => {
    const found = document.querySelector<HTMLElement>(selector)
    if (found === null) throw new Error(`Nothing is at ${selector}`)
    return found
  }
  const textOf = (element: Element): string => element.textContent.replace(/\s+/g, ' ').trim()
  return {
    calls,
    settle,
    all,
    find,
    textOf,
    /** All that the person reads. */
    text: () => textOf(document.body),
    callsOf: (name: keyof Commands) =>
      calls.filter((call) => call.name === name).map(({ argument }) => argument),
    byText(selector: string, text: string): HTMLElement {
      const found = all(selector).find((element) => textOf(element).includes(text))
      if (found === undefined) throw new Error(`No ${selector} says ${text}`)
      return found
    },
    async click(element: HTMLElement) {
      element.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, button: 0 }))
      element.click()
      await settle()
    },
    async type(selector: string, text: string) {
      const field = find(selector)
      if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement))
        throw new Error(`${selector} takes no text`)
      field.value = text
      field.dispatchEvent(new Event('input', { bubbles: true }))
      await settle()
    },
    async press(element: HTMLElement, key: string, more: KeyboardEventInit = {}) {
      element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
      await settle()
    },
    path: () => router.currentRoute.value.fullPath,
    close() {
      app.unmount()
      vi.useRealTimers()
    },
  }
}
