/**
 * One IKE SA's messages with the other end: message IDs, the window of one, retransmission, and the memory of the last answer.
 * An exchange reads as `const response = await peer.request(…)`. What is not authentic costs a counter.
 */
import type { IkeSpi, MessageId, Millis } from '../../../src-shared/brands.ts'
import { messageId, millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { Cancel, Clock, Random } from '../../ports.ts'
import type { Reassembly } from './fragments.ts'
import { createReassembly } from './fragments.ts'
import type { DecodedMessage, Message, MessageHeader } from './message.ts'
import { decodeHeader, decodeMessage, encodeMessage } from './message.ts'
import type { MessageObserver, OnWire } from './observation.ts'
import { createFragmentTally, sentAs } from './observation.ts'
import type { Payload } from './payloads.ts'
import type { SkProtection } from './protection.ts'
import { notify } from './refusal.ts'
import { unitInterval } from '../timers.ts'

/** How long and how often a request is repeated (RFC 7296 section 2.1 leaves it to us). */
export interface Retransmission {
  readonly firstMs: number
  readonly factor: number
  readonly capMs: number
  readonly giveUpMs: number
}

export const patience = {
  /** The first request: nobody may be there. */
  init: { firstMs: 500, factor: 1.8, capMs: 4_000, giveUpMs: 15_000 },
  /** Back ends, and people with a second factor in their hands, take their time. */
  auth: { firstMs: 1_000, factor: 1.8, capMs: 8_000, giveUpMs: 90_000 },
  established: { firstMs: 1_000, factor: 1.6, capMs: 5_000, giveUpMs: 20_000 },
} as const satisfies Record<string, Retransmission>

/** An answer, with the bytes of both directions: IKE_SA_INIT's are signed later (RFC 7296 section 2.15). */
export interface Response {
  readonly message: Message
  readonly datagram: Uint8Array
  readonly request: Uint8Array
}

/** What an exchange thinks of an answer: `hold` keeps an unauthenticated refusal until nothing better comes (RFC 7296 section 2.21.1). */
export type Verdict = 'accept' | 'hold' | 'drop'

export interface RequestOptions {
  readonly retransmission: Retransmission
  readonly judge?: (message: Message) => Verdict
}

/** What a handler gives back: the answer, what to do before it leaves, and what after. */
export interface Reply {
  readonly payloads: readonly Payload[]
  readonly afterwards?: () => void
}

export interface PeerPorts extends MessageObserver {
  readonly clock: Clock
  readonly random: Random
  readonly transmit: (datagrams: readonly Uint8Array[]) => void
  readonly onRequest: (message: Message, datagram: Uint8Array) => Promise<Reply | undefined>
  /** Called for each authenticated message of the other end. */
  readonly onAlive: () => void
  /** A request went unanswered for its whole patience. */
  readonly onSilent: () => void
  readonly onDrop: (reason: string) => void
}

type Pending = {
  readonly id: MessageId
  readonly exchange: number
  readonly header: MessageHeader
  readonly datagrams: readonly Uint8Array[]
  readonly options: RequestOptions
  readonly resolve: (response: Response) => void
  readonly reject: (reason: Error) => void
  timer: Cancel
  holdTimer: Cancel | undefined
}

const holdMs = millis(750)

export class Peer {
  readonly #ports: PeerPorts
  #header: Omit<MessageHeader, 'exchange' | 'response' | 'messageId'>
  #outbound: SkProtection | undefined
  #inbound: SkProtection | undefined
  #fragmentSize: number | undefined
  #reassembly: Reassembly | undefined
  #nextOutgoing = 0
  #nextIncoming = 0
  #pending: Pending | undefined
  #handling = false
  #lastRequest: Uint8Array | undefined
  #lastReply: readonly Uint8Array[] | undefined
  #closed = false
  readonly #tally = createFragmentTally()
  #lastReplyHeader: MessageHeader | undefined

  /** `header` carries the SPIs and whether we are this SA's original initiator. */
  constructor(ports: PeerPorts, header: Omit<MessageHeader, 'exchange' | 'response' | 'messageId'>) {
    this.#ports = ports
    this.#header = header
  }

  /** The responder's SPI is known from its first answer on. */
  adopt(responderSpi: IkeSpi): void {
    this.#header = { ...this.#header, responderSpi }
  }

  protect(outbound: SkProtection, inbound: SkProtection): void {
    this.#outbound = outbound
    this.#inbound = inbound
  }

  /** Fragmentation was agreed on: larger messages leave as fragments no larger than this, in bytes (RFC 7383). */
  fragmentAt(size: number): void {
    this.#fragmentSize = size
    this.#reassembly = createReassembly()
  }

  /** What `fragmentAt` was told; undefined when fragmentation was not agreed on. */
  get fragmentSize(): number | undefined {
    return this.#fragmentSize
  }

  /** The responder's beginning: IKE_SA_INIT was answered outside. Its repetitions get the same answer; the next request is message 1. */
  answered(request: Uint8Array, response: Uint8Array): void {
    this.#nextIncoming = 1
    this.#lastRequest = request
    this.#lastReply = [response]
  }

  /** Sends a request and gives the authentic answer. Rejects with VpnError 'gateway-unreachable' when patience ends. One at a time. */
  request(exchange: number, payloads: readonly Payload[], options: RequestOptions): Promise<Response> {
    if (this.#pending !== undefined)
      return Promise.reject(new Error('a request is outstanding: the window is one'))
    if (this.#closed) return Promise.reject(new VpnError('cancelled'))
    const id = messageId(this.#nextOutgoing)
    const message: Message = {
      header: { ...this.#header, exchange, response: false, messageId: id },
      payloads,
    }
    const datagrams = encodeMessage(message, this.#outbound, this.#fragmentSize)
    return new Promise<Response>((resolve, reject) => {
      this.#pending = {
        id,
        exchange,
        header: message.header,
        datagrams,
        options,
        resolve,
        reject,
        timer: () => undefined,
        holdTimer: undefined,
      }
      this.#transmitPending(this.#ports.clock.monotonic(), options.retransmission.firstMs)
      this.#ports.onMessage?.('sent', message, sentAs(datagrams, this.#outbound !== undefined))
    })
  }

  /** The path changed: what waits for an answer is sent again at once. */
  resend(): void {
    if (this.#pending === undefined) return
    this.#ports.transmit(this.#pending.datagrams)
    this.#ports.onRepeated?.('sent', this.#pending.header)
  }

  /** A datagram whose SPIs are this SA's. The caller gives the bytes away. */
  receive(datagram: Uint8Array): void {
    if (this.#closed) return
    const header = decodeHeader(datagram)
    if (header === undefined) return this.#ports.onDrop('too-short')
    if (header.initiator === this.#header.initiator) return this.#ports.onDrop('reflected')
    const place = header.response ? this.#placeOfResponse(header) : this.#placeOfRequest(header)
    // Out of place: not worth a decryption, and no fragment of it is kept.
    if (place === 'stray')
      return this.#ports.onDrop(header.response ? 'unexpected-response' : 'message-id-out-of-window')
    // Bytes that we have answered need no second proof; of a repetition in fragments, one of them is these very bytes.
    const answered = this.#lastRequest !== undefined && sameBytes(this.#lastRequest, datagram)
    if (place === 'repeated' && answered) return this.#answerAgain(header)
    const decoded = decodeMessage(datagram, this.#inbound, this.#reassembly)
    switch (decoded.kind) {
      case 'dropped':
        return this.#ports.onDrop(decoded.reason)
      case 'fragment-kept':
        return this.#tally.kept(header, datagram.length)
      case 'refused':
        return place === 'due' ? this.#receiveRefused(decoded, datagram) : this.#ports.onDrop(decoded.reason)
      case 'message':
        // Once there are keys, what is not protected is not the peer's word (RFC 7296 section 2.21.2).
        if (decoded.protected !== (this.#inbound !== undefined)) return this.#ports.onDrop('unprotected')
        if (decoded.protected) this.#ports.onAlive()
        if (place === 'repeated') return this.#answerAgain(header)
        return this.#receiveMessage(decoded, datagram)
    }
  }

  #receiveMessage(decoded: Extract<DecodedMessage, { kind: 'message' }>, datagram: Uint8Array): void {
    const { message } = decoded
    const wire = this.#tally.complete(message.header, datagram.length, decoded.protected)
    if (message.header.response) this.#receiveResponse(message, datagram, wire)
    else this.#receiveRequest(message, datagram, wire)
  }

  #placeOfResponse(header: MessageHeader): 'due' | 'stray' {
    const pending = this.#pending
    return pending?.id === header.messageId && pending.exchange === header.exchange ? 'due' : 'stray'
  }

  /** RFC 7296 section 2.3: with a window of one, only the next message ID is new, and only the last one can be repeated. */
  #placeOfRequest(header: MessageHeader): 'due' | 'repeated' | 'stray' {
    if (header.messageId === this.#nextIncoming) return this.#handling ? 'stray' : 'due'
    return header.messageId === this.#nextIncoming - 1 && this.#lastReply !== undefined ? 'repeated' : 'stray'
  }

  /** RFC 7296 section 2.1: a repeated request gets the very answer again. */
  #answerAgain(request: MessageHeader): void {
    if (this.#lastReply === undefined) return
    this.#ports.transmit(this.#lastReply)
    this.#ports.onRepeated?.('received', request)
    if (this.#lastReplyHeader !== undefined) this.#ports.onRepeated?.('sent', this.#lastReplyHeader)
  }

  /** An authentic message that is no good: a request is told so (RFC 7296 section 2.21.3), an answer ends its exchange. */
  #receiveRefused(refused: Extract<DecodedMessage, { kind: 'refused' }>, datagram: Uint8Array): void {
    this.#ports.onDrop(refused.reason)
    if (!refused.protected) return
    const { header } = refused
    if (header.response) {
      const pending = this.#takePending()
      if (pending === undefined) return
      this.#nextOutgoing += 1
      pending.reject(new VpnError('protocol-violation', { reason: refused.reason }))
      return
    }
    const payloads = [notify(refused.notify, refused.data)]
    this.#answer({ header, payloads: [] }, datagram, { payloads })
  }

  close(reason = new VpnError('cancelled')): void {
    this.#closed = true
    this.#takePending()?.reject(reason)
  }

  /** The request that waits, which from now on does not. */
  #takePending(): Pending | undefined {
    const pending = this.#pending
    this.#pending = undefined
    pending?.timer()
    pending?.holdTimer?.()
    return pending
  }

  /** RFC 7296 section 2.6: the first request again, with the same message ID, after COOKIE or INVALID_KE_PAYLOAD. */
  startOver(): void {
    this.#nextOutgoing = 0
  }

  #transmitPending(since: Millis, delayMs: number): void {
    const pending = this.#pending
    if (pending === undefined) return
    const { clock, random, transmit } = this.#ports
    const { retransmission } = pending.options
    transmit(pending.datagrams)
    const jitter = 0.9 + 0.2 * unitInterval(random)
    const remaining = since + retransmission.giveUpMs - clock.monotonic()
    const wait = Math.min(delayMs * jitter, remaining)
    pending.timer = clock.after(millis(Math.max(0, wait)), () => {
      if (this.#pending !== pending) return
      if (clock.monotonic() - since < retransmission.giveUpMs) {
        this.#transmitPending(since, Math.min(delayMs * retransmission.factor, retransmission.capMs))
        this.#ports.onRepeated?.('sent', pending.header)
        return
      }
      this.#takePending()?.reject(new VpnError('gateway-unreachable'))
      this.#ports.onSilent()
    })
  }

  #receiveResponse(message: Message, datagram: Uint8Array, wire: OnWire): void {
    const pending = this.#pending
    if (pending === undefined) return
    const verdict = pending.options.judge?.(message) ?? 'accept'
    if (verdict === 'drop') {
      this.#ports.onDrop('unacceptable-response')
      return
    }
    const response = { message, datagram, request: pending.datagrams[0] ?? new Uint8Array() }
    if (verdict === 'hold') {
      // The request goes on being repeated meanwhile: a forged refusal must not silence it.
      pending.holdTimer ??= this.#ports.clock.after(holdMs, () => this.#finish(response, wire))
      return
    }
    this.#finish(response, wire)
  }

  #finish(response: Response, wire: OnWire): void {
    const pending = this.#takePending()
    if (pending === undefined) return
    this.#nextOutgoing += 1
    pending.resolve(response)
    this.#ports.onMessage?.('received', response.message, wire)
  }

  #receiveRequest(message: Message, datagram: Uint8Array, wire: OnWire): void {
    this.#ports.onMessage?.('received', message, wire)
    this.#handling = true
    this.#ports.onRequest(message, datagram).then(
      (reply) => this.#answer(message, datagram, reply),
      (error: unknown) => {
        this.#handling = false
        queueMicrotaskThrow(error)
      },
    )
  }

  #answer(request: Message, datagram: Uint8Array, reply: Reply | undefined): void {
    this.#handling = false
    if (reply === undefined || this.#closed) return
    const message: Message = {
      header: {
        ...this.#header,
        exchange: request.header.exchange,
        response: true,
        messageId: request.header.messageId,
      },
      payloads: reply.payloads,
    }
    const datagrams = encodeMessage(message, this.#outbound, this.#fragmentSize)
    this.#nextIncoming += 1
    this.#lastRequest = datagram
    this.#lastReply = datagrams
    this.#lastReplyHeader = message.header
    this.#ports.transmit(datagrams)
    this.#ports.onMessage?.('sent', message, sentAs(datagrams, this.#outbound !== undefined))
    reply.afterwards?.()
  }
}

/** A bug in a handler is not the peer's to suffer silently: it reaches the process boundary. */
function queueMicrotaskThrow(error: unknown): void {
  void Promise.reject(error instanceof Error ? error : new Error(String(error)))
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false
  return true
}
