import type { LibraryEntry, SecretPlace } from '../../../src-shared/library.ts'
import type { Profile } from '../../../src-shared/profile.ts'

/** Whether a profile sends all there is through the tunnel, of at least one family. */
export const takesEverything = (profile: Pick<Profile, 'traffic'>): boolean =>
  profile.traffic.remote.every((prefix) => prefix === '0.0.0.0/0' || prefix === '::/0')

/** Where the secret comes from; where there are several, the one that takes the most of the person. */
export function secretPlace({ secrets }: Pick<LibraryEntry, 'secrets'>): SecretPlace | undefined {
  const places = Object.values(secrets)
  return (['asked', 'file', 'kept'] as const).find((place) => places.includes(place))
}
