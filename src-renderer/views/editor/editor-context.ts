import { inject, provide, type InjectionKey } from 'vue'
import type { Draft } from './draft.ts'

/** What the sections of the editor share. */
export interface EditorContext {
  /** Reactive; the sections write to it. */
  readonly draft: Draft
  /** What is wrong with a field, in words; undefined while it is right or has not been touched. */
  readonly errorAt: (field: string) => string | undefined
  /** From now on, what is wrong with the field is told. */
  readonly touch: (field: string) => void
}

const key: InjectionKey<EditorContext> = Symbol('editor')

export const provideEditor = (context: EditorContext): void => {
  provide(key, context)
}

export function useEditor(): EditorContext {
  const context = inject(key)
  if (context === undefined) throw new Error('A section of the editor stands outside of it')
  return context
}
