/** One client of the gateway: its IKE session, its Child SAs in the shared plane, the path to it. */
import type { EspSpi, IkeSpi, Millis, PathId } from '../../src-shared/brands.ts'
import { ChildSas } from '../engine/child-sas.ts'
import type { ConfigurationWishes } from '../ike/v2/configuration.ts'
import type { Accepting, Established } from '../ike/v2/accept.ts'
import { acceptSession } from '../ike/v2/accept.ts'
import type { AuthenticatedClient } from '../ike/v2/exchanges/auth-responder.ts'
import type { InitAgreement } from '../ike/v2/exchanges/init-responder.ts'
import type { AssignedConfiguration, ChildSa } from '../ike/child-sa.ts'
import type { IkeSa } from '../ike/v2/ike-sa.ts'
import type { ExchangePorts } from '../ike/v2/initiator.ts'
import type { ResponderConfiguration } from '../ike/v2/responder.ts'
import type { ClosedCause, SessionTimes } from '../ike/v2/session-owner.ts'
import { Session } from '../ike/v2/session.ts'
import type { DataPlane, SaStatistics } from '../ipsec/data-plane.ts'
import type { DatagramSocket, Endpoint } from '../ports.ts'
import type { ClientStatus, ClientSummary } from './gateway-event.ts'
import type { Member } from './member.ts'

/** Where a message came in. */
export interface Arrival {
  readonly socket: DatagramSocket
  readonly from: Endpoint
}

export interface ClientOwner {
  readonly ports: ExchangePorts
  readonly plane: DataPlane
  readonly configuration: ResponderConfiguration
  readonly times: SessionTimes
  readonly replayWindow: number
  readonly onSpi: (client: GatewayClient, spi: IkeSpi, change: 'added' | 'removed') => void
  readonly onAuthenticated: (client: GatewayClient, who: AuthenticatedClient) => void
  readonly assign: (client: GatewayClient, wishes: ConfigurationWishes) => AssignedConfiguration | undefined
  readonly onClosed: (client: GatewayClient, cause: ClosedCause) => void
  readonly onDrop: (reason: string) => void
}

/** What a path carries until it says otherwise. */
const usualPathMtu = 1500

export class GatewayClient implements Member {
  readonly id: number
  readonly session: Session
  readonly createdAt: Millis
  readonly #owner: ClientOwner
  readonly #path: PathId
  readonly #childSas: ChildSas
  #accepting: Accepting | undefined
  #arrival: Arrival
  #who: AuthenticatedClient | undefined
  #assigned: AssignedConfiguration | undefined
  #heard = false

