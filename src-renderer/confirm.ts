import { shallowRef } from 'vue'

export interface Confirmation {
  readonly title: string
  readonly text: string
  /** The button that does it. */
  readonly action: string
  readonly danger?: boolean
}

/** The question that app.vue shows at the moment. */
export const asked = shallowRef<(Confirmation & { readonly settle: (yes: boolean) => void }) | undefined>()

/** Asks before something that cannot be taken back; true when the person wants it. */
export function confirm(question: Confirmation): Promise<boolean> {
  asked.value?.settle(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      settle: (yes) => {
        asked.value = undefined
        resolve(yes)
      },
    }
  })
}
