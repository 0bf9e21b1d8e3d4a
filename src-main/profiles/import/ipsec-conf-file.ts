/**
 * The syntax of ipsec.conf (ipsec.conf(5) of strongSwan and Libreswan): sections begin in the first column (`config setup`,
 * `conn NAME`, `ca NAME`), their `key=value` lines are indented. `also=` takes another section in, `%default` is for all.
 */
import type { ProblemList } from './importer.ts'
import type { KeyedValue } from './keyed-values.ts'

export interface ConfSection {
  readonly kind: string
  readonly name: string
  readonly line: number
  readonly entries: readonly KeyedValue[]
}

const SECTION_LIMIT = 500
const LINE_LIMIT = 50_000
/** `also=` through more sections than this is a circle or a joke. */
const ALSO_LIMIT = 50
const ENTRY_LIMIT = 2000

interface Growing extends ConfSection {
  readonly entries: KeyedValue[]
}

/** The sections in order. `include` and what is no line of any kind are reported. */
export function parseIpsecConf(text: string, problems: ProblemList): readonly ConfSection[] {
  const sections: Growing[] = []
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.length > LINE_LIMIT) {
    problems.add(
      'error',
      `line ${LINE_LIMIT}`,
      'There are more lines than in any profile',
      'The rest is not read.',
    )
  }
  for (const [index, full] of lines.slice(0, LINE_LIMIT).entries()) {
    const line = index + 1
    const content = withoutComment(full)
    if (content.trim() === '') continue
    const entry = /^\s*([\w.-]{1,60})\s*=\s*(.*)$/.exec(content)
    const [, kind, name] = /^(config|conn|ca)\s+(\S{1,120})\s*$/.exec(content) ?? []
    if (kind !== undefined && name !== undefined) {
      if (sections.length >= SECTION_LIMIT) {
        problems.add(
          'error',
          `line ${line}`,
          'There are more sections than in any profile',
          'The rest is not read.',
        )
        break
      }
      sections.push({ kind, name, line, entries: [] })
    } else if (/^\s*include\b/.test(content)) {
      problems.add(
        'warning',
        `line ${line}`,
        `Other files are not read (${content.trim().slice(0, 120)})`,
        'Import those files as well, or put their text here.',
      )
    } else if (entry !== null && /^\s/.test(content) && sections.length > 0) {
      sections.at(-1)?.entries.push({ key: entry[1] ?? '', value: unquoted(entry[2] ?? ''), line })
    } else if (!/^\s*version\s/.test(content)) {
      problems.add(
        'warning',
        `line ${line}`,
        'This line is neither a section nor a setting in one',
        'It is ignored. Settings begin with a space.',
      )
    }
  }
  return sections
}

/** Comments begin with `#` at the start or after white space, and not within quotes. */
function withoutComment(line: string): string {
  let quoted = false
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index]
    if (character === '"') quoted = !quoted
    if (character === '#' && !quoted && (index === 0 || /\s/.test(line[index - 1] ?? ''))) {
      return line.slice(0, index)
    }
  }
  return line
}

const unquoted = (value: string): string => {
  const trimmed = value.trim()
  return /^".*"$/.test(trimmed) || /^\{.*\}$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed
}

/**
 * The entries of a section with those that it takes in by `also=`, in the order in which later ones count, and the section's own
 * last. Libreswan's `%default` and strongSwan's come first of all.
 */
export function entriesOf(
  section: ConfSection,
  sections: readonly ConfSection[],
  problems: ProblemList,
): readonly KeyedValue[] {
  const inherited: KeyedValue[] = []
  const visited = new Set([section.name])
  const takeIn = (from: ConfSection): void => {
    for (const { key, value, line } of from.entries.filter((entry) => entry.key.toLowerCase() === 'also')) {
      for (const name of value.split(/\s+/)) {
        const other = sections.find((one) => one.kind === from.kind && one.name === name)
        if (other === undefined || visited.has(name) || visited.size > ALSO_LIMIT) {
          problems.add(
            'error',
            `${from.kind} ${from.name.slice(0, 60)} ${key} (line ${line})`,
            other === undefined
              ? `The section ${name.slice(0, 60)} is not in the file`
              : `The section ${name.slice(0, 60)} takes itself in`,
            'Ask for a complete file.',
          )
          continue
        }
        visited.add(name)
        takeIn(other)
        inherited.push(...other.entries)
      }
    }
  }
  takeIn(section)
  tellTwice(section, problems)
  const defaults = sections.filter((one) => one.kind === section.kind && one.name === '%default')
  const all = [...defaults.flatMap(({ entries }) => entries), ...inherited, ...section.entries]
  return latest(all.filter(({ key }) => key.toLowerCase() !== 'also')).slice(0, ENTRY_LIMIT)
}

function tellTwice({ kind, name, entries }: ConfSection, problems: ProblemList): void {
  const seen = new Map<string, KeyedValue>()
  for (const entry of entries) {
    const earlier = seen.get(entry.key.toLowerCase())
    if (earlier !== undefined && earlier.value !== entry.value && entry.key.toLowerCase() !== 'also') {
      problems.add(
        'warning',
        `${kind} ${name.slice(0, 60)} ${entry.key} (line ${entry.line})`,
        `This key already stands in line ${earlier.line}, with another value`,
        'The last one counts. Ask which is meant.',
      )
    }
    seen.set(entry.key.toLowerCase(), entry)
  }
}

/** The last of each key. */
function latest(entries: readonly KeyedValue[]): readonly KeyedValue[] {
  const last = new Map<string, KeyedValue>()
  for (const entry of entries) last.set(entry.key.toLowerCase(), entry)
  return [...last.values()]
}
