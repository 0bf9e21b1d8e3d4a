/** How a person has arranged their profiles: order, folders, favourites. Kept apart from the profiles, which others write too. */
import * as v from 'valibot'
import type { LibraryEntry } from '../../src-shared/library.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { secretPlacesOf } from './profile-secrets.ts'

const arrangedProfile = v.object({
  profileId: v.pipe(v.string(), v.uuid()),
  folder: v.exactOptional(v.string()),
  favourite: v.boolean(),
  lastConnectedAt: v.exactOptional(v.number()),
})
export type ArrangedProfile = v.InferOutput<typeof arrangedProfile>

export const arrangementSchema = v.object({
  version: v.literal(1),
  entries: v.array(arrangedProfile),
  /** Profiles that were deleted, whose secrets are still to be forgotten. */
  forgetting: v.array(v.pipe(v.string(), v.uuid())),
})
export type Arrangement = v.InferOutput<typeof arrangementSchema>

export const emptyArrangement: Arrangement = { version: 1, entries: [], forgetting: [] }

/** The profiles in the person's order; those that were never arranged come last, as they are given. */
export function arrange(profiles: readonly Profile[], { entries }: Arrangement): readonly LibraryEntry[] {
  const places = new Map(entries.map(({ profileId }, index) => [profileId, index]))
  const byId = new Map(entries.map((entry) => [entry.profileId, entry]))
  const placeOf = ({ id }: Profile): number => places.get(id) ?? entries.length
  return profiles
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((profile) => {
      const { folder, favourite = false, lastConnectedAt } = byId.get(profile.id) ?? {}
      return {
        profile,
        favourite,
        secrets: secretPlacesOf(profile),
        ...(folder === undefined ? {} : { folder }),
        ...(lastConnectedAt === undefined ? {} : { lastConnectedAt }),
      }
    })
}

/** The arrangement in the given order; what is not named keeps its order behind it. */
export function rearranged(
  before: Arrangement,
  wanted: readonly { readonly profileId: string; readonly folder?: string; readonly favourite: boolean }[],
): Arrangement {
  const named = new Set(wanted.map(({ profileId }) => profileId))
  const earlier = new Map(before.entries.map((entry) => [entry.profileId, entry]))
  return {
    ...before,
    entries: [
      ...wanted.map((entry): ArrangedProfile => {
        const lastConnectedAt = earlier.get(entry.profileId)?.lastConnectedAt
        return lastConnectedAt === undefined ? { ...entry } : { ...entry, lastConnectedAt }
      }),
      ...before.entries.filter(({ profileId }) => !named.has(profileId)),
    ],
  }
}

/** One profile's entry changed. All profiles get their place by it, so that none moves because another was changed. */
export function withEntry(
  before: Arrangement,
  profiles: readonly Profile[],
  profileId: string,
  change: (entry: ArrangedProfile) => ArrangedProfile,
): Arrangement {
  const arranged = new Set(before.entries.map((entry) => entry.profileId))
  const entries = [
    ...before.entries,
    ...profiles.filter(({ id }) => !arranged.has(id)).map(({ id }) => ({ profileId: id, favourite: false })),
  ]
  return {
    ...before,
    entries: entries.map((entry) => (entry.profileId === profileId ? change(entry) : entry)),
  }
}
