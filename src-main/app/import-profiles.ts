/** Brings imported profiles into the store, and each of their secrets where it is safe, or nowhere. */
import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import type { Profile, SecretReference } from '../../src-shared/profile.ts'
import type { Secret } from '../../src-shared/secret.ts'
import type { Result } from '../../src-shared/result.ts'
import { ok } from '../../src-shared/result.ts'
import type { RecognisedImport } from '../profiles/import/import-profile.ts'
import { ARCHIVE_SIZE_LIMIT } from '../profiles/import/archive.ts'
import { importBytes, importFolder } from '../profiles/import/import-source.ts'
import type { ImportedSecret } from '../profiles/import/importer.ts'
import { isRelativeName } from '../profiles/import/swanctl-files.ts'
import { withReferences } from '../profiles/references.ts'
import type { ProfileStore } from '../profiles/store.ts'
import { readLimited } from '../profiles/store.ts'
import type { SecretStore } from './secret-store.ts'

const NAMED_FILE_LIMIT = 262_144

/** What opens or completes an imported file. */
export interface ImportExtras {
  /** The user name where the file leaves it open. */
  readonly username?: string
  /** Of a file that is protected as a whole, in UTF-8; stays the caller's. */
  readonly password?: Uint8Array
}

/**
 * Imports a file from the disk with the files beside it that it names, a zip archive, or a folder as a whole. Fails with a
 * sentence when it cannot be read.
 */
export async function importFile(
  path: string,
  extras: ImportExtras = {},
): Promise<Result<RecognisedImport, string>> {
  const directory = importDirectory(path)
  const imported = isDirectory(path) ? await importFolder(path, extras) : await importOneFile(path, extras)
  if (!imported.ok) return imported
  const { profiles } = imported.value
  return ok({ ...imported.value, profiles: profiles.map((profile) => withAbsolutePaths(profile, directory)) })
}

async function importOneFile(path: string, extras: ImportExtras): Promise<Result<RecognisedImport, string>> {
  const bytes = await readLimited(path, ARCHIVE_SIZE_LIMIT)
  if (!bytes.ok) return bytes
  const directory = importDirectory(path)
  const files = { get: (name: string) => readBeside(directory, name) }
  return ok(await importBytes({ name: basename(path), bytes: bytes.value, files, ...extras }))
}

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** What names in an imported file or folder start from. */
export const importDirectory = (path: string): string =>
  isDirectory(path) ? resolve(path) : dirname(resolve(path))

/** A regular file below the directory, by its relative name; links that lead out of it are not followed. */
export function readBeside(directory: string, name: string): Uint8Array | undefined {
  if (!isRelativeName(name)) return undefined
  try {
    const path = realpathSync(join(directory, name))
    if (!path.startsWith(realpathSync(directory) + sep)) return undefined
    const { size } = statSync(path)
    return statSync(path).isFile() && size <= NAMED_FILE_LIMIT
      ? Uint8Array.from(readFileSync(path))
      : undefined
  } catch {
    // The importer says that the file is not there, with its name.
    return undefined
  }
}

// ---------------------------------------------------------------- keeping

/** What became of an imported secret. */
export interface SecretOutcome {
  readonly kind: ImportedSecret['kind']
  readonly outcome: 'kept-in-keyring' | 'kept-encrypted' | 'read-from-its-file' | 'not-kept'
  /** The file that is read at each connection. */
  readonly path?: string
}

export interface ImportedProfile {
  readonly profile: Profile
  readonly secrets: readonly SecretOutcome[]
  /** A profile of this id was there before. */
  readonly replaced: boolean
}

export interface KeepParts {
  readonly profiles: ProfileStore
  readonly secretStore: SecretStore
  /** The imported file's directory: where unencrypted keys stay. Absent when it came as bytes alone. */
  readonly directory?: string
}

/**
 * Saves the profiles, and their secrets where they are safe. A secret that nothing safe takes is dropped: the profile then says
 * that it is asked for. Secrets of an earlier profile of the same id are forgotten: they were for the gateway that it named.
 */
export async function keepImported(
  imported: RecognisedImport,
  parts: KeepParts,
): Promise<readonly ImportedProfile[]> {
  const known = new Set((await parts.profiles.list()).profiles.map(({ id }) => id))
  const results: ImportedProfile[] = []
  for (const profile of imported.profiles) {
    const replaced = known.has(profile.id)
    if (replaced) await parts.secretStore.forget(profile.id)
    const references = new Map<string, SecretReference>()
    const secrets: SecretOutcome[] = []
    for (const secret of imported.secrets.filter(({ profileId }) => profileId === profile.id)) {
      const { reference, outcome } = await keepSecret(profile, secret, parts)
      references.set(secret.id, reference)
      secrets.push(outcome)
      secret.value.wipe()
    }
    const rewritten = withReferences(profile, (reference) =>
      reference.from === 'store' ? (references.get(reference.id) ?? { from: 'prompt' }) : reference,
    )
    await parts.profiles.save(rewritten)
    results.push({ profile: rewritten, secrets, replaced })
  }
  return results
}

const purposes: Readonly<Record<ImportedSecret['kind'], string>> = {
  password: 'password',
  psk: 'pre-shared key',
  key: 'private key',
  pkcs12: 'certificate and key',
  'key-password': 'passphrase of the private key',
}

/** What people call a secret of this kind. */
export const secretPurpose = (kind: ImportedSecret['kind']): string => purposes[kind]

async function keepSecret(
  profile: Profile,
  secret: ImportedSecret,
  { secretStore, directory }: KeepParts,
): Promise<{ readonly reference: SecretReference; readonly outcome: SecretOutcome }> {
  const { id, kind, origin, value } = secret
  const label = `Culvert: ${secretPurpose(kind)} for ${profile.name}`
  const encrypted = kind === 'pkcs12' ? !(await opensWithoutPassword(value)) : secret.encrypted
  const kept = await secretStore.keep({ id, profileId: profile.id, label, encrypted, value })
  if (kept !== 'not-kept') {
    const outcome = kept === 'keyring' ? 'kept-in-keyring' : 'kept-encrypted'
    return { reference: { from: 'store', id }, outcome: { kind, outcome } }
  }
  if (origin !== undefined && directory !== undefined) {
    // Better where it lies than a second time in clear.
    const path = join(directory, origin)
    return { reference: { from: 'file', path }, outcome: { kind, outcome: 'read-from-its-file', path } }
  }
  return { reference: { from: 'prompt' }, outcome: { kind, outcome: 'not-kept' } }
}

/** A PKCS#12 file always says that it is encrypted; with the empty password, it protects nothing. */
export async function opensWithoutPassword(value: Secret): Promise<boolean> {
  const { readPkcs12 } = await import('../pki/pkcs12.ts')
  return readPkcs12(value.reveal(), new Uint8Array(0)).ok
}

/** Relative paths of secret files, from where the imported file lies. */
export const withAbsolutePaths = (profile: Profile, directory: string): Profile =>
  withReferences(profile, (reference) =>
    reference.from === 'file' &&
    !isAbsolute(reference.path) &&
    !reference.path.startsWith('~/') &&
    !reference.path.startsWith('pkcs11:')
      ? { from: 'file', path: join(directory, reference.path) }
      : reference,
  )
