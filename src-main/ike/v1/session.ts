/**
 * A session of the initiator: phase 1, then XAUTH, then Mode Config, then quick mode; later the same once more for phase 1,
 * before its SA ends.
 */
import type { EspSpi, Millis } from '../../../src-shared/brands.ts'
import { ikeSpi } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { parsePrefix } from '../../ip/address.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import { narrowSelectors, selectorFromPrefix, selectorsCover } from '../../ip/traffic-selector.ts'
import type { AssignedConfiguration, ChildSa } from '../child-sa.ts'
import type { IkeHeader } from '../header.ts'
import { rekeyAfter } from './children.ts'
import type { CurrentSa } from './children.ts'
import { Notification } from './code-points.ts'
import type { IsakmpSa, SessionConfiguration, SessionPath } from './configuration.ts'
import { aggressiveMode } from './exchanges/aggressive.ts'
import { inform, notification } from './exchanges/informational.ts'
import { mainMode } from './exchanges/main.ts'
import type { AgreedChild, SelectorPair } from './exchanges/quick.ts'
import { transact } from './exchanges/transaction.ts'
import { Link } from './link.ts'
import type { LinkOwner } from './link.ts'
import { createLogin } from './login.ts'
import type { Login } from './login.ts'
import type { ModeConfiguration } from './mode-config.ts'
import { readModeConfiguration, wishes } from './mode-config.ts'
import { freshCookie, Peer } from './peer.ts'
import { selectorsOf } from './selectors.ts'

export interface SessionOwner extends LinkOwner {
  readonly onPhase: (phase: 'negotiating' | 'authenticating' | 'configuring') => void
}

export interface Established {
  readonly child: ChildSa
  readonly assigned: AssignedConfiguration | undefined
  readonly identities: IsakmpSa['identities']
  readonly nat: IsakmpSa['nat']
  readonly banner: string | undefined
}

interface LoggedIn extends CurrentSa {
  readonly login: Login
}

export class Session {
  readonly #owner: SessionOwner
  readonly #times: { readonly liveness: Millis }
  #link: Link | undefined
  #login: Login | undefined
  #assigned: ModeConfiguration | undefined
  #ikeRekeyAt: Millis | undefined
  #renew: () => void = () => undefined

  constructor(owner: SessionOwner, times: { readonly liveness: Millis }) {
    this.#owner = owner
    this.#times = times
  }

  // -------------------------------------------------------------- beginning

