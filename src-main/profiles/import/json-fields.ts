/** Reads fields of a JSON object as generous as generators are sloppy, and remembers which were read, so that the rest can be reported. */
import type { ProblemList } from './importer.ts'

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export interface Fields {
  /** A non-empty string, trimmed. Numbers become text. */
  text(key: string): string | undefined
  /** A boolean, also written as a string or a number (`"true"`, 1). */
  flag(key: string): boolean | undefined
  /** An integer in the range, also written as a string; one out of range is reported and ignored. */
  integer(key: string, least: number, most: number): number | undefined
  /** An array of strings, or one string of words with spaces or commas between. */
  list(key: string): readonly string[] | undefined
  /** An object inside; absent gives an empty one. */
  inside(key: string): Fields
  /** Takes a key as known and gives whether it is there. */
  has(key: string): boolean
  /** Reports every key that was not read, here and inside. */
  reportUnread(): void
}

/** Fields of an object at `place` (a dot path, empty at the top). */
export function fieldsOf(value: unknown, place: string, problems: ProblemList): Fields {
  const record = isRecord(value) ? value : {}
  const read = new Set<string>()
  const inner: Fields[] = []
  const where = (key: string) => (place === '' ? key : `${place}.${key}`)
  const take = (key: string): unknown => {
    read.add(key)
    return Object.hasOwn(record, key) ? (record[key] ?? undefined) : undefined
  }
  const wrong = (key: string, expected: string) =>
    problems.add(
      'warning',
      where(key),
      `${expected} was expected here`,
      'The value is ignored. Ask for a corrected file.',
    )

  const text = (key: string): string | undefined => {
    const found = take(key)
    if (typeof found === 'number') return String(found)
    if (found !== undefined && typeof found !== 'string') wrong(key, 'A text')
    const trimmed = typeof found === 'string' ? found.trim() : ''
    return trimmed === '' ? undefined : trimmed
  }

  return {
    text,
    flag(key) {
      const found = take(key)
      if (found === undefined || typeof found === 'boolean') return found
      const word =
        typeof found === 'string' || typeof found === 'number' ? String(found).trim().toLowerCase() : ''
      if (['true', 'yes', '1', 'on'].includes(word)) return true
      if (['false', 'no', '0', 'off', ''].includes(word)) return false
      wrong(key, 'Yes or no')
      return undefined
    },
    integer(key, least, most) {
      const found = text(key)
      if (found === undefined) return undefined
      const number = /^-?\d{1,9}$/.test(found) ? Number(found) : Number.NaN
      if (number >= least && number <= most) return number
      wrong(key, `A number from ${least} to ${most}`)
      return undefined
    },
    list(key) {
      const found = take(key)
      if (found === undefined) return undefined
      const words = Array.isArray(found) ? found.filter((word) => typeof word === 'string') : undefined
      if (words !== undefined) return words.map((word) => word.trim()).filter((word) => word !== '')
      if (typeof found === 'string') return found.split(/[\s,]+/).filter((word) => word !== '')
      wrong(key, 'A list')
      return undefined
    },
    inside(key) {
      const found = take(key)
      if (found !== undefined && !isRecord(found)) wrong(key, 'An object')
      const fields = fieldsOf(found, where(key), problems)
      inner.push(fields)
      return fields
    },
    has(key) {
      return take(key) !== undefined
    },
    reportUnread() {
      for (const key of Object.keys(record)) {
        if (!read.has(key)) {
          problems.add(
            'note',
            where(key.slice(0, 60)),
            'This key is not known and is ignored',
            'Nothing to do if the connection works.',
          )
        }
      }
      for (const fields of inner) fields.reportUnread()
    },
  }
}
