import { shallowRef, watch, type Ref } from 'vue'

/** When the value was last reported: what its ages and countdowns start from. */
export function useReportedAt(value: () => unknown): Readonly<Ref<number>> {
  const reportedAt = shallowRef(Date.now())
  watch(value, () => {
    reportedAt.value = Date.now()
  })
  return reportedAt
}
