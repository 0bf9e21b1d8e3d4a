/** One ISAKMP SA on the wire: its cookies, its cipher and its conversations, each known by exchange type and message ID. */
import type { IkeSpi, MessageId } from '../../../src-shared/brands.ts'
import { ikeSpi, messageId } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { Clock, Random } from '../../ports.ts'
import { readIkeHeader } from '../header.ts'
import { Exchange, FIRST_STATUS, notificationName } from './code-points.ts'
import type { MessageObserver } from './conversation.ts'
import { Conversation } from './conversation.ts'
import type { Message, MessageCipher } from './message.ts'
import { createAssembly, inPieces, isFragment, LONGEST_DATAGRAM } from './fragments.ts'
import { decodeMessage, payloadsOf } from './message.ts'
import { hasShape } from './rules.ts'
import type { ShapeName } from './rules.ts'

export interface PeerPorts extends MessageObserver {
  readonly clock: Clock
  readonly random: Random
  readonly transmit: (datagram: Uint8Array) => void
  readonly onDrop: (reason: string) => void
  /** An authentic first message of a conversation that the other end began; only once `answer` allows them. */
  readonly onConversation: (conversation: Conversation, message: Message) => void
}

/** What an established SA needs in order to hold conversations. */
export interface Protection {
  readonly cipher: MessageCipher
  /** The first IV of a conversation (RFC 2409 appendix B). */
  readonly ivOf: (id: MessageId) => Uint8Array
  /** Whether the message's HASH payload is right: what makes it genuine (RFC 2409 sections 5.5 and 5.7). */
  readonly isGenuine: (message: Message) => boolean
}

/** Phase 1 has message ID zero (RFC 2408 section 3.1). */
const PHASE_1 = messageId(0)
/** Conversations that are kept so that late repetitions are answered; the oldest go first. */
const MOST_CONVERSATIONS = 32

/** Messages that arrive before phase 1 has ended here. */
const MOST_EARLY = 4

/** What the other end may begin, and the shape of its first message. */
const beginnings = new Map([
  [Exchange.INFORMATIONAL, 'informational'],
  [Exchange.QUICK, 'quick 1'],
  [Exchange.TRANSACTION, 'transaction'],
  [Exchange.NEW_GROUP, 'new group'],
] as const)
const beginningOf = (exchange: number) => {
  for (const [number, shape] of beginnings) if (number === exchange) return shape
  return undefined
}

export class Peer {
  readonly #ports: PeerPorts
  readonly #send: PeerPorts['transmit']
  #spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi }
  readonly #conversations = new Map<string, Conversation>()
  readonly #early: Uint8Array[] = []
  readonly #assembly = createAssembly()
  #fragments = false
  #fragmentId = 0
  #protection: Protection | undefined
  #closed = false

