/** What of a change is worth a notification. Pure. */
import { errorTable as german } from '../../src-shared/error-words-de.ts'
import { errorWords, errorWordsFrom } from '../../src-shared/error-words.ts'
import type { Failure } from '../../src-shared/errors.ts'
import type { Settings } from '../../src-shared/settings.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { Words } from './words/en.ts'

export interface News {
  readonly profileId: string
  readonly title: string
  readonly body: string
  readonly urgency: 'low' | 'normal' | 'critical'
}

type Connections = readonly ConnectionStatus[]

/** What happened between two values of the slice. `asked`: profiles that the person ended; that is no news to them. */
export function newsBetween(
  before: Connections,
  after: Connections,
  level: Settings['notifications'],
  words: Words,
  language: 'en' | 'de',
): readonly News[] {
  if (level === 'none') return []
  const previous = new Map(before.map((connection) => [connection.profileId, connection]))
  const told = after.flatMap((now) => newsOf(previous.get(now.profileId), now, words, language))
  const gone = before.filter(({ profileId }) => !after.some((now) => now.profileId === profileId))
  const { notifications } = words
  const ended = gone
    .filter(({ state }) => state.kind === 'disconnecting' || state.kind === 'connected')
    .map(({ profileId, profileName }): Told => ({
      profileId,
      title: notifications.disconnected(profileName),
      body: notifications.disconnectedBody,
      urgency: 'low',
      isProblem: false,
    }))
  return [...told, ...ended]
    .filter(({ isProblem }) => level === 'all' || isProblem)
    .map(({ profileId, title, body, urgency }) => ({ profileId, title, body, urgency }))
}

interface Told extends News {
  readonly isProblem: boolean
}

function newsOf(
  before: ConnectionStatus | undefined,
  now: ConnectionStatus,
  { notifications: say }: Words,
  language: 'en' | 'de',
): readonly Told[] {
  const { profileId, profileName: name, state, question } = now
  const was = before?.state.kind
  if (question !== undefined && question.id !== before?.question?.id)
    return [
      {
        profileId,
        title: say.question(name),
        body: say.questions[question.kind],
        urgency: 'normal',
        isProblem: true,
      },
    ]
  if (was === state.kind) return []
  switch (state.kind) {
    case 'connected':
      return [
        {
          profileId,
          title: say.connected(name),
          body: say.connectedBody,
          urgency: 'low',
          isProblem: was === 'reconnecting',
        },
      ]
    case 'reconnecting':
      return was === 'connected'
        ? [{ profileId, title: say.dropped(name), body: say.droppedBody, urgency: 'normal', isProblem: true }]
        : []
    case 'failed': {
      // Cancelling is the person's own doing.
      if (state.failure.code === 'cancelled') return []
      const stood = was === 'connected' || was === 'reconnecting'
      const body = whatOf(state.failure, language)
      return [
        {
          profileId,
          title: stood ? say.lost(name) : say.failed(name),
          body,
          urgency: 'critical',
          isProblem: true,
        },
      ]
    }
    case 'disconnected':
    case 'connecting':
    case 'disconnecting':
      return []
  }
}

/** What found something wrong says so in English alone: in other languages the sentence goes without it, the window has it. */
const foundWrong: ReadonlySet<string> = new Set(['check', 'reason', 'problem', 'step', 'what'])

function whatOf(failure: Failure, language: 'en' | 'de'): string {
  if (language === 'en') return errorWords(failure).what
  const details = Object.entries(failure.details).filter(([name]) => !foundWrong.has(name))
  return errorWordsFrom(german, { ...failure, details: Object.fromEntries(details) }).what
}
