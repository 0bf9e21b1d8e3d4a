/** The hidden command `culvert background`: makes the connection that `up --detach` asked for, and keeps it when that one has gone. */
import * as v from 'valibot'
import { VpnError } from '../../src-shared/errors.ts'
import { Secret } from '../../src-shared/secret.ts'
import { stateKey } from '../app/state-words.ts'
import type { Downward, Upward } from './background-messages.ts'
import { downwardSchema } from './background-messages.ts'
import { runConnection } from './connection-run.ts'
import { openLog } from './open-log.ts'
import type { Answer, Cli, ParentPipe } from './context.ts'
import { exitCodeOf, exitCodes } from './exit-codes.ts'
import { failureOf } from './failure.ts'
import { overrideReferences } from './given-secrets.ts'
import { findProfile } from './profiles.ts'

interface Waiting {
  readonly resolve: (secret: Secret) => void
  readonly reject: (error: VpnError) => void
}

/** Runs until the connection ends; the exit code matters only to those who look at the process. */
export async function runInBackground(cli: Cli): Promise<number> {
  const { parent } = cli
  if (parent === undefined)
    throw new VpnError('usage', { problem: '`culvert up --detach` is the way to do this.' })
  const log = openLog(cli)
  const stop = new AbortController()
  const front = tieToFront(parent, () => stop.abort())
  const stopListening = cli.onInterrupt(() => stop.abort())
  try {
    const { target, username, given, killSwitch, exportKeys } = await front.begin
    const found = await findProfile(cli, target, username)
    let lastKey = 'disconnected'
    const { failure, holding } = await runConnection(cli, {
      found,
      profile: overrideReferences(found.profile, new Set(given)),
      log,
      answer: front.ask,
      onStatus(status) {
        const key = stateKey(status.state)
        if (key !== lastKey) front.tell({ kind: 'status', connections: [status] })
        lastKey = key
      },
      stop: stop.signal,
      options: {
        ...(killSwitch === undefined ? {} : { killSwitch }),
        ...(exportKeys === undefined ? {} : { exportKeys }),
      },
    })
    front.tell({
      kind: 'ended',
      ...(failure === undefined || failure.code === 'cancelled' ? {} : { failure }),
      ...(holding === undefined ? {} : { holding }),
    })
    return failure === undefined ? exitCodes.done.number : exitCodeOf(failure.code)
  } catch (error) {
    const failure = failureOf(error)
    log.log('error', 'cli', 'The connection in the background could not be made', { code: failure.code })
    front.tell({ kind: 'ended', failure })
    return exitCodeOf(failure.code)
  } finally {
    stopListening()
    front.end()
    log.close()
  }
}

interface Front {
  readonly begin: Promise<Extract<Downward, { kind: 'begin' }>>
  tell(message: Upward): void
  readonly ask: Answer
  end(): void
}

/** While it stands, the command in front answers; when it goes before the connection is made, that is given up. */
function tieToFront(parent: ParentPipe, giveUp: () => void): Front {
  const waiting = new Map<number, Waiting>()
  let tied = true
  let begun: (message: Extract<Downward, { kind: 'begin' }>) => void = () => undefined
  let neverBegun: (error: VpnError) => void = () => undefined
  const begin = new Promise<Extract<Downward, { kind: 'begin' }>>((resolve, reject) => {
    begun = resolve
    neverBegun = reject
  })
  const untie = () => {
    tied = false
    for (const { reject } of waiting.values()) reject(new VpnError('cancelled'))
    waiting.clear()
  }
  parent.onGone(() => {
    if (!tied) return
    untie()
    neverBegun(new VpnError('cancelled'))
    giveUp()
  })
  parent.onMessage((raw) => {
    const parsed = v.safeParse(downwardSchema, raw)
    if (!parsed.success) return
    const message = parsed.output
    switch (message.kind) {
      case 'begin':
        begun(message)
        break
      case 'answer':
        waiting.get(message.id)?.resolve(new Secret(message.secret))
        waiting.delete(message.id)
        break
      case 'decline':
        waiting.get(message.id)?.reject(new VpnError(message.failure.code, message.failure.details))
        waiting.delete(message.id)
        break
      case 'stop':
        giveUp()
        break
      case 'released':
        untie()
        parent.disconnect()
        break
    }
  })
  parent.send({ kind: 'ready' } satisfies Upward)
  return {
    begin,
    tell(message) {
      if (tied) parent.send(message)
    },
    ask(question) {
      if (!tied) return Promise.reject(new VpnError('secret-missing', { what: question.text }))
      return new Promise((resolve, reject) => {
        waiting.set(question.id, { resolve, reject })
        parent.send({ kind: 'question', question } satisfies Upward)
      })
    },
    end() {
      tied = false
      parent.disconnect()
    },
  }
}
