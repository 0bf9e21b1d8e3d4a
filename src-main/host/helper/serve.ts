/** The conversation with the client: reads requests, answers in order, and undoes everything when the client is gone. */
import type { Readable } from 'node:stream'
import * as v from 'valibot'
import type { TunnelConfiguration } from '../../ports.ts'
import { HostError } from '../host-error.ts'
import type { Firewall } from './firewall.ts'
import { LONGEST_LINE, Request, type Configuration, type Response } from './protocol.ts'
import type { Tunnels } from './tunnels.ts'

/** Whole lines of a stream; ends with the stream, or with a line that is too long. */
export const linesOf = async function* (input: Readable): AsyncGenerator<string> {
  let rest = ''
  input.setEncoding('utf8')
  for await (const chunk of input) {
    rest += String(chunk)
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      yield rest.slice(0, end)
      rest = rest.slice(end + 1)
    }
    if (rest.length > LONGEST_LINE) return
  }
}

const parseLine = (line: string): Request | undefined => {
  if (line.length > LONGEST_LINE) return undefined
  try {
    const result = v.safeParse(Request, JSON.parse(line))
    return result.success ? result.output : undefined
  } catch {
    return undefined
  }
}

/** Without the absent optional fields, which the exact types of ports.ts do not let be undefined. */
const configurationOf = (parsed: v.InferOutput<typeof Configuration>): TunnelConfiguration => {
  const { outside, dns, forward, ...rest } = parsed
  return {
    ...rest,
    ...(outside === undefined ? {} : { outside }),
    ...(dns === undefined ? {} : { dns }),
    ...(forward === undefined ? {} : { forward }),
  }
}

/** Why a step failed, in the words that reach the person. */
export const failureResponse = (id: number, error: unknown): Response => {
  if (!(error instanceof HostError)) {
    const reason = error instanceof Error ? error.message : String(error)
    return { say: 'failed', id, code: 'host-step-failed', details: { step: 'helper', reason } }
  }
  const denied = /Operation not permitted|Permission denied/.test(error.stderr)
  const noTun =
    error.step === 'device' && /^open:|No such file or directory|No such device/m.test(error.stderr)
  const code = noTun ? 'no-tun' : denied && error.step === 'device' ? 'no-privilege' : 'host-step-failed'
  return { say: 'failed', id, code, details: { ...error.details } }
}

const answer = async (tunnels: Tunnels, firewall: Firewall, request: Request): Promise<Response> => {
  const { id } = request
  try {
    switch (request.do) {
      case 'prepare':
        await tunnels.prepare()
        return { say: 'done', id }
      case 'open':
        return { say: 'done', id, tunnel: await tunnels.open(configurationOf(request.configuration)) }
      case 'reconfigure':
        await tunnels.reconfigure(request.tunnel, configurationOf(request.configuration))
        return { say: 'done', id }
      case 'close':
        await tunnels.close(request.tunnel)
        return { say: 'done', id }
      case 'refresh':
        await tunnels.refresh()
        return { say: 'done', id }
      case 'restrict':
        await firewall.restrict(request.restriction)
        return { say: 'done', id }
      case 'release':
        await firewall.release()
        return { say: 'done', id }
    }
  } catch (error) {
    return failureResponse(id, error)
  }
}

/** Nobody waits for this any more; what is wrong with it is told. */
const catchUp = async (tunnels: Tunnels, say: (response: Response) => void): Promise<void> => {
  try {
    await tunnels.catchUp()
  } catch (error) {
    const details = { reason: error instanceof Error ? error.message : String(error) }
    say({ say: 'log', level: 'warn', message: 'could not fit the tunnel to this machine', details })
  }
}

/**
 * Serves until the input ends, for whatever reason, then undoes everything but the kill switch's block. A line that is no valid request ends the
 * conversation too: the client is not the program we know.
 */
export const serve = async (
  input: Readable,
  say: (response: Response) => void,
  tunnels: Tunnels,
  firewall: Firewall,
): Promise<void> => {
  try {
    const { held } = firewall
    say({ say: 'ready', ...(held === undefined ? {} : { held: [...held] }) })
    for await (const line of linesOf(input)) {
      const request = parseLine(line)
      if (request === undefined) {
        say({ say: 'log', level: 'warn', message: 'a request that is none; giving up', details: {} })
        return
      }
      say(await answer(tunnels, firewall, request))
      if (request.do === 'open') await catchUp(tunnels, say)
    }
  } finally {
    // First: while the tunnels go, nothing may leave beside them.
    await firewall.hold().catch((error: unknown) => {
      say({
        say: 'log',
        level: 'warn',
        message: 'could not narrow the block',
        details: { reason: String(error) },
      })
    })
    await tunnels.closeAll()
  }
}
