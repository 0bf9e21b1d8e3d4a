/**
 * A session with one other end: its IKE SA, the IKE SAs that replace it, and the Child SAs under them. Requests of the peer are
 * answered here by the exchange they belong to; our own run one at a time.
 */
import type { EspSpi, IkeSpi, Millis } from '../../../src-shared/brands.ts'
import { ikeSpi, millis } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { readIkeHeader } from '../header.ts'
import type { IkeHeader } from '../header.ts'
import { Exchange, exchangeName, Notify } from './code-points.ts'
import { answerCreate } from './exchanges/answer-create.ts'
import { restoreChild } from './exchanges/create-child.ts'
import type { AuthProgress, AuthResult } from './exchanges/auth.ts'
import { authLifetimeIn, ikeAuth } from './exchanges/auth.ts'
import { planIkeAuth } from './exchanges/auth-plan.ts'
import type { AuthPlan } from './exchanges/auth-plan.ts'
import { answerDelete, deleteChild, deleteIkeSa } from './exchanges/delete.ts'
import type { InitResult } from './exchanges/init.ts'
import { ikeSaInit } from './exchanges/init.ts'
import { rekeyChild } from './exchanges/rekey-child.ts'
import { freshIkeSpi, rekeyIkeSa } from './exchanges/rekey-ike.ts'
import { createExchangeQueue, retryMs } from './exchange-queue.ts'
import type { ExchangeQueue } from './exchange-queue.ts'
import type { ChildKeys, ChildSa } from '../child-sa.ts'
import type { IkeSa } from './ike-sa.ts'
import type { InitiatorConfiguration, Path } from './initiator.ts'
import { wipeIkeKeys } from './keys.ts'
import type { Message } from './message.ts'
import type { Reply } from './peer.ts'
import { patience, Peer } from './peer.ts'
import { hasNotify, notify } from './refusal.ts'
import type { ClosedCause, SessionOwner, SessionTimes } from './session-owner.ts'
import type { ChildRecord, SessionPolicy, SessionState } from './session-state.ts'
import { newRecord } from './session-state.ts'
import { Timers } from '../timers.ts'

/** RFC 7296 section 1.4.1 wants the Delete said; nobody waits long for its answer. */
const farewell = { firstMs: 400, factor: 1.5, capMs: 800, giveUpMs: 1_500 }
const farewellMs = millis(2_500)
/** The hard lifetime, as a multiple of the soft one at which we rekey (RFC 4301 section 4.4.2.1). */
const hardLifetime = 1.25
/**
 * RFC 7296 section 2.8 wants no packet lost by rekeying: what was sent on the old Child SA before its Delete may be overtaken by
 * it, and is heard for so long, as strongSwan does (delete_rekeyed_delay).
 */
const latePacketsMs = millis(5_000)
/** How long an IKE SA that the peer has replaced may wait for its Delete. */
const lingerMs = millis(30_000)

export class Session {
  readonly #owner: SessionOwner
  readonly #times: SessionTimes
  readonly #peers = new Map<IkeSpi, { readonly peer: Peer; sa: IkeSa | undefined }>()
  readonly #timers: Timers
  /** Our own, one at a time. */
  readonly #exchanges: ExchangeQueue
  #state: SessionState | undefined
  #lastAliveAt: Millis
  #ikeRekeyAt: Millis | undefined
  /** A peer that goes on closing our Child SAs is asked for others after a pause, not at the speed of the network. */
  readonly #restoreTraffic: () => void
  readonly #childRekeys = new WeakMap<ChildSa, Millis>()
  /** Rekeyed and deleted; they receive what is late. */
  readonly #lingering = new Set<ChildSa>()
  #closed = false

  constructor(owner: SessionOwner, times: SessionTimes) {
    this.#owner = owner
    this.#times = times
    this.#timers = new Timers(owner.ports.clock, owner.ports.random)
    this.#exchanges = createExchangeQueue(
      { clock: owner.ports.clock, log: owner.ports.log, timers: this.#timers },
      {
        state: () => (this.#closed ? undefined : this.#state),
        onTrafficGone: () => this.#restoreTraffic(),
        onHopeless: () => this.#closedBy('gateway-closed'),
      },
    )
    this.#restoreTraffic = this.#timers.paced(retryMs, () =>
      this.#exchanges.run('create-child', restoreChild),
    )
    this.#lastAliveAt = owner.ports.clock.monotonic()
  }

