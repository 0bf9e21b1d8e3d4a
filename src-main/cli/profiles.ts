/** Opens the stores of profiles and secrets, and finds the profile that a command names: a stored one, or a file. */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { CertificateStore } from '../app/certificate-store.ts'
import { certificatesDirectory, createCertificateStore } from '../app/certificate-store.ts'
import { importFile } from '../app/import-profiles.ts'
import { createKeyring } from '../app/keyring.ts'
import type { SecretStore } from '../app/secret-store.ts'
import { createPassingStore, createSecretStore } from '../app/secret-store.ts'
import type { ImportProblem } from '../profiles/import/importer.ts'
import type { ProfileStore } from '../profiles/store.ts'
import { createProfileStore } from '../profiles/store.ts'
import type { Cli } from './context.ts'

export const openProfiles = ({ directories }: Cli): ProfileStore => createProfileStore(directories.profiles)

export const openSecrets = ({ directories, runProgram, environment }: Cli): SecretStore =>
  createSecretStore(directories.keys, createKeyring(runProgram, environment))

export const openCertificates = (cli: Cli): CertificateStore =>
  createCertificateStore(certificatesDirectory(cli.directories), openSecrets(cli))

/** A profile and what belongs to it. */
export interface FoundProfile {
  readonly profile: Profile
  /** It is in the store, not just in a file. */
  readonly stored: boolean
  readonly secretStore: SecretStore
  /** What relative paths of secret files start from. */
  readonly baseDirectory: string
  /** What was said when it was read from a file. */
  readonly problems: readonly ImportProblem[]
  /** Wipes secrets that came with a file. */
  dispose(): void
}

/**
 * The stored profile of this name or id, else the file of this name, read but not stored. Throws VpnError 'profile-not-found',
 * 'profile-invalid' or 'usage'.
 */
export async function findProfile(cli: Cli, target: string, username?: string): Promise<FoundProfile> {
  const store = openProfiles(cli)
  try {
    const profile = await store.find(target)
    return {
      profile,
      stored: true,
      secretStore: openSecrets(cli),
      baseDirectory: store.directory,
      problems: [],
      dispose: () => undefined,
    }
  } catch (error) {
    const isUnknown = error instanceof VpnError && error.code === 'profile-not-found'
    if (!isUnknown || !existsSync(target)) throw error
  }
  const imported = await importFile(target, username === undefined ? {} : { username })
  if (!imported.ok) throw new VpnError('profile-invalid', { file: target, problem: imported.error })
  const { profiles, secrets, problems } = imported.value
  const [profile, ...more] = profiles
  if (profile === undefined) {
    const first = problems.find(({ level }) => level === 'error')
    throw new VpnError('profile-invalid', {
      file: target,
      problem: first === undefined ? 'there is no profile in it' : `${first.where}: ${first.problem}`,
      ...(first === undefined ? {} : { advice: first.advice }),
    })
  }
  if (more.length > 0) {
    const problem = `There are ${profiles.length} profiles in ${target}. Import it, then name the one you want.`
    throw new VpnError('usage', { problem })
  }
  return {
    profile,
    stored: false,
    secretStore: createPassingStore(secrets),
    baseDirectory: dirname(resolve(target)),
    problems,
    dispose() {
      for (const { value } of secrets) value.wipe()
    },
  }
}
