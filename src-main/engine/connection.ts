/**
 * A connection: dials, keeps the tunnel up, reconnects, and puts the machine back. It owns the connection's state; everyone else
 * mirrors `status()`.
 */
import { millis } from '../../src-shared/brands.ts'
import type { EpochMillis } from '../../src-shared/brands.ts'
import type { ConnectionState, ReconnectCause } from '../../src-shared/connection-state.ts'
import type { ConnectionStatus } from '../../src-shared/contract.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { readIkeHeader } from '../ike/header.ts'
import type { Message } from '../ike/v2/message.ts'
import type { DataPlane, DataPlaneEvent } from '../ipsec/data-plane.ts'
import { createPortableDataPlane } from '../ipsec/portable-data-plane.ts'
import type { Cancel, DatagramSocket, HostTunnel } from '../ports.ts'
import type { ConnectionEvent } from './connection-machine.ts'
import { transition } from './connection-machine.ts'
import type { Credentials } from './configuration.ts'
import { tunnelConfiguration } from './configuration.ts'
import type { EnginePorts } from './engine-ports.ts'
import { backOff, isMendable } from './retry.ts'
import { connectionStatus } from './status.ts'
import { Tunnel } from './tunnel.ts'
import { watchMachine } from './watch.ts'

type Ending = { readonly kind: 'lost'; readonly cause: ReconnectCause } | { readonly kind: 'reauthenticate' }

/** RFC 4478: begin in time; the new session stands before the old one ends. */
const reauthenticateAt = 0.85

export class Connection {
  readonly profile: Profile
  /** Settles when all is put back; never rejects. What ended it stands in its state. */
  readonly finished: Promise<void>
  readonly #ports: EnginePorts
  readonly #loadCredentials: () => Promise<Credentials>
  #credentials: Credentials | undefined
  readonly #plane: DataPlane
  readonly #abort = new AbortController()
  readonly #listeners = new Set<(status: ConnectionStatus) => void>()
  readonly #ikeDrops = new Map<string, number>()
  readonly #sockets = new Map<4 | 6, DatagramSocket>()
  readonly #tunnels = new Set<Tunnel>()
  #state: ConnectionState = { kind: 'disconnected' }
  #since: EpochMillis | undefined
  #current: Tunnel | undefined
  #host: HostTunnel | undefined
  #mtu: number | undefined
  #endSession: ((ending: Ending) => void) | undefined

