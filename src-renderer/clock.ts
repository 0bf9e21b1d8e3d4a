import { useDocumentVisibility } from '@vueuse/core'
import { onScopeDispose, readonly, shallowRef, watch, type Ref } from 'vue'

const now = shallowRef(Date.now())
let users = 0
let timer: ReturnType<typeof setInterval> | undefined

function run(wanted: boolean): void {
  if (wanted && timer === undefined) {
    now.value = Date.now()
    timer = setInterval(() => {
      now.value = Date.now()
    }, 1000)
  } else if (!wanted && timer !== undefined) {
    clearInterval(timer)
    timer = undefined
  }
}

/** The time of day, once a second, for as long as somebody shows it and the window is seen. */
export function useNow(): Readonly<Ref<number>> {
  const visibility = useDocumentVisibility()
  users += 1
  watch(
    visibility,
    (seen) => {
      run(users > 0 && seen === 'visible')
    },
    { immediate: true },
  )
  onScopeDispose(() => {
    users -= 1
    if (users === 0) run(false)
  })
  return readonly(now)
}
