/** Takes out of a text what tells who and where: each name and address becomes the same stand-in wherever it occurs. */
import { isIP } from 'node:net'

export interface KnownText {
  /** What the stand-in is called: `gateway` gives `<gateway 1>`. */
  readonly label: string
  readonly text: string
}

/** Addresses that tell nothing about anybody. */
const PLAIN = /^(?:0\.0\.0\.0|127\.\d+\.\d+\.\d+|255\.255\.255\.255|::|::1)$/
/** A single letter is in every sentence. */
const SHORTEST = 2

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Gives a function that takes them out of any text, numbering them as they come. */
export function createRedactor(known: readonly KnownText[]): (text: string) => string {
  const standIns = new Map<string, string>()
  const counts = new Map<string, number>()
  const standInFor = (label: string, text: string): string => {
    const key = text.toLowerCase()
    const before = standIns.get(key)
    if (before !== undefined) return before
    const number = (counts.get(label) ?? 0) + 1
    counts.set(label, number)
    const made = `<${label} ${number}>`
    standIns.set(key, made)
    return made
  }
  const telling = known.filter(({ text }) => text.trim().length >= SHORTEST && isIP(text) === 0)
  // Numbered in the order in which they are given, whatever is said first.
  for (const { label, text } of telling) standInFor(label, text)
  // The longest first: a name may hold another.
  const names = telling
    .toSorted((a, b) => b.text.length - a.text.length)
    .map(({ label, text }) => ({
      label,
      text,
      pattern: new RegExp(`(?<![\\p{L}\\p{N}])${escaped(text)}(?![\\p{L}\\p{N}])`, 'giu'),
    }))

  return (given) => {
    // First, since their domain may be a name that is known.
    let text = given.replace(/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, (email) => standInFor('e-mail', email))
    for (const { label, text: name, pattern } of names) text = text.replace(pattern, standInFor(label, name))
    return text.replace(/(?<![\w.:])[\da-f.:]{3,45}(?![\w:])/gi, (candidate) => {
      const address = candidate.replace(/[.:]$/, '')
      const tail = candidate.slice(address.length)
      // A port may follow an IPv4 address.
      const [host = '', port] = address.includes('.') ? address.split(/:(?=\d+$)/) : [address]
      if (isIP(host) === 0 || PLAIN.test(host)) return candidate
      return `${standInFor('address', host)}${port === undefined ? '' : `:${port}`}${tail}`
    })
  }
}
