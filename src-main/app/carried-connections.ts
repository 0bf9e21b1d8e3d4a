/** The connections that a person sees as theirs, whichever process carries them: this one's and those of others, in one list. */
import type { Failure } from '../../src-shared/errors.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { App } from './app.ts'
import type { OtherProcesses } from './other-processes.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

export interface CarriedConnections {
  readonly slice: Slice<readonly ConnectionStatus[]>
  /** Fails with 'already-running' when another process has it. */
  connect(profileId: string): Promise<Result<undefined, Failure>>
  /** Ends one, or all. */
  disconnect(profileId: string | undefined): Promise<Result<undefined, Failure>>
  close(): void
}

const isOver = ({ state }: ConnectionStatus): boolean => state.kind === 'failed'

/** `onConnected`: called each time one of them begins to stand. */
export async function carryAll(
  app: App,
  others: OtherProcesses,
  onConnected: (profileId: string) => void,
): Promise<CarriedConnections> {
  const slice = createSlice<readonly ConnectionStatus[]>([])
  const standing = new Set<string>()
  let own = await app.bridge.snapshot('connections')

  function publish(): void {
    const ours = own.map((status): ConnectionStatus => ({ ...status, carriedBy: 'this' }))
    const theirs = others.connections.read()
    // A profile is shown once: as it stands, rather than as it failed elsewhere.
    const living = new Set([...ours, ...theirs].filter((status) => !isOver(status)).map((s) => s.profileId))
    const seen = new Set<string>()
    const all = [...ours, ...theirs].filter((status) => {
      const { profileId } = status
      if (seen.has(profileId) || (isOver(status) && living.has(profileId))) return false
      seen.add(profileId)
      return true
    })
    for (const { profileId, state } of all) {
      if (state.kind !== 'connected') standing.delete(profileId)
      else if (!standing.has(profileId)) {
        standing.add(profileId)
        onConnected(profileId)
      }
    }
    for (const profileId of standing) if (!seen.has(profileId)) standing.delete(profileId)
    slice.write(all)
  }
  const stops = [
    app.bridge.subscribe('connections', (value) => {
      own = value
      publish()
    }),
    others.connections.subscribe(publish),
  ]

  const elsewhere = (profileId: string): ConnectionStatus | undefined =>
    others.connections.read().find((status) => status.profileId === profileId && !isOver(status))

  async function disconnectOne(profileId: string): Promise<Result<undefined, Failure>> {
    const here = own.some((status) => status.profileId === profileId && !isOver(status))
    // What stands elsewhere goes before what only failed here.
    if (!here && elsewhere(profileId) !== undefined) return others.disconnect(profileId)
    return app.bridge.call('disconnect', { profileId })
  }

  return {
    slice,
    connect(profileId) {
      const running = elsewhere(profileId)
      if (running === undefined) return app.bridge.call('connect', { profileId })
      return Promise.resolve(fail({ code: 'already-running', details: { profile: running.profileName } }))
    },
    async disconnect(profileId) {
      if (profileId !== undefined) return disconnectOne(profileId)
      const all = slice.read()
      if (all.length === 0) return fail({ code: 'not-running', details: {} })
      const results = await Promise.all(all.map((status) => disconnectOne(status.profileId)))
      return results.find((result) => !result.ok) ?? ok(undefined)
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}
