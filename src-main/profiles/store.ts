/** The user's profiles: one JSON file each, `ID.json`, in a directory of the user's own. */
import { chmod, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { Profile } from '../../src-shared/profile.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { PROFILE_SIZE_LIMIT, checkProfile, decodeText, parseJson } from './parse.ts'

/** A file in the store's directory that is no profile; the others are not affected by it. */
export interface BrokenProfile {
  readonly file: string
  readonly where: string
  readonly problem: string
}

export interface StoredProfiles {
  /** By name, then by id. */
  readonly profiles: readonly Profile[]
  readonly broken: readonly BrokenProfile[]
}

export interface ProfileStore {
  readonly directory: string
  list(): Promise<StoredProfiles>
  /** By exact id, exact name, then the name without regard to case. Throws VpnError 'profile-not-found', or 'usage' when several match. */
  find(nameOrId: string): Promise<Profile>
  /** Writes the profile as a whole or not at all; a profile of the same id is replaced. */
  save(profile: Profile): Promise<void>
  remove(id: string): Promise<void>
}

const FILE_NAME = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.json$/i
/** No person keeps more; a directory with more is not ours. */
const FILE_LIMIT = 2000

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

/**
 * Reads a regular file up to a limit. Gives a sentence about what is in the way: missing, no permission, a directory, too large.
 */
export async function readLimited(path: string, limit: number): Promise<Result<Uint8Array, string>> {
  let handle
  try {
    handle = await open(path, 'r')
    const found = await handle.stat()
    if (found.isDirectory()) return fail('it is a directory')
    if (found.size > limit) return fail(`it is larger than ${Math.floor(limit / 1024)} KiB`)
    // A pipe tells no size: one byte more than allowed, so that a longer one shows itself.
    const buffer = new Uint8Array((found.isFile() ? found.size : limit) + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null)
      if (bytesRead === 0) break
      length += bytesRead
    }
    const content = length > limit ? undefined : buffer.slice(0, length)
    buffer.fill(0)
    return content === undefined ? fail(`it is larger than ${Math.floor(limit / 1024)} KiB`) : ok(content)
  } catch (error) {
    return fail(fileProblem(error))
  } finally {
    await handle?.close()
  }
}

/** What the operating system says about a file, in plain words. */
export function fileProblem(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be read'
  const code = 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EACCES' || code === 'EPERM') return 'you may not read it'
  if (code === 'EISDIR') return 'it is a directory'
  return typeof code === 'string' ? `it cannot be read (${code})` : error.message
}

/** Opens the store; the directory is made when the first profile is saved. */
export function createProfileStore(directory: string): ProfileStore {
  const pathOf = (id: string): string => {
    const name = `${id.toLowerCase()}.json`
    if (!FILE_NAME.test(name))
      throw new VpnError('profile-invalid', { profile: id, problem: 'its id is not a UUID' })
    return join(directory, name)
  }

  async function readOne(file: string): Promise<Result<Profile, BrokenProfile>> {
    const bytes = await readLimited(join(directory, file), PROFILE_SIZE_LIMIT)
    if (!bytes.ok) return fail({ file, where: '', problem: bytes.error })
    const text = decodeText(bytes.value)
    if (text === undefined) return fail({ file, where: '', problem: 'it is not UTF-8 text' })
    const json = parseJson(text)
    if (!json.ok) return fail({ file, where: '', problem: json.error })
    const profile = checkProfile(json.value)
    if (!profile.ok) {
      const [first] = profile.error
      return fail({ file, where: first?.where ?? '', problem: first?.problem ?? 'it is no profile' })
    }
    if (`${profile.value.id.toLowerCase()}.json` !== file.toLowerCase()) {
      return fail({ file, where: 'id', problem: 'it must be the same as the file name' })
    }
    return ok(profile.value)
  }

  async function list(): Promise<StoredProfiles> {
    let names: string[]
    try {
      names = await readdir(directory)
    } catch (error) {
      if (isMissing(error)) return { profiles: [], broken: [] }
      throw new VpnError('profile-invalid', { profile: directory, problem: fileProblem(error) }, error)
    }
    const profiles: Profile[] = []
    const broken: BrokenProfile[] = []
    for (const file of names.filter((name) => FILE_NAME.test(name)).slice(0, FILE_LIMIT)) {
      const read = await readOne(file)
      if (read.ok) profiles.push(read.value)
      else broken.push(read.error)
    }
    profiles.sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id))
    return { profiles, broken }
  }

  async function find(nameOrId: string): Promise<Profile> {
    const { profiles, broken } = await list()
    const wanted = nameOrId.toLowerCase()
    const rules: readonly ((profile: Profile) => boolean)[] = [
      (profile) => profile.id.toLowerCase() === wanted,
      (profile) => profile.name === nameOrId,
      (profile) => profile.name.toLowerCase() === wanted,
    ]
    for (const rule of rules) {
      const [first, ...more] = profiles.filter(rule)
      if (first === undefined) continue
      if (more.length === 0) return first
      const ids = [first, ...more].map((profile) => profile.id).join(', ')
      throw new VpnError('usage', {
        problem: `Several profiles are called ${nameOrId}; name one by its id: ${ids}.`,
      })
    }
    const asBroken = broken.find(({ file }) => file.toLowerCase() === `${wanted}.json`)
    if (asBroken !== undefined) {
      const problem = asBroken.where === '' ? asBroken.problem : `${asBroken.where}: ${asBroken.problem}`
      throw new VpnError('profile-invalid', { profile: nameOrId, problem })
    }
    throw new VpnError('profile-not-found', { profile: nameOrId })
  }

  async function save(profile: Profile): Promise<void> {
    const checked = checkProfile(profile)
    if (!checked.ok) {
      const [first] = checked.error
      throw new VpnError('profile-invalid', {
        profile: profile.name,
        problem: first === undefined ? 'it is no profile' : `${first.where}: ${first.problem}`,
      })
    }
    await makePrivateDirectory(directory)
    await writeAtomically(
      pathOf(profile.id),
      new TextEncoder().encode(`${JSON.stringify(checked.value, null, 2)}\n`),
    )
  }

  const remove = async (id: string): Promise<void> => rm(pathOf(id), { force: true })

  return { directory, list, find, save, remove }
}

/** Makes the directory for its owner alone. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const found = await stat(directory)
  if (found.uid === process.getuid?.() && (found.mode & 0o077) !== 0) await chmod(directory, 0o700)
}

/** Replaces a file by content that is wholly on the disk, readable by its owner alone. */
export async function writeAtomically(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}
