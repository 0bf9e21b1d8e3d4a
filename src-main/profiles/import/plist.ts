/** Apple property lists in XML (the DTD PropertyList-1.0): dictionaries, arrays, texts, numbers, booleans, data, dates. */
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import { decodeBase64 } from './base64.ts'
import type { XmlElement } from './xml.ts'

/** A date is its text. */
export type PlistValue =
  string | number | boolean | Uint8Array | readonly PlistValue[] | { readonly [key: string]: PlistValue }

export type PlistDictionary = { readonly [key: string]: PlistValue }

export const isDictionary = (value: PlistValue | undefined): value is PlistDictionary =>
  typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array)

/** The one value of a `plist` element; fails with a sentence that names the line. */
export function plistFromXml(root: XmlElement): Result<PlistValue, string> {
  const [value] = root.children
  return value === undefined ? fail(`line ${root.line}: the property list is empty`) : valueOf(value)
}

function valueOf(element: XmlElement): Result<PlistValue, string> {
  const { name, text, line } = element
  const wrong = (what: string) => fail(`line ${line}: this is not ${what}`)
  switch (name) {
    case 'string':
    case 'date':
      return ok(text)
    case 'true':
      return ok(true)
    case 'false':
      return ok(false)
    case 'integer': {
      const number = /^\s*[-+]?\d{1,15}\s*$/.test(text) ? Number(text) : undefined
      return number === undefined ? wrong('an integer') : ok(number)
    }
    case 'real': {
      const number = Number(text.trim())
      return text.trim() === '' || Number.isNaN(number) ? wrong('a number') : ok(number)
    }
    case 'data': {
      if (text.trim() === '') return ok(new Uint8Array(0))
      const bytes = decodeBase64(text)
      return bytes === undefined ? wrong('base64') : ok(bytes)
    }
    case 'array':
      return arrayOf(element)
    case 'dict':
      return dictionaryOf(element)
    default:
      return fail(`line ${line}: <${name.slice(0, 40)}> has no place in a property list`)
  }
}

function arrayOf({ children }: XmlElement): Result<PlistValue, string> {
  const values: PlistValue[] = []
  for (const child of children) {
    const value = valueOf(child)
    if (!value.ok) return value
    values.push(value.value)
  }
  return ok(values)
}

function dictionaryOf({ children }: XmlElement): Result<PlistValue, string> {
  const entries = new Map<string, PlistValue>()
  for (let index = 0; index < children.length; index += 2) {
    const key = children[index]
    const element = children[index + 1]
    if (key?.name !== 'key') return fail(`line ${key?.line ?? 0}: a key was expected here`)
    if (element === undefined) return fail(`line ${key.line}: the key ${key.text.slice(0, 60)} has no value`)
    // Two values for one key: which of them another reader takes, nobody knows.
    if (entries.has(key.text)) return fail(`line ${key.line}: the key ${key.text.slice(0, 60)} stands twice`)
    const value = valueOf(element)
    if (!value.ok) return value
    entries.set(key.text, value.value)
  }
  return ok(Object.fromEntries(entries))
}
