/**
 * A section of keys and texts, as INI-like formats and flat XML have it: reads values by their meaning, knows where each stands,
 * and reports what nobody asked for.
 */
import type { ProblemList } from './importer.ts'
import type { Unfollowed } from './swanctl-section.ts'

export interface KeyedValue {
  readonly key: string
  readonly value: string
  readonly line: number
}

export interface KeyedValues {
  /** `[vpn] address (line 12)`. */
  where(key?: string): string
  /** Trimmed; empty counts as absent. */
  text(key: string): string | undefined
  /** Exactly as written, for passwords; empty counts as absent. */
  raw(key: string): string | undefined
  /** yes, true, on, 1, enabled and their opposites. */
  flag(key: string): boolean | undefined
  /** An integer in the range; one out of range is reported and ignored. */
  integer(key: string, least: number, most: number): number | undefined
  list(key: string, separator: RegExp): readonly string[]
  /** Takes keys as known, whatever they say. */
  skip(...keys: readonly string[]): void
  /** Every key that is there, as written. */
  readonly keys: readonly string[]
  /** What is said of unread keys: by the table (keys in lower case) where it knows them, else as unknown. */
  reportUnread(unfollowed: Readonly<Record<string, Unfollowed>>): void
  /** The unread keys, taken as known. */
  takeUnread(): readonly string[]
}

const unknownKey: Unfollowed = [
  'note',
  'This key is not known and is ignored',
  'Nothing to do if the connection works.',
]

export const affirmative = (text: string): boolean | undefined => {
  const word = text.trim().toLowerCase()
  if (['yes', 'true', 'on', '1', 'enable', 'enabled', 'y'].includes(word)) return true
  if (['no', 'false', 'off', '0', 'disable', 'disabled', 'n', 'never'].includes(word)) return false
  return undefined
}

/** Keys are compared without regard to case; of a key that stands twice the last counts, and that is told. */
export function keyedValues(
  entries: readonly KeyedValue[],
  section: string,
  problems: ProblemList,
): KeyedValues {
  const found = new Map<string, KeyedValue>()
  const read = new Set<string>()
  for (const entry of entries) {
    const key = entry.key.toLowerCase()
    const earlier = found.get(key)
    if (earlier !== undefined && earlier.value !== entry.value) {
      problems.add(
        'warning',
        `${section} ${entry.key.slice(0, 60)} (line ${entry.line})`.trimStart(),
        `This key already stands in line ${earlier.line}, with another value`,
        'The last one counts. Ask which is meant.',
      )
    }
    found.set(key, entry)
  }
  const where = (key?: string): string => {
    if (key === undefined) return section
    const line = found.get(key.toLowerCase())?.line
    return `${section} ${key.slice(0, 60)}${line === undefined ? '' : ` (line ${line})`}`.trimStart()
  }
  const raw = (key: string): string | undefined => {
    read.add(key.toLowerCase())
    const value = found.get(key.toLowerCase())?.value
    return value === '' ? undefined : value
  }
  const text = (key: string): string | undefined => {
    const value = raw(key)?.trim()
    return value === '' ? undefined : value
  }
  return {
    where,
    text,
    raw,
    flag(key) {
      const value = text(key)
      if (value === undefined) return undefined
      const meant = affirmative(value)
      if (meant === undefined) {
        const problem = `"${value.slice(0, 40)}" is neither yes nor no`
        problems.add('warning', where(key), problem, 'The value is ignored.')
      }
      return meant
    },
    integer(key, least, most) {
      const value = text(key)
      if (value === undefined) return undefined
      const number = /^-?\d{1,10}$/.test(value) ? Number(value) : Number.NaN
      if (number >= least && number <= most) return number
      problems.add(
        'warning',
        where(key),
        `A number from ${least} to ${most} was expected here`,
        'The value is ignored.',
      )
      return undefined
    },
    list: (key, separator) =>
      (text(key) ?? '')
        .split(separator)
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    skip(...keys) {
      for (const key of keys) read.add(key.toLowerCase())
    },
    keys: [...found.values()].map(({ key }) => key),
    reportUnread(unfollowed) {
      for (const [key, { key: written }] of found) {
        // A key without a value says nothing.
        if (read.has(key) || found.get(key)?.value.trim() === '') continue
        read.add(key)
        const [level, problem, advice] =
          (Object.hasOwn(unfollowed, key) ? unfollowed[key] : undefined) ?? unknownKey
        problems.add(level, where(written), problem, advice)
      }
    },
    takeUnread() {
      const unread = [...found].filter(([key]) => !read.has(key))
      for (const [key] of unread) read.add(key)
      return unread.map(([, { key }]) => key)
    },
  }
}
