import './styles/main.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import type { Bridge } from '../src-shared/contract.ts'
import type { Settings } from '../src-shared/settings.ts'
import App from './app.vue'
import { openBridge } from './bridge.ts'
import { catchErrors } from './errors.ts'
import { i18n, setLanguage } from './i18n.ts'
import { router } from './router.ts'
import { setTheme } from './theme.ts'

/** A window that looks as the system does is better than none: whatever comes later, layout/appearance.ts takes. */
const firstSettings = (bridge: Bridge): Promise<Settings | undefined> =>
  Promise.race([
    bridge.snapshot('settings').catch(() => undefined),
    new Promise<undefined>((resolve) => setTimeout(resolve, 2000)),
  ])

const bridge = await openBridge()
if (bridge === undefined) {
  document.body.textContent = 'This page is a part of Culvert and does nothing by itself.'
} else {
  // Before the first paint, so that neither colours nor words jump.
  const settings = await firstSettings(bridge)
  setTheme(settings?.theme ?? 'system')
  setLanguage(settings?.language ?? 'system')
  const app = createApp(App).use(createPinia()).use(i18n).use(router)
  catchErrors(app)
  app.mount('#app')
}
