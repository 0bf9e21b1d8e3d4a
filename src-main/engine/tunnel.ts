/**
 * One standing session of a connection: its IKE session, its Child SAs in the plane, its path. The adapter and the plane
 * outlive it, so that a new session can take over before the old one ends.
 */
import type { Millis, PathId } from '../../src-shared/brands.ts'
import type { ConnectingPhase } from '../../src-shared/connection-state.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { AuthResult } from '../ike/v2/exchanges/auth.ts'
import type { InitResult } from '../ike/v2/exchanges/init.ts'
import type { Message } from '../ike/v2/message.ts'
import type { ClosedCause } from '../ike/v2/session.ts'
import { Session } from '../ike/v2/session.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import type { Clock, Crypto, DatagramSocket, Endpoint, Log, Random } from '../ports.ts'
import { ChildSas } from './child-sas.ts'
import type { Credentials } from './configuration.ts'
import { initiatorConfiguration, saLifetime, sessionTimes } from './configuration.ts'

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

export interface TunnelListener {
  readonly onPhase: (phase: ConnectingPhase) => void
  readonly onClosed: (cause: ClosedCause) => void
  readonly onDrop: (reason: string) => void
  readonly onMessage: (direction: 'sent' | 'received', message: Message) => void
}

/** RFC 7296 section 2.23: where IKE goes once there is, or is taken to be, a NAT. */
const natPort = 4500
const ikePort = 500
/** What a path carries until it says otherwise. */
const usualPathMtu = 1500

export class Tunnel {
  readonly session: Session
  readonly path: PathId
  readonly site: TunnelSite
  readonly childSas: ChildSas
  readonly #profile: Profile
  #established: (AuthResult & Pick<InitResult, 'nat'>) | undefined

  constructor(ports: TunnelPorts, site: TunnelSite, profile: Profile, listener: TunnelListener) {
    const { plane, socket } = site
    this.site = site
    this.#profile = profile
    this.path = plane.addPath({ socket, endpoint: site.gateway, mtu: usualPathMtu, followPeer: false })
    this.childSas = new ChildSas(
      plane,
      { replayWindow: profile.replayWindow, lifetime: saLifetime(profile) },
      () => this.path,
    )
    this.session = new Session(
      {
        ports,
        send: (datagrams) => {
          for (const datagram of datagrams) plane.sendIke(socket, this.endpoint, datagram)
        },
        perform: (effect) => this.childSas.perform(effect),
        spiInUse: (spi) => plane.spiInUse(spi),
        lastInboundAt: () => lastInbound(plane),
        ...listener,
      },
      sessionTimes(profile),
    )
  }

  get endpoint(): Endpoint {
    return this.site.plane.path(this.path)?.endpoint ?? this.site.gateway
  }

  get established(): (AuthResult & Pick<InitResult, 'nat'>) | undefined {
    return this.#established
  }

  async dial(
    credentials: Credentials,
    initialContact: boolean,
  ): Promise<AuthResult & Pick<InitResult, 'nat'>> {
    const { site } = this
    const configuration = initiatorConfiguration(this.#profile, credentials, {
      localAddress: site.localAddress,
      gatewayAddress: site.gateway.address,
    })
    this.#established = await this.session.initiate(
      { ...configuration, initialContact },
      {
        local: { address: site.localAddress, port: site.socket.localPort },
        remote: site.gateway,
        moveToNatPort: () => {
          if (site.gateway.port === ikePort)
            site.plane.setPath(this.path, { endpoint: { ...site.gateway, port: natPort } })
        },
      },
    )
    return this.#established
  }

  /** Says goodbye to the gateway and takes the SAs out of the plane. */
  async close(): Promise<void> {
    await this.session.close()
    this.site.plane.removePath(this.path)
  }
}

function lastInbound(plane: DataPlane): Millis | undefined {
  let latest: Millis | undefined
  for (const { direction, lastAt } of plane.statistics().sas) {
    if (direction === 'inbound' && lastAt !== undefined && (latest === undefined || lastAt > latest))
      latest = lastAt
  }
  return latest
}
