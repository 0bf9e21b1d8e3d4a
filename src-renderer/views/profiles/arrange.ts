/** The profile list as it is shown and moved about: pure; the main process keeps the order. */
import type { Library, LibraryEntry } from '../../../src-shared/library.ts'

export interface Section {
  readonly kind: 'favourites' | 'folder' | 'top'
  /** The folder's name; empty for the others. */
  readonly folder: string
  readonly entries: readonly LibraryEntry[]
}

/** What is sent to keep an order. */
export interface Place {
  readonly profileId: string
  readonly folder?: string
  readonly favourite: boolean
}

export function found(entry: LibraryEntry, search: string): boolean {
  const { profile, folder } = entry
  const { authentication } = profile.local
  const texts = [
    profile.name,
    profile.gateway.address,
    folder ?? '',
    profile.local.identity ?? '',
    authentication.method === 'eap' ? authentication.username : '',
  ]
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => texts.some((text) => text.toLowerCase().includes(word)))
}

/** Favourites first, then what lies at the top, then each folder; a folder without a profile stays to drop into. */
export function sections(library: Library, search: string): readonly Section[] {
  const entries = library.entries.filter((entry) => found(entry, search))
  const favourites = entries.filter(({ favourite }) => favourite)
  const others = entries.filter(({ favourite }) => !favourite)
  const names = [
    ...new Set([
      ...library.folders,
      ...library.entries.flatMap(({ folder }) => (folder === undefined ? [] : [folder])),
    ]),
  ]
  const all: readonly Section[] = [
    { kind: 'favourites', folder: '', entries: favourites },
    { kind: 'top', folder: '', entries: others.filter(({ folder }) => folder === undefined) },
    ...names.map((name) => ({
      kind: 'folder' as const,
      folder: name,
      entries: others.filter(({ folder }) => folder === name),
    })),
  ]
  return all.filter(
    (section) => section.entries.length > 0 || (section.kind === 'folder' && search.trim() === ''),
  )
}

const placeOf = ({ profile, folder, favourite }: LibraryEntry): Place => ({
  profileId: profile.id,
  favourite,
  ...(folder === undefined ? {} : { folder }),
})

export const placesOf = (library: Library): readonly Place[] => library.entries.map(placeOf)

/** The entries in the order in which the sections show them. */
const shownOrder = (library: Library): readonly LibraryEntry[] =>
  sections(library, '').flatMap(({ entries }) => entries)

/** The order with one profile before another, in the other's section; before nobody: at the end of the section. */
export function moved(
  library: Library,
  profileId: string,
  to: { readonly section: Section; readonly before?: string },
): readonly Place[] {
  const entries = shownOrder(library)
  const entry = entries.find(({ profile }) => profile.id === profileId)
  if (entry === undefined || to.before === profileId) return placesOf(library)
  const others = entries.filter(({ profile }) => profile.id !== profileId).map(placeOf)
  const placed = inSection(placeOf(entry), to.section)
  const members = to.section.entries.map(({ profile }) => profile.id).filter((id) => id !== profileId)
  const last = members[members.length - 1]
  const index =
    to.before !== undefined
      ? others.findIndex((place) => place.profileId === to.before)
      : last === undefined
        ? others.length
        : others.findIndex((place) => place.profileId === last) + 1
  const at = index < 0 ? others.length : index
  return [...others.slice(0, at), placed, ...others.slice(at)]
}

/** A favourite keeps the folder it came from, so that it finds back. */
function inSection(place: Place, section: Section): Place {
  switch (section.kind) {
    case 'favourites':
      return { ...place, favourite: true }
    case 'top':
      return { profileId: place.profileId, favourite: false }
    case 'folder':
      return { profileId: place.profileId, favourite: false, folder: section.folder }
  }
}

/** One step up or down inside its section; unchanged at the ends. */
export function stepped(library: Library, profileId: string, step: -1 | 1): readonly Place[] {
  const section = sections(library, '').find(({ entries }) =>
    entries.some(({ profile }) => profile.id === profileId),
  )
  if (section === undefined) return placesOf(library)
  const ids = section.entries.map(({ profile }) => profile.id)
  const index = ids.indexOf(profileId)
  if (ids[index + step] === undefined) return placesOf(library)
  const before = ids[step === -1 ? index - 1 : index + 2]
  return moved(library, profileId, { section, ...(before === undefined ? {} : { before }) })
}

/** The order with one profile's folder or favourite changed. */
export const changed = (
  library: Library,
  profileId: string,
  change: (place: Place) => Place,
): readonly Place[] =>
  placesOf(library).map((place) => (place.profileId === profileId ? change(place) : place))

export const withFolder = (place: Place, folder: string | undefined): Place => ({
  profileId: place.profileId,
  favourite: place.favourite,
  ...(folder === undefined ? {} : { folder }),
})

/** The order with every profile of a folder in another one, or in none. */
export const folderChanged = (library: Library, folder: string, to: string | undefined): readonly Place[] =>
  placesOf(library).map((place) => (place.folder === folder ? withFolder(place, to) : place))

/** Where a profile stands in its section, counted from 1. */
export function standing(
  library: Library,
  profileId: string,
): { readonly section: Section; readonly place: number } | undefined {
  for (const section of sections(library, '')) {
    const index = section.entries.findIndex(({ profile }) => profile.id === profileId)
    if (index >= 0) return { section, place: index + 1 }
  }
  return undefined
}
