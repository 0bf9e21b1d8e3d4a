/** What would be made of files that a person drops or opens: seen first, kept only when they say so. */
import type { ImportPreview, ImportProblem, Library, SecretKind } from '../../src-shared/library.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { RecognisedImport } from '../profiles/import/import-profile.ts'
import { importBytes } from '../profiles/import/import-source.ts'
import type { ImportedSecret } from '../profiles/import/importer.ts'
import type { ProfileStore } from '../profiles/store.ts'
import type { ImportExtras } from './import-profiles.ts'
import { keepImported, opensWithoutPassword, readBeside, withAbsolutePaths } from './import-profiles.ts'
import { secretKindsOf } from './profile-secrets.ts'
import type { SecretStore } from './secret-store.ts'
import { referenceOf } from './secrets.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

export interface GivenFile {
  /** Without its directory. */
  readonly name: string
  readonly bytes: Uint8Array
  /** Where it lies on the disk, when that is known: files that it names are read from there. */
  readonly directory?: string
}

export interface ImportDesk {
  /** What came from outside the window and waits to be looked at. */
  readonly incoming: Slice<ImportPreview | null>
  preview(files: readonly GivenFile[], extras?: ImportExtras): Promise<ImportPreview>
  /** The same files once more, with what they lacked. Rejects with VpnError 'usage' when there is no such preview. */
  again(id: number, extras: ImportExtras): Promise<ImportPreview>
  /** As `preview`, shown as incoming; what waited there before is dropped. */
  receive(files: readonly GivenFile[]): Promise<void>
  /** Stores the chosen profiles with their secrets. Rejects with VpnError 'usage' when there is no such preview. */
  keep(id: number, profileIds: readonly string[]): Promise<readonly string[]>
  discard(id: number): void
  /** Wipes the secrets of all that was not kept. */
  close(): void
}

export interface ImportDeskParts {
  readonly profiles: ProfileStore
  readonly secretStore: SecretStore
  readonly keepsSecrets: Library['keepsSecrets']
}

interface ReadFile {
  readonly file: GivenFile
  readonly imported: RecognisedImport
}

/** Previews that nobody decided on; the oldest goes first. */
const OPEN_LIMIT = 8

export function createImportDesk({ profiles, secretStore, keepsSecrets }: ImportDeskParts): ImportDesk {
  const open = new Map<number, readonly ReadFile[]>()
  const incoming = createSlice<ImportPreview | null>(null)
  let nextId = 1

  async function preview(files: readonly GivenFile[], extras: ImportExtras = {}): Promise<ImportPreview> {
    const read = await readAll(files, extras)
    const known = new Set((await profiles.list()).profiles.map(({ id }) => id))
    const id = nextId++
    const shown = await Promise.all(
      read.map(async ({ file, imported }) => {
        const unsafe = await unprotectedKeys(imported)
        const cannotKeep = (secret: ImportedSecret): boolean =>
          !keepsSecrets.yes && (unsafe.has(secret.id) || !isKey(secret))
        const lost =
          file.directory === undefined && imported.secrets.some((s) => unsafe.has(s.id) && cannotKeep(s))
        return {
          file: {
            name: file.name,
            ...(imported.format === undefined ? {} : { format: imported.format }),
            ...(imported.needsPassword === true ? { needsPassword: true } : {}),
            problems: [...imported.problems, ...(lost ? [unsafeKeyProblem(file.name)] : [])],
          },
          profiles: imported.profiles.map((profile) => ({
            profile,
            file: file.name,
            replaces: known.has(profile.id),
            ...secretsSeen(profile, imported.secrets, cannotKeep),
          })),
        }
      }),
    )
    open.set(id, read)
    for (const [oldest] of [...open].slice(0, -OPEN_LIMIT)) discard(oldest)
    return { id, files: shown.map(({ file }) => file), profiles: shown.flatMap((one) => one.profiles) }
  }

  function discard(id: number): void {
    for (const { imported } of open.get(id) ?? []) wipe(imported)
    open.delete(id)
    if (incoming.read()?.id === id) incoming.write(null)
  }

  function readOf(id: number): readonly ReadFile[] {
    const read = open.get(id)
    if (read !== undefined) return read
    throw new VpnError('usage', { problem: 'This import is no longer open. Choose the files again.' })
  }

  return {
    incoming,
    preview,
    async again(id, extras) {
      const files = readOf(id).map(({ file }) => file)
      const wasIncoming = incoming.read()?.id === id
      const next = await preview(files, extras)
      // What waits stays what waits.
      if (wasIncoming) incoming.write(next)
      discard(id)
      return next
    },
    async receive(files) {
      const next = await preview(files)
      const waiting = incoming.read()
      incoming.write(next)
      if (waiting !== null) discard(waiting.id)
    },
    async keep(id, profileIds) {
      const read = readOf(id)
      const wanted = new Set(profileIds)
      const kept: string[] = []
      for (const { file, imported } of read) {
        const chosen = imported.profiles.filter((profile) => wanted.delete(profile.id))
        const { directory } = file
        const parts = { profiles, secretStore, ...(directory === undefined ? {} : { directory }) }
        const results = await keepImported({ ...imported, profiles: chosen }, parts)
        kept.push(...results.map(({ profile }) => profile.id))
      }
      discard(id)
      return kept
    },
    discard,
    close() {
      for (const id of [...open.keys()]) discard(id)
    },
  }
}

