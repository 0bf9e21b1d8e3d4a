/** The files that a swanctl.conf names, as far as the caller lets them be read: by relative name alone. */
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import { certificatesInFile, noteExpiry } from './certificates.ts'
import type { ImportInput, ProblemList } from './importer.ts'

/** Directories in which swanctl looks, by what is in them (swanctl.conf(5)). */
export const directories = {
  certificate: ['x509', ''],
  authority: ['x509ca', ''],
  key: ['private', 'rsa', 'ecdsa', 'pkcs8', ''],
  pkcs12: ['pkcs12', ''],
} as const

export interface NamedFile {
  /** The name under which it was found. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** Whether a name stays below the imported file's directory. */
export const isRelativeName = (name: string): boolean =>
  name !== '' && !/^[/\\~]/.test(name) && !name.includes('\0') && !name.split(/[/\\]/).includes('..')

export function findFile(
  files: ImportInput['files'],
  kind: keyof typeof directories,
  name: string,
): Result<NamedFile, string> {
  if (!isRelativeName(name))
    return fail(`the file ${name.slice(0, 120)} is not below the imported one and is not read`)
  for (const directory of directories[kind]) {
    const candidate = directory === '' ? name : `${directory}/${name}`
    const bytes = files?.get(candidate)
    if (bytes !== undefined) return ok({ name: candidate, bytes })
  }
  return fail(`the file ${name.slice(0, 120)} is not beside the imported one`)
}

/** The certificates of named files; undefined when one of them cannot be had, which is reported. */
export function readCertificates(
  files: ImportInput['files'],
  kind: 'certificate' | 'authority',
  names: readonly string[],
  where: string,
  problems: ProblemList,
): readonly string[] | undefined {
  const found: string[] = []
  let complete = true
  for (const name of names) {
    const file = findFile(files, kind, name)
    const certificates = file.ok ? certificatesInFile(file.value.bytes) : file
    if (certificates.ok) found.push(...certificates.value)
    else {
      complete = false
      problems.add(
        'error',
        where,
        `The certificate cannot be read: ${certificates.error}`,
        `Put it beside the imported file as ${directories[kind][0]}/${name.split(/[/\\]/).at(-1) ?? name}, then import again.`,
      )
    }
  }
  if (!complete) return undefined
  noteExpiry(found, where, Date.now(), problems)
  return found
}
