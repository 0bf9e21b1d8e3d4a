/** An import that is being looked at: from files chosen or dropped here, or from outside the window. */
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { ImportPreview } from '../../src-shared/library.ts'
import { call, callOrTell } from '../commands.ts'
import { filesFrom } from '../files.ts'
import { useIncomingImport } from './slices.ts'

export interface Lacked {
  readonly username?: string
  readonly password?: string
}

export const useImportDraft = defineStore('importDraft', () => {
  const incoming = useIncomingImport()
  const own = shallowRef<ImportPreview>()
  const busy = shallowRef(false)
  /** What has been given for files that lacked it, for as long as they are looked at. */
  const lacked = shallowRef<Lacked>({})
  const preview = computed(() => own.value ?? incoming.value ?? undefined)

  /** Looks into files; layout/file-drop.vue goes to the view of whatever preview there is. */
  const open = async (given: Iterable<File>) => {
    busy.value = true
    try {
      const files = await filesFrom(given)
      if (files.length === 0) return
      const asked = await callOrTell('previewImport', { files })
      if (!asked.ok) return
      lacked.value = {}
      own.value = asked.value
    } finally {
      busy.value = false
    }
  }

  /** Reads the same files once more, with a user name or a password that they lacked. */
  const again = async (more: Lacked) => {
    const id = preview.value?.id
    if (id === undefined) return
    busy.value = true
    lacked.value = { ...lacked.value, ...more }
    const asked = await callOrTell('previewAgain', { id, ...lacked.value })
    busy.value = false
    if (asked.ok) own.value = asked.value
  }

  /** After it was kept: nothing is to be discarded in the main process. */
  const done = () => {
    own.value = undefined
    lacked.value = {}
  }
  const discard = async () => {
    const id = preview.value?.id
    own.value = undefined
    lacked.value = {}
    if (id !== undefined) await call('discardImport', { id })
  }
  return { preview, busy, lacked, open, again, done, discard }
})
