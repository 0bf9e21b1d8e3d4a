/**
 * What every front end shares: the connections of this process, the questions they ask and the log, behind one ConnectionBridge. The
 * engine owns each connection's state; this mirrors it.
 */
import type { ConnectionBridge, ConnectionCommands, ConnectionSlices } from '../../src-shared/contract.ts'
import type { ConnectionStatus, Question } from '../../src-shared/status.ts'
import type { ExchangeMessage } from '../../src-shared/exchange-message.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail, ok } from '../../src-shared/result.ts'
import { Secret } from '../../src-shared/secret.ts'
import type { LogKeeper } from './log.ts'
import type { SecretStore } from './secret-store.ts'
import type { Ask, ProfileSecrets } from './secrets.ts'
import { secretsOf } from './secrets.ts'
import { stateLogger } from './state-words.ts'

/** One connection of the engine. */
export interface ConnectionLike {
  status(): ConnectionStatus
  /** Called after each change; gives the way to stop. */
  onChange(listener: () => void): () => void
  /** Settles when all is put back. */
  disconnect(): Promise<void>
  /** Settles when the connection has ended, failed or not; never rejects. */
  readonly finished: Promise<void>
}

/** The IKE messages that the engine has sent and received, without secrets. */
export interface ExchangeLog {
  /** The newest last; at most 500. */
  messages(): readonly ExchangeMessage[]
  /** Called after each change; gives the way to stop. */
  onMessage(listener: () => void): () => void
  clear(): void
}

export interface EngineLike {
  connect(profile: Profile, secrets: ProfileSecrets): ConnectionLike
  readonly exchanges?: ExchangeLog
  /** Writes the session keys of new connections into this directory, in Wireshark's tables; undefined: no longer. */
  setKeyExport?(directory: string | undefined): void
  setKillSwitch?(on: boolean): Promise<void>
  /** Lets out what the kill switch holds, until the next connection. */
  releaseKillSwitch?(): Promise<void>
  /** This machine woke up: connections find out at once whether they still stand. */
  woke?(): void
  /** Ends what is left and gives back what the engine holds. */
  close(): Promise<void>
}

export interface AppParts {
  readonly engine: EngineLike
  /** Gives the profile of an id; rejects with VpnError 'profile-not-found'. */
  readonly findProfile: (id: string) => Promise<Profile>
  readonly secretStore: SecretStore
  readonly log: LogKeeper
  /** What relative paths of secret files start from. */
  readonly baseDirectory: string
  /** Whether somebody is there to answer questions; when not, they fail at once. Default: yes. */
  readonly canAsk?: () => boolean
}

export interface App {
  readonly bridge: ConnectionBridge
  /** Hears of changes alone, unlike a subscriber of the bridge, whose counters and ages move. Gives the way to stop. */
  onChange(listener: (connections: readonly ConnectionStatus[]) => void): () => void
  connect(profile: Profile): Result<ConnectionLike, Failure>
  /** Answers a question without making a string of it. Takes the secret over. False when the question is no longer open. */
  answer(id: number, secret: Secret): boolean
  /** Declines a question: the connection that asked fails with this reason, by default 'cancelled'. */
  decline(id: number, reason?: VpnError): void
  /** Disconnects everything and closes the engine. */
  close(): Promise<void>
}

interface Entry {
  readonly connection: ConnectionLike
  readonly secrets: ProfileSecrets
  question?: Question
  /** It has ended; it stays to be seen only when it failed, until the profile is connected or disconnected again. */
  ended: boolean
}

interface OpenQuestion {
  readonly entry: Entry
  readonly resolve: (secret: Secret) => void
  readonly reject: (error: VpnError) => void
}

/** How often those who watch are told anew while something is connected. */
const LIVE_MS = 1000

const disconnectAll = async (entries: readonly Entry[]): Promise<void> => {
  await Promise.all(entries.filter(({ ended }) => !ended).map(({ connection }) => connection.disconnect()))
}

