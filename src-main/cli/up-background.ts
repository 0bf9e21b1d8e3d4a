/**
 * `culvert up --detach`: a second process makes the connection, tied to this one by a pipe until it is connected. What it tells
 * comes back by the pipe, and what it asks is answered here: no secret is in its arguments or its environment.
 */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import type { Question } from '../../src-shared/status.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { LOG_FILE } from '../app/log.ts'
import type { Downward } from './background-messages.ts'
import { upwardSchema } from './background-messages.ts'
import type { EngineOptions } from './connection-run.ts'
import type { Answer, Cli } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { failureOf, tellFailure, tellHolding } from './failure.ts'
import type { GivenSecrets } from './given-secrets.ts'
import type { FoundProfile } from './profiles.ts'
import type { Reporter } from './report.ts'

export interface BackgroundParts {
  readonly target: string
  readonly found: FoundProfile
  readonly given: GivenSecrets
  readonly reporter: Reporter
  readonly answer: Answer
  readonly username: string | undefined
  readonly options: EngineOptions
  /** Ends a question that is open on the terminal. */
  readonly asking: AbortController
}

/** How the time in front ended. */
type Outcome =
  | { readonly kind: 'connected' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly holding?: boolean }
  | { readonly kind: 'stopped' }

/** Gives the exit code, once connected or failed. */
export async function connectInBackground(cli: Cli, parts: BackgroundParts): Promise<number> {
  const { found, reporter } = parts
  found.dispose()
  const child = startBackground(cli)
  let stoppedBy: string | undefined
  const stopListening = cli.onInterrupt((signal) => {
    stoppedBy ??= signal
    parts.asking.abort()
    send(child, { kind: 'stop' })
  })
  const outcome = await attend(child, parts)
  stopListening()
  reporter.pause()
  switch (outcome.kind) {
    case 'connected':
      cli.terminal.err('It stays connected in the background; `culvert down` ends it.')
      return exitCodes.done.number
    case 'failed':
      if (outcome.holding === true) tellHolding(cli.terminal)
      return tellFailure(cli.terminal, outcome.failure)
    case 'stopped': {
      const code = tellFailure(cli.terminal, { code: 'cancelled', details: {} })
      return stoppedBy === 'SIGTERM' ? exitCodes.terminated.number : code
    }
  }
}

function startBackground({ ownCommand, directories }: Cli): ChildProcess {
  const [program = process.execPath, ...first] = ownCommand
  // What Node itself says when it ends badly belongs beside the log.
  const errors = openSync(join(directories.runtime, `${LOG_FILE}.stderr`), 'w', 0o600)
  try {
    return spawn(program, [...first, 'background'], {
      cwd: '/',
      detached: true,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', errors, 'ipc'],
    })
  } finally {
    closeSync(errors)
  }
}

const send = (child: ChildProcess, message: Downward): void => {
  // It may be gone already; its end is heard by 'exit'.
  if (child.connected) child.send(message, () => undefined)
}

/** Answers the background's questions until it is connected or ends. */
const attend = (child: ChildProcess, parts: BackgroundParts): Promise<Outcome> =>
  new Promise((settle) => {
    const { target, found, given, reporter, username } = parts
    child.once('error', (error) => {
      settle({ kind: 'failed', failure: { code: 'internal', details: { problem: error.message } } })
    })
    child.once('exit', () => {
      settle({
        kind: 'failed',
        failure: { code: 'internal', details: { problem: 'the process in the background ended' } },
      })
    })
    child.on('message', (raw) => {
      const parsed = v.safeParse(upwardSchema, raw)
      if (!parsed.success) return
      const message = parsed.output
      switch (message.kind) {
        case 'ready':
          send(child, {
            kind: 'begin',
            target: found.stored ? found.profile.id : resolve(target),
            ...(username === undefined ? {} : { username }),
            given: [...given.kinds],
            ...parts.options,
          })
          break
        case 'question':
          void answerTo(child, message.question, parts.answer)
          break
        case 'ended':
          settle(
            message.failure === undefined
              ? { kind: 'stopped' }
              : {
                  kind: 'failed',
                  failure: message.failure,
                  ...(message.holding === undefined ? {} : { holding: message.holding }),
                },
          )
          break
        case 'status':
          for (const status of message.connections) {
            reporter.changed(status)
            if (status.state.kind === 'connected') {
              send(child, { kind: 'released' })
              child.once('disconnect', () => settle({ kind: 'connected' }))
              child.unref()
            }
          }
          break
      }
    })
  })

async function answerTo(child: ChildProcess, question: Question, answer: Answer): Promise<void> {
  try {
    const secret = await answer(question)
    send(child, { kind: 'answer', id: question.id, secret: new Uint8Array(secret.reveal()) })
    secret.wipe()
  } catch (error) {
    send(child, { kind: 'decline', id: question.id, failure: failureOf(error) })
  }
}
