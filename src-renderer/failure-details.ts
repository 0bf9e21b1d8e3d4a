import type { ErrorWords } from '../src-shared/error-words.ts'
import type { Failure } from '../src-shared/errors.ts'

/** Details that have a name of their own in words/…/failure.ts, in the order in which they are shown. */
const named = [
  'code',
  'notify',
  'offered',
  'chosen',
  'gateway',
  'identity',
  'names',
  'certificate',
  'user',
  'method',
  'check',
  'reason',
  'step',
  'port',
  'problem',
  'rfc',
] as const

export interface FailureDetail {
  readonly key: string
  readonly value: string
  /** Whether it has a name in the words. */
  readonly known: boolean
  readonly mono: boolean
}

/** The code and every detail, the known ones first. */
export function failureDetails(failure: Failure): readonly FailureDetail[] {
  const all: Readonly<Record<string, string>> = { ...failure.details, code: failure.code }
  const isNamed = (key: string) => named.some((one) => one === key)
  const keys = [
    ...named.filter((key) => Object.hasOwn(all, key)),
    ...Object.keys(all).filter((key) => !isNamed(key)),
  ]
  return keys.map((key) => ({
    key,
    value: all[key] ?? '',
    known: isNamed(key),
    mono: key === 'code' || key === 'offered' || key === 'chosen' || key === 'notify',
  }))
}

/** The same as text, for a message to an administrator. */
export const failureReport = (failure: Failure, words: ErrorWords): string =>
  [words.what, words.next, '', ...failureDetails(failure).map(({ key, value }) => `${key}: ${value}`)].join(
    '\n',
  )