export function createApp({
  engine,
  findProfile,
  secretStore,
  log,
  baseDirectory,
  canAsk = () => true,
}: AppParts): App {
  const entries = new Map<string, Entry>()
  const questions = new Map<number, OpenQuestion>()
  type Listener = (value: ConnectionSlices['connections']) => void
  const listeners = new Set<Listener>()
  const watchers = new Set<Listener>()
  let nextQuestion = 1

  const connections = (): readonly ConnectionStatus[] =>
    [...entries.values()].map(({ connection, question }) => ({
      ...connection.status(),
      ...(question === undefined ? {} : { question }),
    }))

  const tell = (...audience: readonly ReadonlySet<Listener>[]) => {
    if (audience.every(({ size }) => size === 0)) return
    const value = connections()
    for (const listener of audience.flatMap((set) => [...set])) listener(value)
  }
  const publish = () => tell(listeners, watchers)

  /** Counters and ages move without a change of state: who watches sees them move. */
  const live = setInterval(() => {
    if ([...entries.values()].some(({ ended }) => !ended)) tell(watchers)
  }, LIVE_MS)
  live.unref()

  /** Makes the question visible at the connection until it is answered. */
  const askFor =
    (entry: () => Entry | undefined): Ask =>
    (question) =>
      new Promise((resolve, reject) => {
        const asking = entry()
        if (asking === undefined || !canAsk()) {
          reject(new VpnError('secret-missing', { what: question.text }))
          return
        }
        const id = nextQuestion++
        asking.question = { id, ...question }
        questions.set(id, { entry: asking, resolve, reject })
        publish()
      })

  const settle = (id: number): OpenQuestion | undefined => {
    const open = questions.get(id)
    if (open === undefined) return undefined
    questions.delete(id)
    delete open.entry.question
    publish()
    return open
  }

  const answer = (id: number, secret: Secret): boolean => {
    const open = settle(id)
    if (open === undefined) secret.wipe()
    else open.resolve(secret)
    return open !== undefined
  }
  const decline = (id: number, reason = new VpnError('cancelled')) => settle(id)?.reject(reason)

  function connect(profile: Profile): Result<ConnectionLike, Failure> {
    if (entries.get(profile.id)?.ended === false)
      return fail({ code: 'already-running', details: { profile: profile.name } })
    const ask = askFor(() => entries.get(profile.id))
    const secrets = secretsOf(profile, { store: secretStore, ask, log: log.log, baseDirectory })
    const connection = engine.connect(profile, secrets)
    const entry: Entry = { connection, secrets, ended: false }
    entries.set(profile.id, entry)
    const tellLog = stateLogger(log.log)
    const changed = () => {
      tellLog(connection.status())
      publish()
    }
    const stop = connection.onChange(changed)
    void connection.finished.then(() => {
      stop()
      tellLog(connection.status())
      secrets.wipe()
      entry.ended = true
      for (const [id, open] of questions) if (open.entry === entry) decline(id)
      if (connection.status().state.kind !== 'failed') forget(profile.id, entry)
      publish()
    })
    publish()
    return ok(connection)
  }

  const forget = (profileId: string, entry: Entry) => {
    if (entries.get(profileId) === entry) entries.delete(profileId)
  }

  async function disconnect(profileId: string | undefined): Promise<Result<undefined, Failure>> {
    const chosen = [...entries].filter(([id]) => profileId === undefined || id === profileId)
    if (chosen.length === 0) return fail({ code: 'not-running', details: {} })
    for (const [id, entry] of chosen) {
      if (entry.ended) forget(id, entry)
    }
    await disconnectAll(chosen.map(([, entry]) => entry))
    publish()
    return ok(undefined)
  }

  const bridge: ConnectionBridge = {
    async call<Name extends keyof ConnectionCommands>(
      name: Name,
      argument: ConnectionCommands[Name]['arguments'],
    ) {
      const handlers: {
        [Each in keyof ConnectionCommands]: (
          given: ConnectionCommands[Each]['arguments'],
        ) => Promise<Result<undefined, Failure>>
      } = {
        async connect({ profileId }) {
          const connected = connect(await findProfile(profileId))
          return connected.ok ? ok(undefined) : connected
        },
        disconnect: ({ profileId }) => disconnect(profileId),
        answer({ id, secret }) {
          const taken = answer(id, new Secret(new TextEncoder().encode(secret)))
          const late: Failure = { code: 'usage', details: { problem: 'This question is no longer open.' } }
          return Promise.resolve(taken ? ok(undefined) : fail(late))
        },
        decline({ id }) {
          decline(id)
          return Promise.resolve(ok(undefined))
        },
      }
      try {
        return await handlers[name](argument)
      } catch (error) {
        if (error instanceof VpnError) return fail(error.failure)
        log.log('error', 'app', 'A command failed unexpectedly', { name, problem: String(error) })
        return fail<Failure>({ code: 'internal', details: {} })
      }
    },
    snapshot<Name extends keyof ConnectionSlices>(name: Name): Promise<ConnectionSlices[Name]> {
      const current: { [Each in keyof ConnectionSlices]: () => ConnectionSlices[Each] } = {
        connections,
        log: () => [...log.lines()],
        exchanges: () => engine.exchanges?.messages() ?? [],
      }
      return Promise.resolve(current[name]())
    },
    subscribe<Name extends keyof ConnectionSlices>(
      name: Name,
      listener: (value: ConnectionSlices[Name]) => void,
    ) {
      const subscribers: {
        [Each in keyof ConnectionSlices]: (heard: (value: ConnectionSlices[Each]) => void) => () => void
      } = {
        connections(heard) {
          watchers.add(heard)
          return () => watchers.delete(heard)
        },
        log: (heard) => log.onLine(() => heard([...log.lines()])),
        exchanges(heard) {
          const { exchanges } = engine
          return exchanges === undefined
            ? () => undefined
            : exchanges.onMessage(() => heard(exchanges.messages()))
        },
      }
      return subscribers[name](listener)
    },
    close: () => undefined,
  }

  return {
    bridge,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    connect,
    answer,
    decline,
    async close() {
      for (const id of [...questions.keys()]) decline(id)
      await disconnectAll([...entries.values()])
      await engine.close()
      clearInterval(live)
    },
  }
}
