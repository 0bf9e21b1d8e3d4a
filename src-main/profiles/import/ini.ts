/** INI-like files: `[section]` lines and `key=value` lines under them. What is neither is reported with its line. */
import type { ProblemList } from './importer.ts'
import type { KeyedValue } from './keyed-values.ts'

export interface IniSection {
  readonly name: string
  readonly line: number
  readonly entries: readonly KeyedValue[]
}

const SECTION_LIMIT = 1000
const ENTRY_LIMIT = 20_000
/** Broken lines that are told one by one. */
const BROKEN_LIMIT = 5

/** Reads the sections in order; entries before the first one belong to a section without a name. Comments begin with `;` or `#`. */
export function parseIni(text: string, problems: ProblemList): readonly IniSection[] {
  const sections: { name: string; line: number; entries: KeyedValue[] }[] = []
  let entries: KeyedValue[] = []
  let broken = 0
  let total = 0
  sections.push({ name: '', line: 1, entries })
  for (const [index, full] of text.split(/\r\n|\n|\r/).entries()) {
    const line = index + 1
    const content = full.trim()
    if (content === '' || content.startsWith(';') || content.startsWith('#')) continue
    if (content.startsWith('[') && content.endsWith(']')) {
      if (sections.length > SECTION_LIMIT) {
        problems.add(
          'error',
          `line ${line}`,
          'There are more sections than any profile has',
          'The rest is not read.',
        )
        break
      }
      entries = []
      sections.push({ name: content.slice(1, -1).trim(), line, entries })
      continue
    }
    const at = full.indexOf('=')
    const key = at < 0 ? '' : full.slice(0, at).trim()
    if (key === '') {
      broken += 1
      if (broken <= BROKEN_LIMIT) {
        const problem = 'This line is neither a section nor a key with a value'
        problems.add('warning', `line ${line}`, problem, 'It is ignored. The file may have been damaged.')
      }
      continue
    }
    total += 1
    if (total > ENTRY_LIMIT) {
      problems.add(
        'error',
        `line ${line}`,
        'There are more keys than any profile has',
        'The rest is not read.',
      )
      break
    }
    entries.push({ key, value: full.slice(at + 1), line })
  }
  if (broken > BROKEN_LIMIT) {
    const problem = `${broken - BROKEN_LIMIT} more lines are neither sections nor keys`
    problems.add('warning', 'the whole file', problem, 'They are ignored. The file may have been damaged.')
  }
  return sections.filter(({ name, entries: kept }) => name !== '' || kept.length > 0)
}
