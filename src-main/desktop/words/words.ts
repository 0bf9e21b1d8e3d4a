/** Which language the desktop's own words are in. */
import type { Settings } from '../../../src-shared/settings.ts'
import { de } from './de.ts'
import type { Words } from './en.ts'
import { en } from './en.ts'

/** `systemLocale`: of the desktop, as in `de-AT`. */
export function languageOf(chosen: Settings['language'], systemLocale: string): 'en' | 'de' {
  switch (chosen) {
    case 'en':
    case 'de':
      return chosen
    case 'system':
      return /^de\b/i.test(systemLocale) ? 'de' : 'en'
  }
}

export function wordsOf(chosen: Settings['language'], systemLocale: string): Words {
  return { en, de }[languageOf(chosen, systemLocale)]
}
