/**
 * A connection: dials, keeps the tunnel up, reconnects, and puts the machine back. It owns the connection's state; everyone else
 * mirrors `status()`.
 */
import type { EpochMillis } from '../../src-shared/brands.ts'
import type { ConnectionState, ReconnectCause } from '../../src-shared/connection-state.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { readIkeHeader } from '../ike/header.ts'
import { unitInterval } from '../ike/timers.ts'
import type { ChosenDataPlane } from '../ipsec/chosen-data-plane.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import type { Cancel, Signal } from '../ports.ts'
import { Adapter } from './adapter.ts'
import { keepNatOpen, reauthenticate } from './care.ts'
import type { ConnectionEvent } from './connection-machine.ts'
import { transition } from './connection-machine.ts'
import type { Credentials } from './credentials.ts'
import { Dialer } from './dialer.ts'
import type { EnginePorts } from './engine-ports.ts'
import { watchMessages, watchMessagesV1 } from './exchange-watch.ts'
import type { KillSwitchMember } from './kill-switch.ts'
import { openDataPlane } from './open-data-plane.ts'
import { passOn } from './plane-events.ts'
import { failureOf } from './report.ts'
import { backOff, isMendable, lastingMs } from './retry.ts'
import type { EngineServices } from './services.ts'
import { connectionStatus } from './status.ts'
import { TrafficMeter } from './traffic.ts'
import type { TunnelSite } from './tunnel.ts'
import { Tunnel } from './tunnel.ts'
import { eitherSignal, pause, unlessCancelled } from './wait.ts'
import { watchMachine } from './watch.ts'

interface Loss {
  readonly kind: 'lost'
  readonly cause: ReconnectCause
}

/** A silence so soon after waking up is the sleep's doing. */
const afterWakingMs = 60_000

export interface ConnectionParts {
  readonly ports: EnginePorts
  readonly profile: Profile
  readonly loadCredentials: () => Promise<Credentials>
  /** What may be done while the helper starts, until `enough`, and never for long. */
  readonly warmUp: (profile: Profile, enough: Signal) => Promise<void>
  readonly services: EngineServices
}

export class Connection {
  readonly profile: Profile
  /** Settles when all is put back; never rejects. What ended it stands in its state. */
  readonly finished: Promise<void>
  readonly #parts: ConnectionParts
  readonly #ports: EnginePorts
  readonly #chosenPlane: ChosenDataPlane
  readonly #plane: DataPlane
  readonly #dialer: Dialer
  readonly #adapter: Adapter
  readonly #killSwitch: KillSwitchMember
  readonly #abort = new AbortController()
  readonly #listeners = new Set<() => void>()
  readonly #ikeDrops = new Map<string, number>()
  readonly #traffic = new TrafficMeter()
  readonly #tunnels = new Set<Tunnel>()
  #credentials: Credentials | undefined
  #state: ConnectionState = { kind: 'disconnected' }
  #since: EpochMillis | undefined
  #current: Tunnel | undefined
  #wokeAt = -Infinity
  #lose: ((loss: Loss) => void) | undefined
  /** Ends the pause before the next try. */
  #hurry = new AbortController()

