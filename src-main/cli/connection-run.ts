/** Runs one connection in this process from its first phase to its end, with its control socket and its log. */
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { createApp } from '../app/app.ts'
import { serveBridge } from '../app/bridge-server.ts'
import { controlSocketPath } from '../app/control-sockets.ts'
import type { LogKeeper } from '../app/log.ts'
import type { Answer, Cli } from './context.ts'
import { failureOf } from './failure.ts'
import type { FoundProfile } from './profiles.ts'
import { openProfiles } from './profiles.ts'

/** What the engine is told before it connects. */
export interface EngineOptions {
  readonly killSwitch?: boolean
  /** Where session keys are written for Wireshark. */
  readonly exportKeys?: string
}

export interface RunParts {
  readonly found: FoundProfile
  /** The profile with what the options change. */
  readonly profile: Profile
  readonly log: LogKeeper
  readonly answer: Answer
  readonly onStatus: (status: ConnectionStatus) => void
  readonly options?: EngineOptions
  /** Ends the connection in an orderly way. */
  readonly stop: AbortSignal
}

/** How it ended. */
export interface RunEnd {
  readonly failure?: Failure
  /** It was connected at least once. */
  readonly wasConnected: boolean
  /** Nothing leaves this machine: the kill switch holds on. */
  readonly holding?: boolean
}

export async function runConnection(cli: Cli, parts: RunParts): Promise<RunEnd> {
  const { found, profile, log, answer, onStatus, stop, options = {} } = parts
  const engine = await cli.createEngine(log.log)
  if (options.exportKeys !== undefined) engine.setKeyExport?.(options.exportKeys)
  if (options.killSwitch === true) await engine.setKillSwitch?.(true)
  const app = createApp({
    engine,
    findProfile: (id) => openProfiles(cli).find(id),
    secretStore: found.secretStore,
    log,
    baseDirectory: found.baseDirectory,
  })
  const server = await serveBridge(app.bridge, controlSocketPath(cli.directories.runtime))
  let last: ConnectionStatus | undefined
  let wasConnected = false
  const asked = new Set<number>()

  const stopListening = app.onChange((connections) => {
    const status = connections.find(({ profileId }) => profileId === profile.id)
    if (status === undefined) return
    last = status
    wasConnected ||= status.state.kind === 'connected'
    onStatus(status)
    const { question } = status
    if (question === undefined || asked.has(question.id)) return
    asked.add(question.id)
    answer(question).then(
      (secret) => app.answer(question.id, secret),
      (error: unknown) => {
        const failure = failureOf(error)
        app.decline(question.id, new VpnError(failure.code, failure.details))
      },
    )
  })
  const end = () => void app.bridge.call('disconnect', {})
  try {
    stop.addEventListener('abort', end, { once: true })
    const connected = app.connect(profile)
    if (!connected.ok) return { failure: connected.error, wasConnected }
    if (stop.aborted) end()
    await connected.value.finished
    const final = connected.value.status()
    onStatus(final)
    last = final
  } finally {
    stop.removeEventListener('abort', end)
    stopListening()
    await server.close()
    await app.close()
    found.dispose()
  }
  const holding = last.killSwitch === 'holding'
  return last.state.kind === 'failed'
    ? { failure: last.state.failure, wasConnected, holding }
    : { wasConnected }
}
