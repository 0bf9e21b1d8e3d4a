import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

/** The window's side of the app. `--mode fake` builds it with the fake bridge of src-renderer/fake, for a plain browser. */
export default defineConfig(({ mode }) => ({
  root: join(import.meta.dirname, 'src-renderer'),
  base: './',
  plugins: [vue(), tailwindcss()],
  define: {
    __FAKE__: JSON.stringify(mode === 'fake'),
    __VUE_OPTIONS_API__: 'false',
    __VUE_I18N_FULL_INSTALL__: 'false',
    __VUE_I18N_LEGACY_API__: 'false',
    __INTLIFY_PROD_DEVTOOLS__: 'false',
  },
  build: {
    // The oldest Electron it runs on is 25 (docs/decisions).
    target: 'chrome114',
    cssTarget: 'chrome114',
    outDir: join(import.meta.dirname, 'dist', mode === 'fake' ? 'renderer-fake' : 'renderer'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
}))
