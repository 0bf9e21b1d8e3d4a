/**
 * The embedded gateway: many clients, one data plane, one adapter, two ports. For trying Culvert out, for tests and for small
 * things at home; it has no replication, no accounting and no back end, and says so in docs/gateway.md.
 */
import type { IkeSpi } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'
import { readIkeHeader } from '../ike/header.ts'
import { wasClosed } from '../ike/v2/accept.ts'
import type { Acceptance, Established } from '../ike/v2/accept.ts'
import { notifyName } from '../ike/v2/code-points.ts'
import { freshIkeSpi } from '../ike/v2/exchanges/rekey-ike.ts'
import type { InitAgreement } from '../ike/v2/exchanges/init-responder.ts'
import type { ResponderConfiguration } from '../ike/v2/responder.ts'
import type { ClosedCause } from '../ike/v2/session-owner.ts'
import { openDataPlane } from '../engine/open-data-plane.ts'
import type { ChosenDataPlane, OpenDataPlane } from '../ipsec/chosen-data-plane.ts'
import type { DataPlane, DataPlaneEvent, IkeFraming } from '../ipsec/data-plane.ts'
import type {
  Clock,
  Crypto,
  DatagramSocket,
  Datagrams,
  HostNetwork,
  HostTunnel,
  Log,
  PacketCrypto,
  Random,
} from '../ports.ts'
import { createAddressBook } from './address-book.ts'
import type { AddressBook } from './address-book.ts'
import type { Arrival, ClientOwner } from './client.ts'
import { GatewayClient } from './client.ts'
import type { Door } from './door.ts'
import { createDoor, doorPatience } from './door.ts'
import type { ClientStatus, GatewayEvent, LeaveCause } from './gateway-event.ts'
import type { GatewayProfile } from './gateway-profile.ts'
import { Roster } from './roster.ts'
import { gatewaySessionTimes, responderConfiguration } from './settings.ts'
import type { GatewayCredentials } from './settings.ts'
import { Reception } from './v1/reception.ts'

export interface GatewayPorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly packetCrypto: PacketCrypto
  /** Absent: packets take the portable data plane. */
  readonly openFastDataPlane?: OpenDataPlane
  readonly datagrams: Datagrams
  readonly hostNetwork: HostNetwork
  readonly log: Log
}

const applicationVersion = 'Culvert embedded gateway'

export class Gateway {
  readonly #ports: GatewayPorts
  readonly #profile: GatewayProfile
  readonly #configuration: ResponderConfiguration
  readonly #onEvent: (event: GatewayEvent) => void
  readonly #chosenPlane: ChosenDataPlane
  readonly #plane: DataPlane
  readonly #addresses: AddressBook
  readonly #roster: Roster
  readonly #door: Door
  /** Where version 1 is answered; undefined: nowhere. */
  readonly #reception: Reception | undefined
  readonly #bySpi = new Map<IkeSpi, GatewayClient>()
  readonly #drops = new Map<string, number>()
  readonly #sockets: DatagramSocket[] = []
  readonly #clientOwner: ClientOwner
  #host: HostTunnel | undefined

