/** The connection that the window is about: the one that was chosen, else one that is alive, else the last one, else the first. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { pickProfile } from './pick-profile.ts'
import { useConnections, useDemo, useLibrary } from './slices.ts'

export const useCurrent = defineStore('current', () => {
  const library = useLibrary()
  const connections = useConnections()
  const demo = useDemo()
  const chosen = shallowRef<string>()

  const profileId = computed(() =>
    pickProfile(library.value?.entries ?? [], connections.value ?? [], chosen.value),
  )
  const status = computed(() => connections.value?.find((one) => one.profileId === profileId.value))
  const entry = computed(() => library.value?.entries.find((one) => one.profile.id === profileId.value))
  const isDemo = computed(() => demo.value?.kind === 'running' && demo.value.profileId === profileId.value)
  /** Whether the first snapshots are there. */
  const known = computed(() => library.value !== undefined && connections.value !== undefined)

  const choose = (id: string) => {
    chosen.value = id
  }
  return { profileId, status, entry, isDemo, known, choose }
})
