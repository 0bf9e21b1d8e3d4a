/** How fast each connection carries, over the last minutes: from the counters of each status that arrives. */
import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { noHistory, RateRecorder, type RateHistory } from './rate-history.ts'
import { useConnections } from './slices.ts'

export const useRates = defineStore('rates', () => {
  const connections = useConnections()
  const recorders = new Map<string, RateRecorder>()
  const histories = shallowRef<ReadonlyMap<string, RateHistory>>(new Map())

  watch(
    () => connections.value,
    (all) => {
      if (all === undefined) return
      const at = Date.now()
      const alive = new Set(all.map(({ profileId }) => profileId))
      let changed = false
      for (const id of recorders.keys()) if (!alive.has(id)) changed = recorders.delete(id)
      for (const { profileId, traffic } of all) {
        const recorder = recorders.get(profileId) ?? new RateRecorder()
        recorders.set(profileId, recorder)
        changed = recorder.record(at, traffic) || changed
      }
      if (changed) histories.value = new Map([...recorders].map(([id, { history }]) => [id, history]))
    },
    { immediate: true },
  )

  const of = (profileId: string | undefined): RateHistory =>
    (profileId === undefined ? undefined : histories.value.get(profileId)) ?? noHistory
  return { of }
})