  /** Connects. Rejects with the VpnError that tells why not; nothing is left then. */
  async initiate(configuration: SessionConfiguration, path: SessionPath): Promise<Established> {
    const link = (this.#link = this.#createLink(configuration, path))
    this.#renew = () => this.#renewIkeSa(link, configuration, path)
    try {
      const { sa, peer, login } = await this.#phase1(link, configuration, path)
      this.#owner.onPhase('configuring')
      this.#assigned = await this.#modeConfiguration({ sa, peer, login }, configuration)
      const first = await this.#firstChildren(link, configuration)
      this.#scheduleIkeRekey(link, sa)
      link.watch()
      const { identities, nat } = sa
      return {
        child: first.child,
        assigned: this.#assigned,
        identities,
        nat,
        banner: this.#assigned?.unity.banner,
      }
    } catch (error) {
      link.close()
      throw error
    }
  }

  #createLink(configuration: SessionConfiguration, path: SessionPath): Link {
    return new Link(this.#owner, {
      proposals: configuration.espProposals,
      lifetimeSeconds: configuration.espLifetimeSeconds,
      permits: (asked) => this.#permitted(configuration, asked),
      ends: () => {
        const [local] = selectorsOf(path.local.address)
        const [remote] = selectorsOf(path.remote.address)
        return local === undefined || remote === undefined ? undefined : { local, remote }
      },
      liveness: this.#times.liveness,
      restoresTraffic: true,
      onEnd: () => this.#login?.close(),
    })
  }

  /** A new ISAKMP SA with its user logged in; it becomes the current one. */
  async #phase1(link: Link, configuration: SessionConfiguration, path: SessionPath): Promise<LoggedIn> {
    const { ports, onPhase } = this.#owner
    const login = createLogin(ports.clock, configuration.user)
    const peer = this.#createPeer(link)
    onPhase('negotiating')
    const phase1 = {
      ...configuration,
      xauth: configuration.user !== undefined,
      local: path.local,
      remote: path.remote,
    }
    const mode = configuration.mode === 'main' ? mainMode : aggressiveMode
    const replaced = link.current
    try {
      const sa = await mode(ports, phase1, peer, path.moveToNatPort)
      if (link.isClosed) throw new VpnError('cancelled')
      this.#login = login
      onPhase('authenticating')
      link.establish(sa, peer, login.answer)
      if (configuration.initialContact && replaced === undefined)
        inform(ports, sa, peer, [notification(sa, Notification.INITIAL_CONTACT)])
      if (configuration.user !== undefined) await login.accepted()
      if (replaced !== undefined) link.retire(replaced)
      return { sa, peer, login }
    } catch (error) {
      if (replaced !== undefined) link.dismiss(peer)
      throw error
    }
  }

  #createPeer(link: Link): Peer {
    const { ports, send, onDrop, onMessage, onRepeated } = this.#owner
    const peer: Peer = new Peer(
      {
        clock: ports.clock,
        random: ports.random,
        transmit: send,
        onDrop,
        ...(onMessage === undefined ? {} : { onMessage }),
        ...(onRepeated === undefined ? {} : { onRepeated }),
        onConversation: (talk, message) => link.begun(peer, talk, message),
      },
      { initiatorSpi: freshCookie(ports.random), responderSpi: ikeSpi(0n) },
    )
    link.admit(peer)
    return peer
  }

  /** What the gateway gives: asked for, unless it has pushed it before. */
  async #modeConfiguration(
    { sa, peer, login }: LoggedIn,
    configuration: SessionConfiguration,
  ): Promise<ModeConfiguration | undefined> {
    const { ipv4, ipv6 } = configuration.virtualAddress
    if (!ipv4 && !ipv6) return undefined
    return (
      login.pushed() ??
      readModeConfiguration(await transact(this.#owner.ports, sa, peer, 'request', wishes({ ipv4, ipv6 })))
    )
  }

  /** Quick mode knows one network a side: one exchange for each network behind the gateway that we have an address for. */
  async #firstChildren(link: Link, { traffic }: SessionConfiguration): Promise<AgreedChild> {
    const ours = this.#ours(traffic.local)
    let first: AgreedChild | undefined
    for (const remote of traffic.remote) {
      const local = ours.find(({ start }) => start.family === remote.start.family)
      if (local === undefined) continue
      const agreed = await link.ask(local, remote)
      first ??= agreed
    }
    if (first === undefined) throw new VpnError('no-address')
    return first
  }

  /** Our addresses inside, or what stands in for them. */
  #ours(otherwise: readonly TrafficSelector[]): readonly TrafficSelector[] {
    return this.#assigned?.addresses.flatMap(({ address }) => selectorsOf(address)) ?? otherwise
  }

  /** What the gateway says to send to it alone (Cisco's split include) is all that goes, however much quick mode is about. */
  #permitted({ traffic }: SessionConfiguration, { local, remote }: SelectorPair) {
    if (!selectorsCover(this.#ours(traffic.local), [local]) || !selectorsCover(traffic.remote, [remote]))
      return undefined
    const split = (this.#assigned?.subnets ?? [])
      .flatMap(({ address, length }) => parsePrefix(`${address}/${length}`) ?? [])
      .filter(({ address }) => address.family === remote.start.family)
      .map(selectorFromPrefix)
    const narrowed = split.length === 0 ? [remote] : narrowSelectors([remote], split)
    return { local: [local], remote: narrowed.length === 0 ? [remote] : narrowed }
  }

  // -------------------------------------------------------------- while it stands

  /** Whether a message with this header belongs here; our cookie is the initiator's. */
  owns(header: IkeHeader): boolean {
    return this.#link?.owns(header) === true
  }

  /** An IKE message, without the non-ESP marker, its bytes given away. */
  receive(datagram: Uint8Array): void {
    if (this.#link === undefined) this.#owner.onDrop('unknown-ike-spi')
    else this.#link.receive(datagram)
  }

  /** The data plane saw the first packet on an ESP SA. */
  firstInbound(): void {
    this.#link?.firstInbound()
  }

  /** A lifetime of one of an ESP SA's two directions has come, in bytes or packets. */
  rekeyChildOf(spi: EspSpi): void {
    this.#link?.rekeyChildOf(spi)
  }

  /** Closes the ESP SA of one of its two SPIs on both ends. */
  deleteChildOf(spi: EspSpi): void {
    this.#link?.deleteChildOf(spi)
  }

  /** A new ISAKMP SA beside the one that stands; the ESP SAs stay as they are. */
  rekeyIkeSa(): void {
    this.#renew()
  }

  #renewIkeSa(link: Link, configuration: SessionConfiguration, path: SessionPath): void {
    if (link.isClosed) return
    this.#phase1(link, configuration, path).then(
      ({ sa }) => this.#scheduleIkeRekey(link, sa),
      (error: unknown) => link.retryLater('phase 1', error, () => this.rekeyIkeSa()),
    )
  }

  #scheduleIkeRekey(link: Link, sa: IsakmpSa): void {
    const { timers } = link
    this.#ikeRekeyAt = timers.after(timers.jittered(rekeyAfter(sa.suite.lifetimeSeconds)), () => {
      if (link.current?.sa === sa) this.rekeyIkeSa()
    })
  }

  /** Asks the peer now whether it is alive (RFC 3706). */
  probe(): void {
    this.#link?.probe()
  }

  resend(): void {
    this.#link?.resend()
  }

  get sa(): IsakmpSa | undefined {
    return this.#link?.current?.sa
  }

  get children(): readonly ChildSa[] {
    return this.#link?.children ?? []
  }

  get ikeRekeyAt(): Millis | undefined {
    return this.#ikeRekeyAt
  }

  childRekeyAt(child: ChildSa): Millis | undefined {
    return this.#link?.childRekeyAt(child)
  }

  // -------------------------------------------------------------- ending

  /** Deletes everything on both ends. In version 1 a Delete is not answered. */
  close(): Promise<void> {
    this.#link?.close()
    return Promise.resolve()
  }

  /** Ends without telling the peer. */
  abandon(): void {
    this.#link?.abandon()
  }
}
