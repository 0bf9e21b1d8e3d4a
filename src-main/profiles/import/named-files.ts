/**
 * Files that a profile names by paths of the machine it was made on (`/etc/ipsec.d/cacerts/ca.pem`): looked for beside the imported
 * file, by their relative name or their base name.
 */
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import { certificatesInFile, keyStanding } from './certificates.ts'
import type { KeyMaterial } from './description.ts'
import type { ImportInput, ProblemList } from './importer.ts'
import type { NamedFile } from './swanctl-files.ts'
import { isRelativeName } from './swanctl-files.ts'

export const baseName = (path: string): string => path.split(/[/\\]/).at(-1) ?? path

/** `directories`: where else below the imported file's directory it may lie. */
export function fileBeside(
  files: ImportInput['files'],
  path: string,
  directories: readonly string[] = [],
): Result<NamedFile, string> {
  const base = baseName(path)
  const candidates = [path, ...directories.map((directory) => `${directory}/${base}`), base]
  for (const name of candidates) {
    const bytes = isRelativeName(name) ? files?.get(name) : undefined
    if (bytes !== undefined) return ok({ name, bytes })
  }
  return fail(`the file ${base.slice(0, 120)} is not beside the imported one`)
}

/** The certificates of a named file; undefined, and told, when they cannot be had. */
export function certificatesBeside(
  files: ImportInput['files'],
  path: string,
  where: string,
  problems: ProblemList,
  directories: readonly string[] = [],
): readonly string[] | undefined {
  const file = fileBeside(files, path, directories)
  const found = file.ok ? certificatesInFile(file.value.bytes) : file
  if (found.ok) return found.value
  problems.add(
    'error',
    where,
    `The certificate cannot be read: ${found.error}`,
    `Put ${baseName(path).slice(0, 120)} beside the imported file, then import again.`,
  )
  return undefined
}

/** The private key or PKCS#12 file of this name; undefined, and told, when it cannot be had. */
export function keyBeside(
  files: ImportInput['files'],
  path: string,
  where: string,
  problems: ProblemList,
  directories: readonly string[] = [],
): KeyMaterial | undefined {
  const file = fileBeside(files, path, directories)
  const standing = file.ok ? keyStanding(file.value.bytes) : undefined
  if (file.ok && standing !== undefined) {
    return {
      kind: standing.kind,
      bytes: file.value.bytes.slice(),
      encrypted: standing.encrypted,
      origin: file.value.name,
    }
  }
  problems.add(
    'error',
    where,
    file.ok
      ? 'This is neither a private key nor a PKCS#12 file'
      : `The private key cannot be read: ${file.error}`,
    `Put ${baseName(path).slice(0, 120)} beside the imported file, then import again.`,
  )
  return undefined
}

/** The one PKCS#12 file of a folder or archive, for profiles whose key lies in another program's store. */
export function onlyContainer(files: ImportInput['files']): KeyMaterial | undefined {
  const found: KeyMaterial[] = []
  for (const name of files?.keys?.() ?? []) {
    const bytes = /\.(?:p12|pfx)$/i.test(name) ? files?.get(name) : undefined
    if (bytes !== undefined && keyStanding(bytes)?.kind === 'pkcs12') {
      found.push({ kind: 'pkcs12', bytes: bytes.slice(), encrypted: true, origin: name })
    }
  }
  return found.length === 1 ? found[0] : undefined
}
