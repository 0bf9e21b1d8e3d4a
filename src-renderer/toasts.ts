import { shallowRef } from 'vue'
import type { Tone } from './ui/tone.ts'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly tone: Tone
  readonly action?: { readonly label: string; readonly run: () => void }
}

/** The newest last. */
export const toasts = shallowRef<readonly Toast[]>([])
let last = 0

/** Tells that something was done, with a way back where there is one ("Undo"). */
export function showToast(text: string, more: { tone?: Tone; action?: Toast['action'] } = {}): void {
  last += 1
  const toast = {
    id: last,
    text,
    tone: more.tone ?? 'neutral',
    ...(more.action ? { action: more.action } : {}),
  }
  toasts.value = [...toasts.value.slice(-2), toast]
}

export const dropToast = (id: number): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}
