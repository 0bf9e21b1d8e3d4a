/**
 * All messages of one exchange, which in IKEv1 share a message ID and an IV that goes on from message to message (RFC 2409
 * appendix B). Whoever waits for an answer repeats its last message; whoever has answered repeats its answer when the question
 * comes again (RFC 2408 section 3.1, RFC 2409 section 5).
 */
import type { MessageId, Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { Cancel, Clock } from '../../ports.ts'
import type { Message, MessageCipher, MessageHeader } from './message.ts'
import { decodeMessage, encodeMessage } from './message.ts'
import type { Payload } from './payloads.ts'

/** Hears of what was sent, and of what was taken for the other end's; `bytes` is the datagram's length. Must be quick. */
export interface MessageObserver {
  readonly onMessage?: (direction: 'sent' | 'received', message: Message, bytes: number) => void
  /** The last message of this conversation in this direction went, or came, once more. */
  readonly onRepeated?: (
    direction: 'sent' | 'received',
    header: Pick<MessageHeader, 'initiatorSpi' | 'responderSpi' | 'exchange' | 'messageId'>,
  ) => void
}

export interface ConversationPorts extends MessageObserver {
  readonly clock: Clock
  readonly transmit: (datagram: Uint8Array) => void
  readonly onDrop: (reason: string) => void
  /** Cookies as they are known now. */
  readonly header: () => Pick<MessageHeader, 'initiatorSpi' | 'responderSpi'>
}

/** How long a message is repeated. */
export interface Patience {
  readonly firstMs: number
  readonly factor: number
  readonly giveUpMs: number
}

/** Before there is an SA: the person waits. */
export const dialing: Patience = { firstMs: 700, factor: 1.8, giveUpMs: 12_000 }
/** While an SA stands. */
export const established: Patience = { firstMs: 2_000, factor: 1.8, giveUpMs: 60_000 }

/** Whether a message is what the exchange waits for: right in shape and, where it can be, proven genuine. */
export type Judge = (message: Message) => boolean

interface Waiting {
  readonly judge: Judge
  readonly resolve: (message: Message) => void
  readonly reject: (reason: Error) => void
  timer: Cancel
}

/** How often an answer is repeated to somebody who repeats the question. */
const MOST_REPETITIONS = 16
/** After a refusal that anybody could have sent, how long the true answer may still come. */
const forgivenessMs = millis(750)

export class Conversation {
  readonly messageId: MessageId
  readonly exchange: number
  readonly #ports: ConversationPorts
  #cipher: MessageCipher | undefined
  #iv: Uint8Array | undefined
  #lastReceived: Uint8Array | undefined
  #lastSent: Uint8Array | undefined
  #repetitions = 0
  #waiting: Waiting | undefined
  #hold: Cancel | undefined
  #closed = false

  constructor(ports: ConversationPorts, exchange: number, messageId: MessageId) {
    this.#ports = ports
    this.exchange = exchange
    this.messageId = messageId
  }

  /** From now on messages go encrypted, both ways. The IV is the first one's. */
  encrypt(cipher: MessageCipher, iv: Uint8Array): void {
    this.#cipher = cipher
    this.#iv = iv
  }

  /** The last block of ciphertext so far: phase 2's IVs begin with that of phase 1 (RFC 2409 appendix B). */
  get lastBlock(): Uint8Array | undefined {
    return this.#iv
  }

  /** The bytes of the message that we sent last. */
  get lastSent(): Uint8Array | undefined {
    return this.#lastSent
  }

  /** Sends what needs no answer; kept to be repeated when the peer repeats its own. */
  say(payloads: readonly Payload[], options: { readonly commit?: boolean } = {}): void {
    if (this.#closed) return
    const { datagram, nextIv } = encodeMessage(
      {
        ...this.#ports.header(),
        exchange: this.exchange,
        messageId: this.messageId,
        commit: options.commit ?? false,
      },
      payloads,
      this.#encryption(),
    )
    if (nextIv !== undefined) this.#iv = nextIv
    this.#lastSent = datagram
    this.#repetitions = 0
    this.#ports.transmit(datagram)
    this.#report(datagram, payloads)
  }

  /** Sends, and repeats it until the answer comes. Rejects with VpnError 'gateway-unreachable' when patience ends. */
  ask(payloads: readonly Payload[], judge: Judge, patience: Patience): Promise<Message> {
    this.say(payloads)
    const since = this.#ports.clock.monotonic()
    return this.#wait(judge, (waiting) => this.#repeat(waiting, since, patience.firstMs, patience))
  }

  /** Waits for what comes next without repeating anything by itself: the responder's part. */
  hear(judge: Judge, longest: Millis): Promise<Message> {
    return this.#wait(judge, (waiting) => {
      waiting.timer = this.#ports.clock.after(longest, () => this.#giveUp(waiting))
    })
  }

  /** A datagram of this conversation. `judge` decides on the first message of one that the peer began. */
  receive(datagram: Uint8Array, judge?: Judge): Message | undefined {
    if (this.#closed) return undefined
    if (this.#lastReceived !== undefined && sameBytes(this.#lastReceived, datagram)) {
      this.#reportRepeated('received')
      this.#answerAgain()
      return undefined
    }
    const decoded = decodeMessage(datagram, this.#encryption())
    if (!decoded.ok) {
      this.#drop(decoded.error)
      return
    }
    const { message, nextIv } = decoded.value
    const accepts = judge ?? this.#waiting?.judge
    if (accepts === undefined) {
      this.#drop('unexpected-message')
      return
    }
    if (!accepts(message)) {
      this.#drop('unacceptable-message')
      return
    }
    if (nextIv !== undefined) this.#iv = nextIv
    this.#lastReceived = datagram.slice()
    this.#ports.onMessage?.('received', message, datagram.length)
    this.#take()?.resolve(message)
    return message
  }

  /**
   * Somebody says that the peer refuses, and cannot prove it: what waits fails with this reason, unless the true answer comes
   * first. RFC 2408 section 5.15 leaves it to us what to believe.
   */
  refusedPerhaps(reason: VpnError): void {
    const waiting = this.#waiting
    if (waiting === undefined) return
    this.#hold ??= this.#ports.clock.after(forgivenessMs, () => {
      if (this.#waiting === waiting) this.#take()?.reject(reason)
    })
  }

  /** The path has changed: what waits for an answer goes out again. */
  resend(): void {
    if (this.#waiting === undefined || this.#lastSent === undefined) return
    this.#ports.transmit(this.#lastSent)
    this.#reportRepeated('sent')
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined
  }

  close(reason: Error = new VpnError('cancelled')): void {
    this.#closed = true
    this.#take()?.reject(reason)
  }

  #encryption() {
    return this.#cipher === undefined || this.#iv === undefined
      ? undefined
      : { cipher: this.#cipher, iv: this.#iv }
  }

  #wait(judge: Judge, start: (waiting: Waiting) => void): Promise<Message> {
    if (this.#closed) return Promise.reject(new VpnError('cancelled'))
    if (this.#waiting !== undefined) return Promise.reject(new Error('a conversation waits for one message'))
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { judge, resolve, reject, timer: () => undefined }
      this.#waiting = waiting
      start(waiting)
    })
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.timer()
    this.#hold?.()
    this.#hold = undefined
    return waiting
  }

  #repeat(waiting: Waiting, since: Millis, delayMs: number, patience: Patience): void {
    const { clock, transmit } = this.#ports
    const left = since + patience.giveUpMs - clock.monotonic()
    waiting.timer = clock.after(millis(Math.max(0, Math.min(delayMs, left))), () => {
      if (this.#waiting !== waiting) return
      if (clock.monotonic() - since >= patience.giveUpMs) return this.#giveUp(waiting)
      if (this.#lastSent !== undefined) {
        transmit(this.#lastSent)
        this.#reportRepeated('sent')
      }
      this.#repeat(waiting, since, delayMs * patience.factor, patience)
    })
  }

  #giveUp(waiting: Waiting): void {
    if (this.#waiting === waiting) this.#take()?.reject(new VpnError('gateway-unreachable'))
  }

  #answerAgain(): void {
    if (this.#lastSent === undefined || this.#repetitions >= MOST_REPETITIONS) return
    this.#repetitions += 1
    this.#ports.transmit(this.#lastSent)
    this.#reportRepeated('sent')
  }

  #drop(reason: string): undefined {
    this.#ports.onDrop(reason)
    return undefined
  }

  /** What was sent, for whoever watches; made only when somebody does. */
  #report(datagram: Uint8Array, payloads: readonly Payload[]): void {
    if (this.#ports.onMessage === undefined) return
    const message: Message = {
      header: { ...this.#name(), commit: false },
      encrypted: this.#cipher !== undefined,
      payloads: payloads.map((payload) => ({ payload, body: new Uint8Array() })),
      chain: datagram.subarray(datagram.length),
    }
    this.#ports.onMessage('sent', message, datagram.length)
  }

  #reportRepeated(direction: 'sent' | 'received'): void {
    this.#ports.onRepeated?.(direction, this.#name())
  }

  #name(): Omit<MessageHeader, 'commit'> {
    return { ...this.#ports.header(), exchange: this.exchange, messageId: this.messageId }
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
