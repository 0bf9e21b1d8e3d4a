import { shallowRef } from 'vue'

/** What the live region says at the moment; app.vue shows it to screen readers alone. */
export const announcement = shallowRef('')

/** Says something to screen readers once it is their turn; the newest replaces what was not said yet. */
export function announce(text: string): void {
  // The same words twice would not be a change, hence would not be said again.
  announcement.value = announcement.value === text ? `${text}\u00A0` : text
}
