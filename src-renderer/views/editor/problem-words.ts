/** A problem as the check tells it, in the person's language. */
import type { FieldProblem } from '../../../src-shared/library.ts'
import { problems as german } from '../../words/de/problems.ts'
import { lineOf } from './problems.ts'

type Translate = (key: string, values: Record<string, string | number>) => string

/** `Must be >=32` as a sentence; other sentences by the table, else as they are. */
export function problemWords(problem: string, language: 'en' | 'de', t: Translate): string {
  const limit = /^(?:Must be |Invalid (?:value|length): Expected )([<>])=(\d+)/.exec(problem)
  if (limit !== null)
    return t(limit[1] === '>' ? 'editor.limit.atLeast' : 'editor.limit.atMost', { limit: limit[2] ?? '' })
  const unknown = /^unknown algorithm "(.*)"$/i.exec(problem)
  if (language === 'de' && unknown !== null) return `Unbekanntes Verfahren „${unknown[1] ?? ''}“`
  const sentence = (language === 'de' ? german[problem] : undefined) ?? problem
  return sentence.slice(0, 1).toUpperCase() + sentence.slice(1)
}

/** The same with the line it is in, where the field is a list. */
export function fieldProblemWords(
  problem: FieldProblem,
  field: string,
  language: 'en' | 'de',
  t: Translate,
): string {
  const words = problemWords(problem.problem, language, t)
  const line = lineOf(problem, field)
  return line === undefined ? words : t('editor.line', { line, problem: words })
}
