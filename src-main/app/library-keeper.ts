/**
 * The person's profiles as a list they arrange. The profiles' files are shared with terminals and watched; their order, folders
 * and favourites are this app's own.
 */
import { randomUUID } from 'node:crypto'
import type { FSWatcher } from 'node:fs'
import { watch } from 'node:fs'
import { VpnError } from '../../src-shared/errors.ts'
import type { Library } from '../../src-shared/library.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Log } from '../ports.ts'
import type { ProfileStore } from '../profiles/store.ts'
import { makePrivateDirectory } from '../profiles/store.ts'
import type { Arrangement } from './arrangement.ts'
import { arrange, arrangementSchema, emptyArrangement, rearranged, withEntry } from './arrangement.ts'
import { createTurns } from './in-turn.ts'
import { readJsonFile, writeJsonFile } from './json-file.ts'
import type { GivenSecret } from './profile-secrets.ts'
import { copySecrets, dropUnused, forgetTyped, keepSecrets } from './profile-secrets.ts'
import type { SecretStore } from './secret-store.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

export interface LibraryParts {
  readonly profiles: ProfileStore
  readonly secretStore: SecretStore
  /** `library.json`. */
  readonly file: string
  readonly keepsSecrets: Library['keepsSecrets']
  readonly log: Log
}

/** All reject with VpnError. */
export interface LibraryKeeper {
  readonly slice: Slice<Library>
  save(profile: Profile, secrets: readonly GivenSecret[]): Promise<void>
  /** Gives the id of the copy, which stands behind the original. */
  duplicate(profileId: string): Promise<string>
  delete(profileIds: readonly string[]): Promise<void>
  restore(profileIds: readonly string[]): Promise<void>
  arrange(
    entries: readonly { readonly profileId: string; readonly folder?: string; readonly favourite: boolean }[],
  ): Promise<void>
  forgetSecrets(profileId: string): Promise<void>
  connected(profileId: string, at: number): Promise<void>
  /** Looks at the files anew. */
  refresh(): Promise<void>
  /** Forgets the secrets of what was deleted. */
  close(): Promise<void>
}

/** Several files written at once are one change. */
const SETTLE_MS = 60

