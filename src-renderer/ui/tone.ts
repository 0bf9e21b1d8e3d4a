import { CircleAlert, CircleCheck, CircleDashed, Info } from '@lucide/vue'
import type { Component } from 'vue'

/** What something means; each has a shape besides its colour. */
export type Tone = 'neutral' | 'info' | 'ok' | 'busy' | 'bad'

export const toneIcon: Readonly<Record<Tone, Component>> = {
  neutral: Info,
  info: Info,
  ok: CircleCheck,
  busy: CircleDashed,
  bad: CircleAlert,
}

export const toneClass: Readonly<Record<Tone, string>> = {
  neutral: 'bg-surface-2 text-normal',
  info: 'bg-accent-surface text-accent-text',
  ok: 'bg-ok-surface text-ok-text',
  busy: 'bg-busy-surface text-busy-text',
  bad: 'bg-bad-surface text-bad-text',
}
