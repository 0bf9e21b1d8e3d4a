/** How the exchange view says things, of either version: names, lengths, and of public values the first bytes. */
import type { MessageNode } from '../../src-shared/exchange-message.ts'
import { toHex } from '../wire/text.ts'

export type Names = (value: number) => string

/** The registry's name of a number, or the number with what it is a number of. */
export const namesIn = (table: Readonly<Record<string, number>>, what: string): Names => {
  const names = new Map(Object.entries(table).map(([name, value]) => [value, name]))
  return (value) => names.get(value) ?? `${what} ${value}`
}

/** Without what tells the registries apart: `AES-GCM-16`, `HMAC-SHA2-256-128`. */
export const plain = (name: string): string => name.replace(/^(?:ENCR|PRF|AUTH)_/, '').replaceAll('_', '-')

/** `1 byte`, `32 bytes`. */
export const lengthWords = (length: number): string => `${length} ${length === 1 ? 'byte' : 'bytes'}`

const shownBytes = 8

/** Of public values (nonces, key exchange values, hashes): their length and how they begin. */
export const beginning = (bytes: Uint8Array): string =>
  bytes.length === 0
    ? lengthWords(0)
    : `${lengthWords(bytes.length)}, ${toHex(bytes.subarray(0, shownBytes))}${bytes.length > shownBytes ? '…' : ''}`

const longestText = 200

/** What the other end calls things, cut to a length that a line can have. Control characters are spelled. */
export const shortText = (text: string): string => {
  const spelled = text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
  return spelled.length > longestText ? `${spelled.slice(0, longestText)}…` : spelled
}

/** A node; without `value` and `parts` where there are none. */
export const node = (name: string, value?: string, parts: readonly MessageNode[] = []): MessageNode => ({
  name,
  ...(value === undefined || value === '' ? {} : { value }),
  ...(parts.length === 0 ? {} : { parts }),
})

/** A number of so many bytes, big-endian; undefined when there are more or fewer. */
export const numberIn = (bytes: Uint8Array, length: 1 | 2 | 4): number | undefined =>
  bytes.length === length ? bytes.reduce((value, byte) => value * 256 + byte, 0) : undefined