  // -------------------------------------------------------------- beginning

  /** Connects as the initiator: IKE_SA_INIT, IKE_AUTH. Rejects with the VpnError that tells why not; the IKE SA is then gone. */
  async initiate(
    configuration: InitiatorConfiguration,
    path: Path,
  ): Promise<AuthResult & Pick<InitResult, 'nat'>> {
    const { ports } = this.#owner
    const initiatorSpi = freshIkeSpi(ports.random)
    const peer = this.createPeer({ initiatorSpi, responderSpi: ikeSpi(0n) }, true)
    this.#owner.onPhase?.('negotiating')
    const plan = await planIkeAuth(ports, configuration, this.#owner.spiInUse)
    try {
      const init = await ikeSaInit(ports, configuration, path, peer, initiatorSpi)
      this.#register(init.sa)
      return await this.#authenticate(configuration, init, plan)
    } finally {
      plan.wipe()
    }
  }

  async #authenticate(
    configuration: InitiatorConfiguration,
    init: InitResult,
    plan: AuthPlan,
  ): Promise<AuthResult & Pick<InitResult, 'nat'>> {
    const progress: AuthProgress = { isOpen: false }
    try {
      const auth = await ikeAuth(this.#owner.ports, configuration, init, plan, progress, () =>
        this.#owner.onPhase?.('authenticating'),
      )
      // A certificate may have been looked at for long; whoever ended the session meanwhile does not want it any more.
      if (this.#closed) throw new VpnError('cancelled')
      const everything = { local: auth.child.local, remote: configuration.traffic.remote }
      this.begin(init.sa, { proposals: configuration.proposals, selectors: everything }, auth)
      if (auth.authLifetime !== undefined) this.#owner.onAuthLifetime?.(auth.authLifetime)
      return { ...auth, nat: init.nat }
    } catch (error) {
      this.#announceFailure(init.sa, progress)
      throw error
    }
  }

  /** The IKE SA stands and is authenticated on both sides: from now on the peer's requests are heard. */
  begin(
    sa: IkeSa,
    policy: SessionPolicy,
    first: { readonly child: ChildSa; readonly childKeys: ChildKeys } | undefined,
  ): void {
    this.#register(sa)
    this.#state = {
      ports: this.#owner.ports,
      policy,
      sa,
      children: first === undefined ? [] : [newRecord(first.child)],
      activity: 'none',
      rivalIkeSa: undefined,
      perform: (effect) => {
        this.#owner.perform(effect)
        if (effect.kind === 'install' || effect.kind === 'install-inbound-first')
          this.#scheduleChildRekey(effect.child)
      },
      linger: (child) => this.#linger(child),
      spiInUse: this.#owner.spiInUse,
      otherIkeSas: () => this.#peers.size - 1,
      createPeer: (spis, weInitiate) => this.createPeer(spis, weInitiate),
      expect: (fresh) => this.#expect(fresh),
      adopt: (fresh) => this.#adopt(fresh),
      forget: (old) => this.#forget(old),
    }
    if (first !== undefined)
      this.#state.perform({ kind: 'install', child: first.child, keys: first.childKeys })
    this.#scheduleIkeRekey(sa)
    this.#scheduleLiveness()
  }

  // -------------------------------------------------------------- what is told us

  /** Whether a message with this header belongs here. RFC 7296 section 2.6: which SPI is ours stands in the I flag. */
  owns(header: IkeHeader): boolean {
    return this.#peers.has(header.initiator ? header.responderSpi : header.initiatorSpi)
  }