  constructor(
    ports: GatewayPorts,
    profile: GatewayProfile,
    credentials: GatewayCredentials,
    onEvent: (event: GatewayEvent) => void,
  ) {
    this.#ports = ports
    this.#profile = profile
    this.#configuration = responderConfiguration(profile, credentials)
    this.#onEvent = onEvent
    this.#addresses = createAddressBook(profile, applicationVersion)
    this.#chosenPlane = openDataPlane(ports, {
      onIke: (from, message, socket) => this.#receive(message, { from, socket }),
      onEvent: (event) => this.#onPlaneEvent(event),
    })
    this.#plane = this.#chosenPlane.plane
    const shared = { ports, plane: this.#plane, configuration: this.#configuration }
    const onDrop = (reason: string): void => this.#countDrop(reason)
    this.#roster = new Roster({
      clock: ports.clock,
      plane: this.#plane,
      addresses: this.#addresses,
      onEvent,
      onForgotten: (member) => this.#door.leave(member),
    })
    if (profile.versions.includes(1)) {
      const site = { ports, plane: this.#plane, roster: this.#roster }
      this.#reception = new Reception({ ...site, profile, credentials, onEvent, onDrop })
    }
    this.#door = createDoor({
      ...shared,
      cookies: profile.cookies,
      limits: profile.limits,
      clientCount: () => this.#roster.size,
      admit: (agreement, arrival) => this.#admit(agreement, arrival),
      onDrop,
    })
    this.#clientOwner = {
      ...shared,
      times: gatewaySessionTimes(profile),
      replayWindow: profile.replayWindow,
      onSpi: (client, spi, change) => {
        if (change === 'added') this.#bySpi.set(spi, client)
        else this.#bySpi.delete(spi)
      },
      onAuthenticated: (client, { initialContact }) => {
        if (initialContact) this.#roster.replaceOlder(client)
      },
      assign: (client, wishes) => {
        // Whoever authenticates anew from the same place gets the same address, and its connections live on.
        const holder = `${client.who?.method} ${client.who?.name} ${client.endpoint.address}`
        return this.#roster.assign(client, holder, wishes)
      },
      onClosed: (client, cause) => this.#roster.gone(client, leaveCauses[cause]),
      onDrop,
    }
  }

  // -------------------------------------------------------------- from start to stop

  /** Opens ports and adapter. Throws VpnError and HostError; what was opened is closed again by `stop`. */
  async start(): Promise<void> {
    const { listen, identity, networks, mtu } = this.#profile
    await this.#chosenPlane.choose((reason) =>
      this.#ports.log('warn', 'gateway', 'no fast data plane', { reason }),
    )
    const addresses = listen.addresses.length > 0 ? listen.addresses : ['0.0.0.0', '::']
    const bound: { address: string; port: number; socket: DatagramSocket; framing: IkeFraming }[] = []
    for (const address of addresses) {
      for (const port of [listen.ikePort, listen.natPort]) {
        if (port === null) continue
        const socket = this.#ports.datagrams.open(address.includes(':') ? 6 : 4, port, address)
        this.#sockets.push(socket)
        const framing = port === listen.natPort ? 'marked' : 'plain'
        bound.push({ address, port: socket.localPort, socket, framing })
      }
    }
    this.#host = await this.#ports.hostNetwork.open({
      mtu,
      addresses: this.#addresses.own,
      routes: this.#addresses.routes,
      forward: true,
    })
    this.#plane.useTun(this.#host.tun)
    // Last: whoever called meanwhile waits in the sockets, and finds an adapter behind them.
    for (const { socket, framing } of bound) this.#plane.listen(socket, framing)
    this.#onEvent({
      kind: 'listening',
      sockets: bound.map(({ address, port }) => ({ address, port })),
      interfaceName: this.#host.tun.name,
      identity,
      pools: this.#addresses.networks,
      networks,
    })
  }

  /** Says goodbye to every client and puts the machine back. */
  async stop(): Promise<void> {
    this.#reception?.close()
    await Promise.all(this.#roster.all.map((client) => this.#roster.dismiss(client, 'stopping')))
    const drops = this.drops()
    this.#plane.close()
    for (const socket of this.#sockets.splice(0)) socket.close()
    const host = this.#host
    this.#host = undefined
    await host?.close()
    this.#onEvent({ kind: 'stopped', drops })
  }

  clients(): readonly ClientStatus[] {
    return this.#roster.statuses()
  }

  /** Half-open clients: at the door, not in. */
  get halfOpen(): number {
    return this.#door.halfOpen + (this.#reception?.halfOpen ?? 0)
  }

  drops(): Readonly<Record<string, number>> {
    const all = new Map(this.#drops)
    for (const [reason, count] of Object.entries(this.#plane.statistics().drops))
      all.set(reason, (all.get(reason) ?? 0) + count)
    return Object.fromEntries(all)
  }

  // -------------------------------------------------------------- messages

  #receive(message: Uint8Array, arrival: Arrival): void {
    const header = readIkeHeader(message)
    if (header === undefined) return this.#countDrop('too-short')
    if (!this.#profile.versions.some((version) => version === header.majorVersion))
      if (header.majorVersion <= 2) return this.#countDrop('version-not-answered')
    if (header.majorVersion === 1) return this.#reception?.receive(header, message, arrival)
    const client = this.#bySpi.get(header.initiator ? header.responderSpi : header.initiatorSpi)
    if (client !== undefined) return client.receive(message, arrival)
    this.#door.receive(header, message, arrival)
  }

  #admit(agreement: InitAgreement, arrival: Arrival): GatewayClient | undefined {
    const client = new GatewayClient(this.#clientOwner, this.#roster.nextId(), arrival)
    if (!client.accept(agreement, this.#freshSpi())) {
      client.abandon()
      this.#countDrop('invalid-public-value')
      return undefined
    }
    this.#roster.add(client)
    this.#roster.within(client, doorPatience.silent, () => this.#waitLonger(client))
    const outcome = client.outcome
    if (outcome !== undefined) this.#awaitOutcome(client, outcome)
    return client
  }

  #freshSpi(): IkeSpi {
    for (;;) {
      const spi = freshIkeSpi(this.#ports.random)
      if (!this.#bySpi.has(spi)) return spi
    }
  }

  #awaitOutcome(client: GatewayClient, outcome: Promise<Acceptance>): void {
    outcome.then(
      (acceptance) => this.#accepted(client, acceptance),
      (error: unknown) => {
        if (!wasClosed(error)) throw error
      },
    )
  }

  #accepted(client: GatewayClient, acceptance: Acceptance): void {
    if (!this.#roster.has(client)) return
    this.#roster.stopTimer(client)
    switch (acceptance.kind) {
      case 'established':
        this.#door.leave(client)
        return this.#established(client, acceptance)
      case 'refused': {
        const { reason, who } = acceptance
        const from = client.endpoint
        this.#countDrop('authentication-failed')
        this.#onEvent({ kind: 'client-refused', from, reason, ...(who === undefined ? {} : { who }) })
        // Its place at the door stays taken while the answer may have to be repeated.
        return this.#roster.within(client, doorPatience.refused, () => this.#roster.forget(client))
      }
      case 'given-up': {
        const { who } = acceptance
        const reason = 'the client gave up'
        this.#onEvent({
          kind: 'client-refused',
          from: client.endpoint,
          reason,
          ...(who === undefined ? {} : { who }),
        })
        return this.#roster.within(client, doorPatience.refused, () => this.#roster.forget(client))
      }
    }
  }

  #established(client: GatewayClient, { child, refusal }: Established): void {
    this.#roster.announce(
      client,
      child !== undefined ? undefined : refusal === undefined ? 'none' : notifyName(refusal),
    )
    const { authLifetime } = this.#configuration
    // RFC 4478 section 3: who has not authenticated anew by then is put out.
    if (authLifetime !== undefined)
      this.#roster.within(client, authLifetime, () => void this.#roster.dismiss(client, 'lifetime'))
  }

  // -------------------------------------------------------------- endings

  /** At the door and silent: the place is for others. Talking: a person may be looking for a code. */
  #waitLonger(client: GatewayClient): void {
    if (!client.heard) {
      this.#countDrop('half-open-timeout')
      this.#roster.forget(client)
      return
    }
    this.#roster.within(client, millis(doorPatience.talking - doorPatience.silent), () => {
      this.#countDrop('half-open-timeout')
      this.#roster.forget(client)
    })
  }

  // -------------------------------------------------------------- the plane

  #onPlaneEvent(event: DataPlaneEvent): void {
    switch (event.kind) {
      case 'first-inbound':
        for (const client of this.#roster.all) client.firstInbound(event.spi)
        return
      case 'soft-expired':
      case 'hard-expired':
        for (const client of this.#roster.all) client.rekeyChildOf(event.spi)
        return
      case 'peer-moved':
        this.#ports.log('info', 'gateway', 'a client has moved', {
          address: event.to.address,
          port: event.to.port,
        })
        return
      case 'path-too-narrow':
        this.#ports.log('warn', 'gateway', 'a path is narrower than the datagram', { length: event.length })
        return
    }
  }

  #countDrop(reason: string): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1)
  }
}

const leaveCauses: Readonly<Record<ClosedCause, LeaveCause>> = {
  'gateway-closed': 'deleted',
  'gateway-silent': 'silent',
  expired: 'lifetime',
}
