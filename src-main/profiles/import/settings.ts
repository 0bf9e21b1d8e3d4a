/**
 * strongSwan's settings syntax (strongswan.conf(5), settings_lexer.l): sections, `key = value`, `#` comments, quoted strings,
 * `section : base { }` inheritance. `include` is told and not followed: no file is read.
 */
import type { ProblemList } from './importer.ts'

export interface Setting {
  readonly value: string
  readonly line: number
}

/** A section as it stands in the file; sections of one name are merged, the last of several equal keys counts. */
export interface Section {
  readonly line: number
  readonly settings: Map<string, Setting>
  readonly sections: Map<string, Section>
  /** Names of the sections that this one inherits from, as dot paths from the top. */
  readonly bases: readonly string[]
}

const LIMITS = { depth: 12, tokens: 100_000, value: 16_384 } as const

type Token =
  | { readonly kind: 'word'; readonly text: string; readonly line: number }
  | { readonly kind: '{' | '}' | '=' | ':' | ','; readonly line: number }
  | { readonly kind: 'end-of-line'; readonly line: number }

/** Where reading stopped and why. */
class SyntaxProblem extends Error {
  readonly line: number
  constructor(line: number, problem: string) {
    super(problem)
    this.line = line
  }
}

const STRUCTURE = new Set(['{', '}', '=', ':', ','])
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' }

const isStructure = (character: string): character is '{' | '}' | '=' | ':' | ',' => STRUCTURE.has(character)

/** A quoted string from behind its opening quote; gives its text and where it ends. May span lines. */
function readQuoted(text: string, start: number, line: number): { text: string; end: number; lines: number } {
  let value = ''
  let lines = 0
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at)
    if (character === '"') return { text: value, end: at + 1, lines }
    if (character === '\n') lines++
    if (character === '\\') {
      at++
      const escaped = text.charAt(at)
      if (escaped === '\n') lines++
      // A line break behind a backslash is dropped, as strongSwan does.
      value += escaped === '\n' ? '' : (ESCAPES[escaped] ?? escaped)
    } else value += character
    if (value.length > LIMITS.value) break
  }
  throw new SyntaxProblem(line, 'A quoted text does not end')
}

/**
 * Cuts the text into tokens. Inside a value, only a line's end, a comment, a quote and braces mean something; so the reader says
 * whether it is in one.
 */
