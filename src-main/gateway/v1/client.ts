/** A client of the gateway that speaks version 1: its session, its ESP SAs in the shared plane, the path to it. */
import type { EspSpi, IkeSpi, Millis, PathId } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { ChildSas } from '../../engine/child-sas.ts'
import { shownSuite } from '../../engine/ike-v1.ts'
import type { ChildSa } from '../../ike/child-sa.ts'
import { formatIdentity } from '../../ike/identity.ts'
import type { ExchangePorts } from '../../ike/v1/configuration.ts'
import type { Entered } from '../../ike/v1/entrance.ts'
import type { ClosedCause } from '../../ike/v1/link.ts'
import type { GivenConfiguration, ResponderConfiguration } from '../../ike/v1/responder.ts'
import { ResponderSession } from '../../ike/v1/responder-session.ts'
import type { DataPlane, SaStatistics } from '../../ipsec/data-plane.ts'
import type { Endpoint } from '../../ports.ts'
import type { Arrival } from '../client.ts'
import { childStatuses, lastInboundAt, localPath, spiText } from '../client.ts'
import type { AddressWishes } from '../address-book.ts'
import type { ClientStatus, ClientSummary } from '../gateway-event.ts'
import type { Member, Who } from '../member.ts'

export interface ClientV1Owner {
  readonly ports: ExchangePorts
  readonly plane: DataPlane
  readonly configuration: ResponderConfiguration
  readonly times: { readonly liveness: Millis }
  readonly replayWindow: number
  readonly assign: (client: ClientV1, wishes: AddressWishes) => GivenConfiguration | undefined
  /** The client knows of no older session of its own. */
  readonly onInitialContact: (client: ClientV1) => void
  /** The client has asked for an ESP SA: it stands, or why not. */
  readonly onChild: (client: ClientV1, trouble: string | undefined) => void
  readonly onClosed: (client: ClientV1, cause: ClosedCause) => void
  readonly onDrop: (reason: string) => void
}

/** What a path carries until it says otherwise. */
const usualPathMtu = 1500

/** The name of the user where one has logged in, else who the way in has proven. */
export const whoEntered = ({ user, identity, method }: Entered): Who =>
  user === undefined
    ? { name: formatIdentity(identity), method: method === 'hybrid' ? 'xauth' : method }
    : { name: user, method: 'xauth' }

export class ClientV1 implements Member {
  readonly id: number
  readonly who: Who
  readonly createdAt: Millis
  readonly #owner: ClientV1Owner
  readonly #session: ResponderSession
  readonly #path: PathId
  readonly #childSas: ChildSas
  #arrival: Arrival
  #given: GivenConfiguration | undefined

  constructor(owner: ClientV1Owner, id: number, who: Who, arrival: Arrival) {
    const { plane, ports, configuration, times, replayWindow, onDrop } = owner
    this.id = id
    this.who = who
    this.#owner = owner
    this.#arrival = arrival
    this.createdAt = ports.clock.monotonic()
    const { socket, from } = arrival
    this.#path = plane.addPath({ socket, endpoint: from, mtu: usualPathMtu, followPeer: true })
    this.#childSas = new ChildSas(plane, { replayWindow, lifetime: {} }, () => this.#path)
    this.#session = new ResponderSession(
      {
        ports,
        send: (datagram) => this.send(datagram),
        perform: (effect) => this.#childSas.perform(effect),
        spiInUse: (spi) => !plane.offerSpi(spi),
        lastInboundAt: () => lastInboundAt(plane, this.#childSas, this.#session.children),
        onClosed: (cause) => owner.onClosed(this, cause),
        onDrop,
        assign: (wishes) => (this.#given = owner.assign(this, wishes)),
        onInitialContact: () => owner.onInitialContact(this),
        onChild: (outcome) => owner.onChild(this, troubleOf(outcome)),
        path: () => localPath(this.#arrival),
      },
      configuration,
      times,
    )
  }

  /** It has proven who it is, for the first time or once more. */
  enter(entered: Entered): void {
    this.#session.enter(entered)
  }

  owns(spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi }): boolean {
    return this.#session.owns(spis)
  }

  /** Towards where the client was last. */
  send(datagram: Uint8Array): void {
    const path = this.#owner.plane.path(this.#path)
    if (path !== undefined) this.#owner.plane.sendIke(path.socket, path.endpoint, datagram)
  }

  receive(message: Uint8Array, arrival: Arrival): void {
    this.#arrival = arrival
    this.#session.receive(message)
  }

  /** What came last was authentic: answers go there (RFC 3947 section 4); a client behind a NAT may move. */
  follow(): void {
    const { plane } = this.#owner
    const { socket, from } = this.#arrival
    const path = plane.path(this.#path)
    if (path === undefined) return
    const same =
      path.socket === socket && path.endpoint.address === from.address && path.endpoint.port === from.port
    if (!same) plane.setPath(this.#path, { socket, endpoint: from })
  }

  get endpoint(): Endpoint {
    return this.#owner.plane.path(this.#path)?.endpoint ?? this.#arrival.from
  }

  get isIn(): boolean {
    return this.#session.sa !== undefined
  }

  firstInbound(inboundSpi: EspSpi): void {
    if (this.#session.children.some((child) => child.inboundSpi === inboundSpi)) this.#session.firstInbound()
  }

  rekeyChildOf(spi: EspSpi): void {
    this.#session.rekeyChildOf(spi)
  }

  summary(): ClientSummary {
    const addresses = this.#given?.addresses.map(({ address }) => address) ?? []
    return { id: this.id, ...this.who, endpoint: this.endpoint, addresses }
  }

  status(statistics: readonly SaStatistics[]): ClientStatus | undefined {
    const { sa, children } = this.#session
    if (sa === undefined) return undefined
    return {
      ...this.summary(),
      ikeVersion: 1,
      initiatorSpi: spiText(sa.initiatorSpi),
      responderSpi: spiText(sa.responderSpi),
      ikeSuite: shownSuite(sa.suite),
      ageMs: this.#owner.ports.clock.monotonic() - this.createdAt,
      children: childStatuses(this.#childSas, children, statistics),
    }
  }

  close(): Promise<void> {
    this.#session.close()
    this.#owner.plane.removePath(this.#path)
    return Promise.resolve()
  }

  abandon(): void {
    this.#session.abandon()
    this.#owner.plane.removePath(this.#path)
  }
}

const troubleOf = (outcome: ChildSa | VpnError): string | undefined =>
  outcome instanceof VpnError ? (outcome.details['notify'] ?? outcome.code) : undefined
