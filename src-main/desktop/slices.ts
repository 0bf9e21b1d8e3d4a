/** The newest values of the slices that the desktop itself shows in tray and notifications. A mirror: it decides nothing. */
import type { Bridge } from '../../src-shared/contract.ts'
import type { Library } from '../../src-shared/library.ts'
import type { Settings } from '../../src-shared/settings.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { News } from './news.ts'
import { newsBetween } from './news.ts'
import type { Carried } from './summary.ts'
import { carriedBy, rateLine } from './summary.ts'
import type { Words } from './words/en.ts'

export interface Change {
  /** What is new since the last change. */
  readonly news: (level: Settings['notifications'], words: Words, language: 'en' | 'de') => readonly News[]
  /** The rate of the last seconds in words; undefined when nothing is connected. */
  readonly rate: (words: Words, locale: string) => string | undefined
}

export interface FollowedSlices {
  connections(): readonly ConnectionStatus[]
  library(): Library
  settings(): Settings
  /** Calls at once, then after each change; one listener. */
  onChange(listener: (change: Change) => void): void
  /** Calls at once, then after each change; one listener. */
  onSettings(listener: () => void): void
  stop(): void
}

/** How often the rate is read while something is connected. */
const RATE_MS = 3_000

export async function followSlices(bridge: Bridge): Promise<FollowedSlices> {
  let [connections, library, settings] = await Promise.all([
    bridge.snapshot('connections'),
    bridge.snapshot('library'),
    bridge.snapshot('settings'),
  ])
  let told: readonly ConnectionStatus[] = connections
  let before: Carried | undefined
  let after: Carried | undefined
  let tell: (change: Change) => void = () => undefined
  let tellSettings: () => void = () => undefined

  const changed = (): void => {
    const previous = told
    told = connections
    const current = connections
    tell({
      news: (level, words, language) => newsBetween(previous, current, level, words, language),
      rate: (words, locale) =>
        before === undefined || after === undefined ? undefined : rateLine(before, after, words, locale),
    })
  }
  const stops = [
    bridge.subscribe('connections', (value) => {
      connections = value
      changed()
    }),
    bridge.subscribe('library', (value) => {
      library = value
      changed()
    }),
    bridge.subscribe('settings', (value) => {
      settings = value
      tellSettings()
      changed()
    }),
  ]
  const readRate = async (): Promise<void> => {
    if (!connections.some(({ state }) => state.kind === 'connected')) {
      if (after === undefined) return
      before = after = undefined
    } else {
      before = after
      after = carriedBy(await bridge.snapshot('connections'), performance.now())
    }
    changed()
  }
  // A rate that cannot be read is not shown; the next one may be.
  const timer = setInterval(() => void readRate().catch(() => undefined), RATE_MS)

  return {
    connections: () => connections,
    library: () => library,
    settings: () => settings,
    onChange(listener) {
      tell = listener
      changed()
    },
    onSettings(listener) {
      tellSettings = listener
      listener()
    },
    stop() {
      clearInterval(timer)
      for (const stop of stops) stop()
    },
  }
}