export async function openLibrary(parts: LibraryParts): Promise<LibraryKeeper> {
  const { profiles: store, secretStore, file, keepsSecrets, log } = parts
  const inTurn = createTurns()
  /** Deleted since the app began, for as long as they can be brought back. */
  const deleted = new Map<string, Profile>()
  let present: readonly Profile[] = []

  const stored = await readJsonFile(file, arrangementSchema)
  if (!stored.ok)
    log('warn', 'library', 'The order of the profiles cannot be read', { problem: stored.error })
  let arrangement: Arrangement = (stored.ok ? stored.value : undefined) ?? emptyArrangement

  const slice = createSlice<Library>({ entries: [], folders: [], unreadable: [], keepsSecrets })

  async function look(): Promise<void> {
    const { profiles, broken } = await store.list()
    present = profiles
    const entries = arrange(profiles, arrangement)
    const folders = [...new Set(entries.flatMap(({ folder }) => (folder === undefined ? [] : [folder])))]
    const unreadable = broken.map((one) => ({
      file: one.file,
      problem: one.where === '' ? one.problem : `${one.where}: ${one.problem}`,
    }))
    const next: Library = { entries, folders, unreadable, keepsSecrets }
    if (JSON.stringify(next) !== JSON.stringify(slice.read())) slice.write(next)
  }

  async function keepArrangement(next: Arrangement): Promise<void> {
    if (JSON.stringify(next) === JSON.stringify(arrangement)) return
    await writeJsonFile(file, next)
    arrangement = next
  }

  const profileOf = (id: string): Profile => {
    const found = present.find((profile) => profile.id === id)
    if (found === undefined) throw new VpnError('profile-not-found', { profile: id })
    return found
  }

  /** Forgets for good what is still to be forgotten and has not come back. Not in turn: a keyring that asks to be unlocked holds up nobody. */
  async function forgetDeleted(): Promise<void> {
    const { forgetting } = arrangement
    if (forgetting.length === 0) return
    const back = new Set((await store.list()).profiles.map(({ id }) => id))
    const gone = forgetting.filter((id) => !back.has(id))
    for (const id of gone) await secretStore.forget(id)
    await inTurn(() =>
      keepArrangement({
        ...arrangement,
        entries: arrangement.entries.filter(({ profileId }) => !gone.includes(profileId)),
        forgetting: arrangement.forgetting.filter((id) => !forgetting.includes(id)),
      }),
    )
  }

  const changing = (task: () => Promise<void>): Promise<void> =>
    inTurn(async () => {
      try {
        await task()
      } finally {
        await look()
      }
    })

  await makePrivateDirectory(store.directory)
  const reportTrouble = (error: unknown) =>
    log('warn', 'library', 'The profiles cannot be read', { problem: String(error) })
  const stopWatching = watchDirectory(store.directory, () => void inTurn(look).catch(reportTrouble))
  await inTurn(look)
  // An earlier run may have ended before it could.
  forgetDeleted().catch(reportTrouble)

  return {
    slice,
    refresh: () => inTurn(look),
    save: (profile, secrets) =>
      changing(async () => {
        const before = present.find(({ id }) => id === profile.id)
        const reason = keepsSecrets.yes ? '' : keepsSecrets.reason
        const kept = await keepSecrets(profile, secrets, secretStore, reason)
        await store.save(kept)
        deleted.delete(profile.id)
        if (before !== undefined) await dropUnused(before, kept, secretStore)
      }),
    async duplicate(profileId) {
      const id = randomUUID()
      await changing(async () => {
        const original = profileOf(profileId)
        const name = copyName(original.name, new Set(present.map((profile) => profile.name)))
        await store.save(await copySecrets(original, { ...original, id, name }, secretStore))
        const { entries } = withEntry(arrangement, present, profileId, (entry) => entry)
        const { folder } = entries.find((entry) => entry.profileId === profileId) ?? {}
        const copy = { profileId: id, favourite: false, ...(folder === undefined ? {} : { folder }) }
        await keepArrangement({
          ...arrangement,
          entries: entries.flatMap((entry) => (entry.profileId === profileId ? [entry, copy] : [entry])),
        })
      })
      return id
    },
    delete: (profileIds) =>
      changing(async () => {
        const chosen = profileIds.map(profileOf)
        const { entries } = withEntry(arrangement, present, '', (entry) => entry)
        // First, so that the secrets are forgotten even when the app ends here.
        const forgetting = [...new Set([...arrangement.forgetting, ...profileIds])]
        await keepArrangement({ ...arrangement, entries, forgetting })
        for (const profile of chosen) {
          await store.remove(profile.id)
          deleted.set(profile.id, profile)
        }
      }),
    restore: (profileIds) =>
      changing(async () => {
        for (const id of profileIds) {
          const profile = deleted.get(id)
          if (profile === undefined) throw new VpnError('profile-not-found', { profile: id })
          await store.save(profile)
          deleted.delete(id)
        }
        const forgetting = arrangement.forgetting.filter((id) => !profileIds.includes(id))
        await keepArrangement({ ...arrangement, forgetting })
      }),
    arrange: (entries) => changing(() => keepArrangement(rearranged(arrangement, entries))),
    forgetSecrets: (profileId) =>
      changing(async () => store.save(await forgetTyped(profileOf(profileId), secretStore))),
    connected: (profileId, at) =>
      changing(async () => {
        if (!present.some(({ id }) => id === profileId)) return
        await keepArrangement(
          withEntry(arrangement, present, profileId, (entry) => ({ ...entry, lastConnectedAt: at })),
        )
      }),
    async close() {
      stopWatching()
      await forgetDeleted()
    },
  }
}

/** `Office (copy)`, `Office (copy 2)`, … */
function copyName(name: string, taken: ReadonlySet<string>): string {
  // The schema's limit, with room for what is added.
  const base = name.slice(0, 110)
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? `${base} (copy)` : `${base} (copy ${number})`
    if (!taken.has(candidate)) return candidate
  }
}

/** Calls back once things have settled; gives the way to stop. */
function watchDirectory(directory: string, changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const watcher: FSWatcher = watch(directory, () => {
    clearTimeout(timer)
    timer = setTimeout(changed, SETTLE_MS)
  })
  // The directory itself was taken away: what is known stays.
  watcher.on('error', () => watcher.close())
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}
