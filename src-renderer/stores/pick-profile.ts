import type { LibraryEntry } from '../../src-shared/library.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'

/** Which profile a window shows that nobody has told otherwise. */
export function pickProfile(
  entries: readonly LibraryEntry[],
  connections: readonly ConnectionStatus[],
  chosen: string | undefined,
): string | undefined {
  const exists = (id: string) =>
    entries.some(({ profile }) => profile.id === id) || connections.some(({ profileId }) => profileId === id)
  if (chosen !== undefined && exists(chosen)) return chosen
  const alive = connections.find(({ state }) => state.kind !== 'disconnected')
  if (alive !== undefined) return alive.profileId
  const last = entries.reduce<LibraryEntry | undefined>(
    (newest, entry) => ((entry.lastConnectedAt ?? 0) > (newest?.lastConnectedAt ?? 0) ? entry : newest),
    undefined,
  )
  return (last ?? entries.find(({ favourite }) => favourite) ?? entries[0])?.profile.id
}
