/** The answering side of an exchange that takes several rounds, so that it reads from top to bottom: `next`, `reply`, `next` … */
import { VpnError } from '../../../src-shared/errors.ts'
import type { Message } from './message.ts'
import type { Reply } from './peer.ts'

export interface Conversation {
  /** The next request. Rejects with VpnError 'cancelled' once closed. One caller at a time. */
  next(): Promise<Message>
  /** Answers the request taken last. */
  reply(reply: Reply): void
  /** Takes a request in; gives its answer when there is one. */
  receive(message: Message): Promise<Reply | undefined>
  close(): void
}

export function createConversation(): Conversation {
  let waiting:
    { readonly resolve: (message: Message) => void; readonly reject: (error: Error) => void } | undefined
  let arrived: Message | undefined
  let answer: ((reply: Reply | undefined) => void) | undefined
  let closed = false
  return {
    next() {
      if (closed) return Promise.reject(new VpnError('cancelled'))
      const message = arrived
      arrived = undefined
      if (message !== undefined) return Promise.resolve(message)
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
      })
    },
    reply(reply) {
      answer?.(reply)
      answer = undefined
    },
    receive(message) {
      // The window is one: the peer handles no second request before the first is answered.
      if (closed || answer !== undefined) return Promise.resolve(undefined)
      const replied = new Promise<Reply | undefined>((resolve) => {
        answer = resolve
      })
      const taker = waiting
      waiting = undefined
      if (taker === undefined) arrived = message
      else taker.resolve(message)
      return replied
    },
    close() {
      closed = true
      waiting?.reject(new VpnError('cancelled'))
      waiting = undefined
      answer?.(undefined)
      answer = undefined
    },
  }
}
