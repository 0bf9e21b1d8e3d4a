/**
 * Keeps secrets only where they are safe: keys that are encrypted by themselves in a private directory, all else in the
 * desktop's keyring. There is no third place: what neither takes is asked for each time.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Secret } from '../../src-shared/secret.ts'
import { Secret as SecretValue } from '../../src-shared/secret.ts'
import { makePrivateDirectory, readLimited, writeAtomically } from '../profiles/store.ts'
import type { Keyring } from './keyring.ts'

export interface SecretEntry {
  readonly id: string
  /** The profile it belongs to; it is given to no other. */
  readonly profileId: string
  /** For the keyring's own window: what it is for. */
  readonly label: string
  /** Whether the bytes protect themselves, so that they may lie on a disk. */
  readonly encrypted: boolean
  readonly value: Secret
}

export type Kept = 'key-file' | 'keyring' | 'not-kept'

export interface SecretStore {
  /** The entry's value stays the caller's to wipe. */
  keep(entry: SecretEntry): Promise<Kept>
  /** The caller wipes it. Undefined when it is not there. */
  fetch(profileId: string, id: string): Promise<Secret | undefined>
  /** Forgets all secrets of a profile. */
  forget(profileId: string): Promise<void>
}

const KEY_LIMIT = 262_144
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export function createSecretStore(keysDirectory: string, keyring: Keyring | undefined): SecretStore {
  /** Undefined for ids that are no file names of ours. */
  const pathOf = (profileId: string, id: string): string | undefined =>
    UUID.test(profileId) && UUID.test(id)
      ? join(keysDirectory, profileId.toLowerCase(), `${id.toLowerCase()}.key`)
      : undefined

  return {
    async keep({ id, profileId, label, encrypted, value }) {
      const path = encrypted ? pathOf(profileId, id) : undefined
      if (path !== undefined) {
        await makePrivateDirectory(keysDirectory)
        await makePrivateDirectory(join(keysDirectory, profileId.toLowerCase()))
        await writeAtomically(path, value.reveal())
        return 'key-file'
      }
      return (await keyring?.keep(profileId, id, label, value)) === true ? 'keyring' : 'not-kept'
    },
    async fetch(profileId, id) {
      const path = pathOf(profileId, id)
      const file = path === undefined ? undefined : await readLimited(path, KEY_LIMIT)
      if (file?.ok === true) return new SecretValue(file.value)
      return keyring?.fetch(profileId, id)
    },
    async forget(profileId) {
      if (!UUID.test(profileId)) return
      await rm(join(keysDirectory, profileId.toLowerCase()), { recursive: true, force: true })
      await keyring?.forget(profileId)
    },
  }
}

/** Secrets that came with a file which is used without being stored; they live as long as the process. */
export function createPassingStore(
  entries: readonly Pick<SecretEntry, 'id' | 'profileId' | 'value'>[],
): SecretStore {
  return {
    keep: () => Promise.resolve('not-kept'),
    fetch: (profileId, id) =>
      Promise.resolve(
        entries.find((entry) => entry.profileId === profileId && entry.id === id)?.value.copy(),
      ),
    forget(profileId) {
      for (const entry of entries) if (entry.profileId === profileId) entry.value.wipe()
      return Promise.resolve()
    },
  }
}
