import { describe, expect, it } from 'vitest'
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import { errorCodes, isErrorCode } from '../../src-shared/error-words.ts'
import { failureDetails, failureReport } from '../../src-renderer/failure-details.ts'
import { wordsFor } from '../../src-renderer/failures.ts'
import { connected, connectionIn } from '../../src-renderer/fake/samples-connection.ts'
import { someEntries } from '../../src-renderer/fake/samples-library.ts'
import { secretPlace, takesEverything } from '../../src-renderer/views/connect/idle.ts'
import { actionFor, markFor, phaseSteps, rekeyedAgoMs } from '../../src-renderer/views/connect/look.ts'
import { stepFor } from '../../src-renderer/views/connect/next-step.ts'
import { choicesFrom } from '../../src-renderer/views/connect/picker-choices.ts'
import { suiteLine } from '../../src-renderer/views/connect/suite-line.ts'
import { firstQuestion } from '../../src-renderer/views/question/first-question.ts'

const failed: ConnectionState = { kind: 'failed', failure: { code: 'gateway-unreachable', details: {} } }
const table: readonly (readonly [ConnectionState, string, string])[] = [
  [{ kind: 'disconnected' }, 'open', 'connect'],
  [{ kind: 'connecting', phase: 'resolving' }, 'moving', 'cancel'],
  [{ kind: 'connected' }, 'filled', 'disconnect'],
  [{ kind: 'reconnecting', cause: 'woke-up', attempt: 1 }, 'moving', 'cancel'],
  [{ kind: 'disconnecting' }, 'moving', 'wait'],
  [failed, 'barred', 'connect'],
]

describe('the one control', () => {
  it.each(table)('in $kind has its shape and does one thing', (state, mark, action) => {
    expect(markFor({ state })).toBe(mark)
    expect(actionFor(state)).toBe(action)
  })

  it('connects where there is no connection', () => {
    expect(markFor(undefined)).toBe('open')
    expect(actionFor(undefined)).toBe('connect')
  })

  it('shows a lock when the kill switch holds after a failure', () => {
    expect(markFor({ state: failed, killSwitch: 'holding' })).toBe('locked')
    expect(markFor({ state: { kind: 'connected' }, killSwitch: 'armed' })).toBe('filled')
  })
})

describe('the phases', () => {
  it('tick off in their order', () => {
    const steps = phaseSteps({ kind: 'connecting', phase: 'authenticating' })
    expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'current', 'ahead'])
  })

  it('are also those of a reconnection, and nothing while it waits', () => {
    const state = { kind: 'reconnecting', cause: 'unreachable', attempt: 1 } as const
    expect(phaseSteps({ ...state, phase: 'resolving' })).toHaveLength(4)
    expect(phaseSteps(state)).toEqual([])
    expect(phaseSteps({ kind: 'connected' })).toEqual([])
  })
})

describe('what is said of a tunnel that stands', () => {
  it('is its suite in one line', () => {
    expect(suiteLine(connected())).toBe('AES-256-GCM · Curve25519')
    expect(suiteLine(connectionIn({ kind: 'connected' }))).toBeUndefined()
  })

  it('mentions a rekey of the last minutes, but not the first SA', () => {
    const status = connected()
    expect(rekeyedAgoMs(status, Date.now())).toBe(180_000)
    const [ike] = status.ikeSas
    const young = {
      ...status,
      since: Date.now() - 60_000,
      ikeSas: ike ? [{ ...ike, ageMs: 60_000, childSas: [] }] : [],
    }
    expect(rekeyedAgoMs(young, Date.now())).toBeUndefined()
  })
})

describe('what connecting would do', () => {
  it('tells all traffic from some', () => {
    expect(takesEverything({ traffic: { remote: ['0.0.0.0/0', '::/0'], local: [] } })).toBe(true)
    expect(takesEverything({ traffic: { remote: ['10.0.0.0/8'], local: [] } })).toBe(false)
  })

  it('says that something is asked for when anything is', () => {
    expect(secretPlace({ secrets: { key: 'file', 'key-password': 'asked' } })).toBe('asked')
    expect(secretPlace({ secrets: { psk: 'kept' } })).toBe('kept')
    expect(secretPlace({ secrets: {} })).toBeUndefined()
  })
})

describe('the picker', () => {
  it('has favourites first and connections of other processes last', () => {
    const foreign = connectionIn({ kind: 'connected' }, { profileId: 'x', profileName: 'Of a terminal' })
    const entries = [...someEntries].reverse()
    const names = choicesFrom(entries, [foreign]).map(({ name }) => name)
    expect(names[0]).toBe('Head office')
    expect(names.at(-1)).toBe('Of a terminal')
    expect(names).toHaveLength(5)
  })
})

describe('a failure', () => {
  it('of every code has words and a next step', () => {
    for (const code of errorCodes) {
      if (!isErrorCode(code)) throw new Error(code)
      expect(stepFor(code)).toBeTruthy()
      expect(wordsFor({ code, details: {} }).action).not.toBe('')
    }
  })

  it('shows its code first, then what was offered, then what nobody named', () => {
    const failure = {
      code: 'no-common-proposal',
      details: { zebra: 'z', offered: 'aes', notify: 'N' },
    } as const
    expect(failureDetails(failure).map(({ key }) => key)).toEqual(['code', 'notify', 'offered', 'zebra'])
    expect(failureReport(failure, wordsFor(failure))).toContain('offered: aes')
  })
})

describe('questions', () => {
  const asking = (id: number) => ({ id, kind: 'password', text: 'Password' }) as const

  it('come one after the other, the oldest first', () => {
    const all = [7, 3].map((id) =>
      connectionIn({ kind: 'connecting', phase: 'authenticating' }, { question: asking(id) }),
    )
    expect(firstQuestion(all)?.question.id).toBe(3)
  })

  it('of another process are its own', () => {
    const status = connectionIn(
      { kind: 'connecting', phase: 'authenticating' },
      { question: asking(1), carriedBy: 'another' },
    )
    expect(firstQuestion([status])).toBeUndefined()
  })
})
