import { watch } from 'vue'
import { announce } from './announce.ts'
import { wordsFor } from './failures.ts'
import { i18n } from './i18n.ts'
import { useConnections, useNotices } from './stores/slices.ts'
import type { ConnectionStatus } from '../src-shared/status.ts'

const stateOf = (status: ConnectionStatus): string => {
  const { t } = i18n.global
  const { state } = status
  switch (state.kind) {
    case 'connecting':
      return t(`phase.${state.phase}`)
    case 'reconnecting':
      return `${t('state.reconnecting')}. ${t(`cause.${state.cause}`)}`
    case 'failed': {
      const { what, next } = wordsFor(state.failure)
      return `${what} ${next}`
    }
    case 'connected':
    case 'disconnected':
    case 'disconnecting':
      return t(`state.${state.kind}`)
  }
}

const textOf = (one: ConnectionStatus): string => {
  const held = one.killSwitch === 'holding' ? `${i18n.global.t('state.holding')}. ` : ''
  return `${one.profileName}: ${held}${stateOf(one)}`
}

/** A screen reader hears every change of state, by the profile's name, and every trouble that no connection owns. */
export function useAnnouncements(): void {
  const connections = useConnections()
  const notices = useNotices()
  let said = new Map<string, string>()
  watch(
    () => connections.value,
    (all, before) => {
      const now = new Map((all ?? []).map((one) => [one.profileId, textOf(one)]))
      const ended = (before ?? [])
        .filter(({ profileId }) => !now.has(profileId))
        .map(({ profileName }) => `${profileName}: ${i18n.global.t('state.disconnected')}`)
      const changed = [...now].filter(([id, text]) => said.get(id) !== text).map(([, text]) => text)
      const texts = [...changed, ...ended]
      // What stood when the window opened is on the page already.
      if (before !== undefined && texts.length > 0) announce(texts.join('. '))
      said = now
    },
  )
  watch(
    () => notices.value,
    (all, before) => {
      const known = new Set((before ?? []).map(({ id }) => id))
      const fresh = (all ?? []).filter(({ id }) => !known.has(id))
      if (fresh.length > 0) announce(fresh.map(({ failure }) => wordsFor(failure).what).join(' '))
    },
  )
}
