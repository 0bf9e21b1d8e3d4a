import { createI18n } from 'vue-i18n'
import type { Settings } from '../src-shared/settings.ts'
import { de } from './words/de/all.ts'
import { en } from './words/en/all.ts'

export type Language = 'en' | 'de'

export const i18n = createI18n({
  legacy: false,
  locale: 'en',
  fallbackLocale: 'en',
  messages: { en, de },
  // A key that is missing is a bug that test/renderer/words.test.ts finds.
  missingWarn: false,
  fallbackWarn: false,
})

/** The language that is shown. */
export const language = (): Language => (i18n.global.locale.value === 'de' ? 'de' : 'en')

export function setLanguage(wanted: Settings['language']): void {
  const system = navigator.language.toLowerCase().startsWith('de') ? 'de' : 'en'
  const next = wanted === 'system' ? system : wanted
  i18n.global.locale.value = next
  document.documentElement.lang = next
}
