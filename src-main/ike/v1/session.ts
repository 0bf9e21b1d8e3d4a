/**
 * A session with one other end: its ISAKMP SA, the ones that replace it, and the ESP SAs made under them, which outlive any one
 * of them (RFC 2409 section 2). A connection is phase 1, then XAUTH, then Mode Config, then quick mode.
 */
import type { EspSpi, IkeSpi, Millis } from '../../../src-shared/brands.ts'
import { ikeSpi, millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { AssignedConfiguration, ChildSa, Effect } from '../child-sa.ts'
import type { IkeHeader } from '../header.ts'
import { readIkeHeader } from '../header.ts'
import { Timers } from '../timers.ts'
import { Children, rekeyAfter } from './children.ts'
import { Exchange, Notification } from './code-points.ts'
import type { ExchangePorts, IsakmpSa, SessionConfiguration, SessionPath } from './configuration.ts'
import type { Conversation, MessageObserver } from './conversation.ts'
import { DeadPeerDetection } from './dead-peer-detection.ts'
import { aggressiveMode } from './exchanges/aggressive.ts'
import {
  areYouThere,
  deleteIsakmpSa,
  iAmThere,
  inform,
  notification,
  readInformation,
} from './exchanges/informational.ts'
import type { Information } from './exchanges/informational.ts'
import { mainMode } from './exchanges/main.ts'
import type { AgreedChild } from './exchanges/quick.ts'
import { answerTransaction, transact } from './exchanges/transaction.ts'
import { isGenuine } from './hashes.ts'
import { phase2Iv, prfOf, wipeKeys } from './keys.ts'
import { selectorsOf } from './selectors.ts'
import { createLogin } from './login.ts'
import type { Login } from './login.ts'
import type { Message } from './message.ts'
import type { ModeConfiguration } from './mode-config.ts'
import { readModeConfiguration, wishes } from './mode-config.ts'
import { freshCookie, Peer, refusalOf } from './peer.ts'

export type ClosedCause = 'gateway-closed' | 'gateway-silent' | 'expired'

export interface SessionOwner extends MessageObserver {
  readonly ports: ExchangePorts
  readonly send: (datagram: Uint8Array) => void
  readonly perform: (effect: Effect) => void
  readonly spiInUse: (spi: EspSpi) => boolean
  /** When the last authentic ESP packet came in; undefined before the first. */
  readonly lastInboundAt: () => Millis | undefined
  readonly onClosed: (cause: ClosedCause) => void
  readonly onDrop: (reason: string) => void
  readonly onPhase: (phase: 'negotiating' | 'authenticating' | 'configuring') => void
}

export interface Established {
  readonly child: ChildSa
  readonly assigned: AssignedConfiguration | undefined
  readonly identities: IsakmpSa['identities']
  readonly nat: IsakmpSa['nat']
  readonly banner: string | undefined
}

interface Current {
  readonly sa: IsakmpSa
  readonly peer: Peer
  readonly login: Login
}

/** After a failure to replace an SA. */
const retryMs = millis(10_000)
/** How long packets may be under way on an ESP SA that has been replaced. */
const replacedMs = millis(2_000)
/** How long a replaced ISAKMP SA goes on answering. */
const lingerMs = millis(10_000)

export class Session {
  readonly #owner: SessionOwner
  readonly #timers: Timers
  readonly #peers = new Map<IkeSpi, Peer>()
  readonly #childRekeys = new WeakMap<ChildSa, Millis>()
  #children: Children | undefined
  #configuration: SessionConfiguration | undefined
  #path: SessionPath | undefined
  #current: Current | undefined
  #assigned: ModeConfiguration | undefined
  #ikeRekeyAt: Millis | undefined
  readonly #deadPeerDetection: DeadPeerDetection
  #closed = false

  constructor(owner: SessionOwner, times: { readonly liveness: Millis }) {
    this.#owner = owner
    this.#timers = new Timers(owner.ports.clock, owner.ports.random)
    this.#deadPeerDetection = new DeadPeerDetection(owner.ports, this.#timers, {
      every: times.liveness,
      lastInboundAt: owner.lastInboundAt,
      send: (sequence) => this.#askAlive(sequence),
      onSilent: () => this.#closedBy('gateway-silent'),
    })
  }

  // -------------------------------------------------------------- beginning

  /** Connects. Rejects with the VpnError that tells why not; nothing is left then. */
  async initiate(configuration: SessionConfiguration, path: SessionPath): Promise<Established> {
    this.#configuration = configuration
    this.#path = path
    this.#children = this.#createChildren(configuration)
    try {
      const { sa } = await this.#phase1(configuration, path)
      this.#owner.onPhase('configuring')
      this.#assigned = await this.#modeConfiguration(configuration)
      const first = await this.#firstChildren(configuration)
      this.#scheduleIkeRekey(sa)
      this.#deadPeerDetection.start()
      const { identities, nat } = sa
      return {
        child: first.child,
        assigned: this.#assigned,
        identities,
        nat,
        banner: this.#assigned?.unity.banner,
      }
    } catch (error) {
      this.#farewell()
      this.#end()
      throw error
    }
  }

  /** A new ISAKMP SA with its user logged in; it becomes the current one. */
  async #phase1(configuration: SessionConfiguration, path: SessionPath): Promise<Current> {
    const { ports, onPhase } = this.#owner
    const login = createLogin(ports.clock, configuration.user)
    const peer = this.#createPeer(freshCookie(ports.random), login)
    onPhase('negotiating')
    const phase1 = {
      ...configuration,
      xauth: configuration.user !== undefined,
      local: path.local,
      remote: path.remote,
    }
    const mode = configuration.mode === 'main' ? mainMode : aggressiveMode
    const sa = await mode(ports, phase1, peer, path.moveToNatPort)
    if (this.#closed) throw new VpnError('cancelled')
    const current = { sa, peer, login }
    const replaced = this.#current
    this.#current = current
    onPhase('authenticating')
    this.#establish(current)
    if (configuration.initialContact && replaced === undefined)
      inform(ports, sa, peer, [notification(sa, Notification.INITIAL_CONTACT)])
    if (configuration.user !== undefined) await login.accepted()
    if (replaced !== undefined) this.#retire(replaced)
    return current
  }

  #createPeer(initiatorSpi: IkeSpi, login: Login): Peer {
    const { ports, send, onDrop, onMessage, onRepeated } = this.#owner
    const peer: Peer = new Peer(
      {
        clock: ports.clock,
        random: ports.random,
        transmit: send,
        onDrop,
        ...(onMessage === undefined ? {} : { onMessage }),
        ...(onRepeated === undefined ? {} : { onRepeated }),
        onConversation: (talk, message) => this.#begun(peer, login, talk, message),
      },
      { initiatorSpi, responderSpi: ikeSpi(0n) },
    )
    this.#peers.set(initiatorSpi, peer)
    return peer
  }

  #establish({ sa, peer }: Current): void {
    const { crypto } = this.#owner.ports
    const prf = prfOf(crypto, sa.suite.hash)
    peer.establish({
      cipher: sa.cipher,
      ivOf: (id) => phase2Iv(crypto, sa.suite, sa.lastBlock, id),
      isGenuine: (message) => isGenuine(crypto, prf, sa.keys.a, message),
    })
  }

  /** What the gateway gives: asked for, unless it has pushed it before. */
  async #modeConfiguration(configuration: SessionConfiguration): Promise<ModeConfiguration | undefined> {
    const { ipv4, ipv6 } = configuration.virtualAddress
    const current = this.#current
    if (current === undefined || (!ipv4 && !ipv6)) return undefined
    const pushed = current.login.pushed()
    if (pushed !== undefined) return pushed
    const { sa, peer } = current
    return readModeConfiguration(
      await transact(this.#owner.ports, sa, peer, 'request', wishes({ ipv4, ipv6 })),
    )
  }

  /** Quick mode knows one network a side: one exchange for each network behind the gateway that we have an address for. */
  async #firstChildren({ traffic }: SessionConfiguration): Promise<AgreedChild> {
    const children = this.#children
    const ours = this.#assigned?.addresses.flatMap(({ address }) => selectorsOf(address)) ?? traffic.local
    let first: AgreedChild | undefined
    for (const remote of traffic.remote) {
      const local = ours.find(({ start }) => start.family === remote.start.family)
      if (local === undefined || children === undefined) continue
      const agreed = await children.ask(local, remote)
      first ??= agreed
    }
    if (first === undefined) throw new VpnError('no-address')
    return first
  }

  #createChildren(configuration: SessionConfiguration): Children {
    return new Children({
      ports: this.#owner.ports,
      current: () => (this.#closed ? undefined : this.#current),
      proposals: configuration.espProposals,
      lifetimeSeconds: configuration.espLifetimeSeconds,
      spiInUse: this.#owner.spiInUse,
      perform: (effect) => this.#owner.perform(effect),
      admitted: () => ({
        local:
          this.#assigned?.addresses.flatMap(({ address }) => selectorsOf(address)) ??
          configuration.traffic.local,
        remote: configuration.traffic.remote,
      }),
      onAgreed: (child, lifetimeSeconds) => this.#scheduleChild(child, lifetimeSeconds),
      onReplaced: (child) => this.#timers.after(replacedMs, () => this.#children?.delete(child)),
    })
  }

  // -------------------------------------------------------------- what is told us

  /** Whether a message with this header belongs here; our cookie is the initiator's. */
  owns(header: IkeHeader): boolean {
    return this.#peers.has(header.initiatorSpi)
  }

  /** An IKE message, without the non-ESP marker, its bytes given away. */
  receive(datagram: Uint8Array): void {
    const header = readIkeHeader(datagram)
    const peer = header === undefined ? undefined : this.#peers.get(header.initiatorSpi)
    if (header === undefined || peer === undefined) {
      this.#owner.onDrop('unknown-ike-spi')
      return
    }
    const { responderSpi } = peer.spis
    if (responderSpi !== 0n && header.responderSpi !== responderSpi) {
      this.#owner.onDrop('unknown-ike-spi')
      return
    }
    peer.receive(datagram)
  }

  /** An authentic message that begins an exchange of the other end's. */
  #begun(peer: Peer, login: Login, talk: Conversation, message: Message): void {
    this.#deadPeerDetection.alive()
    const sa = this.#current?.peer === peer ? this.#current.sa : undefined
    if (sa === undefined) return
    switch (talk.exchange) {
      case Exchange.INFORMATIONAL:
        for (const information of readInformation(message)) this.#hear(sa, peer, information)
        return
      case Exchange.TRANSACTION:
        void answerTransaction(this.#owner.ports, sa, talk, message, login.answer)
        return
      case Exchange.QUICK:
        void this.#answerQuick(sa, peer, talk, message)
        return
    }
    this.#owner.onDrop('exchange-not-supported')
  }

  #hear(sa: IsakmpSa, peer: Peer, information: Information): void {
    switch (information.kind) {
      case 'are-you-there':
        inform(this.#owner.ports, sa, peer, [iAmThere(sa, information.sequence)])
        return
      case 'i-am-there':
        this.#deadPeerDetection.answered(information.sequence)
        return
      case 'delete-isakmp':
        this.#closedBy('gateway-closed')
        return
      case 'delete-esp':
        for (const child of this.#children?.deletedByPeer(information.spis) ?? []) this.#restore(child)
        return
      case 'error':
        // Quick mode is what a gateway refuses this way; the notification has a message ID of its own (RFC 2409 section 5.7).
        peer.refused(Exchange.QUICK, refusalOf(information.notification))
        return
      case 'initial-contact':
      case 'status':
        return
    }
  }

  async #answerQuick(sa: IsakmpSa, peer: Peer, talk: Conversation, message: Message): Promise<void> {
    const { ports } = this.#owner
    const path = this.#path
    const [local] = path === undefined ? [] : selectorsOf(path.local.address)
    const [remote] = path === undefined ? [] : selectorsOf(path.remote.address)
    if (local === undefined || remote === undefined) return
    try {
      await this.#children?.answer(talk, message, { local, remote })
    } catch (error) {
      if (!(error instanceof VpnError)) throw error
      const { notify } = error.details
      const type =
        notify === 'INVALID_ID_INFORMATION'
          ? Notification.INVALID_ID_INFORMATION
          : Notification.NO_PROPOSAL_CHOSEN
      if (!this.#closed) inform(ports, sa, peer, [notification(sa, type)])
    }
  }

  /** The data plane saw the first packet on an ESP SA; version 1 needs no such sign, since HASH(3) is one. */
  firstInbound(): void {
    this.#deadPeerDetection.alive()
  }

  /** A lifetime of one of an ESP SA's two directions has come, in bytes or packets. */
  rekeyChildOf(spi: EspSpi): void {
    const child = this.#children?.of(spi)
    if (child !== undefined) this.#rekeyChild(child)
  }

  /** Closes the ESP SA of one of its two SPIs on both ends. */
  deleteChildOf(spi: EspSpi): void {
    const child = this.#children?.of(spi)
    if (child !== undefined) this.#children?.delete(child)
  }

  /** A new ISAKMP SA beside the one that stands; the ESP SAs stay as they are. */
  rekeyIkeSa(): void {
    const configuration = this.#configuration
    const path = this.#path
    if (configuration === undefined || path === undefined || this.#closed) return
    this.#phase1(configuration, path).then(
      ({ sa }) => this.#scheduleIkeRekey(sa),
      (error: unknown) => this.#retryLater('phase 1', error, () => this.rekeyIkeSa()),
    )
  }

  /** Asks the peer now whether it is alive (RFC 3706). */
  probe(): void {
    this.#deadPeerDetection.ask()
  }

  #askAlive(sequence: number): boolean {
    const current = this.#current
    if (this.#closed || current?.sa.features.deadPeerDetection !== true) return false
    inform(this.#owner.ports, current.sa, current.peer, [areYouThere(current.sa, sequence)])
    return true
  }

  resend(): void {
    for (const peer of this.#peers.values()) peer.resend()
  }

  get sa(): IsakmpSa | undefined {
    return this.#current?.sa
  }

  get children(): readonly ChildSa[] {
    return this.#children?.all ?? []
  }

  get ikeRekeyAt(): Millis | undefined {
    return this.#ikeRekeyAt
  }

  childRekeyAt(child: ChildSa): Millis | undefined {
    return this.#childRekeys.get(child)
  }

  // -------------------------------------------------------------- in time

  #scheduleIkeRekey(sa: IsakmpSa): void {
    this.#ikeRekeyAt = this.#timers.after(this.#timers.jittered(rekeyAfter(sa.suite.lifetimeSeconds)), () => {
      if (this.#current?.sa === sa) this.rekeyIkeSa()
    })
  }

  #scheduleChild(child: ChildSa, lifetimeSeconds: number): void {
    const at = this.#timers.after(this.#timers.jittered(rekeyAfter(lifetimeSeconds)), () =>
      this.#rekeyChild(child),
    )
    this.#childRekeys.set(child, at)
    this.#timers.after(millis(lifetimeSeconds * 1000), () => {
      if (this.#children?.of(child.inboundSpi) === child) this.#children.delete(child)
    })
  }

  #rekeyChild(child: ChildSa): void {
    const [local, remote] = [child.local[0], child.remote[0]]
    if (this.#closed || this.#children?.isCurrent(child) !== true) return
    if (local === undefined || remote === undefined) return
    this.#children
      .ask(local, remote, child)
      .catch((error: unknown) => this.#retryLater('quick mode', error, () => this.#rekeyChild(child)))
  }

  /** The gateway has closed an ESP SA that nothing replaces: another is asked for, after a pause. */
  #restore(child: ChildSa): void {
    const [local, remote] = [child.local[0], child.remote[0]]
    if (local === undefined || remote === undefined) return
    this.#timers.after(retryMs, () => {
      if (this.#closed || this.children.some((other) => other.remote[0] === remote)) return
      this.#children
        ?.ask(local, remote)
        .catch((error: unknown) => this.#retryLater('quick mode', error, () => this.#restore(child)))
    })
  }

  #retryLater(what: string, error: unknown, task: () => void): void {
    if (!(error instanceof VpnError)) throw error
    if (this.#closed) return
    this.#owner.ports.log('warn', 'ike', `${what} failed, it is tried again`, { code: error.code })
    this.#timers.after(retryMs, task)
  }

  // -------------------------------------------------------------- ending

  /** Deletes everything on both ends. In version 1 a Delete is not answered. */
  close(): Promise<void> {
    if (!this.#closed) {
      for (const child of this.children) this.#children?.delete(child)
      this.#farewell()
      this.#end()
    }
    return Promise.resolve()
  }

  /** Ends without telling the peer. */
  abandon(): void {
    if (!this.#closed) this.#end()
  }

  #farewell(): void {
    const current = this.#current
    if (current !== undefined)
      inform(this.#owner.ports, current.sa, current.peer, [deleteIsakmpSa(current.sa)])
  }

  #retire({ sa, peer }: Current): void {
    inform(this.#owner.ports, sa, peer, [deleteIsakmpSa(sa)])
    this.#timers.after(lingerMs, () => {
      peer.close()
      this.#peers.delete(sa.initiatorSpi)
      wipeKeys(sa.keys)
    })
  }

  #closedBy(cause: ClosedCause): void {
    if (this.#closed) return
    this.#end()
    this.#owner.onClosed(cause)
  }

  #end(): void {
    this.#closed = true
    this.#timers.stop()
    this.#current?.login.close()
    for (const peer of this.#peers.values()) peer.close()
    this.#peers.clear()
    if (this.#current !== undefined) wipeKeys(this.#current.sa.keys)
    this.#children?.clear()
  }
}
