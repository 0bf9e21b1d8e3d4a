import type { App } from 'vue'
import { wordsFor } from './failures.ts'
import { showToast, toasts } from './toasts.ts'

/** Catches whatever nobody caught, once, for the whole window: the person is told, and the main process writes the stack to its log. */
export function catchErrors(app: App): void {
  // The browser then raises the event below.
  app.config.errorHandler = (error) => {
    window.reportError(error)
  }
  window.addEventListener('error', (event) => {
    // Said by the browser when a chart is resized while it is drawn; nothing is lost.
    if (event.message.includes('ResizeObserver loop')) return
    event.preventDefault()
    tell(event.error ?? event.message)
  })
  window.addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    tell(event.reason)
  })
}

function tell(reason: unknown): void {
  // src-main/desktop/window.ts hears what is an error here; the browser's own line would lack the stack.
  // eslint-disable-next-line no-console -- the way into the log
  console.error(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason))
  const problem = reason instanceof Error ? reason.message : String(reason)
  const { what } = wordsFor({ code: 'internal', details: { problem } })
  // What goes wrong with each tick is told once, as long as it stands there.
  if (!toasts.value.some(({ text }) => text === what)) showToast(what, { tone: 'bad' })
}