/** Reads each file, archives as a whole; one that is only named by another (a certificate, a key) is told as its part, not as unknown. */
async function readAll(files: readonly GivenFile[], extras: ImportExtras): Promise<readonly ReadFile[]> {
  const usedBy = new Map<GivenFile, string>()
  const readOne = async (file: GivenFile): Promise<ReadFile> => {
    const beside = {
      keys: () => files.map(({ name }) => name),
      get(name: string): Uint8Array | undefined {
        const found = findGiven(files, file, name)
        if (found !== undefined) usedBy.set(found, file.name)
        return found?.bytes ?? (file.directory === undefined ? undefined : readBeside(file.directory, name))
      },
    }
    const { name, bytes, directory } = file
    const imported = await importBytes({ name, bytes, files: beside, ...extras })
    if (directory === undefined) return { file, imported }
    const profiles = imported.profiles.map((profile) => withAbsolutePaths(profile, directory))
    return { file, imported: { ...imported, profiles } }
  }
  const read = await Promise.all(files.map(readOne))
  return read.map(({ file, imported }) => {
    const user = usedBy.get(file)
    return user === undefined || imported.format !== undefined
      ? { file, imported }
      : { file, imported: { format: `Used by ${user}`, profiles: [], secrets: [], problems: [] } }
  })
}

/** A given file by the name under which another asks for it: dropped files have lost their folders. */
function findGiven(files: readonly GivenFile[], asking: GivenFile, name: string): GivenFile | undefined {
  const others = files.filter((file) => file !== asking)
  const last = name.slice(name.lastIndexOf('/') + 1)
  return others.find((file) => file.name === name) ?? others.find((file) => file.name === last)
}

const isKey = ({ kind }: ImportedSecret): boolean => kind === 'key' || kind === 'pkcs12'

/** The keys that anybody could use who finds the file. */
async function unprotectedKeys({ secrets }: RecognisedImport): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const secret of secrets.filter(isKey)) {
    const isOpen = secret.kind === 'pkcs12' ? await opensWithoutPassword(secret.value) : !secret.encrypted
    if (isOpen) found.add(secret.id)
  }
  return found
}

const unsafeKeyProblem = (where: string): ImportProblem => ({
  level: 'error',
  where,
  problem: 'Its private key is not protected, and there is no keyring here that could keep it',
  advice:
    'Protect the key with a passphrase, or import the file with `culvert import` where its key can stay.',
})

function secretsSeen(
  profile: Profile,
  secrets: readonly ImportedSecret[],
  cannotKeep: (secret: ImportedSecret) => boolean,
): { readonly brings: readonly SecretKind[]; readonly missing: readonly SecretKind[] } {
  const brings: SecretKind[] = []
  const missing: SecretKind[] = []
  const key = secrets.find((secret) => secret.profileId === profile.id && isKey(secret))
  for (const kind of secretKindsOf(profile)) {
    const reference = referenceOf(profile, kind)
    const brought =
      reference.from === 'store'
        ? secrets.find(({ id, profileId }) => id === reference.id && profileId === profile.id)
        : undefined
    if (brought !== undefined) brings.push(kind)
    // A passphrase is asked for only where the key has one.
    const isNeeded = kind !== 'key-password' || key === undefined || key.encrypted
    const isAsked = reference.from !== 'file' && (brought === undefined || cannotKeep(brought))
    if (isNeeded && isAsked) missing.push(kind)
  }
  return { brings, missing }
}

function wipe({ secrets }: RecognisedImport): void {
  for (const { value } of secrets) value.wipe()
}
