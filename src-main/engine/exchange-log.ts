/**
 * The IKE messages of this process, for the exchange view. While a connection is made a message costs no more than a place in a
 * list: it is put into words when somebody looks, or when too many wait.
 */
import { millis } from '../../src-shared/brands.ts'
import type { ExchangeMessage } from '../../src-shared/exchange-message.ts'
import type { Cancel, Clock } from '../ports.ts'

/** What is older is forgotten. */
const mostMessages = 500
/** More than connecting takes; their bytes are kept until they are in words. */
const mostWaiting = 48
/** Listeners hear of many messages at once, and never before the ones that hurry are through. */
const quietMs = millis(100)

/** For front ends: what was seen, and when there is more. */
export interface ExchangeLog {
  /** The newest last; at most 500. */
  messages(): readonly ExchangeMessage[]
  /** Called after changes, at most ten times a second; gives the way to stop. */
  onMessage(listener: () => void): Cancel
  clear(): void
}

export type Words = Pick<ExchangeMessage, 'summary' | 'payloads'>

/** What names a message among the others, in either version. */
export interface SeenHeader {
  readonly initiatorSpi: bigint
  readonly responderSpi: bigint
  readonly messageId: number
  readonly response: boolean
}

export interface SeenMessage {
  readonly profileId: string
  readonly direction: ExchangeMessage['direction']
  readonly version: ExchangeMessage['version']
  readonly exchange: string
  readonly header: SeenHeader
  readonly wire: { readonly bytes: number; readonly datagrams: number; readonly encrypted: boolean }
  /** Called once, later or never; what it holds may hold no secret and stays as it is. */
  readonly describe: () => Words
}

interface Entry {
  readonly number: number
  readonly at: number
  readonly seen: Omit<SeenMessage, 'describe'>
  retransmissions: number
  /** Until it is in words. */
  describe: (() => Words) | undefined
  words: Words
  /** What `messages` gave last, as long as it is true. */
  told: ExchangeMessage | undefined
}

const spiText = (spi: bigint): string => spi.toString(16).padStart(16, '0')

const isSame = ({ seen }: Entry, direction: SeenMessage['direction'], header: SeenHeader): boolean =>
  seen.direction === direction &&
  seen.header.messageId === header.messageId &&
  seen.header.response === header.response &&
  seen.header.initiatorSpi === header.initiatorSpi

const noWords: Words = { summary: '', payloads: [] }

export class ExchangeRecorder implements ExchangeLog {
  readonly #clock: Pick<Clock, 'wall' | 'after'>
  readonly #listeners = new Set<() => void>()
  #entries: Entry[] = []
  #lastNumber = 0
  #firstWaiting = 0
  #soon: Cancel | undefined

  constructor(clock: Pick<Clock, 'wall' | 'after'>) {
    this.#clock = clock
  }

  add({ describe, ...seen }: SeenMessage): void {
    this.#entries.push({
      number: (this.#lastNumber += 1),
      at: this.#clock.wall(),
      seen,
      retransmissions: 0,
      describe,
      words: noWords,
      told: undefined,
    })
    if (this.#entries.length > mostMessages) {
      this.#entries.shift()
      this.#firstWaiting = Math.max(0, this.#firstWaiting - 1)
    }
    if (this.#entries.length - this.#firstWaiting > mostWaiting) this.#describeOldest()
    this.#changed()
  }

  /** The message of this header went, or came, once more. */
  repeated(direction: SeenMessage['direction'], header: SeenHeader): void {
    const entry = this.#entries.findLast((one) => isSame(one, direction, header))
    if (entry === undefined) return
    entry.retransmissions += 1
    entry.told = undefined
    this.#changed()
  }

  messages(): readonly ExchangeMessage[] {
    this.#firstWaiting = this.#entries.length
    return this.#entries.map(told)
  }

  onMessage(listener: () => void): Cancel {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#cancelSoon()
    }
  }

  clear(): void {
    this.#entries = []
    this.#firstWaiting = 0
    this.#changed()
  }

  #describeOldest(): void {
    const entry = this.#entries[this.#firstWaiting]
    if (entry !== undefined) wordsOf(entry)
    this.#firstWaiting += 1
  }

  #changed(): void {
    if (this.#listeners.size === 0) return
    this.#soon ??= this.#clock.after(quietMs, () => {
      this.#soon = undefined
      for (const listener of [...this.#listeners]) listener()
    })
  }

  #cancelSoon(): void {
    this.#soon?.()
    this.#soon = undefined
  }
}

function wordsOf(entry: Entry): Words {
  if (entry.describe !== undefined) entry.words = entry.describe()
  entry.describe = undefined
  return entry.words
}

function told(entry: Entry): ExchangeMessage {
  const { seen, number, at, retransmissions } = entry
  const { header, wire } = seen
  entry.told ??= {
    number,
    profileId: seen.profileId,
    at,
    direction: seen.direction,
    version: seen.version,
    exchange: seen.exchange,
    kind: header.response ? 'response' : 'request',
    messageId: header.messageId,
    initiatorSpi: spiText(header.initiatorSpi),
    responderSpi: spiText(header.responderSpi),
    length: wire.bytes,
    fragments: wire.datagrams,
    encrypted: wire.encrypted,
    retransmissions,
    ...wordsOf(entry),
  }
  return entry.told
}
