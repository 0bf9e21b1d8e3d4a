import type { ConnectionState } from '../../../src-shared/connection-state.ts'
import type { LibraryEntry } from '../../../src-shared/library.ts'
import type { ConnectionStatus } from '../../../src-shared/status.ts'
import type { Tone } from '../../ui/tone.ts'
import { markFor, toneFor } from './look.ts'

export interface Choice {
  readonly id: string
  readonly name: string
  readonly gateway: string
  /** How one logs in; absent where the profile is another process's. */
  readonly method: 'psk' | 'certificate' | 'eap' | undefined
  readonly state: ConnectionState['kind'] | undefined
  readonly tone: Tone
}

/** What can be chosen: favourites first, else the person's order; then connections that others carry (terminals, the demo). */
export function choicesFrom(
  entries: readonly LibraryEntry[],
  connections: readonly ConnectionStatus[],
): readonly Choice[] {
  const statusOf = (id: string) => connections.find(({ profileId }) => profileId === id)
  const known = [...entries]
    .sort((a, b) => Number(b.favourite) - Number(a.favourite))
    .map(({ profile }) => {
      const status = statusOf(profile.id)
      return {
        id: profile.id,
        name: profile.name,
        gateway: profile.gateway.address,
        method: profile.local.authentication.method,
        state: status?.state.kind,
        tone: toneFor(markFor(status)),
      }
    })
  const foreign = connections
    .filter(({ profileId }) => !entries.some(({ profile }) => profile.id === profileId))
    .map((status) => ({
      id: status.profileId,
      name: status.profileName,
      gateway: status.gateway?.name ?? '',
      method: undefined,
      state: status.state.kind,
      tone: toneFor(markFor(status)),
    }))
  return [...known, ...foreign]
}
