/**
 * One standing session of a connection: its IKE session, its Child SAs in the plane, its path. The adapter and the plane
 * outlive it, so that a new session can take over before the old one ends.
 */
import type { EspSpi, Millis, PathId } from '../../src-shared/brands.ts'
import type { ConnectingPhase } from '../../src-shared/connection-state.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Effect } from '../ike/child-sa.ts'
import type { IkeSa } from '../ike/v2/ike-sa.ts'
import type { MessageObserver as MessageObserverV1 } from '../ike/v1/conversation.ts'
import type { MessageObserver } from '../ike/v2/observation.ts'
import type { ClosedCause } from '../ike/v2/session-owner.ts'
import type { DataPlane, SaStatistics } from '../ipsec/data-plane.ts'
import type { Clock, Crypto, DatagramSocket, Endpoint, Log, Random, Signal } from '../ports.ts'
import { AuthLifetime } from './care.ts'
import { ChildSas } from './child-sas.ts'
import { saLifetime } from './configuration.ts'
import { logInstalled } from './report.ts'
import type { Credentials } from './credentials.ts'
import { cancellable } from './credentials.ts'
import type { Established, IkeSession } from './ike-session.ts'
import { createIkeV1 } from './ike-v1.ts'
import { createIkeV2 } from './ike-v2.ts'

export interface TunnelPorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly log: Log
}

export interface TunnelSite {
  readonly plane: DataPlane
  readonly socket: DatagramSocket
  readonly gateway: Endpoint
  readonly localAddress: string
}

export interface TunnelListener extends MessageObserver {
  readonly onPhase: (phase: ConnectingPhase) => void
  readonly onDrop: (reason: string) => void
  readonly onRetired: (statistics: SaStatistics) => void
  /** Hears the messages of IKEv1 sessions. */
  readonly ofVersion1?: MessageObserverV1
  /** An IKE SA has its keys. Whoever keeps them copies them. */
  readonly onIkeSa?: (sa: IkeSa) => void
  /** Before a Child SA is put into the plane or taken out. Keys are to be copied. */
  readonly onEffect?: (effect: Effect) => void
}

/** RFC 7296 section 2.23: where IKE goes once there is, or is taken to be, a NAT. */
const natPort = 4500
const ikePort = 500
/** What a path carries until it says otherwise. */
const usualPathMtu = 1500

export class Tunnel {
  readonly session: IkeSession
  readonly path: PathId
  readonly site: TunnelSite
  readonly childSas: ChildSas
  readonly authLifetime = new AuthLifetime()
  /** Settles when the gateway has ended the session, by its will or by its silence; not when we do. */
  readonly lost: Promise<ClosedCause>
  readonly #profile: Profile
  #established: Established | undefined
  #closing: Promise<void> | undefined
  #hasAnswered = false

  constructor(ports: TunnelPorts, site: TunnelSite, profile: Profile, listener: TunnelListener) {
    const { plane, socket } = site
    const { onIkeSa } = listener
    this.site = site
    this.#profile = profile
    this.path = plane.addPath({ socket, endpoint: site.gateway, mtu: usualPathMtu, followPeer: false })
    this.childSas = new ChildSas(
      plane,
      {
        replayWindow: profile.replayWindow,
        lifetime: saLifetime(profile),
        onInstalled: (child) => logInstalled(ports.log, child),
        onRetired: listener.onRetired,
      },
      () => this.path,
    )
    let lose: (cause: ClosedCause) => void = () => undefined
    this.lost = new Promise((resolve) => (lose = resolve))
    const owner = {
      ports,
      perform: (effect: Effect) => {
        // Before the keys are wiped.
        listener.onEffect?.(effect)
        this.childSas.perform(effect)
      },
      spiInUse: (spi: EspSpi) => !plane.offerSpi(spi),
      lastInboundAt: () => this.#lastInboundAt(),
      onClosed: lose,
      onPhase: (phase: ConnectingPhase) => {
        this.#hasAnswered ||= phase === 'authenticating'
        listener.onPhase(phase)
      },
      onDrop: listener.onDrop,
      onAuthLifetime: (lifetime: Millis) => this.authLifetime.tell(lifetime),
    }
    const send = (datagram: Uint8Array): void => {
      plane.sendIke(socket, this.endpoint, datagram)
    }
    this.session =
      profile.ikeVersion === 1
        ? createIkeV1({ ...owner, send, ...listener.ofVersion1 }, profile)
        : createIkeV2(
            {
              ...owner,
              send: (datagrams) => datagrams.forEach(send),
              ...(listener.onMessage === undefined ? {} : { onMessage: listener.onMessage }),
              ...(listener.onRepeated === undefined ? {} : { onRepeated: listener.onRepeated }),
              ...(onIkeSa === undefined ? {} : { onIkeSa }),
            },
            profile,
          )
  }

  get endpoint(): Endpoint {
    return this.site.plane.path(this.path)?.endpoint ?? this.site.gateway
  }

  get established(): Established | undefined {
    return this.#established
  }

  /** Rejects with the VpnError that tells why not; with 'cancelled' as soon as the signal fires, whatever is under way. */
  async dial(credentials: Credentials, initialContact: boolean, signal: Signal): Promise<Established> {
    if (signal.aborted) throw new VpnError('cancelled')
    const { site } = this
    const cancel = (): void => this.session.abandon()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      this.#established = await this.session.dial({
        credentials: cancellable(credentials, signal),
        initialContact,
        local: { address: site.localAddress, port: site.socket.localPort },
        remote: site.gateway,
        moveToNatPort: () => {
          if (site.gateway.port === ikePort)
            site.plane.setPath(this.path, { endpoint: { ...site.gateway, port: natPort } })
        },
      })
      return this.#established
    } catch (error) {
      throw this.#explained(error)
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }

  /** Silence of a gateway that had answered before is its own trouble, not the network's. */
  #explained(error: unknown): unknown {
    if (!(error instanceof VpnError) || error.code !== 'gateway-unreachable') return error
    const gateway = this.#profile.gateway.address
    const { address } = this.site.gateway
    return this.#hasAnswered
      ? new VpnError('gateway-gave-up', { gateway, address }, error)
      : new VpnError('gateway-unreachable', { gateway, address }, error)
  }

  /** Says goodbye to the gateway and takes the SAs out of the plane; waits for the gateway's answer, but not for long. */
  close(): Promise<void> {
    this.#closing ??= this.session.close().finally(() => this.site.plane.removePath(this.path))
    return this.#closing
  }

  /** Takes the SAs out of the plane, and tells the gateway nothing: it would not hear, or learns it from what comes next. */
  abandon(): void {
    this.session.abandon()
    this.site.plane.removePath(this.path)
  }

  /** When the last authentic ESP packet of this session came in. */
  #lastInboundAt(): Millis | undefined {
    const ours = new Set(this.session.children.map((child) => this.childSas.idsOf(child)?.inbound))
    let latest: Millis | undefined
    for (const { id, lastAt } of this.site.plane.statistics().sas) {
      if (ours.has(id) && lastAt !== undefined && (latest === undefined || lastAt > latest)) latest = lastAt
    }
    return latest
  }
}
