/** Certificates and keys that an ipsec.conf names, or that lie where strongSwan looks for them. */
import { certificatesInFile } from './certificates.ts'
import type { UserCertificate } from './description.ts'
import type { ImportInput, ProblemList } from './importer.ts'
import type { ConfSection } from './ipsec-conf-file.ts'
import type { IpsecSecret } from './ipsec-secrets.ts'
import { certificatesBeside, fileBeside, keyBeside } from './named-files.ts'
import { findKey } from './swanctl-keys.ts'

export const authorityDirectories = ['ipsec.d/cacerts', 'cacerts']
const certificateDirectories = ['ipsec.d/certs', 'certs']
const keyDirectories = ['ipsec.d/private', 'private']

/**
 * What strongSwan trusts: the certificates of all `ca` sections, and of ipsec.d/cacerts where a folder was imported whole.
 * Undefined, and told, when one that is named cannot be had.
 */
export function gatherAuthorities(
  sections: readonly ConfSection[],
  input: ImportInput,
  problems: ProblemList,
): readonly string[] | undefined {
  const found = new Set<string>()
  let complete = true
  for (const section of sections.filter(({ kind }) => kind === 'ca')) {
    const entry = section.entries.find(({ key }) => key.toLowerCase() === 'cacert')
    if (entry === undefined) continue
    const where = `ca ${section.name.slice(0, 60)} cacert (line ${entry.line})`
    const named = certificatesBeside(input.files, entry.value, where, problems, authorityDirectories)
    if (named === undefined) complete = false
    for (const pem of named ?? []) found.add(pem)
  }
  for (const name of input.files?.keys?.() ?? []) {
    if (!authorityDirectories.some((directory) => name.startsWith(`${directory}/`))) continue
    const certificates = certificatesInFile(input.files?.get(name) ?? new Uint8Array(0))
    if (certificates.ok) for (const pem of certificates.value) found.add(pem)
  }
  return complete ? [...found] : undefined
}

export const readAuthority = (
  path: string,
  where: string,
  input: ImportInput,
  problems: ProblemList,
): readonly string[] | undefined =>
  certificatesBeside(input.files, path, where, problems, [...authorityDirectories, ...certificateDirectories])

interface KeySources {
  readonly input: ImportInput
  readonly secrets: readonly IpsecSecret[]
  readonly problems: ProblemList
}

/** The user's certificate (`leftcert`) with its key, or the PKCS#12 file that ipsec.secrets names. */
export function readUserCertificate(
  path: string | undefined,
  where: string,
  { input, secrets, problems }: KeySources,
): UserCertificate | undefined {
  const container = secrets.find(({ type, file }) => type === 'p12' && file !== undefined)
  const named = path === undefined ? undefined : fileBeside(input.files, path, certificateDirectories)
  if (container?.file !== undefined && named?.ok !== true) {
    const key = keyBeside(input.files, container.file, where, problems, keyDirectories)
    if (key === undefined) return undefined
    const password = container.bytes()
    return { certificates: [], key: { ...key, ...(password === undefined ? {} : { password }) } }
  }
  if (path === undefined) {
    problems.add('error', where, 'The connection names no certificate of yours', 'Ask for a complete file.')
    return undefined
  }
  if (named?.ok !== true && !/[./]/.test(path)) {
    problems.add(
      'error',
      where,
      `Your certificate "${path.slice(0, 80)}" lies in an NSS database, where Culvert does not look`,
      'Export it with `pk12util -o me.p12 -n NAME -d sql:/etc/ipsec.d` and name it in ipsec.secrets (: P12 me.p12).',
    )
    return undefined
  }
  const certificates = certificatesBeside(input.files, path, where, problems, certificateDirectories)
  const [own] = certificates ?? []
  if (certificates === undefined || own === undefined) return undefined
  return withKey(certificates, own, path, where, { input, secrets, problems })
}

function withKey(
  certificates: readonly string[],
  own: string,
  path: string,
  where: string,
  { input, secrets, problems }: KeySources,
): UserCertificate | undefined {
  const entries = secrets
    .filter(({ type, file }) => type === 'key' && file !== undefined)
    .map((secret) => ({
      kind: 'key' as const,
      where,
      ids: [],
      ...(secret.file === undefined ? {} : { file: located(input, secret.file) }),
      bytes: () => secret.bytes(),
    }))
  const found = findKey(input.files, entries, own, [located(input, path)])
  if (found === undefined) {
    problems.add(
      'error',
      where,
      'The private key for your certificate was not found',
      'Name it in ipsec.secrets (: RSA me.key) and put both beside the imported file.',
    )
    return undefined
  }
  const password = found.entry?.bytes()
  return {
    certificates,
    key: {
      kind: 'key',
      bytes: found.file.bytes.slice(),
      encrypted: found.encrypted,
      origin: found.file.name,
      ...(password === undefined ? {} : { password }),
    },
  }
}

/** The relative name under which a file is there, else the name itself. */
function located(input: ImportInput, path: string): string {
  const file = fileBeside(input.files, path, keyDirectories)
  return file.ok ? file.value.name : path
}