  /** An IKE message, without the non-ESP marker, its bytes given away. */
  receive(datagram: Uint8Array): void {
    const header = readIkeHeader(datagram)
    const entry =
      header === undefined
        ? undefined
        : this.#peers.get(header.initiator ? header.responderSpi : header.initiatorSpi)
    if (header === undefined || entry === undefined) return this.#owner.onDrop('unknown-ike-spi')
    if (
      entry.sa !== undefined &&
      (header.initiatorSpi !== entry.sa.initiatorSpi || header.responderSpi !== entry.sa.responderSpi)
    ) {
      return this.#owner.onDrop('unknown-ike-spi')
    }
    entry.peer.receive(datagram)
  }

  /** The data plane saw the first packet on a Child SA: the peer uses it, so may we (RFC 7296 section 2.8). */
  firstInbound(inboundSpi: EspSpi): void {
    const record = this.#state?.children.find(({ child }) => child.inboundSpi === inboundSpi)
    if (record !== undefined && record.replacedBy === undefined)
      this.#state?.perform({ kind: 'switch-outbound', child: record.child })
  }

  /** A lifetime of one of the Child SA's two directions has come, in bytes or packets. */
  rekeyChildOf(spi: EspSpi): void {
    const record = this.#recordOf(spi)
    if (record !== undefined) this.#enqueueChildRekey(record)
  }

  /** Closes the Child SA of one of its two SPIs on both ends. */
  deleteChildOf(spi: EspSpi): void {
    const record = this.#recordOf(spi)
    if (record !== undefined)
      this.#exchanges.run('delete-child', (state) => deleteChild(state, record).then(() => 'done' as const))
  }

