/** From JSON text to a profile, or to what is wrong with it, each with its place. */
import * as v from 'valibot'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import { Profile } from '../../src-shared/profile.ts'

/** The largest profile or imported file that is read, in bytes: certificates included, far above any real one. */
export const PROFILE_SIZE_LIMIT = 1_048_576

export interface FieldProblem {
  /** The path of the field, such as `local.authentication.username`; empty for the whole. */
  readonly where: string
  readonly problem: string
}

const place = (issue: v.BaseIssue<unknown>): string => v.getDotPath(issue) ?? ''

/** Checks a value against the profile schema; at most fifty problems are told. */
export function checkProfile(value: unknown): Result<Profile, readonly FieldProblem[]> {
  const parsed = v.safeParse(Profile, value)
  if (parsed.success) return ok(parsed.output)
  return fail(
    parsed.issues.slice(0, 50).map((issue) => ({ where: place(issue), problem: plainMessage(issue) })),
  )
}

/** As `checkProfile`, for a profile put together in memory: a field that is undefined counts as absent, as in JSON. */
export const checkDraft = (draft: object): Result<Profile, readonly FieldProblem[]> =>
  checkProfile(JSON.parse(JSON.stringify(draft)))

function plainMessage(issue: v.BaseIssue<unknown>): string {
  if (issue.kind === 'schema' && issue.type === 'strict_object' && issue.expected === 'never') {
    return 'This field is not known'
  }
  if (issue.received === 'undefined') return 'This field is missing'
  // Valibot's own messages repeat what was received, and that may be a secret in the wrong place.
  if (issue.message.startsWith('Invalid ')) {
    return issue.expected === null ? 'The value is not valid' : `Must be ${issue.expected}`
  }
  return issue.message
}

/** The JSON value of a text. Line and column are in the problem where the parser tells them. */
export function parseJson(text: string): Result<unknown, string> {
  try {
    const value: unknown = JSON.parse(text)
    return ok(value)
  } catch (error) {
    return fail(`This is not JSON: ${error instanceof Error ? error.message.slice(0, 160) : 'unreadable'}`)
  }
}

/** UTF-8 to text; undefined when the bytes are not UTF-8. A byte order mark is dropped. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}
