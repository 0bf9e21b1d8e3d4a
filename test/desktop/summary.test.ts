import { describe, expect, it } from 'vitest'
import { newsBetween } from '../../src-main/desktop/news.ts'
import { carriedBy, markOf, rateLine, stateLine, togglesOf } from '../../src-main/desktop/summary.ts'
import { de } from '../../src-main/desktop/words/de.ts'
import { en } from '../../src-main/desktop/words/en.ts'
import { languageOf } from '../../src-main/desktop/words/words.ts'
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import type { Library, LibraryEntry } from '../../src-shared/library.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'

const connection = (
  name: string,
  state: ConnectionState,
  more: Partial<ConnectionStatus> = {},
): ConnectionStatus => ({
  profileId: name,
  profileName: name,
  state,
  virtualAddresses: [],
  dns: { servers: [], domains: [] },
  ikeSas: [],
  traffic: { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } },
  drops: {},
  ...more,
})
const connected: ConnectionState = { kind: 'connected' }
const connecting: ConnectionState = { kind: 'connecting', phase: 'negotiating' }
const reconnecting: ConnectionState = { kind: 'reconnecting', cause: 'expired', attempt: 1 }
const failed: ConnectionState = { kind: 'failed', failure: { code: 'gateway-unreachable', details: {} } }

const library = (...entries: readonly (Partial<LibraryEntry> & { readonly name: string })[]): Library =>
  ({
    entries: entries.map(({ name, ...entry }) => ({
      profile: { id: name, name },
      favourite: false,
      secrets: {},
      ...entry,
    })),
    folders: [],
    unreadable: [],
    keepsSecrets: { yes: true },
  }) as unknown as Library

describe('the mark in the tray', () => {
  it.each([
    ['off', []],
    ['connected', [connection('a', connected)]],
    ['connecting', [connection('a', connected), connection('b', reconnecting)]],
    ['failed', [connection('a', failed)]],
    ['connected', [connection('a', failed), connection('b', connected)]],
    ['blocked', [connection('a', failed, { killSwitch: 'holding' })]],
  ] as const)('is %s', (mark, connections) => {
    expect(markOf(connections)).toBe(mark)
  })

  it('says it in words', () => {
    expect(stateLine([connection('Office', reconnecting)], en)).toBe('Reconnecting to Office…')
    expect(stateLine([connection('a', connected), connection('b', connected)], de)).toBe('2 Verbindungen')
    expect(stateLine([], de)).toBe('Nicht verbunden')
  })
})

describe('what the menu offers', () => {
  it('is what stands, then the last, then the favourites, each once', () => {
    const kept = library(
      { name: 'old', lastConnectedAt: 1 },
      { name: 'last', lastConnectedAt: 9, favourite: true },
      { name: 'favourite', favourite: true },
      { name: 'other' },
    )
    expect(togglesOf([connection('running', connecting), connection('last', failed)], kept)).toEqual([
      { profileId: 'running', name: 'running', does: 'cancel' },
      { profileId: 'last', name: 'last', does: 'connect' },
      { profileId: 'favourite', name: 'favourite', does: 'connect' },
    ])
  })
})

describe('the rate', () => {
  it('is told in plain units', () => {
    const traffic = { inbound: { packets: 1, bytes: 3_000_000 }, outbound: { packets: 1, bytes: 4_500 } }
    const before = carriedBy([], 1_000)
    const after = carriedBy([connection('a', connected, { traffic })], 3_000)
    expect(rateLine(before, after, en, 'en')).toBe('↓ 1.5 MB/s   ↑ 2.3 kB/s')
    expect(rateLine(after, before, en, 'en')).toBeUndefined()
  })
})

describe('what is worth a notification', () => {
  const titles = (
    before: readonly ConnectionStatus[],
    after: readonly ConnectionStatus[],
    level: 'all' | 'problems' | 'none' = 'all',
  ) => newsBetween(before, after, level, en, 'en').map(({ title }) => title)

  it('is connecting, dropping, failing and the end', () => {
    const name = 'Office'
    expect(titles([connection(name, connecting)], [connection(name, connected)])).toEqual([
      'Connected to Office',
    ])
    expect(titles([connection(name, connected)], [connection(name, reconnecting)])).toEqual([
      'The connection to Office was interrupted',
    ])
    expect(titles([connection(name, connecting)], [connection(name, failed)])).toEqual([
      'Could not connect to Office',
    ])
    expect(titles([connection(name, { kind: 'disconnecting' })], [])).toEqual(['Disconnected from Office'])
  })

  it('is a question, once', () => {
    const asking = connection('Office', connecting, {
      question: { id: 4, kind: 'password', text: 'Password' },
    })
    expect(titles([connection('Office', connecting)], [asking])).toEqual(['Office asks for something'])
    expect(titles([asking], [asking])).toEqual([])
  })

  it('is German throughout in German, also where the reason came in English', () => {
    const unproven: ConnectionState = {
      kind: 'failed',
      failure: { code: 'gateway-not-authenticated', details: { reason: 'no AUTH payload' } },
    }
    const asking = connection('Büro', connecting, {
      question: { id: 4, kind: 'password', text: 'Password of erika for Büro' },
    })
    const bodies = (before: ConnectionStatus, after: ConnectionStatus) =>
      newsBetween([before], [after], 'all', de, 'de').map(({ body }) => body)
    expect(bodies(connection('Büro', connecting), connection('Büro', unproven))).toEqual([
      'Das Gateway konnte nicht beweisen, wer es ist.',
    ])
    expect(bodies(connection('Büro', connecting), asking)).toEqual(['Geben Sie in Culvert Ihr Passwort ein.'])
  })

  it('is not what the person cancelled, nor what they did not want to hear', () => {
    const cancelled: ConnectionState = { kind: 'failed', failure: { code: 'cancelled', details: {} } }
    expect(titles([connection('a', connecting)], [connection('a', cancelled)])).toEqual([])
    expect(titles([connection('a', connecting)], [connection('a', connected)], 'problems')).toEqual([])
    expect(titles([connection('a', connecting)], [connection('a', failed)], 'none')).toEqual([])
  })
})

describe('the language', () => {
  it.each([
    ['system', 'de-AT', 'de'],
    ['system', 'fr', 'en'],
    ['en', 'de', 'en'],
    ['de', 'en-US', 'de'],
  ] as const)('%s on %s is %s', (chosen, system, language) => {
    expect(languageOf(chosen, system)).toBe(language)
  })
})
