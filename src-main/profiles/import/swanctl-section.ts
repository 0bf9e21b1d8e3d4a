/** Reads a section of swanctl.conf by its keys' meanings, knows where each stands, and reports what nobody asked for. */
import type { ProblemLevel, ProblemList } from './importer.ts'
import type { Section } from './settings.ts'

/** What is said of a key that is known and not followed. */
export type Unfollowed = readonly [level: ProblemLevel, problem: string, advice: string]

export interface SectionReader {
  /** The dot path, such as `connections.office.remote`. */
  readonly path: string
  /** A place to report: the key's path and its line. */
  where(key?: string): string
  text(key: string): string | undefined
  flag(key: string): boolean | undefined
  /** Comma separated. */
  list(key: string): readonly string[]
  /** A time with its unit (`4h`), in seconds; 0 means never. */
  seconds(key: string): number | undefined
  /** A number with a unit of 1024 (`500m`). */
  count(key: string): number | undefined
  /** The sections whose names are the prefix and a suffix (`local`, `local-2`), or all with an empty prefix. */
  sections(prefix: string): readonly (readonly [name: string, reader: SectionReader])[]
  /** Values of the keys whose names are the prefix and a suffix (`id`, `id-2`). */
  texts(prefix: string): readonly string[]
  /** Reports the keys and sections that were not read: by the table where it knows them, else as unknown. */
  reportUnread(unfollowed: Readonly<Record<string, Unfollowed>>): void
}

const SECONDS_PER: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }
const COUNT_PER: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

const unknownKey: Unfollowed = [
  'note',
  'This key is not known and is ignored',
  'Nothing to do if the connection works.',
]

export function readerOf(section: Section, path: string, problems: ProblemList): SectionReader {
  const read = new Set<string>()
  const keyPath = (key: string) => (path === '' ? key : `${path}.${key}`)
  const where = (key?: string): string => {
    const line =
      key === undefined ? section.line : (section.settings.get(key)?.line ?? section.sections.get(key)?.line)
    const place = key === undefined ? path : keyPath(key)
    return line === undefined ? place : `${place} (line ${line})`
  }
  const text = (key: string): string | undefined => {
    read.add(key)
    const value = section.settings.get(key)?.value
    return value === '' ? undefined : value
  }
  const measured = (key: string, units: Readonly<Record<string, number>>): number | undefined => {
    const value = text(key)
    if (value === undefined) return undefined
    const [, digits, unit = ''] = /^(\d{1,12})\s*([a-z]?)$/i.exec(value) ?? []
    const factor = units[unit.toLowerCase()]
    if (digits !== undefined && factor !== undefined) return Number(digits) * factor
    problems.add(
      'warning',
      where(key),
      `"${value.slice(0, 40)}" is not a number with a unit`,
      'The value is ignored.',
    )
    return undefined
  }

  return {
    path,
    where,
    text,
    flag(key) {
      const value = text(key)?.toLowerCase()
      if (value === undefined) return undefined
      if (['yes', 'true', '1', 'enabled'].includes(value)) return true
      if (['no', 'false', '0', 'disabled'].includes(value)) return false
      problems.add(
        'warning',
        where(key),
        `"${value.slice(0, 40)}" is neither yes nor no`,
        'The value is ignored.',
      )
      return undefined
    },
    list: (key) =>
      (text(key) ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    seconds: (key) => measured(key, SECONDS_PER),
    count: (key) => measured(key, COUNT_PER),
    sections(prefix) {
      return [...section.sections]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, inner]) => {
          read.add(name)
          return [name, readerOf(inner, keyPath(name), problems)] as const
        })
    },
    texts(prefix) {
      return [...section.settings.keys()]
        .filter((key) => key.startsWith(prefix))
        .map((key) => text(key))
        .filter((value) => value !== undefined)
    },
    reportUnread(unfollowed) {
      for (const key of [...section.settings.keys(), ...section.sections.keys()]) {
        if (read.has(key)) continue
        const [level, problem, advice] =
          (Object.hasOwn(unfollowed, key) ? unfollowed[key] : undefined) ?? unknownKey
        problems.add(level, where(key), problem, advice)
      }
    },
  }
}
