/**
 * The port through which the engine drives the IPsec data plane (RFC 4301 section 5, RFC 4303). Shaped so that threads of
 * their own can stand behind it: nothing here is called for each packet, numbers are read on demand, and what changes for a
 * rekeying changes in one step. One plane serves one TUN adapter and as many peers, sockets and SAs as there are.
 */
import type { EspSuite } from '../../src-shared/algorithms.ts'
import type { EspSpi, Millis, PathId, SaId } from '../../src-shared/brands.ts'
import type { Result } from '../../src-shared/result.ts'
import type { ReplayWindowStatus } from '../../src-shared/status.ts'
import type { TrafficSelector } from '../ip/traffic-selector.ts'
import type { DatagramSocket, Endpoint, SendOutcome, Tun } from '../ports.ts'
import type { DropCounts } from './drops.ts'

/**
 * Which of a socket's datagrams carry the non-ESP marker before IKE (RFC 3948 section 2.2, RFC 7296 section 2.23):
 * `marked`: all, a socket that speaks with or as port 4500; `plain`: none and no ESP, a socket on port 500;
 * `by-peer-port`: none from and to port 500, all others, an initiator's socket that serves both.
 */
export type IkeFraming = 'marked' | 'plain' | 'by-peer-port'

/** How one peer is reached: all SAs of one IKE SA share one path. */
export interface Path {
  readonly socket: DatagramSocket
  readonly endpoint: Endpoint
  /** Of the whole datagram with its IP header, in bytes; what fits inside follows from it. */
  readonly mtu: number
  /**
   * Whether the endpoint follows authenticated new packets from elsewhere. RFC 7296 section 2.23: only where the peer is
   * behind a NAT and we are not; a host behind a NAT that did so would invite denial of service.
   */
  readonly followPeer: boolean
}

/** When an SA is to be replaced (soft) and when it stops (hard). Absent: unlimited. Time is the session's. */
export interface SaLifetime {
  readonly softPackets?: number
  readonly hardPackets?: number
  /** Of inner packets, ESP's own bytes aside. */
  readonly softBytes?: number
  readonly hardBytes?: number
}

/** As IKE's keying material gives them: the salt of a combined-mode cipher stands behind its key. The plane keeps no view of them. */
export interface SaKeys {
  readonly encryptionKey: Uint8Array
  readonly integrityKey?: Uint8Array
}

/** Seen from this host in both directions: `local` is our side. */
export interface SaSelectors {
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
}

export interface SaParameters {
  readonly spi: EspSpi
  readonly suite: EspSuite
  readonly keys: SaKeys
  readonly selectors: SaSelectors
  readonly path: PathId
  readonly lifetime?: SaLifetime
  /** The last sequence number already used or seen; default 0. For an SA that moves here from another plane. */
  readonly lastSequence?: bigint
}

export interface InboundSaParameters extends SaParameters {
  /** Packets: 32 to 4096, rounded up to a multiple of 32 (RFC 4303 section 3.4.3). */
  readonly replayWindow: number
}

export interface OutboundSaParameters extends SaParameters {
  /** Lower comes first where selectors overlap (RFC 4301 section 4.4.1: the SPD is ordered); default 0. Among equals the newest comes first. */
  readonly priority?: number
}

export type ExpiryCause = 'packets' | 'bytes' | 'sequence'

export type DataPlaneEvent =
  /** Time to rekey; told once. `sequence`: seven eighths of the sequence numbers are used. */
  | { readonly kind: 'soft-expired'; readonly sa: SaId; readonly spi: EspSpi; readonly cause: ExpiryCause }
  /** The SA passes nothing any more; told once. */
  | { readonly kind: 'hard-expired'; readonly sa: SaId; readonly spi: EspSpi; readonly cause: ExpiryCause }
  /** The first authentic packet on an inbound SA: the peer sends on it (RFC 7296 section 2.8). */
  | { readonly kind: 'first-inbound'; readonly sa: SaId; readonly spi: EspSpi }
  /** The path now leads to where an authentic new packet came from (RFC 7296 section 2.23). */
  | { readonly kind: 'peer-moved'; readonly path: PathId; readonly from: Endpoint; readonly to: Endpoint }
  /** The socket refused a datagram as larger than the path takes; `length` is that of the UDP payload. At most one a second and path. */
  | { readonly kind: 'path-too-narrow'; readonly path: PathId; readonly length: number }

