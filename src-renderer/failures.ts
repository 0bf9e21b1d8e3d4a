import { errorTable as german } from '../src-shared/error-words-de.ts'
import { errorWordsFrom, type ErrorWords } from '../src-shared/error-words.ts'
import type { Failure } from '../src-shared/errors.ts'
import { language } from './i18n.ts'
import { clauseIn } from './said.ts'
import { errorTable as english } from './words/en/errors.ts'

/** Details that are clauses or sentences of ours; all others are names, numbers and the RFCs' terms. */
const clauses: ReadonlySet<string> = new Set(['check', 'reason', 'problem', 'step', 'what', 'advice'])

/** What a failure says to the person in front of the window, in their language. */
export function wordsFor(failure: Failure): ErrorWords {
  if (language() !== 'de') return errorWordsFrom(english, failure)
  const details = Object.entries(failure.details).map(
    ([name, value]) => [name, clauses.has(name) ? clauseIn(value).text : value] as const,
  )
  return errorWordsFrom(german, { ...failure, details: Object.fromEntries(details) })
}
