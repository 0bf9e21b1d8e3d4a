/** An import that is being looked at: from files chosen or dropped here, or from outside the window. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ImportPreview } from '../../src-shared/library.ts'
import { call, callOrTell } from '../commands.ts'
import { filesFrom } from '../files.ts'
import { useIncomingImport } from './slices.ts'

export const useImportDraft = defineStore('importDraft', () => {
  const incoming = useIncomingImport()
  const own = shallowRef<ImportPreview>()
  const busy = shallowRef(false)
  /** What was chosen here, so that it can be read again with a user name; empty for what came from outside. */
  const chosen = shallowRef<readonly File[]>([])
  const preview = computed(() => own.value ?? incoming.value ?? undefined)

  /** Looks into files; layout/file-drop.vue goes to the view of whatever preview there is. */
  const open = async (given: Iterable<File>, username?: string) => {
    busy.value = true
    try {
      const all = [...given]
      const files = await filesFrom(all)
      if (files.length === 0) return
      chosen.value = all
      const asked = await callOrTell('previewImport', { files, ...(username ? { username } : {}) })
      if (!asked.ok) return
      own.value = asked.value
    } finally {
      busy.value = false
    }
  }

  /** Reads the same files with a user name for those that name none. */
  const again = (username: string) => open(chosen.value, username)

  /** After it was kept: nothing is to be discarded in the main process. */
  const done = () => {
    own.value = undefined
    chosen.value = []
  }
  const discard = async () => {
    const id = preview.value?.id
    own.value = undefined
    chosen.value = []
    if (id !== undefined) await call('discardImport', { id })
  }
  return { preview, busy, chosen, open, again, done, discard }
})
