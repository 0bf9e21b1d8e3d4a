/** What the engine's thread and the data plane's workers say to each other. Keys are not in it: they pass through the board. */
import type { MessagePort } from 'node:worker_threads'
import type { EspSpi, PathId, SaId } from '../../../src-shared/brands.ts'
import type {
  DataPlaneEvent,
  IkeFraming,
  InboundSaParameters,
  OutboundSaParameters,
} from '../../ipsec/data-plane.ts'
import type { Endpoint } from '../../ports.ts'
import type { ProviderName } from './crypto/provider.ts'

/** A socket as the workers know it. */
export interface SocketCommand {
  readonly id: number
  readonly descriptor: number
  readonly family: 4 | 6
  readonly localPort: number
}

export interface PathCommand {
  readonly id: PathId
  readonly socket: SocketCommand
  readonly endpoint: Endpoint
  readonly mtu: number
  readonly followPeer: boolean
}

/** `slot`: where the SA's numbers stand on the board. Keys: their lengths, one behind the other on the board. */
export interface InstallCommand<Parameters> {
  readonly id: SaId
  readonly slot: number
  readonly keyLengths: readonly [encryption: number, integrity: number]
  readonly parameters: Omit<Parameters, 'keys'>
}

/** ESP that was read before the worker read the socket. */
export interface TakeCommand {
  readonly kind: 'take'
  readonly socket: number
  readonly from: Endpoint
  readonly datagram: Uint8Array
  readonly trafficClass: number
}

export type Command =
  | { readonly kind: 'use-tun'; readonly descriptor: number; readonly udpSegments: boolean }
  | { readonly kind: 'leave-tun' }
  | { readonly kind: 'listen'; readonly socket: SocketCommand; readonly framing: IkeFraming }
  | { readonly kind: 'unlisten'; readonly socket: number }
  | { readonly kind: 'set-path'; readonly path: PathCommand }
  | { readonly kind: 'remove-path'; readonly id: PathId }
  | { readonly kind: 'offer-spi'; readonly spi: EspSpi }
  | TakeCommand
  | { readonly kind: 'install-inbound'; readonly sa: InstallCommand<InboundSaParameters> }
  | {
      readonly kind: 'install-outbound'
      readonly sa: InstallCommand<OutboundSaParameters>
      readonly old?: SaId
    }
  | { readonly kind: 'remove'; readonly id: SaId }
  | { readonly kind: 'publish' }
  | { readonly kind: 'close' }

export interface NumberedCommand {
  readonly serial: number
  readonly command: Command
}

/** What a provider came to. */
export interface ProviderReport {
  readonly name: ProviderName
  readonly description: string
  /** Why it is not used; absent when it is. */
  readonly refused?: string
}

export type Telling =
  /** It takes commands; and again when another provider was wanted. */
  | { readonly kind: 'ready'; readonly providers: readonly ProviderReport[] }
  | { readonly kind: 'event'; readonly event: DataPlaneEvent }
  | { readonly kind: 'ike'; readonly socket: number; readonly from: Endpoint; readonly message: Uint8Array }
  | { readonly kind: 'command-failed'; readonly command: Command['kind']; readonly problem: string }
  /** The worker has ended for a fault. */
  | { readonly kind: 'broken'; readonly problem: string }

export type Direction = 'outbound' | 'inbound'

export interface WorkerSettings {
  readonly direction: Direction
  readonly board: SharedArrayBuffer
  readonly bell: number
  readonly port: MessagePort
  readonly providers: readonly ProviderName[]
  readonly copyDscp: boolean
  readonly clampMss: boolean
  /** Datagrams handed to the network in one piece. */
  readonly burst: number
  /** Watched bytes around each region of memory. */
  readonly guarded: boolean
}