  constructor(ports: EnginePorts, profile: Profile, loadCredentials: () => Promise<Credentials>) {
    this.#ports = ports
    this.profile = profile
    this.#loadCredentials = loadCredentials
    this.#plane = createPortableDataPlane({
      packetCrypto: ports.packetCrypto,
      clock: ports.clock,
      onIke: (_from, message) => this.#receiveIke(message),
      onEvent: (event) => this.#onPlaneEvent(event),
    })
    this.finished = this.#live()
  }

  status(): ConnectionStatus {
    return connectionStatus({
      profile: this.profile,
      state: this.#state,
      since: this.#since,
      tunnels: [...this.#tunnels],
      current: this.#current,
      plane: this.#plane,
      interfaceName: this.#host?.tun.name,
      mtu: this.#mtu,
      ikeDrops: this.#ikeDrops,
      now: this.#ports.clock.monotonic(),
    })
  }

  /** Hears every change of state; what moves all the time (bytes, ages) is asked for by `status`. */
  onChange(listener: (status: ConnectionStatus) => void): Cancel {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Ends it cleanly: Delete sent, machine restored. May be called at any time, and again. */
  async disconnect(): Promise<void> {
    this.#event({ kind: 'disconnect' })
    this.#abort.abort()
    // An exchange that waits for an answer is told at once.
    for (const tunnel of this.#tunnels) if (tunnel.established === undefined) void tunnel.session.close()
    await this.finished
  }

  // -------------------------------------------------------------- the life of it

  async #live(): Promise<void> {
    let failure: Failure | undefined
    const unwatch = watchMachine(this.#ports, {
      onWake: () => this.#current?.session.probe(),
      onNetworkChange: () => this.#networkChanged(),
    })
    try {
      await Promise.resolve()
      this.#event({ kind: 'dial' })
      await this.#keepUp()
    } catch (error) {
      failure = this.#failureOf(error)
    } finally {
      unwatch()
      await this.#tearDown(failure)
    }
  }

  /** Dials, waits for the end of the session, dials again; returns when disconnected, throws what a retry cannot mend. */
  async #keepUp(): Promise<void> {
    for (let attempt = 0; !this.#abort.signal.aborted;) {
      try {
        const ending = await this.#oneSession()
        attempt = 0
        if (ending.kind === 'lost' && !this.profile.reconnect)
          throw new VpnError('gateway-gave-up', { cause: ending.cause })
        if (ending.kind === 'lost') this.#event(ending)
      } catch (error) {
        const failure = this.#failureOf(error)
        // The first dial tells its trouble at once; later ones are tried again.
        if (this.#state.kind !== 'reconnecting' || !isMendable(failure.code)) throw error
        this.#ports.log('info', 'engine', 'no connection yet', { code: failure.code })
        this.#event({ kind: 'retry' })
      }
      if (this.#abort.signal.aborted) return
      attempt += 1
      await this.#pause(attempt)
    }
  }

  /** One session from dialling to its end, or its make-before-break successors' end. */
  async #oneSession(): Promise<Ending> {
    let tunnel = await this.#dial(true)
    try {
      for (;;) {
        this.#current = tunnel
        await this.#setUpMachine(tunnel)
        this.#since ??= this.#ports.clock.wall()
        this.#event({ kind: 'established' })
        const ending = await this.#endOf(tunnel)
        if (ending.kind === 'lost') return ending
        const successor = await this.#dial(false)
        this.#ports.log('info', 'engine', 'authenticated anew')
        const old = tunnel
        tunnel = successor
        void this.#retire(old)
      }
    } finally {
      if (this.#current === tunnel) this.#current = undefined
      await this.#retire(tunnel)
    }
  }

  async #dial(initialContact: boolean): Promise<Tunnel> {
    const { resolver } = this.#ports
    this.#event({ kind: 'phase', phase: 'resolving' })
    const { address: host, port } = this.profile.gateway
    const addresses = await resolver.resolve(host, this.#abort.signal)
    let trouble: unknown = new VpnError('gateway-not-found', { host })
    for (const { address, family } of addresses) {
      if (this.#abort.signal.aborted) throw new VpnError('cancelled')
      const socket = this.#socket(family)
      const gateway = { address, port }
      const localAddress = socket.localAddressTowards(gateway)
      if (localAddress === undefined) {
        trouble = new VpnError('gateway-unreachable', { gateway: address, reason: 'no route' })
        continue
      }
      try {
        return await this.#dialAt({ plane: this.#plane, socket, gateway, localAddress }, initialContact)
      } catch (error) {
        trouble = error
        if (!(error instanceof VpnError) || error.code !== 'gateway-unreachable') throw error
      }
    }
    throw trouble
  }

  async #dialAt(site: Tunnel['site'], initialContact: boolean): Promise<Tunnel> {
    const tunnel: Tunnel = new Tunnel(this.#ports, site, this.profile, {
      onPhase: (phase) => this.#event({ kind: 'phase', phase }),
      onClosed: (cause) => this.#tunnelClosed(tunnel, { kind: 'lost', cause }),
      onDrop: (reason) => this.#countDrop(reason),
      onMessage: (direction, message) => this.#logMessage(direction, message),
    })
    this.#tunnels.add(tunnel)
    try {
      this.#credentials ??= await this.#loadCredentials()
      await tunnel.dial(this.#credentials, initialContact)
      return tunnel
    } catch (error) {
      await this.#retire(tunnel)
      if (error instanceof VpnError && error.code === 'gateway-unreachable') {
        throw new VpnError(
          error.code,
          { gateway: this.profile.gateway.address, address: site.gateway.address },
          error,
        )
      }
      throw error
    }
  }

  #socket(family: 4 | 6): DatagramSocket {
    const known = this.#sockets.get(family)
    if (known !== undefined) return known
    const socket = this.#ports.datagrams.open(family, 0)
    this.#sockets.set(family, socket)
    this.#plane.listen(socket, 'by-peer-port')
    return socket
  }

  async #setUpMachine(tunnel: Tunnel): Promise<void> {
    const { established, site } = tunnel
    if (established === undefined) throw new Error('a tunnel that is not established')
    this.#event({ kind: 'phase', phase: 'configuring' })
    const configuration = tunnelConfiguration(
      this.profile,
      established.child,
      established.assigned,
      { gateway: site.gateway.address, localPort: site.socket.localPort },
      this.#plane.innerMtu(tunnel.path, established.child.suite),
    )
    if (this.#host === undefined) {
      this.#host = await this.#ports.hostNetwork.open(configuration)
      this.#plane.useTun(this.#host.tun)
    } else {
      await this.#host.reconfigure(configuration)
    }
    this.#mtu = configuration.mtu
    if (this.#abort.signal.aborted) throw new VpnError('cancelled')
  }

  /** Waits for what ends the session, and meanwhile keeps the NAT's mapping open and its authentication fresh. */
  #endOf(tunnel: Tunnel): Promise<Ending> {
    const { clock } = this.#ports
    const stops: Cancel[] = []
    const keepalive = (): void => {
      this.#plane.sendKeepalive(tunnel.path)
      stops.push(clock.after(millis(this.profile.natKeepaliveSeconds * 1000), keepalive))
    }
    const { nat, authLifetime } = tunnel.established ?? { nat: { local: false }, authLifetime: undefined }
    return new Promise<Ending>((resolve) => {
      this.#endSession = resolve
      const cancelled = (): void => resolve({ kind: 'lost', cause: 'gateway-closed' })
      if (this.#abort.signal.aborted) cancelled()
      this.#abort.signal.addEventListener('abort', cancelled, { once: true })
      stops.push(() => this.#abort.signal.removeEventListener('abort', cancelled))
      // RFC 3948 section 4: only the side behind the NAT.
      if (nat.local && this.profile.natKeepaliveSeconds > 0) keepalive()
      if (authLifetime !== undefined) {
        stops.push(
          clock.after(millis(authLifetime * reauthenticateAt), () => resolve({ kind: 'reauthenticate' })),
        )
      }
    }).finally(() => {
      this.#endSession = undefined
      for (const stop of stops) stop()
    })
  }

  #pause(attempt: number): Promise<void> {
    const { clock, random } = this.#ports
    return new Promise((resolve) => {
      const done = (): void => {
        cancel()
        this.#abort.signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = clock.after(backOff(attempt, (random.bytes(1)[0] ?? 0) / 256), done)
      this.#abort.signal.addEventListener('abort', done, { once: true })
    })
  }

  async #retire(tunnel: Tunnel): Promise<void> {
    if (!this.#tunnels.has(tunnel)) return
    await tunnel.close()
    this.#tunnels.delete(tunnel)
  }

  async #tearDown(failure: Failure | undefined): Promise<void> {
    for (const tunnel of [...this.#tunnels]) await this.#retire(tunnel)
    this.#plane.close()
    for (const socket of this.#sockets.values()) socket.close()
    this.#sockets.clear()
    const restored = await this.#restoreMachine()
    this.#credentials?.close()
    const problem = failure ?? restored
    if (problem !== undefined) this.#event({ kind: 'give-up', failure: problem })
    this.#event({ kind: 'closed' })
  }

  async #restoreMachine(): Promise<Failure | undefined> {
    try {
      await this.#host?.close()
      return undefined
    } catch (error) {
      return this.#failureOf(error)
    } finally {
      this.#host = undefined
    }
  }

  // -------------------------------------------------------------- what happens meanwhile

  #receiveIke(message: Uint8Array): void {
    const header = readIkeHeader(message)
    for (const tunnel of this.#tunnels)
      if (header !== undefined && tunnel.session.owns(header)) return tunnel.session.receive(message)
    this.#countDrop('unknown-ike-spi')
  }

  #onPlaneEvent(event: DataPlaneEvent): void {
    switch (event.kind) {
      case 'first-inbound':
        for (const { session } of this.#tunnels) session.firstInbound(event.spi)
        return
      case 'soft-expired':
      case 'hard-expired':
        for (const { session } of this.#tunnels) session.rekeyChildOf(event.spi)
        return
      case 'peer-moved':
        this.#ports.log('info', 'engine', 'the gateway answers from another address', {
          address: event.to.address,
          port: event.to.port,
        })
        return
      case 'path-too-narrow':
        this.#ports.log('warn', 'engine', 'the path is narrower than the datagram', { length: event.length })
        return
    }
  }

  #tunnelClosed(tunnel: Tunnel, ending: Ending): void {
    if (tunnel === this.#current) this.#endSession?.(ending)
  }

  #networkChanged(): void {
    const tunnel = this.#current
    if (tunnel === undefined) return
    const { socket, gateway, localAddress } = tunnel.site
    const now = socket.localAddressTowards(gateway)
    // Another way out: the gateway knows us by the old one. No way out: wait, it may come back.
    if (now !== undefined && now !== localAddress)
      this.#endSession?.({ kind: 'lost', cause: 'network-changed' })
  }

  #countDrop(reason: string): void {
    this.#ikeDrops.set(reason, (this.#ikeDrops.get(reason) ?? 0) + 1)
  }

  #logMessage(direction: 'sent' | 'received', { header, payloads }: Message): void {
    this.#ports.log('debug', 'ike', direction, {
      exchange: header.exchange,
      response: header.response,
      id: header.messageId,
      payloads: payloads.map(({ type }) => type).join(' '),
    })
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof VpnError) return error.failure
    this.#ports.log(
      'error',
      'engine',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    )
    return { code: 'internal', details: {} }
  }

  #event(event: ConnectionEvent): void {
    const next = transition(this.#state, event)
    if (next === this.#state) return
    this.#state = next
    if (next.kind !== 'connected') this.#since = undefined
    const status = this.status()
    for (const listener of this.#listeners) listener(status)
  }
}
