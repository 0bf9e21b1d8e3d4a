import { errorWordsFrom, type ErrorWords } from '../src-shared/error-words.ts'
import type { Failure } from '../src-shared/errors.ts'
import { language } from './i18n.ts'
import { errorTable as german } from './words/de/errors.ts'
import { errorTable as english } from './words/en/errors.ts'

/** What a failure says to the person in front of the window, in their language. */
export const wordsFor = (failure: Failure): ErrorWords =>
  errorWordsFrom(language() === 'de' ? german : english, failure)
