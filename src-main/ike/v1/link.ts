/**
 * What stands between two ends that have met: their ISAKMP SAs, of which the newest is used, and the ESP SAs made under them,
 * which outlive any one of them (RFC 2409 section 2). Both sides have one; what makes a side is in `Session` and
 * `ResponderSession`.
 */
import type { EspSpi, IkeSpi, Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type { ChildSa, Effect } from '../child-sa.ts'
import type { IkeHeader } from '../header.ts'
import { readIkeHeader } from '../header.ts'
import { Timers } from '../timers.ts'
import { Children, rekeyAfter } from './children.ts'
import type { ChildrenParts, CurrentSa } from './children.ts'
import { Exchange, Notification, notificationNamed } from './code-points.ts'
import type { ExchangePorts, IsakmpSa } from './configuration.ts'
import type { Conversation, MessageObserver } from './conversation.ts'
import { DeadPeerDetection } from './dead-peer-detection.ts'
import {
  areYouThere,
  deleteIsakmpSa,
  iAmThere,
  inform,
  notification,
  readInformation,
} from './exchanges/informational.ts'
import type { Information } from './exchanges/informational.ts'
import { answerTransaction } from './exchanges/transaction.ts'
import type { AnswerTransaction } from './exchanges/transaction.ts'
import { wipeKeys } from './keys.ts'
import type { Message } from './message.ts'
import type { Peer } from './peer.ts'
import { refusalOf } from './peer.ts'
import { protectionOf } from './protection.ts'

export type ClosedCause = 'gateway-closed' | 'gateway-silent' | 'expired'

export interface LinkOwner extends MessageObserver {
  readonly ports: ExchangePorts
  readonly send: (datagram: Uint8Array) => void
  readonly perform: (effect: Effect) => void
  readonly spiInUse: (spi: EspSpi) => boolean
  /** When the last authentic ESP packet came in; undefined before the first. */
  readonly lastInboundAt: () => Millis | undefined
  /** The other end has ended it, is silent, or has let it run out. */
  readonly onClosed: (cause: ClosedCause) => void
  readonly onDrop: (reason: string) => void
}

export interface LinkTerms extends Pick<ChildrenParts, 'proposals' | 'lifetimeSeconds' | 'permits'> {
  /** The two ends themselves: what quick mode without client identities is about. */
  readonly ends: () => { readonly local: TrafficSelector; readonly remote: TrafficSelector } | undefined
  /** How long the other end may be silent before it is asked; 0 never asks. */
  readonly liveness: Millis
  /** Whether an ESP SA that the other end closes is asked for again: the client's part. */
  readonly restoresTraffic: boolean
  /** The other end has asked for an ESP SA: it stands, or why not. */
  readonly onAnswered?: (outcome: ChildSa | VpnError) => void
  /** The other end says under this SA that it knows of no older one. */
  readonly onInitialContact?: (sa: IsakmpSa) => void
  readonly onEnd: () => void
}

interface Standing extends CurrentSa {
  readonly answer: AnswerTransaction
}

/** After a failure to replace an SA. */
export const retryMs = millis(10_000)
/** How long packets may be under way on an ESP SA that has been replaced. */
const replacedMs = millis(2_000)
/** How long a replaced ISAKMP SA goes on answering. */
const lingerMs = millis(10_000)
/** More ISAKMP SAs than two that replace each other at once. */
const MOST_STANDING = 4

export class Link {
  readonly timers: Timers
  readonly #owner: LinkOwner
  readonly #terms: LinkTerms
  /** All that messages may be for, those in phase 1 too. */
  readonly #peers = new Set<Peer>()
  readonly #childRekeys = new WeakMap<ChildSa, Millis>()
  readonly #children: Children
  readonly #deadPeerDetection: DeadPeerDetection
  /** The newest is the last. */
  #standing: readonly Standing[] = []
  #closed = false

  constructor(owner: LinkOwner, terms: LinkTerms) {
    const { ports } = owner
    this.#owner = owner
    this.#terms = terms
    this.timers = new Timers(ports.clock, ports.random)
    this.#children = new Children({
      ports,
      current: () => (this.#closed ? undefined : this.current),
      proposals: terms.proposals,
      lifetimeSeconds: terms.lifetimeSeconds,
      spiInUse: owner.spiInUse,
      perform: owner.perform,
      permits: terms.permits,
      onAgreed: (child, lifetimeSeconds) => this.#scheduleChild(child, lifetimeSeconds),
      onReplaced: (child) => this.timers.after(replacedMs, () => this.#children.delete(child)),
    })
    this.#deadPeerDetection = new DeadPeerDetection(ports, this.timers, {
      every: terms.liveness,
      lastInboundAt: owner.lastInboundAt,
      send: (sequence) => this.#askAlive(sequence),
      onSilent: () => this.closedBy('gateway-silent'),
    })
  }

  // -------------------------------------------------------------- SAs

  get isClosed(): boolean {
    return this.#closed
  }

  get current(): CurrentSa | undefined {
    return this.#standing.at(-1)
  }

  /** What an SA stands with; undefined when it is gone. */
  standingOf(sa: IsakmpSa): CurrentSa | undefined {
    return this.#standing.find((one) => one.sa === sa)
  }

  get children(): readonly ChildSa[] {
    return this.#children.all
  }

  childRekeyAt(child: ChildSa): Millis | undefined {
    return this.#childRekeys.get(child)
  }

  /** Messages with this peer's cookies belong here from now on. */
  admit(peer: Peer): void {
    this.#peers.add(peer)
  }

  /** Messages with this peer's cookies do not belong here any more; its SA, where it has one, is gone. */
  dismiss(peer: Peer): void {
    for (const standing of this.#standing) if (standing.peer === peer) wipeKeys(standing.sa.keys)
    this.#standing = this.#standing.filter((one) => one.peer !== peer)
    this.#peers.delete(peer)
    peer.close()
  }

  /** Phase 1 has ended well: the SA becomes the current one. `answer`: what answers the other end's transactions. */
  establish(sa: IsakmpSa, peer: Peer, answer: AnswerTransaction): void {
    this.#peers.add(peer)
    this.#standing = [...this.#standing, { sa, peer, answer }]
    const [oldest] = this.#standing
    if (this.#standing.length > MOST_STANDING && oldest !== undefined) this.dismiss(oldest.peer)
    peer.establish(protectionOf(this.#owner.ports.crypto, sa))
  }

  /** From now on the other end is asked when it is silent. */
  watch(): void {
    this.#deadPeerDetection.start()
  }

  /** Asks for an ESP SA; rejects with the VpnError that says why there is none. */
  readonly ask: Children['ask'] = (local, remote, replaces) => this.#children.ask(local, remote, replaces)

  /** Another SA has taken this one's place: the other end is told, and late messages are answered for a while. */
  retire({ sa, peer }: CurrentSa): void {
    inform(this.#owner.ports, sa, peer, [deleteIsakmpSa(sa)])
    this.timers.after(lingerMs, () => {
      if (!this.#closed) this.dismiss(peer)
    })
  }

  // -------------------------------------------------------------- what is told us

  /** Whether a message with this header belongs here. */
  owns(header: Pick<IkeHeader, 'initiatorSpi' | 'responderSpi'>): boolean {
    return this.#peerOf(header) !== undefined
  }

  /** An IKE message, without the non-ESP marker, its bytes given away. */
  receive(datagram: Uint8Array): void {
    const header = readIkeHeader(datagram)
    const peer = header === undefined ? undefined : this.#peerOf(header)
    if (peer === undefined) this.#owner.onDrop('unknown-ike-spi')
    else peer.receive(datagram)
  }

  #peerOf({
    initiatorSpi,
    responderSpi,
  }: Pick<IkeHeader, 'initiatorSpi' | 'responderSpi'>): Peer | undefined {
    for (const peer of this.#peers) {
      const { spis } = peer
      if (spis.initiatorSpi === initiatorSpi && fits(spis.responderSpi, responderSpi)) return peer
    }
    return undefined
  }

  /** An authentic message that begins an exchange of the other end's. */
  begun(peer: Peer, talk: Conversation, message: Message): void {
    this.#deadPeerDetection.alive()
    const standing = this.#standing.find((one) => one.peer === peer)
    if (standing === undefined) return
    switch (talk.exchange) {
      case Exchange.INFORMATIONAL:
        for (const information of readInformation(message)) this.#hear(standing, information)
        return
      case Exchange.TRANSACTION:
        void answerTransaction(this.#owner.ports, standing.sa, talk, message, standing.answer)
        return
      case Exchange.QUICK:
        void this.#answerQuick(standing, talk, message)
        return
    }
    // RFC 2409 section 5.6: groups of one's own, which nobody can check; those that have numbers are enough.
    inform(this.#owner.ports, standing.sa, peer, [
      notification(standing.sa, Notification.ATTRIBUTES_NOT_SUPPORTED),
    ])
    this.#owner.onDrop('exchange-not-supported')
  }

  #hear(standing: Standing, information: Information): void {
    const { sa, peer } = standing
    switch (information.kind) {
      case 'are-you-there':
        inform(this.#owner.ports, sa, peer, [iAmThere(sa, information.sequence)])
        return
      case 'i-am-there':
        this.#deadPeerDetection.answered(information.sequence)
        return
      case 'delete-isakmp':
        // The one that has been replaced goes; with the last one goes everything.
        if (this.#standing.length > 1) this.dismiss(peer)
        else this.closedBy('gateway-closed')
        return
      case 'delete-esp':
        for (const child of this.#children.deletedByPeer(information.spis))
          if (this.#terms.restoresTraffic) this.#restore(child)
        return
      case 'error':
        // Quick mode is what is refused this way; the notification has a message ID of its own (RFC 2409 section 5.7).
        peer.refused(Exchange.QUICK, refusalOf(information.notification))
        return
      case 'initial-contact':
        this.#terms.onInitialContact?.(sa)
        return
      case 'status':
        return
    }
  }

  /** The other end knows of nothing that is older than this SA (RFC 2407 section 4.6.3.3). */
  forgetOlder({ createdAt }: IsakmpSa): void {
    for (const { sa, peer } of this.#standing) if (sa.createdAt < createdAt) this.dismiss(peer)
    this.#children.forgetOlder(createdAt)
  }

  async #answerQuick(now: CurrentSa, talk: Conversation, message: Message): Promise<void> {
    const { ports } = this.#owner
    const ends = this.#terms.ends()
    if (ends === undefined) return
    try {
      const child = await this.#children.answer(now, talk, message, ends)
      this.#terms.onAnswered?.(child)
    } catch (error) {
      if (!(error instanceof VpnError)) throw error
      if (this.#closed) return
      const type = notificationNamed(error.details['notify'] ?? '') ?? Notification.NO_PROPOSAL_CHOSEN
      inform(ports, now.sa, now.peer, [notification(now.sa, type)])
      this.#terms.onAnswered?.(error)
    }
  }

  /** The data plane saw the first packet on an ESP SA; version 1 needs no such sign, since HASH(3) is one. */
  firstInbound(): void {
    this.#deadPeerDetection.alive()
  }

  /** Asks the peer now whether it is alive (RFC 3706). */
  probe(): void {
    this.#deadPeerDetection.ask()
  }

  #askAlive(sequence: number): boolean {
    const { current } = this
    if (this.#closed || current?.sa.features.deadPeerDetection !== true) return false
    inform(this.#owner.ports, current.sa, current.peer, [areYouThere(current.sa, sequence)])
    return true
  }

  /** The path has changed: whatever waits for an answer goes out again. */
  resend(): void {
    for (const peer of this.#peers) peer.resend()
  }

  // -------------------------------------------------------------- in time

  /** A lifetime of one of an ESP SA's two directions has come, in bytes or packets. */
  rekeyChildOf(spi: EspSpi): void {
    const child = this.#children.of(spi)
    if (child !== undefined) this.#rekeyChild(child)
  }

  /** Closes the ESP SA of one of its two SPIs on both ends. */
  deleteChildOf(spi: EspSpi): void {
    const child = this.#children.of(spi)
    if (child !== undefined) this.#children.delete(child)
  }

  #scheduleChild(child: ChildSa, lifetimeSeconds: number): void {
    const at = this.timers.after(this.timers.jittered(rekeyAfter(lifetimeSeconds)), () =>
      this.#rekeyChild(child),
    )
    this.#childRekeys.set(child, at)
    this.timers.after(millis(lifetimeSeconds * 1000), () => {
      if (this.#children.of(child.inboundSpi) === child) this.#children.delete(child)
    })
  }

  #rekeyChild(child: ChildSa): void {
    if (this.#closed || !this.#children.isCurrent(child)) return
    this.#children
      .replace(child)
      .catch((error: unknown) => this.retryLater('quick mode', error, () => this.#rekeyChild(child)))
  }

  /** The other end has closed an ESP SA that nothing replaces: another is asked for, after a pause. */
  #restore(child: ChildSa): void {
    const [local, remote] = [child.local[0], child.remote[0]]
    if (local === undefined || remote === undefined) return
    this.timers.after(retryMs, () => {
      if (this.#closed || this.children.some((other) => other.remote[0] === remote)) return
      this.#children
        .ask(local, remote)
        .catch((error: unknown) => this.retryLater('quick mode', error, () => this.#restore(child)))
    })
  }

  /** What failed for a reason that may pass is tried again after a pause. Throws what is no VpnError. */
  retryLater(what: string, error: unknown, task: () => void): void {
    if (!(error instanceof VpnError)) throw error
    if (this.#closed) return
    this.#owner.ports.log('warn', 'ike', `${what} failed, it is tried again`, { code: error.code })
    this.timers.after(retryMs, task)
  }

  // -------------------------------------------------------------- ending

  /** Deletes everything on both ends. In version 1 a Delete is not answered. */
  close(): void {
    if (this.#closed) return
    for (const child of this.children) this.#children.delete(child)
    const { current } = this
    if (current !== undefined)
      inform(this.#owner.ports, current.sa, current.peer, [deleteIsakmpSa(current.sa)])
    this.abandon()
  }

  /** Ends, and says why. */
  closedBy(cause: ClosedCause): void {
    if (this.#closed) return
    this.abandon()
    this.#owner.onClosed(cause)
  }

  /** Ends without telling the peer. */
  abandon(): void {
    if (this.#closed) return
    this.#closed = true
    this.timers.stop()
    this.#terms.onEnd()
    for (const peer of this.#peers) peer.close()
    this.#peers.clear()
    for (const { sa } of this.#standing) wipeKeys(sa.keys)
    this.#standing = []
    this.#children.clear()
  }
}

/** The responder's cookie is not known before its first answer. */
const fits = (known: IkeSpi, given: IkeSpi): boolean => known === 0n || known === given