  constructor(owner: ClientOwner, id: number, arrival: Arrival) {
    const { plane, ports } = owner
    this.#owner = owner
    this.id = id
    this.#arrival = arrival
    this.createdAt = ports.clock.monotonic()
    this.#path = plane.addPath({
      socket: arrival.socket,
      endpoint: arrival.from,
      mtu: usualPathMtu,
      followPeer: true,
    })
    this.#childSas = new ChildSas(plane, { replayWindow: owner.replayWindow, lifetime: {} }, () => this.#path)
    this.session = new Session(
      {
        ports,
        send: (datagrams) => {
          const path = plane.path(this.#path)
          if (path !== undefined)
            for (const datagram of datagrams) plane.sendIke(path.socket, path.endpoint, datagram)
        },
        perform: (effect) => this.#childSas.perform(effect),
        spiInUse: (spi) => !plane.offerSpi(spi),
        lastInboundAt: () => this.#lastInboundAt(),
        onClosed: (cause) => owner.onClosed(this, cause),
        onDrop: owner.onDrop,
        onSpi: (spi, change) => owner.onSpi(this, spi, change),
        onMessage: (direction) => {
          if (direction === 'received') this.#follow()
        },
      },
      owner.times,
    )
  }

  /** Begins: the answer to IKE_SA_INIT leaves. False when the client's public value must not be used. */
  accept(agreement: InitAgreement, responderSpi: IkeSpi): boolean {
    const { socket, from } = this.#arrival
    const accepting = acceptSession(
      {
        ports: this.#owner.ports,
        configuration: this.#owner.configuration,
        session: this.session,
        spiInUse: (spi) => !this.#owner.plane.offerSpi(spi),
        onAuthenticated: (who) => {
          this.#who = who
          this.#owner.onAuthenticated(this, who)
        },
        assign: (_who, wishes) => (this.#assigned = this.#owner.assign(this, wishes)),
      },
      localPath(this.#arrival),
      agreement,
      responderSpi,
    )
    if (accepting === 'invalid-public-value') return false
    this.#accepting = accepting
    this.#owner.plane.sendIke(socket, from, accepting.init.initResponse)
    return true
  }

  get outcome(): Accepting['outcome'] | undefined {
    return this.#accepting?.outcome
  }

  /** Something authentic has come: whoever is there knows the keys. */
  get heard(): boolean {
    return this.#heard
  }

  get who(): AuthenticatedClient | undefined {
    return this.#who
  }

  get isIn(): boolean {
    return this.session.sa !== undefined
  }

  get sa(): IkeSa | undefined {
    return this.session.sa ?? this.#accepting?.init.sa
  }

  get endpoint(): Endpoint {
    return this.#owner.plane.path(this.#path)?.endpoint ?? this.#arrival.from
  }

  /** The first request again: the peer repeats its answer, without looking into it. */
  receiveRepeated(message: Uint8Array): void {
    this.#accepting?.peer.receive(message)
  }

  receive(message: Uint8Array, arrival: Arrival): void {
    this.#arrival = arrival
    this.session.receive(message)
  }

  firstInbound(inboundSpi: EspSpi): void {
    this.session.firstInbound(inboundSpi)
  }

  rekeyChildOf(spi: EspSpi): void {
    this.session.rekeyChildOf(spi)
  }

  /** Tells the client, waits a moment for its answer. */
  async close(): Promise<void> {
    this.#accepting?.close()
    await this.session.close()
    this.#owner.plane.removePath(this.#path)
  }

  /** Ends at once, telling nobody. */
  abandon(): void {
    this.#accepting?.close()
    this.session.abandon()
    this.#owner.plane.removePath(this.#path)
  }

  summary(): ClientSummary {
    return {
      id: this.id,
      name: this.#who?.name ?? '?',
      method: this.#who?.method ?? 'psk',
      endpoint: this.endpoint,
      addresses: this.#assigned?.addresses.map(({ address }) => address) ?? [],
    }
  }

  status(statistics: readonly SaStatistics[]): ClientStatus | undefined {
    const { sa } = this
    if (sa === undefined || this.#who === undefined) return undefined
    return {
      ...this.summary(),
      ikeVersion: 2,
      initiatorSpi: spiText(sa.initiatorSpi),
      responderSpi: spiText(sa.responderSpi),
      ikeSuite: sa.suite,
      ageMs: this.#owner.ports.clock.monotonic() - this.createdAt,
      children: childStatuses(this.#childSas, this.session.children, statistics),
    }
  }

  /** RFC 7296 sections 2.11 and 2.23: answers go to where the authentic request came from; a client behind a NAT may move. */
  #follow(): void {
    this.#heard = true
    const { socket, from } = this.#arrival
    const path = this.#owner.plane.path(this.#path)
    if (path === undefined) return
    const same =
      path.socket === socket && path.endpoint.address === from.address && path.endpoint.port === from.port
    if (!same) this.#owner.plane.setPath(this.#path, { socket, endpoint: from })
  }

  #lastInboundAt(): Millis | undefined {
    return lastInboundAt(this.#owner.plane, this.#childSas, this.session.children)
  }
}

/** When the last authentic packet came in on one of these SAs. */
export function lastInboundAt(
  plane: DataPlane,
  childSas: ChildSas,
  children: readonly ChildSa[],
): Millis | undefined {
  const ours = new Set(children.map((child) => childSas.idsOf(child)?.inbound))
  let latest: Millis | undefined
  for (const { id, lastAt } of plane.statistics().sas) {
    if (ours.has(id) && lastAt !== undefined && (latest === undefined || lastAt > latest)) latest = lastAt
  }
  return latest
}

/** A client's Child SAs as they are shown, with what they have carried. */
export function childStatuses(
  childSas: ChildSas,
  children: readonly ChildSa[],
  statistics: readonly SaStatistics[],
): ClientStatus['children'] {
  const counted = (id: number | undefined): { readonly packets: number; readonly bytes: number } => {
    const found = statistics.find((one) => one.id === id)
    return { packets: found?.packets ?? 0, bytes: found?.bytes ?? 0 }
  }
  return children.map((child) => {
    const ids = childSas.idsOf(child)
    return {
      inboundSpi: child.inboundSpi,
      outboundSpi: child.outboundSpi,
      suite: child.suite,
      received: counted(ids?.inbound),
      sent: counted(ids?.outbound),
    }
  })
}

export const spiText = (spi: bigint): string => spi.toString(16).padStart(16, '0')

/** The two ends of the way a message came: what NAT detection compares. */
export const localPath = ({
  socket,
  from,
}: Arrival): { readonly local: Endpoint; readonly remote: Endpoint } => ({
  local: {
    address: socket.localAddressTowards(from) ?? (socket.family === 4 ? '0.0.0.0' : '::'),
    port: socket.localPort,
  },
  remote: from,
})

export type { Established }
