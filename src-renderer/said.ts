/** What the main process says in English sentences, in the person's language. What no table knows stays as it is. */
import { language } from './i18n.ts'
import { said as german, saidWith as germanWith } from './words/de/said.ts'

const upperFirst = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

/** Sentences may be joined by `; `, and may begin with what they are about and a colon. */
export function said(text: string): string {
  if (language() !== 'de') return upperFirst(text)
  return upperFirst(sentence(text) ?? text.split('; ').map(piece).join('; '))
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

function sentence(text: string): string | undefined {
  const known = german[text] ?? german[upperFirst(text)] ?? german[lowerFirst(text)]
  if (known !== undefined) return known
  const pattern = germanWith.find(([form]) => form.test(text))
  return pattern === undefined ? undefined : text.replace(pattern[0], pattern[1])
}
