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
  const preview = computed(() => own.value ?? incoming.value ?? undefined)

  /** Looks into files; layout/file-drop.vue goes to the view of whatever preview there is. */
  const open = async (chosen: Iterable<File>, username?: string) => {
    busy.value = true
    try {
      const files = await filesFrom(chosen)
      if (files.length === 0) return
      const asked = await callOrTell('previewImport', { files, ...(username ? { username } : {}) })
      if (!asked.ok) return
      own.value = asked.value
    } finally {
      busy.value = false
    }
  }

  /** After it was kept: nothing is to be discarded in the main process. */
  const done = () => {
    own.value = undefined
  }
  const discard = async () => {
    const id = preview.value?.id
    own.value = undefined
    if (id !== undefined) await call('discardImport', { id })
  }
  return { preview, busy, open, done, discard }
})
