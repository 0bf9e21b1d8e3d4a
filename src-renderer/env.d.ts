import type { Bridge } from '../src-shared/contract.ts'

declare global {
  /** Built with the fake bridge (`vite build --mode fake`); false in what people install. */
  const __FAKE__: boolean

  interface Window {
    /** Exposed by the preload script; absent in a plain browser. */
    readonly culvert?: Bridge
  }
}