  constructor(parts: ConnectionParts) {
    const { ports, profile } = parts
    this.#parts = parts
    this.#ports = ports
    this.profile = profile
    this.#chosenPlane = openDataPlane(ports, {
      onIke: (_from, message) => this.#receiveIke(message),
      onEvent: (event) =>
        passOn(
          event,
          [...this.#tunnels].map(({ session }) => session),
          ports.log,
        ),
    })
    this.#plane = this.#chosenPlane.plane
    this.#adapter = new Adapter(ports.hostNetwork, this.#plane, profile)
    this.#killSwitch = parts.services.killSwitch.join(profile.gateway.port)
    this.#dialer = new Dialer({
      ports,
      profile,
      plane: this.#plane,
      keepOutside: async (outside) => {
        await this.#killSwitch.reach(outside)
        await this.#adapter.keepOutside(outside)
      },
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
      interfaceName: this.#adapter.name,
      mtu: this.#adapter.mtu,
      ikeDrops: this.#ikeDrops,
      traffic: this.#traffic,
      killSwitch: this.#killSwitch.status(),
      now: this.#ports.clock.monotonic(),
    })
  }

  /** Hears of every change of state, as it happens; what it is now says `status`. */
  onChange(listener: () => void): Cancel {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** The machine has slept: asks the gateway at once, or dials at once. */
  wake(): void {
    this.#wokeUp()
  }

  /** Ends it cleanly: Delete sent, machine restored. May be called at any time, and again. */
  async disconnect(): Promise<void> {
    this.#event({ kind: 'disconnect' })
    this.#abort.abort()
    await this.finished
  }

  // -------------------------------------------------------------- the life of it

  async #live(): Promise<void> {
    let failure: Failure | undefined
    let unwatch: Cancel = () => undefined
    try {
      // Whoever made us attaches its listeners first.
      await Promise.resolve()
      this.#event({ kind: 'dial' })
      unwatch = watchMachine(this.#ports, {
        onWake: () => this.#wokeUp(),
        onNetworkChange: () => this.#networkChanged(),
      })
      await this.#prepare()
      await this.#keepUp()
    } catch (error) {
      failure = this.#failureOf(error)
    }
    unwatch()
    await this.#tearDown(failure)
  }

  /** Whether we may change this machine at all is known before anyone is asked for a password and before anything is sent. */
  async #prepare(): Promise<void> {
    const ready = new AbortController()
    const prepared = this.#ports.hostNetwork.prepare().finally(() => ready.abort())
    const plane = this.#chosenPlane.choose((reason) =>
      this.#ports.log('warn', 'engine', 'no fast data plane', { reason }),
    )
    const all = Promise.all([prepared, plane, this.#parts.warmUp(this.profile, ready.signal)])
    await unlessCancelled(all, this.#abort.signal)
    this.#killSwitch.prepared()
  }

  /** Keeps a session up; returns when disconnected, throws what a retry cannot mend. */
  async #keepUp(): Promise<void> {
    const { clock } = this.#ports
    for (let shortLived = 0; ;) {
      let tunnel = await this.#connect()
      const upSince = clock.monotonic()
      let next = await this.#serve(tunnel)
      while (next.kind === 'replaced') {
        tunnel = next.by
        await this.#use(tunnel)
        next = await this.#serve(tunnel)
      }
      if (this.#abort.signal.aborted) return
      this.#forgetTunnels()
      if (!this.profile.reconnect) throw this.#endedBy(next.cause)
      this.#event(next)
      const thrownOut = next.cause === 'gateway-closed' && clock.monotonic() - upSince < lastingMs
      shortLived = thrownOut ? shortLived + 1 : 0
      // A gateway that takes us in and throws us out again is not asked in a hurry.
      if (thrownOut) await this.#pauseBefore(shortLived)
    }
  }

  /** Dials until the tunnel stands: the first time once, after a loss as often as it takes. */
  async #connect(): Promise<Tunnel> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.#event({ kind: 'phase', phase: 'resolving' })
        const tunnel = await this.#dialer.dial(this.#adapter.isUp, this.#abort.signal, (site) =>
          this.#dialAt(site, true, this.#abort.signal),
        )
        await this.#use(tunnel)
        return tunnel
      } catch (error) {
        const again =
          this.#state.kind === 'reconnecting' && error instanceof VpnError && isMendable(error.code)
        if (!again) throw error
        this.#ports.log('info', 'engine', 'no connection yet', { code: error.code })
        this.#forgetTunnels()
      }
      await this.#pauseBefore(attempt)
      this.#event({ kind: 'retry' })
    }
  }

  async #dialAt(site: TunnelSite, initialContact: boolean, signal: AbortSignal): Promise<Tunnel> {
    const tunnel = new Tunnel(this.#ports, site, this.profile, {
      onPhase: (phase) => this.#event({ kind: 'phase', phase }),
      onDrop: (reason) => this.#countDrop(reason),
      onRetired: (sa) => this.#traffic.retire(sa),
      ...watchMessages(this.#parts.services.exchanges, this.profile.id, this.#ports.log),
      ofVersion1: watchMessagesV1(this.#parts.services.exchanges, this.profile.id, this.#ports.log),
      onIkeSa: (sa) => this.#parts.services.keyExport.ikeSa(sa),
      onEffect: (effect) => this.#parts.services.keyExport.effect(effect, site.gateway.address),
    })
    this.#tunnels.add(tunnel)
    try {
      await tunnel.dial(await this.#loadCredentials(), initialContact, signal)
      return tunnel
    } catch (error) {
      this.#forget(tunnel)
      throw error
    }
  }

  async #loadCredentials(): Promise<Credentials> {
    this.#credentials ??= await unlessCancelled(
      this.#parts.loadCredentials(),
      this.#abort.signal,
      (credentials) => credentials.close(),
    )
    return this.#credentials
  }

  /** From now on this is the session: the machine is set up for it, and the one before says goodbye. */
  async #use(tunnel: Tunnel): Promise<void> {
    this.#event({ kind: 'phase', phase: 'configuring' })
    await this.#adapter.fit(tunnel)
    await this.#killSwitch.through(this.#adapter.name)
    if (this.#abort.signal.aborted) throw new VpnError('cancelled')
    const before = this.#current
    this.#current = tunnel
    this.#since ??= this.#ports.clock.wall()
    this.#event({ kind: 'established' })
    if (before === undefined) return
    this.#ports.log('info', 'engine', 'authenticated anew')
    before.close().then(
      () => this.#tunnels.delete(before),
      (error: unknown) => this.#failureOf(error),
    )
  }

  /** Until the session is lost, or another takes over. */
  async #serve(tunnel: Tunnel): Promise<Loss | { readonly kind: 'replaced'; readonly by: Tunnel }> {
    const { established, site } = tunnel
    if (established === undefined) throw new Error('a tunnel that is not established')
    const over = new AbortController()
    const signal = eitherSignal(over.signal, this.#abort.signal)
    const lost = new Promise<Loss>((resolve) => {
      this.#lose = resolve
      void tunnel.lost.then((cause) => resolve({ kind: 'lost', cause: this.#causeOf(cause) }))
      // What it is called does not matter then.
      const disconnected = (): void => resolve({ kind: 'lost', cause: 'gateway-closed' })
      this.#abort.signal.addEventListener('abort', disconnected, { once: true, signal: over.signal })
      if (this.#abort.signal.aborted) disconnected()
    })
    const { clock, log } = this.#ports
    keepNatOpen(clock, this.profile, established, () => this.#plane.sendKeepalive(tunnel.path), signal)
    const replaced = reauthenticate<Tunnel>({
      ports: this.#ports,
      lifetime: tunnel.authLifetime,
      dial: () => this.#dialAt(site, false, signal),
      onTrouble: (error) =>
        log('warn', 'engine', 'could not authenticate anew; the session goes on', {
          code: this.#failureOf(error).code,
        }),
      signal,
    })
    try {
      return await Promise.race([lost, replaced.then((by) => ({ kind: 'replaced', by }) as const)])
    } finally {
      over.abort()
      this.#lose = undefined
    }
  }

  #pauseBefore(attempt: number): Promise<void> {
    const { clock, random } = this.#ports
    this.#hurry = new AbortController()
    return pause(clock, backOff(attempt, unitInterval(random)), [this.#hurry.signal, this.#abort.signal])
  }

  /** Without a word: they are dead, or the gateway learns of it by INITIAL_CONTACT (RFC 7296 section 2.4). */
  #forgetTunnels(): void {
    for (const tunnel of [...this.#tunnels]) this.#forget(tunnel)
    this.#current = undefined
  }

  #forget(tunnel: Tunnel): void {
    tunnel.abandon()
    this.#tunnels.delete(tunnel)
  }

  // -------------------------------------------------------------- the end of it

  async #tearDown(failure: Failure | undefined): Promise<void> {
    // Whoever disconnects does not want to hear what did not come about, only what could not be put back.
    const problems = failure === undefined || this.#abort.signal.aborted ? [] : [failure]
    const attempt = async (step: () => void | Promise<void>): Promise<void> => {
      try {
        await step()
      } catch (error) {
        problems.push(this.#failureOf(error))
      }
    }
    this.#abort.abort()
    for (const one of [...this.#tunnels].map((tunnel) => tunnel.close())) await attempt(() => one)
    this.#tunnels.clear()
    this.#current = undefined
    await attempt(() => this.#adapter.close())
    await attempt(() => this.#plane.close())
    await attempt(() => this.#dialer.close())
    await attempt(() => this.#credentials?.close())
    const [failed] = problems
    const last: ConnectionState =
      failed === undefined ? { kind: 'disconnected' } : { kind: 'failed', failure: failed }
    await attempt(() => this.#killSwitch.leave(last))
    const [told, ...others] = problems
    for (const { code, details } of others)
      this.#ports.log('error', 'engine', 'something else went wrong', { code, ...details })
    if (told !== undefined) this.#event({ kind: 'give-up', failure: told })
    this.#event({ kind: 'closed' })
  }

  /** What a lost session is called where it is not made anew. */
  #endedBy(cause: ReconnectCause): VpnError {
    const gateway = this.profile.gateway.address
    return cause === 'network-changed'
      ? new VpnError('gateway-unreachable', { gateway, cause })
      : new VpnError('gateway-gave-up', { gateway, cause })
  }

  // -------------------------------------------------------------- what happens meanwhile

  #receiveIke(message: Uint8Array): void {
    const header = readIkeHeader(message)
    for (const tunnel of this.#tunnels)
      if (header !== undefined && tunnel.session.owns(header)) return tunnel.session.receive(message)
    this.#countDrop('unknown-ike-spi')
  }

  #wokeUp(): void {
    this.#wokeAt = this.#ports.clock.monotonic()
    this.#current?.session.probe()
    this.#hurry.abort()
  }

  #causeOf(cause: ReconnectCause): ReconnectCause {
    const justWoken = this.#ports.clock.monotonic() - this.#wokeAt < afterWakingMs
    return cause === 'gateway-silent' && justWoken ? 'woke-up' : cause
  }

  #networkChanged(): void {
    this.#hurry.abort()
    const tunnel = this.#current
    if (tunnel === undefined) return
    const { socket, gateway, localAddress } = tunnel.site
    const now = socket.localAddressTowards(gateway)
    // Another way out: the gateway knows us by the old one. No way out: wait, it may come back.
    if (now !== undefined && now !== localAddress) this.#lose?.({ kind: 'lost', cause: 'network-changed' })
  }

  #countDrop(reason: string): void {
    this.#ikeDrops.set(reason, (this.#ikeDrops.get(reason) ?? 0) + 1)
  }

  #failureOf(error: unknown): Failure {
    return failureOf(error, this.#ports.log)
  }

  #event(event: ConnectionEvent): void {
    const next = transition(this.#state, event)
    if (next === this.#state) return
    this.#state = next
    if (next.kind !== 'connected') this.#since = undefined
    this.#killSwitch.changed(next)
    for (const listener of this.#listeners) {
      try {
        listener()
      } catch (error) {
        this.#failureOf(error)
      }
    }
  }
}
