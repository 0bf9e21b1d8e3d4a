/** Reads the dictionaries of a property list by their keys' meanings. */
import type { ProblemList } from './importer.ts'
import type { Fields } from './json-fields.ts'
import { fieldsOf } from './json-fields.ts'
import type { PlistDictionary, PlistValue } from './plist.ts'
import { isDictionary } from './plist.ts'
import type { Unfollowed } from './swanctl-section.ts'

export interface PlistFields extends Fields {
  readonly place: string
  where(key: string): string
  /** Bytes: data, or a text in UTF-8 as some generators write secrets. */
  data(key: string): Uint8Array | undefined
  dictionary(key: string): PlistFields | undefined
  /** The dictionaries of an array. */
  dictionaries(key: string): readonly PlistFields[]
  /** Says of keys that are there what the table says of them. */
  tell(unfollowed: Readonly<Record<string, Unfollowed>>): void
  readonly value: PlistDictionary
}

export function plistFields(value: PlistDictionary, place: string, problems: ProblemList): PlistFields {
  const fields = fieldsOf(value, place, problems)
  const where = (key: string) => (place === '' ? key : `${place}.${key}`)
  const at = (key: string): PlistValue | undefined => {
    fields.has(key)
    return Object.hasOwn(value, key) ? value[key] : undefined
  }
  return {
    ...fields,
    value,
    place,
    where,
    data(key) {
      const found = at(key)
      if (found instanceof Uint8Array) return found.length === 0 ? undefined : found.slice()
      if (typeof found === 'string') return found === '' ? undefined : new TextEncoder().encode(found)
      return undefined
    },
    dictionary(key) {
      const found = at(key)
      return isDictionary(found) ? plistFields(found, where(key), problems) : undefined
    },
    dictionaries(key) {
      const found = at(key)
      if (!Array.isArray(found)) return []
      return found.flatMap((item: PlistValue, index) =>
        isDictionary(item) ? [plistFields(item, `${where(key)}[${index}]`, problems)] : [],
      )
    },
    tell(unfollowed) {
      for (const [key, [level, problem, advice]] of Object.entries(unfollowed)) {
        if (at(key) !== undefined) problems.add(level, where(key), problem, advice)
      }
    },
  }
}
