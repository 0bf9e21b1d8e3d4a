import { watch } from 'vue'
import { announce } from './announce.ts'
import { wordsFor } from './failures.ts'
import { i18n } from './i18n.ts'
import { useConnections } from './stores/slices.ts'
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

/** A screen reader hears every change of state, by the profile's name. */
export function useAnnouncements(): void {
  const connections = useConnections()
  let said = new Map<string, string>()
  watch(
    () => connections.value,
    (all, before) => {
      const now = new Map((all ?? []).map((one) => [one.profileId, `${one.profileName}: ${stateOf(one)}`]))
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
}
