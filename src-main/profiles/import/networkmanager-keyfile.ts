/** What NetworkManager's plugins share: the keyfile's escapes, DNS settings, and whether a secret lies in the file. */
import type { Description } from './description.ts'
import type { ImportInput, ProblemList } from './importer.ts'
import type { KeyedValues } from './keyed-values.ts'

export interface KeyfileReading {
  readonly name: string
  readonly uuid: string | undefined
  readonly vpn: KeyedValues
  readonly secrets: KeyedValues
  readonly ipv4: KeyedValues
  readonly ipv6: KeyedValues
  readonly input: ImportInput
  readonly problems: ProblemList
}

const escapes: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' }

/** GKeyFile's escapes; `\;` stays, for lists. Leading white space does not count. */
export const keyfileText = (value: string): string =>
  value.trimStart().replace(/\\([sntr\\])/g, (_, letter: string) => escapes[letter] ?? '')

const WORDS = /[;,\s]+/

/** The servers and search domains of [ipv4] and [ipv6]. `~.` asks for everything, which a full tunnel does anyway. */
export function keyfileDns({ ipv4, ipv6 }: KeyfileReading): Description['dns'] {
  const servers = [...ipv4.list('dns', WORDS), ...ipv6.list('dns', WORDS)]
  const domains = [...ipv4.list('dns-search', WORDS), ...ipv6.list('dns-search', WORDS)].filter(
    (domain) => domain !== '~.' && domain !== '~',
  )
  if (servers.length === 0 && domains.length === 0) return undefined
  return { servers: servers.slice(0, 16), domains: domains.slice(0, 64) }
}

/** The secret's bytes, when it lies in the file (flags 0) and not with an agent. */
export function keyfileSecret({ secrets }: KeyfileReading, key: string): Uint8Array | undefined {
  const value = secrets.raw(key)
  return value === undefined ? undefined : new TextEncoder().encode(value)
}
