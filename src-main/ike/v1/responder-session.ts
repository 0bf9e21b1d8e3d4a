/** A session of the responder: a client that has come in, all its ISAKMP SAs, its address and its ESP SAs. */
import type { EspSpi, Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import type { VpnError } from '../../../src-shared/errors.ts'
import { narrowSelectors, selectorsCover } from '../../ip/traffic-selector.ts'
import type { ChildSa } from '../child-sa.ts'
import type { IkeHeader } from '../header.ts'
import type { Endpoint } from '../../ports.ts'
import { TransactionType } from './code-points.ts'
import type { IsakmpSa } from './configuration.ts'
import type { Entered } from './entrance.ts'
import { deleteIsakmpSa, inform } from './exchanges/informational.ts'
import type { SelectorPair } from './exchanges/quick.ts'
import { transact } from './exchanges/transaction.ts'
import type { Statement } from './exchanges/transaction.ts'
import { Link } from './link.ts'
import type { LinkOwner } from './link.ts'
import { modeConfigurationReply, wishesIn } from './mode-config.ts'
import type { GivenConfiguration, ResponderConfiguration } from './responder.ts'
import { selectorsOf } from './selectors.ts'

export interface ResponderOwner extends LinkOwner {
  /** What the client is given; undefined when nothing is left. The same again for the same client. */
  readonly assign: (wishes: {
    readonly ipv4: boolean
    readonly ipv6: boolean
  }) => GivenConfiguration | undefined
  /** The client has asked for an ESP SA: it stands, or why not. */
  readonly onChild: (outcome: ChildSa | VpnError) => void
  /** The client knows of no older session of its own. */
  readonly onInitialContact: () => void
  /** The two ends of the way that the client's messages take. */
  readonly path: () => { readonly local: Endpoint; readonly remote: Endpoint }
}

export class ResponderSession {
  readonly #owner: ResponderOwner
  readonly #configuration: ResponderConfiguration
  readonly #link: Link
  #given: GivenConfiguration | undefined

  constructor(
    owner: ResponderOwner,
    configuration: ResponderConfiguration,
    times: { readonly liveness: Millis },
  ) {
    this.#owner = owner
    this.#configuration = configuration
    this.#link = new Link(owner, {
      proposals: configuration.espProposals,
      lifetimeSeconds: configuration.espLifetimeSeconds,
      permits: (asked) => this.#permitted(asked),
      ends: () => {
        const { local, remote } = owner.path()
        const [ours] = selectorsOf(local.address)
        const [theirs] = selectorsOf(remote.address)
        return ours === undefined || theirs === undefined ? undefined : { local: ours, remote: theirs }
      },
      liveness: times.liveness,
      restoresTraffic: false,
      onAnswered: owner.onChild,
      onInitialContact: (sa) => {
        this.#link.forgetOlder(sa)
        owner.onInitialContact()
      },
      onEnd: () => undefined,
    })
  }

  /** The client has proven who it is, for the first time or once more: the new SA is used from now on. */
  enter({ sa, peer, initialContact, handOver }: Entered): void {
    const isFirst = this.#link.current === undefined
    this.#link.establish(sa, peer, (statement) => Promise.resolve(this.#answer(statement)))
    handOver((talk, message) => this.#link.begun(peer, talk, message))
    this.#link.timers.after(millis(sa.suite.lifetimeSeconds * 1000), () => this.#expire(sa))
    if (isFirst) this.#link.watch()
    if (initialContact) this.#link.forgetOlder(sa)
    if (this.#configuration.modeConfig === 'push') void this.#push(sa)
  }

  // -------------------------------------------------------------- what the client gets

  #configurationFor(wishes: {
    readonly ipv4: boolean
    readonly ipv6: boolean
  }): GivenConfiguration | undefined {
    return (this.#given ??= this.#owner.assign(wishes))
  }

  /** Mode Config, asked for: what there is of what was asked. */
  #answer({ kind, identifier, attributes }: Statement): Statement | undefined {
    if (kind !== TransactionType.REQUEST) return undefined
    const given = this.#configurationFor(wishesIn(attributes))
    return {
      kind: TransactionType.REPLY,
      identifier,
      attributes: given === undefined ? [] : modeConfigurationReply(given, attributes),
    }
  }

  /** Mode Config, pushed: who does not acknowledge it asks by itself, or goes without. */
  async #push(sa: IsakmpSa): Promise<void> {
    const { current } = this.#link
    const given = this.#configurationFor({ ipv4: true, ipv6: true })
    if (current?.sa !== sa || given === undefined) return
    const { ports, onDrop } = this.#owner
    await transact(ports, sa, current.peer, 'set', modeConfigurationReply(given, undefined)).catch(() =>
      onDrop('configuration-not-acknowledged'),
    )
  }

  /** From the client's address to what it may reach, however much more it asks for. */
  #permitted({ local, remote }: SelectorPair) {
    const theirs = this.#given?.addresses.flatMap(({ address }) => selectorsOf(address)) ?? []
    const ours = narrowSelectors([local], this.#configuration.networks)
    return selectorsCover(theirs, [remote]) && ours.length > 0 ? { local: ours, remote: [remote] } : undefined
  }

  // -------------------------------------------------------------- while it stands

  owns(header: Pick<IkeHeader, 'initiatorSpi' | 'responderSpi'>): boolean {
    return this.#link.owns(header)
  }

  /** An IKE message, without the non-ESP marker, its bytes given away. */
  receive(datagram: Uint8Array): void {
    this.#link.receive(datagram)
  }

  firstInbound(): void {
    this.#link.firstInbound()
  }

  rekeyChildOf(spi: EspSpi): void {
    this.#link.rekeyChildOf(spi)
  }

  get sa(): IsakmpSa | undefined {
    return this.#link.current?.sa
  }

  get children(): readonly ChildSa[] {
    return this.#link.children
  }

  /** The end of an SA's lifetime: whoever wants to stay has brought another. */
  #expire(sa: IsakmpSa): void {
    const standing = this.#link.standingOf(sa)
    if (standing === undefined) return
    inform(this.#owner.ports, sa, standing.peer, [deleteIsakmpSa(sa)])
    this.#link.dismiss(standing.peer)
    if (this.#link.current === undefined) this.#link.closedBy('expired')
  }

  /** Deletes everything on both ends; in version 1 nobody answers that. */
  close(): void {
    this.#link.close()
  }

  /** Ends without telling the client. */
  abandon(): void {
    this.#link.abandon()
  }
}
