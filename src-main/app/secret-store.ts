/**
 * Keeps secrets only where they are safe: keys that are encrypted by themselves in a private directory, all else in the
 * desktop's keyring. There is no third place: what neither takes is asked for each time.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { keptCertificateId } from '../../src-shared/certificates.ts'
import type { Secret } from '../../src-shared/secret.ts'
import { Secret as SecretValue } from '../../src-shared/secret.ts'
import { makePrivateDirectory, readLimited, writeAtomically } from '../profiles/store.ts'
import type { Keyring } from './keyring.ts'

export interface SecretEntry {
  readonly id: string
  /** The profile it belongs to; it is given to no other. Of a kept certificate's key: the certificate's id, as `id` is. */
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
  /** The caller wipes it. Undefined when it is not there. `id` may name a kept certificate: then it is that one's key. */
  fetch(profileId: string, id: string): Promise<Secret | undefined>
  /** Gives another profile a secret of its own with the same bytes, in the same kind of place. False when that cannot be. */
  copy(from: SecretName, to: SecretName & { readonly label: string }): Promise<boolean>
  /** Forgets one secret. */
  drop(profileId: string, id: string): Promise<void>
  /** Forgets all secrets of a profile. */
  forget(profileId: string): Promise<void>
}

export interface SecretName {
  readonly profileId: string
  readonly id: string
}

const KEY_LIMIT = 262_144
const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export function createSecretStore(keysDirectory: string, keyring: Keyring | undefined): SecretStore {
  /** Undefined for ids that are no file names of ours. */
  const pathOf = (profileId: string, id: string): string | undefined =>
    UUID.test(profileId) && UUID.test(id)
      ? join(keysDirectory, profileId.toLowerCase(), `${id.toLowerCase()}.key`)
      : undefined

  const readFile = async (path: string | undefined): Promise<Secret | undefined> => {
    const file = path === undefined ? undefined : await readLimited(path, KEY_LIMIT)
    return file?.ok === true ? new SecretValue(file.value) : undefined
  }
  const writeFile = async (profileId: string, path: string, value: Secret): Promise<void> => {
    await makePrivateDirectory(keysDirectory)
    await makePrivateDirectory(join(keysDirectory, profileId.toLowerCase()))
    await writeAtomically(path, value.reveal())
  }

  return {
    async keep({ id, profileId, label, encrypted, value }) {
      const path = encrypted ? pathOf(profileId, id) : undefined
      if (path !== undefined) {
        await writeFile(profileId, path, value)
        return 'key-file'
      }
      return (await keyring?.keep(profileId, id, label, value)) === true ? 'keyring' : 'not-kept'
    },
    async fetch(profileId, id) {
      // A kept certificate's key is its own, whichever profile names it.
      const certificateId = keptCertificateId(id)
      if (certificateId !== undefined)
        return (
          (await readFile(pathOf(certificateId, certificateId))) ??
          keyring?.fetch(certificateId, certificateId)
        )
      return (await readFile(pathOf(profileId, id))) ?? keyring?.fetch(profileId, id)
    },
    async copy(from, to) {
      const inFile = await readFile(pathOf(from.profileId, from.id))
      const value = inFile ?? (await keyring?.fetch(from.profileId, from.id))
      if (value === undefined) return false
      try {
        const path = inFile === undefined ? undefined : pathOf(to.profileId, to.id)
        if (path === undefined) return (await keyring?.keep(to.profileId, to.id, to.label, value)) === true
        await writeFile(to.profileId, path, value)
        return true
      } finally {
        value.wipe()
      }
    },
    async drop(profileId, id) {
      const path = pathOf(profileId, id)
      if (path !== undefined) await rm(path, { force: true })
      await keyring?.drop(profileId, id)
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
    copy: () => Promise.resolve(false),
    drop(profileId, id) {
      for (const entry of entries) if (entry.profileId === profileId && entry.id === id) entry.value.wipe()
      return Promise.resolve()
    },
    forget(profileId) {
      for (const entry of entries) if (entry.profileId === profileId) entry.value.wipe()
      return Promise.resolve()
    },
  }
}
