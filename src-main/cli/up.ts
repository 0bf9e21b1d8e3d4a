/** `culvert up NAME|FILE`: connects, and stays in the foreground until told to stop. */
import { resolve } from 'node:path'
import type { Question } from '../../src-shared/status.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Secret } from '../../src-shared/secret.ts'
import { runConnection } from './connection-run.ts'
import { openLog } from './open-log.ts'
import type { EngineOptions, RunEnd } from './connection-run.ts'
import type { Answer, Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { failureOf, tellFailure, tellHolding } from './failure.ts'
import type { GivenSecrets, SecretOptions } from './given-secrets.ts'
import { overrideReferences, readGivenSecrets } from './given-secrets.ts'
import type { FoundProfile } from './profiles.ts'
import { findProfile } from './profiles.ts'
import type { Reporter } from './report.ts'
import { failedObject, humanReporter, jsonReporter } from './report.ts'
import { runningConnections } from './running.ts'

export interface UpOptions extends SecretOptions {
  readonly detach?: boolean
  readonly json?: boolean
  readonly username?: string
  readonly killSwitch?: boolean
  readonly exportKeys?: string
}

export async function connect(cli: Cli, target: string, options: UpOptions): Promise<number> {
  try {
    return await connectTo(cli, target, options)
  } catch (error) {
    // Programs read one stream: what goes wrong before there is a connection is told there, too.
    if (options.json === true) cli.terminal.out(JSON.stringify(failedObject(failureOf(error), Date.now())))
    throw error
  }
}

async function connectTo(cli: Cli, target: string, options: UpOptions): Promise<number> {
  const found = await findProfile(cli, target, options.username)
  tellProblems(cli, found)
  await refuseWhenRunning(cli, found)
  const log = openLog(cli)
  const given = await readGivenSecrets(cli, options, log.log)
  const reporter =
    options.json === true ? jsonReporter(cli.terminal, Date.now) : humanReporter(cli.terminal, Date.now)
  const asking = new AbortController()
  const answer = answerFrom(cli, given, reporter, asking.signal)
  try {
    if (options.detach === true) {
      const { connectInBackground } = await import('./up-background.ts')
      return await connectInBackground(cli, {
        target,
        found,
        given,
        reporter,
        answer,
        username: options.username,
        options: engineOptions(options),
        asking,
      })
    }
    const engine = engineOptions(options)
    return await stayConnected(cli, { found, given, reporter, answer, log, asking, options: engine })
  } finally {
    asking.abort()
    given.wipe()
    log.close()
  }
}

const engineOptions = ({ killSwitch, exportKeys }: UpOptions): EngineOptions => ({
  ...(killSwitch === undefined ? {} : { killSwitch }),
  ...(exportKeys === undefined ? {} : { exportKeys: resolve(exportKeys) }),
})

/** What an imported file could not say is told, because nobody has seen an import of it. */
function tellProblems(cli: Cli, { problems }: FoundProfile): void {
  for (const { level, where, problem } of problems) {
    if (level !== 'note') cli.terminal.err(`${cli.terminal.tintErr('busy', '!')} ${where}: ${problem}.`)
  }
}

async function refuseWhenRunning(cli: Cli, { profile }: FoundProfile): Promise<void> {
  const running = await runningConnections(cli)
  if (running.some(({ profileId, state }) => profileId === profile.id && state.kind !== 'failed')) {
    throw new VpnError('already-running', { profile: profile.name })
  }
}

/** What was given in files answers first, then the person at the terminal. */
export const answerFrom =
  (
    cli: Cli,
    given: GivenSecrets,
    reporter: Pick<Reporter, 'pause' | 'resume'>,
    signal: AbortSignal,
  ): Answer =>
  async ({ kind, text }: Question): Promise<Secret> => {
    const ready = given.answerTo(kind)
    if (ready !== undefined) return ready
    reporter.pause()
    const typed = cli.prompt(text, signal)
    if (typed === undefined) throw new VpnError('secret-missing', { what: text, advice: adviceFor(kind) })
    try {
      return await typed
    } finally {
      reporter.resume()
    }
  }

function adviceFor(kind: Question['kind']): string {
  switch (kind) {
    case 'password':
      return 'Run the command in a terminal, or give it with --password-file.'
    case 'psk':
      return 'Run the command in a terminal, or give it with --psk-file.'
    case 'p12-password':
    case 'key-password':
      return 'Run the command in a terminal, or give it with --p12-password-file.'
    case 'one-time-code':
      return 'Run the command in a terminal: a one-time code is always asked for.'
  }
}

interface Foreground {
  readonly found: FoundProfile
  readonly given: GivenSecrets
  readonly reporter: Reporter
  readonly answer: Answer
  readonly log: ReturnType<typeof openLog>
  /** Ends a question that is open on the terminal. */
  readonly asking: AbortController
  readonly options: EngineOptions
}

async function stayConnected(
  cli: Cli,
  { found, given, reporter, answer, log, asking, options }: Foreground,
): Promise<number> {
  const stop = new AbortController()
  let stoppedBy: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined
  const stopListening = cli.onInterrupt((signal) => {
    stoppedBy ??= signal
    stop.abort()
    asking.abort()
  })
  try {
    const end = await runConnection(cli, {
      found,
      profile: overrideReferences(found.profile, given.kinds),
      log,
      answer,
      onStatus: (status) => reporter.changed(status),
      stop: stop.signal,
      options,
    })
    reporter.pause()
    if (end.holding === true) tellHolding(cli.terminal)
    return exitCodeFor(cli, end, stoppedBy)
  } finally {
    stopListening()
  }
}

/** Told to stop before it was connected, it has not done what was asked: scripts must see that. */
function exitCodeFor(
  cli: Cli,
  { failure, wasConnected }: RunEnd,
  stoppedBy: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined,
): number {
  if (stoppedBy !== undefined && (failure === undefined || failure.code === 'cancelled')) {
    if (wasConnected) return exitCodes.done.number
    const code = tellFailure(cli.terminal, { code: 'cancelled', details: {} })
    return stoppedBy === 'SIGINT' ? code : exitCodes.terminated.number
  }
  return failure === undefined ? exitCodes.done.number : tellFailure(cli.terminal, failure)
}
