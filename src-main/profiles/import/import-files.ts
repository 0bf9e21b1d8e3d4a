/** Imports a whole archive or folder: each profile in it, with the certificates and secrets that lie beside it. */
import { withReferences } from '../references.ts'
import { certificatesInFile, keyStanding } from './certificates.ts'
import type { RecognisedImport } from './import-profile.ts'
import { importProfile } from './import-profile.ts'
import type { ImportInput, ImportProblem, ImportedSecret } from './importer.ts'
import type { Profile } from '../../../src-shared/profile.ts'

export interface FilesInput {
  /** The archive's or folder's name. */
  readonly name: string
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Whether the files stay where they are, so that keys may be read from there later. */
  readonly stays: boolean
  readonly username?: string
  readonly password?: Uint8Array
}

const PROBLEM_LIMIT = 400

/** The profiles of all files; places of problems begin with the file's name. Never throws for what the files say. */
export function importFiles({ name, files, stays, ...more }: FilesInput): RecognisedImport {
  const profiles: Profile[] = []
  const secrets: ImportedSecret[] = []
  const problems: ImportProblem[] = []
  const formats = new Set<string>()
  const tell = (problem: ImportProblem) => {
    if (problems.length < PROBLEM_LIMIT) problems.push(problem)
  }
  let needsPassword = false
  for (const [path, bytes] of files) {
    if (belongsToAnother(path, bytes)) continue
    const directory = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : ''
    const result = importProfile({
      name: path.slice(directory.length),
      bytes,
      files: below(files, directory),
      ...more,
    })
    needsPassword ||= result.needsPassword === true
    if (result.format === undefined) {
      tell({
        level: 'note',
        where: path,
        problem: result.problems.at(-1)?.problem ?? 'This is no profile',
        advice: 'It is left out.',
      })
      continue
    }
    formats.add(result.format)
    for (const problem of result.problems) tell({ ...problem, where: `${path}: ${problem.where}` })
    for (const profile of result.profiles) {
      if (profiles.some(({ id }) => id === profile.id)) {
        tell({
          level: 'warning',
          where: path,
          problem: `The connection ${profile.name} is there twice`,
          advice: 'The first one is taken.',
        })
        for (const { value } of result.secrets.filter(({ profileId }) => profileId === profile.id))
          value.wipe()
        continue
      }
      profiles.push(placed(profile, directory))
      secrets.push(
        ...result.secrets
          .filter(({ profileId }) => profileId === profile.id)
          .map((one) => settled(one, directory, stays)),
      )
    }
  }
  if (profiles.length === 0 && problems.every(({ level }) => level !== 'error')) {
    tell({
      level: 'error',
      where: name,
      problem: 'There is no profile in it',
      advice: 'Check that it is the right one.',
    })
  }
  return {
    ...(formats.size === 0 ? {} : { format: [...formats].join(', ') }),
    ...(needsPassword ? { needsPassword } : {}),
    profiles,
    secrets,
    problems,
  }
}

/** Certificates, keys and files of secrets are read with the profile that names them. */
function belongsToAnother(path: string, bytes: Uint8Array): boolean {
  if (/\.secrets$/i.test(path)) return true
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString('latin1')
  if (/^\s*-----BEGIN (?!PKCS7|CMS)/.test(head)) return true
  if (bytes[0] !== 0x30) return false
  return keyStanding(bytes)?.kind === 'pkcs12' || (bytes.length < 65_536 && certificatesInFile(bytes).ok)
}

/** The files as a profile in that directory sees them. */
const below = (
  files: ReadonlyMap<string, Uint8Array>,
  directory: string,
): NonNullable<ImportInput['files']> => ({
  get: (name) => files.get(directory + name.replaceAll('\\', '/')),
  *keys() {
    for (const path of files.keys()) if (path.startsWith(directory)) yield path.slice(directory.length)
  },
})

const settled = (secret: ImportedSecret, directory: string, stays: boolean): ImportedSecret => {
  const { origin, ...rest } = secret
  return origin === undefined || !stays ? rest : { ...rest, origin: directory + origin }
}

const placed = (profile: Profile, directory: string): Profile =>
  withReferences(profile, (reference) =>
    reference.from === 'file' && directory !== '' && !/^[/~]/.test(reference.path)
      ? { from: 'file', path: directory + reference.path }
      : reference,
  )