function* tokens(text: string): Generator<Token, void> {
  let line = 1
  let at = 0
  let inValue = false
  while (at < text.length) {
    const character = text.charAt(at)
    if (character === '\n') {
      yield { kind: 'end-of-line', line }
      line++
      at++
      inValue = false
    } else if (character === ' ' || character === '\t' || character === '\r') {
      at++
    } else if (character === '#') {
      const end = text.indexOf('\n', at)
      at = end === -1 ? text.length : end
    } else if (character === '"') {
      const quoted = readQuoted(text, at + 1, line)
      yield { kind: 'word', text: quoted.text, line }
      line += quoted.lines
      at = quoted.end
    } else if (isStructure(character) && (!inValue || character === '{' || character === '}')) {
      yield { kind: character, line }
      inValue = character === '='
      at++
    } else {
      // `@#` begins a key ID, not a comment (settings_lexer.l); in values more characters are part of a word.
      const word = inValue ? /(?:@#)?[^#{}"\n\t\r ]+/y : /[^#{},="\n\t\r :]+/y
      word.lastIndex = at
      const found = word.exec(text)?.[0] ?? character
      yield { kind: 'word', text: found, line }
      at += found.length
    }
  }
  yield { kind: 'end-of-line', line }
}

const emptySection = (line: number, bases: readonly string[] = []): Section => ({
  line,
  settings: new Map(),
  sections: new Map(),
  bases,
})

/** Parses the text; what cannot be read is reported, and what stands before it is given. Inheritance is resolved. */
export function parseSettings(text: string, problems: ProblemList): Section {
  const root = emptySection(1)
  try {
    const list: Token[] = []
    for (const token of tokens(text.replaceAll('\r\n', '\n'))) {
      list.push(token)
      if (list.length > LIMITS.tokens) throw new SyntaxProblem(token.line, 'The file has too many parts')
    }
    const reader = { list, at: 0 }
    readSection(root, reader, 0, problems)
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    problems.add(
      'error',
      `line ${error.line}`,
      error.message,
      'What follows is not read. Mend the file, or ask for it again.',
    )
  }
  return resolveBases(root, problems)
}

interface Reader {
  readonly list: readonly Token[]
  at: number
}

function readSection(section: Section, reader: Reader, depth: number, problems: ProblemList): void {
  if (depth > LIMITS.depth)
    throw new SyntaxProblem(reader.list[reader.at]?.line ?? 0, 'Sections are nested too deep')
  for (;;) {
    const token = reader.list[reader.at++]
    if (token === undefined) {
      if (depth > 0) throw new SyntaxProblem(section.line, 'A section opened here is not closed')
      return
    }
    switch (token.kind) {
      case 'end-of-line':
        break
      case '}':
        if (depth === 0) throw new SyntaxProblem(token.line, 'A closing brace too many')
        return
      case 'word':
        readItem(section, token, reader, depth, problems)
        break
      case '{':
      case '=':
      case ':':
      case ',':
        throw new SyntaxProblem(token.line, `"${token.kind}" is not expected here`)
    }
  }
}

/** What begins with a word: a setting, a section, or an include. */
function readItem(
  section: Section,
  name: Extract<Token, { kind: 'word' }>,
  reader: Reader,
  depth: number,
  problems: ProblemList,
): void {
  const next = reader.list[reader.at]
  if (next?.kind === '=') {
    reader.at++
    section.settings.set(name.text, { value: readValue(reader), line: name.line })
    return
  }
  if (name.text === 'include') {
    const path = readValue(reader)
    problems.add(
      'warning',
      `line ${name.line}`,
      `"include ${path.slice(0, 80)}" is not followed`,
      'Put the content of that file into this one, then import again.',
    )
    return
  }
  const bases = next?.kind === ':' ? readBases(reader) : []
  skipLineEnds(reader)
  if (reader.list[reader.at]?.kind !== '{')
    throw new SyntaxProblem(name.line, `"${name.text.slice(0, 40)}" has neither a value nor a section`)
  reader.at++
  const known = section.sections.get(name.text)
  const inner =
    known === undefined ? emptySection(name.line, bases) : { ...known, bases: [...known.bases, ...bases] }
  section.sections.set(name.text, inner)
  readSection(inner, reader, depth + 1, problems)
}

/** The words up to the line's end or a closing brace, with one space between them. */
function readValue(reader: Reader): string {
  const words: string[] = []
  for (;;) {
    const token = reader.list[reader.at]
    if (token?.kind !== 'word') return words.join(' ')
    words.push(token.text)
    reader.at++
  }
}

function readBases(reader: Reader): string[] {
  const bases: string[] = []
  reader.at++
  for (;;) {
    const token = reader.list[reader.at]
    if (token?.kind === 'word') bases.push(token.text)
    else if (token?.kind !== ',' && token?.kind !== 'end-of-line') return bases
    reader.at++
  }
}

const skipLineEnds = (reader: Reader): void => {
  while (reader.list[reader.at]?.kind === 'end-of-line') reader.at++
}

// ---------------------------------------------------------------- inheritance

const find = (root: Section, path: string): Section | undefined =>
  path.split('.').reduce<Section | undefined>((section, name) => section?.sections.get(name), root)

/** Copies into each section what it inherits and does not say itself. */
function resolveBases(root: Section, problems: ProblemList): Section {
  let copied = 0
  const inherit = (own: Section, base: Section, line: number, depth: number): void => {
    copied += base.settings.size + base.sections.size
    if (copied > LIMITS.tokens || depth > LIMITS.depth)
      throw new SyntaxProblem(line, 'Inheritance makes the file too large')
    for (const [key, setting] of base.settings) if (!own.settings.has(key)) own.settings.set(key, setting)
    for (const [key, section] of [...base.sections]) {
      const known = own.sections.get(key) ?? emptySection(section.line)
      own.sections.set(key, known)
      inherit(known, section, line, depth + 1)
    }
  }
  const done = new Set<Section>()
  const resolve = (section: Section, above: readonly Section[]): void => {
    if (done.has(section)) return
    done.add(section)
    for (const path of section.bases) {
      const base = find(root, path)
      if (base === undefined || base === section || above.includes(base)) {
        const problem =
          base === undefined ? `refers to "${path.slice(0, 80)}", which is not there` : 'refers to itself'
        problems.add(
          'error',
          `line ${section.line}`,
          `The section ${problem}`,
          'Mend the file, or ask for it again.',
        )
        continue
      }
      resolve(base, [...above, section])
      inherit(section, base, section.line, 0)
    }
    for (const inner of section.sections.values()) resolve(inner, [...above, section])
  }
  try {
    resolve(root, [])
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error
    problems.add('error', `line ${error.line}`, error.message, 'Mend the file, or ask for it again.')
  }
  return root
}
