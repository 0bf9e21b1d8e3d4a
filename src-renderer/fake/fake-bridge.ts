/** A bridge without anything behind it: it answers like the app on a good day, so that the window can be tried and tested. */
import type { Bridge, Slices } from '../../src-shared/contract.ts'
import type { ConnectingPhase } from '../../src-shared/connection-state.ts'
import { ok } from '../../src-shared/result.ts'
import { carryOn, connected, connectionIn } from './samples-connection.ts'
import { fakeCommands, type Change } from './fake-commands.ts'
import { slicesOf } from './scenarios.ts'

const phases: readonly ConnectingPhase[] = ['resolving', 'negotiating', 'authenticating', 'configuring']
/** How long a phase takes here. */
const phaseMs = 600

export function fakeBridge(scenario: string): Bridge {
  const slices: { -readonly [Name in keyof Slices]: Slices[Name] } = { ...slicesOf(scenario) }
  const listeners: { [Name in keyof Slices]?: Set<(value: Slices[Name]) => void> } = {}
  const asked = new Map<keyof Slices, number>()
  let attempt = 0
  let second = 0

  const change: Change = (name, value) => {
    slices[name] = value
    for (const listener of listeners[name] ?? []) listener(value)
  }
  const only = (profileId: string) => slices.connections.filter((one) => one.profileId !== profileId)

  const dial = (profileId: string) => {
    const name = slices.library.entries.find(({ profile }) => profile.id === profileId)?.profile.name ?? '?'
    attempt += 1
    const mine = attempt
    const show = (step: number) => {
      if (mine !== attempt) return
      const phase = phases[step]
      const own = { profileId, profileName: name }
      const status =
        phase === undefined
          ? connected({ ...own, since: Date.now() })
          : connectionIn({ kind: 'connecting', phase }, own)
      change('connections', [...only(profileId), status])
      if (phase !== undefined) setTimeout(show, phaseMs, step + 1)
    }
    show(0)
  }
  const hangUp = (profileId: string | undefined) => {
    attempt += 1
    change('connections', profileId === undefined ? [] : only(profileId))
  }

  setInterval(() => {
    second += 1
    if (!slices.connections.some(({ state }) => state.kind === 'connected')) return
    change(
      'connections',
      slices.connections.map((one) => (one.state.kind === 'connected' ? carryOn(one, second) : one)),
    )
  }, 1000)

  const commands = fakeCommands({ slices, change, dial, hangUp })
  return {
    call: (name, argument) => Promise.resolve(ok(commands[name](argument))),
    snapshot: (name) => {
      // `loading` is a main process that has not answered yet, `unanswered` one that refuses at first. Settings are asked for
      // before anything is drawn, and then once more.
      const count = (asked.get(name) ?? 0) + 1
      asked.set(name, count)
      const isFirst = count === (name === 'settings' ? 2 : 1)
      if (isFirst && scenario === 'unanswered') return Promise.reject(new Error('EIO: i/o error, read'))
      return isFirst && scenario === 'loading' ? new Promise(() => {}) : Promise.resolve(slices[name])
    },
    subscribe: (name, listener) => {
      const known: Set<typeof listener> = listeners[name] ?? new Set()
      known.add(listener)
      Object.assign(listeners, { [name]: known })
      return () => known.delete(listener)
    },
    close: () => {},
  }
}