export interface SaStatistics {
  readonly id: SaId
  readonly spi: EspSpi
  readonly direction: 'inbound' | 'outbound'
  /** Inner packets sealed, or opened and delivered, and their bytes. */
  readonly packets: number
  readonly bytes: number
  /** Sent last, or the highest authenticated. */
  readonly highestSequence: number
  /** When the last one was sealed, or an authentic one arrived, on the monotonic clock. */
  readonly lastAt?: Millis
  /** Of an inbound SA, where the plane can tell. */
  readonly replayWindow?: ReplayWindowStatus
}

export interface DataPlaneStatistics {
  readonly sas: readonly SaStatistics[]
  /** Only reasons that occurred. */
  readonly drops: DropCounts
  readonly keepalives: number
  /** "Packet too big" answers written to the adapter. */
  readonly tooBigAnswers: number
}

export interface DataPlane {
  readonly kind: 'portable' | 'fast'
  /** As the user sees it: its kind, and whose ciphers it uses where that is a choice. */
  readonly description: string

  /** Takes over the socket's delivery: ESP is processed, IKE goes to `onIke`. The socket stays its opener's to close. */
  listen(socket: DatagramSocket, framing: IkeFraming): void
  /** Gives the delivery back. */
  unlisten(socket: DatagramSocket): void
  /** The adapter with the inner packets; undefined detaches it. Before that, outbound is silent and inbound is dropped as `no-tun`. */
  useTun(tun: Tun | undefined): void

  addPath(path: Path): PathId
  /** Moves all SAs of the path at once: other socket, endpoint, MTU. Unknown ids are ignored. */
  setPath(id: PathId, change: Partial<Path>): void
  path(id: PathId): Path | undefined
  /** The SAs on it are the caller's to remove first; what is left cannot send. */
  removePath(id: PathId): void

  /** Whether an inbound SA has this SPI: ask before offering one. Paths named in what follows must exist; RangeError otherwise. */
  spiInUse(spi: EspSpi): boolean
  /**
   * Takes an SPI to offer; false when it is in use. What the peer sends on it before its inbound SA is installed is not dropped
   * at once: a few packets wait for a moment (RFC 7296 section 2.8).
   */
  offerSpi(spi: EspSpi): boolean
  /** Fails only when another inbound SA has the SPI. Do it before the peer can send: an initiator before its request's answer is handled. */
  installInbound(sa: InboundSaParameters): Result<SaId, 'spi-in-use'>
  installOutbound(sa: OutboundSaParameters): SaId
  /**
   * Rekeying in one step (RFC 7296 section 2.8): the policies of `old` lead to the new SA and keep their place, no packet finds
   * none. `old` sends no more and is removed. Its inbound counterpart stays until removed. Unknown `old`: as installOutbound.
   */
  replaceOutbound(old: SaId, sa: OutboundSaParameters): SaId
  /** Wipes the SA's keys; packets of it are dropped from now on. Unknown ids are ignored. */
  remove(id: SaId): void

  /** The largest inner packet that goes through whole on this path with this suite, in bytes; 0 for an unknown path. */
  innerMtu(path: PathId, suite: EspSuite): number

  /** Sends an IKE message, with the marker where the socket's framing wants it; `failed` for a socket that is not listened to. */
  sendIke(socket: DatagramSocket, to: Endpoint, message: Uint8Array): SendOutcome
  /** Sends a NAT keepalive (RFC 3948 section 2.3) on the path; `failed` for one that is not there. */
  sendKeepalive(path: PathId): SendOutcome

  statistics(): DataPlaneStatistics
  /** Removes everything, wipes all keys, lets go of sockets and adapter without closing them. */
  close(): void
}
