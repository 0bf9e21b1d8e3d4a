/**
 * Reads what `swanctl --raw` prints: `event {key=value list=[a b] section {…}}`, one event after another. Values have
 * no quotes, so a value runs to the next blank or closing bracket, and one with blanks takes in all up to the next `key=`.
 */
export type RawValue = string | readonly RawValue[] | { readonly [key: string]: RawValue }

export interface RawEvent {
  readonly name: string
  readonly body: Readonly<Record<string, RawValue>>
}

export const parseRaw = (input: string): readonly RawEvent[] => {
  let at = 0
  const blank = (): void => {
    while (/\s/.test(input.charAt(at))) at++
  }
  const word = (): string => {
    const from = at
    while (at < input.length && !/[\s={}[\]]/.test(input.charAt(at))) at++
    return input.slice(from, at)
  }
  /** The rest of a value that has blanks in it, e.g. `C=CH, CN=a name`. */
  const value = (): string => {
    const from = at
    while (at < input.length && !/[}\]]/.test(input.charAt(at))) {
      if (/^\s+[\w.%-]+\s*(?:[={[])/.test(input.slice(at, at + 80))) break
      at++
    }
    return input.slice(from, at).trim()
  }
  const section = (): Record<string, RawValue> => {
    const body: Record<string, RawValue> = {}
    at++ // {
    for (;;) {
      blank()
      if (at >= input.length || input.charAt(at) === '}') {
        at++
        return body
      }
      const key = word()
      blank()
      const sign = input.charAt(at)
      if (sign === '{') body[key] = section()
      else if (sign === '=' && input.charAt(at + 1) === '[') {
        at += 2
        const end = input.indexOf(']', at)
        body[key] = input.slice(at, end).split(/\s+/).filter(Boolean)
        at = end + 1
      } else if (sign === '=') {
        at++
        body[key] = value()
      } else throw new Error(`swanctl --raw: unexpected ${JSON.stringify(input.slice(at, at + 40))}`)
    }
  }
  const events: RawEvent[] = []
  for (;;) {
    blank()
    if (at >= input.length) return events
    const name = [word()]
    blank()
    while (input.charAt(at) !== '{' && at < input.length) {
      name.push(word())
      blank()
      if (name.at(-1) === '') at++
    }
    if (at >= input.length) return events
    events.push({ name: name[0] ?? '', body: section() })
  }
}
