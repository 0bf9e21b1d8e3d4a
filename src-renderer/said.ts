/** What the main process says in English sentences, in the person's language. What no table knows stays as it is, and is marked. */
import { language } from './i18n.ts'
import { said as german, saidWith as germanWith } from './words/de/said.ts'

export interface Said {
  readonly text: string
  /** Set where the words are not in the window's language: for the `lang` attribute, so that it is read aloud as what it is. */
  readonly lang: 'en' | undefined
}

const upperFirst = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

/** As `saidIn`, the text alone: where there is no element to mark. */
export const said = (text: string): string => saidIn(text).text

/** Sentences may be joined by `; ` or `, `, and may begin with what they are about and a colon. Begins with a capital. */
export function saidIn(text: string): Said {
  const { text: told, lang } = clauseIn(text)
  return { text: upperFirst(told), lang }
}

/** A clause within a sentence of ours: keeps its first letter. */
export function clauseIn(text: string): Said {
  if (language() !== 'de') return { text, lang: undefined }
  const told = sentence(text) ?? joined(text, '; ') ?? joined(text, ', ') ?? piece(text)
  // One word is a name or a term: it has no language of its own.
  return { text: told, lang: told === text && /\p{L}{2,} \p{L}{2,}/u.test(text) ? 'en' : undefined }
}

/** Undefined where nothing is joined, or no piece is known. */
function joined(text: string, by: string): string | undefined {
  const pieces = text.split(by)
  const told = pieces.map(piece)
  return pieces.length > 1 && told.some((one, index) => one !== pieces[index]) ? told.join(by) : undefined
}

const piece = (text: string): string => {
  const whole = sentence(text)
  if (whole !== undefined) return whole
  const at = text.indexOf(': ')
  if (at < 0) return text
  const about = text.slice(0, at)
  const rest = text.slice(at + 2)
  const told = sentence(rest) ?? rest
  // A name such as SHA-1 keeps its capitals.
  return `${sentence(about) ?? about}: ${/^\p{Lu}\p{Ll}/u.test(told) && told !== rest ? lowerFirst(told) : told}`
}

interface Pattern {
  readonly form: RegExp
  readonly to: string
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)

/** `The file is signed by {}` → what it says of whom. */
const holes = (text: string): number => text.split('{}').length - 1
const patterns: readonly Pattern[] = Object.entries(german)
  .filter(([english]) => english.includes('{}'))
  // Those that say the most come first; what a hole swallows is then the least.
  .toSorted(([a], [b]) => b.length - 3 * holes(b) - (a.length - 3 * holes(a)))
  .map(([english, to]) => ({
    form: new RegExp(`^${english.split('{}').map(escaped).join('(.+?)')}$`, 'isu'),
    to,
  }))

function sentence(text: string): string | undefined {
  const known = german[text] ?? german[upperFirst(text)] ?? german[lowerFirst(text)]
  if (known !== undefined) return known
  const special = germanWith.find(([form]) => form.test(text))
  if (special !== undefined) return text.replace(special[0], special[1])
  for (const { form, to } of patterns) {
    const found = form.exec(text)
    if (found !== null) return filled(to, found.slice(1))
  }
  return undefined
}

/** Values that are sentences themselves are said, too. */
function filled(to: string, values: readonly string[]): string {
  const [first = '', ...rest] = to.split('{}')
  return first + rest.map((text, index) => `${value(values[index] ?? '')}${text}`).join('')
}
const value = (text: string): string =>
  text.includes(' ') ? (sentence(text) ?? text) : (german[text] ?? text)
