import type { App } from 'vue'
import { wordsFor } from './failures.ts'
import { showToast } from './toasts.ts'

/** Catches whatever nobody caught, once, for the whole window: the person is told, and the console has the stack. */
export function catchErrors(app: App): void {
  // The browser then raises the event below, and writes the stack where the main process reads it.
  app.config.errorHandler = (error) => {
    window.reportError(error)
  }
  const tell = (reason: unknown) => {
    const problem = reason instanceof Error ? reason.message : String(reason)
    showToast(wordsFor({ code: 'internal', details: { problem } }).what, { tone: 'bad' })
  }
  window.addEventListener('error', (event) => {
    // Said by the browser when a chart is resized while it is drawn; nothing is lost.
    if (!event.message.includes('ResizeObserver loop')) tell(event.error ?? event.message)
  })
  window.addEventListener('unhandledrejection', (event) => {
    tell(event.reason)
  })
}
