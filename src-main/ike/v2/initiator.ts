/** What an initiator needs to know before it dials, and of the world while it does. */
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type { Clock, Crypto, Endpoint, Identity, Log, Random, SigningKey, Trust } from '../../ports.ts'
import type { EapMethodName } from '../auth/eap/peer.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import type { ConfigurationWishes } from './configuration.ts'

export type LocalCredential =
  /** The secret is a copy that its taker wipes. */
  | { readonly method: 'psk'; readonly secret: () => Promise<Uint8Array> }
  | { readonly method: 'signature'; readonly key: SigningKey; readonly certificates: readonly Uint8Array[] }
  | {
      readonly method: 'eap'
      readonly username: string
      /** Asked only once the gateway has proven who it is; a copy that its taker wipes. */
      readonly password: () => Promise<Uint8Array>
      readonly allow: readonly EapMethodName[]
    }

export type RemoteCredential =
  /** The secret is a copy that its taker wipes. */
  | { readonly method: 'psk'; readonly secret: () => Promise<Uint8Array> }
  | { readonly method: 'signature'; readonly trust: Trust }

export interface InitiatorConfiguration {
  readonly proposals: {
    readonly ike: readonly ConfiguredProposal[]
    readonly esp: readonly ConfiguredProposal[]
  }
  readonly localIdentity: Identity
  /** Undefined accepts whatever identity the trusted authority vouches for. */
  readonly remoteIdentity: Identity | undefined
  readonly local: LocalCredential
  readonly remote: RemoteCredential
  readonly traffic: {
    readonly local: readonly TrafficSelector[]
    readonly remote: readonly TrafficSelector[]
  }
  readonly virtualAddress: ConfigurationWishes
  readonly fragmentation: boolean
  /** Tells the gateway to forget what it still holds of us; not when the old session is to live on a little (RFC 7296 section 2.4). */
  readonly initialContact: boolean
  /** The data plane has no raw ESP: make the gateway encapsulate in UDP by hiding our address (RFC 7296 section 2.23). */
  readonly forceEncapsulation: boolean
}

/** Where the messages of a connection go. */
export interface Path {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** From now on towards the gateway's port 4500 (RFC 7296 section 2.23); nothing when it goes there already. */
  readonly moveToNatPort: () => void
}

export interface ExchangePorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly log: Log
}
