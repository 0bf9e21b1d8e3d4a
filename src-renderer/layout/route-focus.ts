import { nextTick } from 'vue'
import { useRouter } from 'vue-router'

/** After a change of view the focus goes to its heading, so that a screen reader says where one is and Tab goes on there. */
export function useRouteFocus(): void {
  useRouter().afterEach(async (to, from) => {
    if (from.name === undefined || to.name === from.name) return
    await nextTick()
    document.querySelector<HTMLElement>('[data-view-heading]')?.focus({ preventScroll: true })
  })
}