  constructor(ports: PeerPorts, spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi }) {
    this.#ports = { ...ports, transmit: (datagram) => this.#transmit(datagram) }
    this.#send = ports.transmit
    this.#spis = spis
  }

  /** The other end takes long messages in pieces. */
  takesFragments(takes: boolean): void {
    this.#fragments = takes
  }

  get spis(): { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi } {
    return this.#spis
  }

  /** The responder's cookie is known from its first answer on. */
  adopt(responderSpi: IkeSpi): void {
    this.#spis = { ...this.#spis, responderSpi }
  }

  /** Phase 1 has proven both sides: from now on the other end may begin conversations. */
  establish(protection: Protection): void {
    this.#protection = protection
    for (const datagram of this.#early.splice(0)) this.receive(datagram)
  }

  /** The conversation of phase 1. */
  phase1(exchange: number): Conversation {
    return this.#conversations.get(keyOf(exchange, PHASE_1)) ?? this.#open(exchange, PHASE_1)
  }

  /** A conversation of ours under the established SA, with a message ID that is unpredictable and new (RFC 2409 section 5.5). */
  begin(exchange: number): Conversation {
    for (;;) {
      const bytes = this.#ports.random.bytes(4)
      const id = messageId(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0))
      if (id !== PHASE_1 && !this.#conversations.has(keyOf(exchange, id))) {
        const conversation = this.#open(exchange, id)
        this.#protect(conversation)
        return conversation
      }
    }
  }

  /** The first message of an SA that the other end begins; undefined when it is none, or not in this shape. */
  accept(datagram: Uint8Array, exchange: number, shape: ShapeName): Message | undefined {
    return this.phase1(exchange).receive(datagram, (message) => hasShape(message, shape))
  }

  /** A datagram with this SA's cookies. The caller gives the bytes away. */
  receive(datagram: Uint8Array): void {
    if (this.#closed) return
    const header = readIkeHeader(datagram)
    if (header === undefined) return this.#ports.onDrop('too-short')
    if (isFragment(header)) {
      const whole = this.#assembly.add(datagram)
      const inner = whole === undefined ? undefined : readIkeHeader(whole)
      // A piece of pieces is a game.
      if (whole !== undefined && inner !== undefined && !isFragment(inner)) this.receive(whole)
      return
    }
    const known = this.#conversations.get(keyOf(header.exchange, header.messageId))
    if (known !== undefined) {
      known.receive(datagram)
      return
    }
    const shape = beginningOf(header.exchange)
    const protection = this.#protection
    if (protection === undefined) {
      this.#receiveEarly(datagram, shape !== undefined)
      return
    }
    if (shape === undefined || header.messageId === PHASE_1) return this.#ports.onDrop('unexpected-message')
    const conversation = new Conversation(
      { ...this.#ports, header: () => this.#spis },
      header.exchange,
      header.messageId,
    )
    this.#protect(conversation)
    const message = conversation.receive(
      datagram,
      (candidate) => hasShape(candidate, shape) && protection.isGenuine(candidate),
    )
    if (message === undefined) return
    this.#keep(conversation)
    this.#ports.onConversation(conversation, message)
  }

  /** The other end has refused, and proven that it is the one who says so: what waits for an answer of this exchange is over. */
  refused(exchange: number, reason: VpnError): void {
    for (const conversation of this.#conversations.values())
      if (conversation.exchange === exchange && conversation.isWaiting) conversation.close(reason)
  }

  /** The path has changed: whatever waits for an answer goes out again. */
  resend(): void {
    for (const conversation of this.#conversations.values()) conversation.resend()
  }

  close(): void {
    this.#closed = true
    for (const conversation of this.#conversations.values()) conversation.close()
    this.#conversations.clear()
  }

  /**
   * During phase 1. What is encrypted may be the peer's next exchange, which has overtaken our look at its proof: a few are kept.
   * An informational message without protection is a hint, nothing more.
   */
  #receiveEarly(datagram: Uint8Array, isBeginning: boolean): void {
    const decoded = decodeMessage(datagram)
    if (!decoded.ok && decoded.error === 'no-keys' && isBeginning && this.#early.length < MOST_EARLY) {
      this.#early.push(datagram)
      // What a wrong pre-shared key looks like: the other end complains, with keys that are not ours.
      if (readIkeHeader(datagram)?.exchange === Exchange.INFORMATIONAL)
        this.#refusedPerhaps(
          new VpnError('authentication-refused', { notify: 'a refusal that we cannot decrypt' }),
        )
      return
    }
    if (!decoded.ok || !hasShape(decoded.value.message, 'refusal'))
      return this.#ports.onDrop('unexpected-message')
    const refusal = payloadsOf(decoded.value.message, 'notification').find(
      ({ notification }) => notification < FIRST_STATUS,
    )
    if (refusal === undefined) return this.#ports.onDrop('unexpected-message')
    this.#refusedPerhaps(refusalOf(refusal.notification))
  }

  #transmit(datagram: Uint8Array): void {
    if (!this.#fragments || datagram.length <= LONGEST_DATAGRAM) {
      this.#send(datagram)
      return
    }
    this.#fragmentId = (this.#fragmentId % 0xffff) + 1
    for (const piece of inPieces(datagram, this.#fragmentId)) this.#send(piece)
  }

  #refusedPerhaps(reason: VpnError): void {
    for (const conversation of this.#conversations.values()) conversation.refusedPerhaps(reason)
  }

  #open(exchange: number, id: MessageId): Conversation {
    const conversation = new Conversation({ ...this.#ports, header: () => this.#spis }, exchange, id)
    this.#keep(conversation)
    return conversation
  }

  #protect(conversation: Conversation): void {
    if (this.#protection === undefined) throw new Error('no conversation before phase 1 has ended')
    conversation.encrypt(this.#protection.cipher, this.#protection.ivOf(conversation.messageId))
  }

  #keep(conversation: Conversation): void {
    this.#conversations.set(keyOf(conversation.exchange, conversation.messageId), conversation)
    for (const [key, oldest] of this.#conversations) {
      if (this.#conversations.size <= MOST_CONVERSATIONS) break
      if (oldest.isWaiting || oldest.messageId === PHASE_1) continue
      oldest.close()
      this.#conversations.delete(key)
    }
  }
}

const keyOf = (exchange: number, id: MessageId): string => `${exchange}/${id}`

const refusals: ReadonlyMap<string, VpnError['code']> = new Map([
  ['NO_PROPOSAL_CHOSEN', 'no-common-proposal'],
  ['ATTRIBUTES_NOT_SUPPORTED', 'no-common-proposal'],
  ['BAD_PROPOSAL_SYNTAX', 'no-common-proposal'],
  ['INVALID_ID_INFORMATION', 'no-common-traffic'],
  ['AUTHENTICATION_FAILED', 'authentication-refused'],
  ['INVALID_SIGNATURE', 'authentication-refused'],
  ['INVALID_CERTIFICATE', 'authentication-refused'],
  ['INVALID_CERT_AUTHORITY', 'authentication-refused'],
  ['INVALID_HASH_INFORMATION', 'authentication-refused'],
  // What a wrong pre-shared key looks like from the other end: it decrypts to noise.
  ['PAYLOAD_MALFORMED', 'authentication-refused'],
  ['INVALID_PAYLOAD_TYPE', 'authentication-refused'],
  ['UNEQUAL_PAYLOAD_LENGTHS', 'authentication-refused'],
])

/** A peer's error notification as the reason to show. */
export function refusalOf(notification: number): VpnError {
  const notify = notificationName(notification)
  return new VpnError(refusals.get(notify) ?? 'gateway-internal', { notify })
}

/** A cookie: unpredictable, and never zero (RFC 2408 section 2.5.3). */
export function freshCookie(random: Random): IkeSpi {
  for (;;) {
    const bytes = random.bytes(8)
    const cookie = ikeSpi(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0))
    if (cookie !== 0n) return cookie
  }
}
