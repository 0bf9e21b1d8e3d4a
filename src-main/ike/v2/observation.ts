/** What is told to whoever watches a session's messages, without a part in them: for the exchange view. */
import type { Message, MessageHeader } from './message.ts'

export type Direction = 'sent' | 'received'

/** How a message was on the wire. */
export interface OnWire {
  /** Of all its datagrams, without the non-ESP marker. */
  readonly bytes: number
  readonly datagrams: number
  /** It went in an Encrypted payload, and is authentic when it was received. */
  readonly encrypted: boolean
}

/** Hears of what was understood and, where there are keys, authentic; once a message has left or was taken in. Must be quick. */
export interface MessageObserver {
  readonly onMessage?: (direction: Direction, message: Message, wire: OnWire) => void
  /** The message of this header was sent, or came in, once more. */
  readonly onRepeated?: (direction: Direction, header: MessageHeader) => void
}

const one = (bytes: number, encrypted: boolean): OnWire => ({ bytes, datagrams: 1, encrypted })

export const sentAs = (datagrams: readonly Uint8Array[], encrypted: boolean): OnWire => {
  const [first] = datagrams
  if (datagrams.length === 1 && first !== undefined) return one(first.length, encrypted)
  const bytes = datagrams.reduce((sum, { length }) => sum + length, 0)
  return { bytes, datagrams: datagrams.length, encrypted }
}

/** Adds up the fragments of the messages that come in, until each is whole: a request and a response at a time. */
export interface FragmentTally {
  kept(header: MessageHeader, bytes: number): void
  /** Of the message that this datagram was, or completed. */
  complete(header: MessageHeader, bytes: number, encrypted: boolean): OnWire
}

export function createFragmentTally(): FragmentTally {
  const open = new Map<boolean, { messageId: number; bytes: number; datagrams: number }>()
  return {
    kept({ response, messageId }, bytes) {
      const known = open.get(response)
      if (known?.messageId === messageId) {
        known.bytes += bytes
        known.datagrams += 1
      } else open.set(response, { messageId, bytes, datagrams: 1 })
    },
    complete({ response, messageId }, bytes, encrypted) {
      const known = open.get(response)
      if (known?.messageId !== messageId) return one(bytes, encrypted)
      open.delete(response)
      return { bytes: known.bytes + bytes, datagrams: known.datagrams + 1, encrypted }
    },
  }
}
