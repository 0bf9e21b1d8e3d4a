import './styles/main.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app.vue'
import { openBridge } from './bridge.ts'
import { catchErrors } from './errors.ts'
import { i18n, setLanguage } from './i18n.ts'
import { router } from './router.ts'
import { setTheme } from './theme.ts'

const bridge = await openBridge()
if (bridge === undefined) {
  document.body.textContent = 'This page is a part of Culvert and does nothing by itself.'
} else {
  // Before the first paint, so that neither colours nor words jump.
  const settings = await bridge.snapshot('settings')
  setTheme(settings.theme)
  setLanguage(settings.language)
  const app = createApp(App).use(createPinia()).use(i18n).use(router)
  catchErrors(app)
  app.mount('#app')
}
