import { inject, provide, useId, type ComputedRef, type InjectionKey } from 'vue'

/** How the control inside a Field is named and described to assistive technology. */
export interface FieldContext {
  readonly id: string
  readonly describedBy: ComputedRef<string | undefined>
  readonly invalid: ComputedRef<boolean>
  readonly required: ComputedRef<boolean>
}

const key: InjectionKey<FieldContext> = Symbol('field')

export const provideField = (context: FieldContext): void => {
  provide(key, context)
}

/** The Field around a control; `labelled` is false where there is none and the control must name itself. */
export function useField() {
  const context = inject(key, undefined)
  const own = useId()
  return {
    id: context?.id ?? own,
    labelled: context !== undefined,
    describedBy: context?.describedBy,
    invalid: context?.invalid,
    required: context?.required,
  }
}
