/** The Bridge's end in the main process: who asks is checked, then what is asked, and only then it is done. */
import type { IpcMainInvokeEvent, WebContents } from 'electron'
import { ipcMain } from 'electron'
import type { Bridge, Slices } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Result } from '../../src-shared/result.ts'
import { fail } from '../../src-shared/result.ts'
import { argumentSchemas, callChecked, isCommandName, isSliceName } from '../app/command-schemas.ts'
import type { Log } from '../ports.ts'
import { channels, isOwnPage } from './channels.ts'

/** New values of a slice within this time become one: the window draws at most this often. */
const COALESCE_MS = 100

const refused = (problem: string): Result<never, Failure> => fail({ code: 'usage', details: { problem } })

/** Checks what is asked for and does it. */
export async function answerCall(
  bridge: Bridge,
  name: unknown,
  argument: unknown,
): Promise<Result<unknown, Failure>> {
  if (typeof name !== 'string' || !isCommandName(name)) return refused('This command is not known.')
  return callChecked(bridge, argumentSchemas, name, argument)
}

/** Sends each new value of a slice, those in quick succession as one; gives the way to stop. */
function forward<Name extends keyof Slices>(
  bridge: Bridge,
  name: Name,
  send: (name: Name, value: Slices[Name]) => void,
): () => void {
  let timer: NodeJS.Timeout | undefined
  let latest: Slices[Name]
  const stop = bridge.subscribe(name, (value) => {
    latest = value
    timer ??= setTimeout(() => {
      timer = undefined
      send(name, latest)
    }, COALESCE_MS)
  })
  return () => {
    clearTimeout(timer)
    stop()
  }
}

const isOurs = ({ senderFrame }: IpcMainInvokeEvent): boolean =>
  // Gone while it asked (null since Electron 35), a frame within the page, or another page: not ours.
  Boolean(senderFrame) && senderFrame?.parent === null && isOwnPage(senderFrame.url)

/** Answers every window of ours. */
export function serveWindows(bridge: Bridge, log: Log): void {
  const subscriptions = new Map<WebContents, Map<string, () => void>>()

  const stopAll = (contents: WebContents): void => {
    for (const stop of subscriptions.get(contents)?.values() ?? []) stop()
    subscriptions.get(contents)?.clear()
  }
  const subscribersOf = (contents: WebContents): Map<string, () => void> => {
    const known = subscriptions.get(contents)
    if (known !== undefined) return known
    const made = new Map<string, () => void>()
    subscriptions.set(contents, made)
    // A page that is loaded anew, or died, listens anew.
    contents.on('did-navigate', () => stopAll(contents))
    contents.on('render-process-gone', () => stopAll(contents))
    contents.once('destroyed', () => {
      stopAll(contents)
      subscriptions.delete(contents)
    })
    return made
  }

  const handle = (
    channel: string,
    answer: (contents: WebContents, given: readonly unknown[]) => Promise<unknown>,
  ): void => {
    ipcMain.handle(channel, async (event, ...given: unknown[]) => {
      if (!isOurs(event)) {
        log('warn', 'window', 'Somebody else asked', { channel })
        throw new VpnError('usage', { problem: 'This page may not ask.' })
      }
      return answer(event.sender, given)
    })
  }
  const sliceName = (name: unknown): keyof Slices => {
    if (typeof name === 'string' && isSliceName(name)) return name
    throw new VpnError('usage', { problem: 'This slice is not known.' })
  }

  handle(channels.call, (_contents, [name, argument]) => answerCall(bridge, name, argument))
  handle(channels.snapshot, (_contents, [name]) => bridge.snapshot(sliceName(name)))
  handle(channels.listen, (contents, [given]) => {
    const name = sliceName(given)
    const mine = subscribersOf(contents)
    const send = (slice: string, value: unknown): void => {
      if (!contents.isDestroyed()) contents.send(channels.slice, slice, value)
    }
    if (!mine.has(name)) mine.set(name, forward(bridge, name, send))
    return Promise.resolve(undefined)
  })
  handle(channels.unlisten, (contents, [given]) => {
    const name = sliceName(given)
    subscriptions.get(contents)?.get(name)?.()
    subscriptions.get(contents)?.delete(name)
    return Promise.resolve(undefined)
  })
}
