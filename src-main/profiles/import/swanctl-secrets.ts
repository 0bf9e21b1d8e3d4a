/** The `secrets` section of swanctl.conf: which secret belongs to whom. Only what a connection uses is taken out. */
import type { SectionReader } from './swanctl-section.ts'
import { decodeBase64 } from './base64.ts'

export type SecretKind = 'eap' | 'ike' | 'key' | 'pkcs12'

export interface SecretEntry {
  readonly kind: SecretKind
  readonly where: string
  /** For whom; empty means for everybody. */
  readonly ids: readonly string[]
  readonly file?: string
  /** A copy of its own each time. Undefined when the entry has no secret. */
  bytes(): Uint8Array | undefined
}

/** Longer prefixes first: `pkcs12` is not a `pkcs…`, and `private` may have any suffix. */
const kinds: readonly (readonly [prefix: string, kind: SecretKind | 'unsupported'])[] = [
  ['pkcs12', 'pkcs12'],
  ['pkcs8', 'key'],
  ['private', 'key'],
  ['ecdsa', 'key'],
  ['rsa', 'key'],
  ['eap', 'eap'],
  ['xauth', 'eap'],
  ['ike', 'ike'],
  ['ntlm', 'unsupported'],
  ['ppk', 'unsupported'],
  ['token', 'unsupported'],
]

/** `0x` hexadecimal, `0s` base64, else the text itself in UTF-8 (swanctl.conf(5), secrets). */
export function secretBytes(value: string): Uint8Array {
  if (/^0x(?:[\da-f]{2})+$/i.test(value)) return Uint8Array.from(Buffer.from(value.slice(2), 'hex'))
  const decoded = value.startsWith('0s') ? decodeBase64(value.slice(2)) : undefined
  return decoded ?? new TextEncoder().encode(value)
}

/** Reads the entries; kinds that Culvert has no use for go to `unsupported`. */
export function readSecretEntries(
  secrets: SectionReader | undefined,
  unsupported: (where: string, kind: string) => void,
): readonly SecretEntry[] {
  const entries: SecretEntry[] = []
  for (const [name, reader] of secrets?.sections('') ?? []) {
    const [prefix, kind] = kinds.find(([start]) => name.startsWith(start)) ?? [name, 'unsupported']
    if (kind === 'unsupported') {
      unsupported(reader.where(), prefix)
      continue
    }
    const value = reader.text('secret')
    const file = reader.text('file')
    entries.push({
      kind,
      where: reader.where(),
      ids: reader.texts('id'),
      ...(file === undefined ? {} : { file }),
      bytes: () => (value === undefined ? undefined : secretBytes(value)),
    })
    reader.reportUnread({})
  }
  return entries
}

/** An identity without the marks that only tell its type. */
const bare = (identity: string): string => identity.replace(/^@(?![#@])/, '').toLowerCase()

/**
 * The entry for these identities: the one that names most of them; one that names nobody is for all; one that names only
 * others is for none of them.
 */
export function entryFor(
  entries: readonly SecretEntry[],
  kind: 'eap' | 'ike',
  identities: readonly (string | undefined)[],
): SecretEntry | undefined {
  const wanted = new Set(identities.filter((identity) => identity !== undefined).map(bare))
  const scored = entries
    .filter((entry) => entry.kind === kind)
    .map((entry) => ({
      entry,
      score: entry.ids.filter((id) => wanted.has(bare(id)) || id === '%any').length,
    }))
    .filter(({ entry, score }) => entry.ids.length === 0 || score > 0)
  return scored.sort((a, b) => b.score - a.score)[0]?.entry
}
