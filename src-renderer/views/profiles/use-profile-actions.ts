/** What can be done to a profile of the list; each says what it did. */
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import type { LibraryEntry } from '../../../src-shared/library.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import { announce } from '../../announce.ts'
import { callOrTell } from '../../commands.ts'
import { confirm } from '../../confirm.ts'
import { useConnections, useLibrary } from '../../stores/slices.ts'
import { useCurrent } from '../../stores/connection.ts'
import { showToast } from '../../toasts.ts'
import { changed, moved, standing, stepped, type Place, type Section } from './arrange.ts'

/** `toExport`: shows the dialog that exports a profile. */
export function useProfileActions({ toExport }: { readonly toExport: (profile: Profile) => void }) {
  const { t } = useI18n()
  const router = useRouter()
  const library = useLibrary()
  const connections = useConnections()
  const current = useCurrent()

  const stateOf = (id: string) => connections.value?.find(({ profileId }) => profileId === id)?.state
  const isUp = (id: string) => {
    const kind = stateOf(id)?.kind
    return kind !== undefined && kind !== 'disconnected' && kind !== 'failed'
  }

  const arrange = async (entries: readonly Place[], said: string) => {
    const done = await callOrTell('arrangeProfiles', { entries })
    if (done.ok) announce(said)
  }

  /** The new place in words, from the order that is about to be. */
  const placeSaid = ({ profile }: LibraryEntry, places: readonly Place[]): string => {
    if (library.value === undefined) return ''
    const entries = places.flatMap((place) => {
      const entry = library.value?.entries.find((one) => one.profile.id === place.profileId)
      return entry === undefined ? [] : [{ ...place, profile: entry.profile, secrets: entry.secrets }]
    })
    const found = standing({ ...library.value, entries }, profile.id)
    if (found === undefined) return ''
    const { section, place } = found
    return t('profiles.moved', {
      name: profile.name,
      place,
      total: section.entries.length,
      section: section.kind === 'folder' ? section.folder : t(`profiles.${section.kind}`),
    })
  }

  return {
    stateOf,
    isUp,
    /** Connects, and shows it where it is seen best. */
    connect: async ({ profile }: LibraryEntry) => {
      current.choose(profile.id)
      void callOrTell('connect', { profileId: profile.id })
      await router.push({ name: 'connect' })
    },
    disconnect: ({ profile }: LibraryEntry) => callOrTell('disconnect', { profileId: profile.id }),
    edit: ({ profile }: LibraryEntry) =>
      router.push({ name: 'profile-edit', params: { profileId: profile.id } }),
    async duplicate({ profile }: LibraryEntry) {
      const done = await callOrTell('duplicateProfile', { profileId: profile.id })
      if (!done.ok) return
      announce(t('profiles.duplicated', { name: profile.name }))
      await router.push({ name: 'profile-edit', params: { profileId: done.value.profileId } })
    },
    export: ({ profile }: LibraryEntry) => {
      toExport(profile)
    },
    async favour(entry: LibraryEntry) {
      if (library.value === undefined) return
      const { profile, favourite } = entry
      await arrange(
        changed(library.value, profile.id, (place) => ({ ...place, favourite: !favourite })),
        t(favourite ? 'profiles.unfavoured' : 'profiles.favoured', { name: profile.name }),
      )
    },
    async step(entry: LibraryEntry, by: -1 | 1) {
      if (library.value === undefined) return
      const places = stepped(library.value, entry.profile.id, by)
      await arrange(places, placeSaid(entry, places))
    },
    async drop(entry: LibraryEntry, section: Section, before: string | undefined) {
      if (library.value === undefined) return
      const places = moved(library.value, entry.profile.id, {
        section,
        ...(before === undefined ? {} : { before }),
      })
      await arrange(places, placeSaid(entry, places))
    },
    arrange,
    async forget({ profile: { id, name } }: LibraryEntry) {
      const wanted = await confirm({
        title: t('profiles.forgetTitle', { name }),
        text: t('profiles.forgetText'),
        action: t('profiles.forgetAction'),
        danger: true,
      })
      if (!wanted) return
      const done = await callOrTell('forgetSecrets', { profileId: id })
      if (done.ok) showToast(t('profiles.forgotten', { name }))
    },
    /** Gives whether it is gone; it can be brought back from the toast. */
    async remove({ profile: { id, name } }: LibraryEntry): Promise<boolean> {
      if (isUp(id)) {
        const wanted = await confirm({
          title: t('profiles.deleteConnectedTitle', { name }),
          text: t('profiles.deleteConnectedText'),
          action: t('profiles.deleteConnectedAction'),
          danger: true,
        })
        if (!wanted) return false
        const ended = await callOrTell('disconnect', { profileId: id })
        if (!ended.ok) return false
      }
      const done = await callOrTell('deleteProfiles', { profileIds: [id] })
      if (!done.ok) return false
      const bringBack = async () => {
        const back = await callOrTell('restoreProfiles', { profileIds: [id] })
        if (back.ok) announce(t('profiles.restored', { name }))
      }
      showToast(t('profiles.deleted', { name }), {
        action: { label: t('ui.undo'), run: () => void bringBack() },
      })
      return true
    },
  }
}

export type ProfileActions = ReturnType<typeof useProfileActions>