  #recordOf(spi: EspSpi): ChildRecord | undefined {
    return this.#state?.children.find(({ child }) => child.inboundSpi === spi || child.outboundSpi === spi)
  }

  rekeyIkeSa(): void {
    const state = this.#state
    if (state !== undefined)
      this.#exchanges.run(
        'rekey-ike',
        () => rekeyIkeSa(state),
        () => this.rekeyIkeSa(),
      )
  }

  /** Asks the peer now whether it is alive. */
  probe(): void {
    this.#exchanges.run('none', async (state) => {
      await state.sa.peer.request(Exchange.INFORMATIONAL, [], { retransmission: patience.established })
      return 'done'
    })
  }

  /** The path has changed: whatever waits for an answer goes out again. */
  resend(): void {
    for (const { peer } of this.#peers.values()) peer.resend()
  }

  get sa(): IkeSa | undefined {
    return this.#state?.sa
  }

  get children(): readonly ChildSa[] {
    return this.#state?.children.map((record) => record.child) ?? []
  }

  /** When we are going to rekey, on the monotonic clock. */
  get ikeRekeyAt(): Millis | undefined {
    return this.#ikeRekeyAt
  }

  childRekeyAt(child: ChildSa): Millis | undefined {
    return this.#childRekeys.get(child)
  }

  /** When the Child SA stops even if it is never rekeyed, on the monotonic clock. */
  childExpiresAt(child: ChildSa): Millis {
    return millis(child.createdAt + this.#times.childRekey * hardLifetime)
  }

  // -------------------------------------------------------------- ending

  /** Deletes the IKE SA on both ends; gives up asking soon, and ends in any case. */
  async close(): Promise<void> {
    if (this.#closed) return
    const sa = this.#state?.sa
    this.#timers.stop()
    if (sa !== undefined) {
      this.#exchanges.run('delete-ike', async () => {
        await deleteIkeSa(sa, farewell)
        return 'done'
      })
      await this.#exchanges.idleWithin(farewellMs)
    }
    this.#end()
  }

  /** Ends without telling the peer, which is known to have forgotten (RFC 7296 section 2.4). */
  abandon(): void {
    if (!this.#closed) this.#end()
  }

  /**
   * RFC 7296 section 2.21.2: tell the peer, so that it need not keep a half-open SA; nobody waits for the answer. The section
   * leaves the exchange open ("MAY be returned in a separate INFORMATIONAL exchange"): a gateway in the middle of EAP hears
   * nothing but IKE_AUTH (strongSwan, that keeps the SA for half a minute otherwise).
   */
  #announceFailure({ peer }: IkeSa, { isOpen }: AuthProgress): void {
    peer
      .request(isOpen ? Exchange.IKE_AUTH : Exchange.INFORMATIONAL, [notify(Notify.AUTHENTICATION_FAILED)], {
        retransmission: { firstMs: 500, factor: 1, capMs: 500, giveUpMs: 400 },
      })
      .catch(() => undefined)
      .finally(() => this.#end())
  }

  #closedBy(cause: ClosedCause): void {
    if (this.#closed) return
    this.#end()
    this.#owner.onClosed(cause)
  }

  #end(): void {
    this.#closed = true
    this.#timers.stop()
    for (const [spi, { peer, sa }] of this.#peers) {
      peer.close()
      if (sa !== undefined) wipeIkeKeys(sa.keys)
      this.#owner.onSpi?.(spi, 'removed')
    }
    this.#peers.clear()
    const children = [...(this.#state?.children ?? []).map(({ child }) => child), ...this.#lingering]
    if (this.#state !== undefined) this.#state.children = []
    this.#lingering.clear()
    for (const child of children) this.#owner.perform({ kind: 'remove', child })
  }

  #linger(child: ChildSa): void {
    this.#lingering.add(child)
    this.#timers.after(latePacketsMs, () => {
      this.#lingering.delete(child)
      this.#owner.perform({ kind: 'remove', child })
    })
  }

  // -------------------------------------------------------------- IKE SAs

  /** A peer for a new IKE SA, heard from now on; before `begin` its requests go to `early` (the gateway's side). */
  createPeer(
    spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi },
    weInitiate: boolean,
    early?: (message: Message, datagram: Uint8Array) => Promise<Reply | undefined>,
  ): Peer {
    const { ports, send, onDrop, onMessage, onRepeated } = this.#owner
    const own = weInitiate ? spis.initiatorSpi : spis.responderSpi
    const peer = new Peer(
      {
        clock: ports.clock,
        random: ports.random,
        transmit: send,
        onRequest: (message, datagram) => this.#answer(own, message, datagram, early),
        onAlive: () => (this.#lastAliveAt = ports.clock.monotonic()),
        onSilent: () => this.#silent(own),
        onDrop,
        ...(onMessage === undefined ? {} : { onMessage }),
        ...(onRepeated === undefined ? {} : { onRepeated }),
      },
      { ...spis, initiator: weInitiate },
    )
    this.#peers.set(own, { peer, sa: undefined })
    this.#owner.onSpi?.(own, 'added')
    return peer
  }

  #register(sa: IkeSa): void {
    const own = sa.initiator ? sa.initiatorSpi : sa.responderSpi
    const isNew = this.#peers.get(own)?.sa !== sa
    this.#peers.set(own, { peer: sa.peer, sa })
    if (isNew) this.#owner.onIkeSa?.(sa)
  }

  #expect(fresh: IkeSa): void {
    this.#register(fresh)
    this.#timers.after(lingerMs, () => this.#forget(fresh))
  }

  #adopt(fresh: IkeSa): void {
    const state = this.#state
    if (state === undefined || state.sa === fresh) return
    const old = state.sa
    state.sa = fresh
    state.rivalIkeSa = undefined
    this.#scheduleIkeRekey(fresh)
    this.#timers.after(lingerMs, () => this.#forget(old))
  }

  #forget(sa: IkeSa): void {
    if (this.#state?.sa === sa) return
    const spi = sa.initiator ? sa.initiatorSpi : sa.responderSpi
    if (this.#peers.delete(spi)) this.#owner.onSpi?.(spi, 'removed')
    sa.peer.close()
    wipeIkeKeys(sa.keys)
  }

  #silent(own: IkeSpi): void {
    const current = this.#state?.sa
    if (current !== undefined && (current.initiator ? current.initiatorSpi : current.responderSpi) === own)
      this.#closedBy('gateway-silent')
  }

  // -------------------------------------------------------------- the peer's requests

  async #answer(
    own: IkeSpi,
    message: Message,
    datagram: Uint8Array,
    early: ((message: Message, datagram: Uint8Array) => Promise<Reply | undefined>) | undefined,
  ): Promise<Reply | undefined> {
    const state = this.#state
    // CVE-2026-78135: nothing but the exchange that is due is heard before both sides are authenticated.
    if (state === undefined) {
      if (early !== undefined) return early(message, datagram)
      this.#owner.onDrop('request-before-authentication')
      return undefined
    }
    const sa = this.#peers.get(own)?.sa
    switch (message.header.exchange) {
      case Exchange.CREATE_CHILD_SA:
        return answerCreate(state, sa, message)
      case Exchange.INFORMATIONAL:
        return this.#answerInformational(state, sa, message)
      default:
        this.#owner.ports.log('debug', 'ike', 'an exchange out of place', {
          exchange: exchangeName(message.header.exchange),
        })
        return { payloads: [notify(Notify.INVALID_SYNTAX)] }
    }
  }

  #answerInformational(state: SessionState, sa: IkeSa | undefined, message: Message): Reply {
    // RFC 7296 section 2.21.2: the initiator did not believe us; the IKE SA ends without a Delete.
    if (hasNotify(message, Notify.AUTHENTICATION_FAILED))
      return { payloads: [], afterwards: () => this.#closedBy('gateway-closed') }
    const lifetime = authLifetimeIn(message)
    if (lifetime !== undefined) this.#owner.onAuthLifetime?.(lifetime)
    const answer = answerDelete(state, message)
    if (!answer.ikeSaDeleted) {
      if (answer.trafficStopped) this.#restoreTraffic()
      return { payloads: answer.payloads }
    }
    const rival = state.rivalIkeSa
    return {
      payloads: [],
      afterwards: () => {
        if (sa === undefined) return
        // RFC 7296 section 2.8.2: the peer has closed the old one because its own new one stays.
        if (sa === state.sa && rival !== undefined) this.#adopt(rival.sa)
        if (sa === state.sa) this.#closedBy('gateway-closed')
        else this.#forget(sa)
      },
    }
  }

  // -------------------------------------------------------------- our own exchanges, one at a time

  #enqueueChildRekey(record: ChildRecord): void {
    this.#exchanges.run(
      'rekey-child',
      (state) => rekeyChild(state, record),
      () => this.#enqueueChildRekey(record),
    )
  }

  // -------------------------------------------------------------- time

  #scheduleChildRekey(child: ChildSa): void {
    const delay = this.#timers.jittered(this.#times.childRekey)
    const at = this.#timers.after(delay, () => this.rekeyChildOf(child.inboundSpi))
    this.#childRekeys.set(child, at)
    this.#timers.after(millis(this.#times.childRekey * hardLifetime), () => this.#expire(child))
  }

  #scheduleIkeRekey(sa: IkeSa): void {
    const delay = this.#timers.jittered(this.#times.ikeRekey)
    this.#ikeRekeyAt = this.#timers.after(delay, () => {
      if (this.#state?.sa === sa) this.rekeyIkeSa()
    })
    this.#timers.after(millis(this.#times.ikeRekey * hardLifetime), () => {
      if (this.#state?.sa === sa) this.#closedBy('expired')
    })
  }

  /** The hard lifetime in time: whatever came of the rekey, these keys are used no more. */
  #expire(child: ChildSa): void {
    if (!this.children.includes(child)) return
    this.#owner.ports.log('warn', 'ike', 'a Child SA has reached the end of its life')
    this.deleteChildOf(child.inboundSpi)
    this.#exchanges.run('create-child', restoreChild)
  }

  /** RFC 7296 section 2.4: ask only when nothing authentic has come for a while. */
  #scheduleLiveness(): void {
    const { liveness } = this.#times
    if (liveness === 0) return
    const last = Math.max(this.#lastAliveAt, this.#owner.lastInboundAt() ?? 0)
    const quiet = this.#owner.ports.clock.monotonic() - last
    if (quiet >= liveness) this.probe()
    this.#timers.after(millis(quiet >= liveness ? liveness : Math.max(liveness - quiet, 100)), () =>
      this.#scheduleLiveness(),
    )
  }
}
