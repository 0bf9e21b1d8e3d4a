/** What other terminals see and steer of a run with manual keys: its status, and its end. */
import type { ConnectionBridge, ConnectionCommands, ConnectionSlices } from '../../src-shared/contract.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { LogKeeper } from './log.ts'

/** How often those who watch are told anew. */
const LIVE_MS = 1000

export function manualBridge(
  status: () => ConnectionStatus,
  log: LogKeeper,
  stop: () => void,
): ConnectionBridge {
  const timers = new Set<NodeJS.Timeout>()
  const current: { [Each in keyof ConnectionSlices]: () => ConnectionSlices[Each] } = {
    connections: () => [status()],
    log: () => [...log.lines()],
    exchanges: () => [],
  }
  return {
    call<Name extends keyof ConnectionCommands>(name: Name, argument: ConnectionCommands[Name]['arguments']) {
      const wanted = 'profileId' in argument ? argument.profileId : undefined
      const isOurs = name === 'disconnect' && (wanted === undefined || wanted === status().profileId)
      if (isOurs) stop()
      return Promise.resolve(isOurs ? ok(undefined) : fail({ code: 'not-running', details: {} } as const))
    },
    snapshot: <Name extends keyof ConnectionSlices>(name: Name): Promise<ConnectionSlices[Name]> =>
      Promise.resolve(current[name]()),
    subscribe<Name extends keyof ConnectionSlices>(
      name: Name,
      listener: (value: ConnectionSlices[Name]) => void,
    ) {
      const timer = setInterval(() => listener(current[name]()), LIVE_MS)
      timers.add(timer)
      return () => {
        clearInterval(timer)
        timers.delete(timer)
      }
    },
    close() {
      for (const timer of timers) clearInterval(timer)
      timers.clear()
    },
  }
}
