import type { Bridge } from '../src-shared/contract.ts'

declare global {
  /** Built with the fake bridge (`vite build --mode fake`); false in what people install. */
  const __FAKE__: boolean

  interface Window {
    /** Exposed by the preload script; absent in a plain browser. */
    readonly culvert?: Bridge
  }

  interface ImportMeta {
    /** Vite's: path → text of each file that fits. */
    glob(
      patterns: readonly string[],
      options: { readonly query: '?raw'; readonly import: 'default'; readonly eager: true },
    ): Readonly<Record<string, string>>
  }
}
