import { shallowRef } from 'vue'
import type { Settings } from '../src-shared/settings.ts'

/** What is shown, light or dark; `data-theme` of the document follows. */
export const theme = shallowRef<'light' | 'dark'>('light')

const dark = window.matchMedia('(prefers-color-scheme: dark)')
let wanted: Settings['theme'] = 'system'

function apply(): void {
  theme.value = wanted === 'system' ? (dark.matches ? 'dark' : 'light') : wanted
  document.documentElement.dataset['theme'] = theme.value
}

export function setTheme(next: Settings['theme']): void {
  wanted = next
  apply()
}

dark.addEventListener('change', apply)
apply()
