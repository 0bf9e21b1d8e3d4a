/** A problem as the check tells it, in the person's language. */
import type { FieldProblem } from '../../../src-shared/library.ts'
import { said } from '../../said.ts'
import { lineOf } from './problems.ts'

type Translate = (key: string, values: Record<string, string | number>) => string

/** `Must be >=32` as a sentence; other sentences as they are said. */
export function problemWords(problem: string, t: Translate): string {
  const limit = /^(?:Must be |Invalid (?:value|length): Expected )([<>])=(\d+)/.exec(problem)
  if (limit === null) return said(problem)
  return t(limit[1] === '>' ? 'editor.limit.atLeast' : 'editor.limit.atMost', { limit: limit[2] ?? '' })
}

/** The same with the line it is in, where the field is a list. */
export function fieldProblemWords(problem: FieldProblem, field: string, t: Translate): string {
  const words = problemWords(problem.problem, t)
  const line = lineOf(problem, field)
  return line === undefined ? words : t('editor.line', { line, problem: words })
}
