/** The IKE messages of this process and of the others whose connections are seen, in the order of their time, numbered as one. */
import type { ExchangeMessage } from '../../src-shared/exchange-message.ts'
import type { ExchangeLog } from './app.ts'
import type { ForeignExchanges } from './other-processes.ts'
import type { Slice } from './slice.ts'
import { createSlice } from './slice.ts'

export interface SeenExchanges {
  readonly slice: Slice<readonly ExchangeMessage[]>
  clear(): void
  close(): void
}

const LIMIT = 500
const OWN = 'own'

export function seeExchanges(
  own: ExchangeLog | undefined,
  others: Slice<readonly ForeignExchanges[]>,
): SeenExchanges {
  const slice = createSlice<readonly ExchangeMessage[]>([])
  /** A process's own number → the one shown. */
  const numbers = new Map<string, number>()
  /** What other processes had when it was cleared. */
  const cleared = new Map<string, number>()
  let next = 1

  function publish(): void {
    const sources = [{ source: OWN, messages: own?.messages() ?? [] }, ...others.read()]
    const all = sources
      .flatMap(({ source, messages }) =>
        messages
          .filter(({ number }) => number > (cleared.get(source) ?? 0))
          .map((message) => ({ key: `${source} ${message.number}`, message })),
      )
      .toSorted((a, b) => a.message.at - b.message.at)
      .slice(-LIMIT)
    const shown = all.map(({ key, message }) => {
      const number = numbers.get(key) ?? next++
      numbers.set(key, number)
      return { ...message, number }
    })
    const used = new Set(all.map(({ key }) => key))
    for (const key of numbers.keys()) if (!used.has(key)) numbers.delete(key)
    slice.write(shown)
  }
  const stops = [own?.onMessage(publish), others.subscribe(publish)]
  publish()

  return {
    slice,
    clear() {
      for (const { source, messages } of others.read()) {
        cleared.set(source, Math.max(0, ...messages.map(({ number }) => number)))
      }
      own?.clear()
      publish()
    },
    close() {
      for (const stop of stops) stop?.()
    },
  }
}
