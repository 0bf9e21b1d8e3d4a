import { shallowRef } from 'vue'
import type { LibraryEntry } from '../../../src-shared/library.ts'

/** The profile that is being dragged, so that each section knows what would land in it. */
export const dragged = shallowRef<LibraryEntry>()
