import { useEventListener } from '@vueuse/core'
import { ref } from 'vue'
import { useRouter } from 'vue-router'
import { shortcutFor } from '../shortcuts.ts'
import { useToggle } from './toggle.ts'

/** Listens for the shortcuts of the whole window. */
export function useShortcuts() {
  const paletteOpen = ref(false)
  const helpOpen = ref(false)
  const router = useRouter()
  const { toggle } = useToggle()

  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    const id = event.defaultPrevented ? undefined : shortcutFor(event)
    if (id === undefined) return
    // A dialog that waits for an answer is not left by a key.
    const modal = document.querySelector('[role="dialog"], [role="alertdialog"]') !== null
    if (modal && !(id === 'palette' && paletteOpen.value)) return
    event.preventDefault()
    switch (id) {
      case 'toggle':
        void toggle()
        return
      case 'palette':
        paletteOpen.value = !paletteOpen.value
        return
      case 'help':
        helpOpen.value = true
        return
      case 'settings':
      case 'connect':
      case 'profiles':
      case 'status':
      case 'exchange':
      case 'log':
        void router.push({ name: id })
    }
  })
  return { paletteOpen, helpOpen }
}
