/** A profile being edited: what is typed, what is wrong with it, whether it differs from what is stored. */
import { watchDebounced } from '@vueuse/core'
import { computed, reactive, shallowReactive, shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { FieldProblem } from '../../../src-shared/library.ts'
import type { Profile } from '../../../src-shared/profile.ts'
import { call } from '../../commands.ts'
import { profileOf, typedSecrets } from './draft-profile.ts'
import { draftOf, unreadable } from './draft.ts'
import { fieldProblemWords } from './problem-words.ts'
import { problemAt, told } from './problems.ts'

/** How long the person may pause before what is typed is checked. */
const CHECK_AFTER_MS = 200

export function useDraft(base: Profile) {
  const { t } = useI18n()
  const draft = reactive(draftOf(base))
  const stored = JSON.stringify(draft)
  const found = shallowRef<readonly FieldProblem[]>([])
  const touched = shallowReactive(new Set<string>())
  const hasTriedToSave = shallowRef(false)
  let asked = 0

  const profile = computed(() => profileOf(draft, base))
  const isChanged = computed(() => JSON.stringify(draft) !== stored)
  /** What cannot even be read as a number comes before what the check says of it. */
  const problems = computed<readonly FieldProblem[]>(() => {
    const texts = unreadable(draft).map(({ field, example }) => ({
      field,
      problem: t(`editor.unreadable.${example}`),
    }))
    return [...texts, ...found.value.filter(({ field }) => !texts.some((text) => text.field === field))]
  })
  const shown = computed(() => told(problems.value, touched, hasTriedToSave.value))

  /** Asks the main process about the profile as it is now; gives every problem. */
  async function check(): Promise<readonly FieldProblem[]> {
    asked += 1
    const mine = asked
    const answer = await call('checkProfile', { draft: profile.value })
    // An older answer that comes late says nothing about what is typed now.
    if (mine === asked && answer.ok) found.value = answer.value
    return problems.value
  }
  watchDebounced(profile, () => void check(), { debounce: CHECK_AFTER_MS, deep: true, immediate: true })

  return {
    draft,
    profile,
    problems,
    shown,
    isChanged,
    hasTriedToSave,
    check,
    secrets: () => typedSecrets(draft),
    touch: (field: string) => {
      touched.add(field)
    },
    errorAt: (field: string): string | undefined => {
      const problem = problemAt(shown.value, field)
      return problem === undefined ? undefined : fieldProblemWords(problem, field, t)
    },
  }
}
