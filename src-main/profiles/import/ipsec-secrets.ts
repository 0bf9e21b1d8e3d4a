/** ipsec.secrets(5): `selectors : TYPE value`, continued on indented lines. Only what a connection uses is taken out. */
import type { ImportInput, ProblemList } from './importer.ts'
import { secretBytes } from './swanctl-secrets.ts'

export interface IpsecSecret {
  readonly type: 'psk' | 'key' | 'eap' | 'xauth' | 'p12'
  readonly line: number
  /** For whom; empty means for everybody. */
  readonly selectors: readonly string[]
  /** The secret; the passphrase of keys and PKCS#12 files. A copy of its own each time. */
  bytes(): Uint8Array | undefined
  /** Of keys and PKCS#12 files. */
  readonly file?: string
}

const types: Readonly<Record<string, IpsecSecret['type']>> = {
  PSK: 'psk',
  RSA: 'key',
  ECDSA: 'key',
  BLISS: 'key',
  PKCS8: 'key',
  EAP: 'eap',
  XAUTH: 'xauth',
  P12: 'p12',
}

const ENTRY_LIMIT = 1000

/** The secrets beside an ipsec.conf: `ipsec.secrets`, or of the same name as the imported file. */
export function secretsBeside(input: ImportInput, problems: ProblemList): readonly IpsecSecret[] {
  const own = input.name.replace(/\.[^.]*$/, '.secrets')
  for (const name of [own, 'ipsec.secrets']) {
    const bytes = input.files?.get(name)
    if (bytes !== undefined) return parseIpsecSecrets(new TextDecoder().decode(bytes), name, problems)
  }
  return []
}

export function parseIpsecSecrets(text: string, name: string, problems: ProblemList): readonly IpsecSecret[] {
  const entries: { text: string; line: number }[] = []
  for (const [index, full] of text.split(/\r\n|\n|\r/).entries()) {
    const content = full.replace(/(^|\s)#[^"]*$/, '')
    if (content.trim() === '') continue
    const last = entries.at(-1)
    if (/^\s/.test(content) && last !== undefined) last.text += ` ${content.trim()}`
    else if (entries.length < ENTRY_LIMIT) entries.push({ text: content.trim(), line: index + 1 })
  }
  return entries.flatMap((entry) => readEntry(entry, name, problems) ?? [])
}

function readEntry(
  { text, line }: { readonly text: string; readonly line: number },
  name: string,
  problems: ProblemList,
): IpsecSecret | undefined {
  const where = `${name} line ${line}`
  if (/^include\b/.test(text)) {
    problems.add('warning', where, 'Other files are not read', 'Put their secrets into this file.')
    return undefined
  }
  const [, selectors = '', typed = '', rest = ''] =
    /^((?:[^:"]|:(?!\s)|"[^"]*")*):\s+(\w+)\s*(.*)$/.exec(text) ?? []
  const type = types[typed.toUpperCase()]
  if (type === undefined) {
    problems.add(
      'warning',
      where,
      typed === '' ? 'This line is no secret' : `Secrets of the kind ${typed.slice(0, 20)} are not supported`,
      'It is ignored.',
    )
    return undefined
  }
  const values = words(rest)
  const isFile = type === 'key' || type === 'p12'
  // Libreswan's old raw keys: `RSA { Modulus: … }`.
  if (isFile && rest.startsWith('{')) {
    problems.add('warning', where, 'A raw key in the file is not supported', 'Use a certificate.')
    return undefined
  }
  const secret = isFile ? values[1] : values[0]
  const [file] = values
  return {
    type,
    line,
    selectors: words(selectors),
    bytes: () => (secret === undefined || secret === '%prompt' ? undefined : secretBytes(secret)),
    ...(isFile && file !== undefined ? { file } : {}),
  }
}

/** Words with white space between; double or single quotes hold one together. */
const words = (text: string): readonly string[] =>
  [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare ?? '',
  )

const bare = (identity: string): string => identity.replace(/^@(?![#@])/, '').toLowerCase()

/** The secret for these identities: the one that names most of them; one that names nobody is for all. */
export function secretFor(
  secrets: readonly IpsecSecret[],
  kinds: readonly IpsecSecret['type'][],
  identities: readonly (string | undefined)[],
): IpsecSecret | undefined {
  const wanted = new Set(identities.flatMap((identity) => (identity === undefined ? [] : [bare(identity)])))
  const scored = secrets
    .filter(({ type }) => kinds.includes(type))
    .map((secret) => ({
      secret,
      score: secret.selectors.filter((one) => wanted.has(bare(one)) || one === '%any').length,
    }))
    .filter(({ secret, score }) => secret.selectors.length === 0 || score > 0)
  return scored.sort((a, b) => b.score - a.score)[0]?.secret
}
