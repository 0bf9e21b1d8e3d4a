/** What an initiator needs to know before it dials, and of the world while it does. */
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type { Clock, Crypto, Endpoint, Identity, Log, Random, SigningKey, Trust } from '../../ports.ts'
import type { AnyEapMethodName, EapInnerName } from '../auth/eap/peer.ts'
import type { AskForCode } from '../auth/eap/simple-peers.ts'
import type { EapTls } from '../auth/eap/tls-tunnel.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import type { ConfigurationWishes } from './configuration.ts'

/** The user by EAP: a password, a certificate within TLS, and perhaps a code. */
export interface EapCredential {
  readonly method: 'eap'
  /** What the user is called where the password is proven. */
  readonly username: string
  /** What is said to whoever asks for the identity; the user name unless given. */
  readonly identity?: string
  /** Asked only once the gateway has proven who it is; a copy that its taker wipes. Empty where no method takes one. */
  readonly password: () => Promise<Uint8Array>
  readonly allow: readonly AnyEapMethodName[]
  readonly askForCode?: AskForCode
  /** For methods within TLS: a connection with the user's certificate where there is one, and who the server must be. */
  readonly tls?: Omit<EapTls, 'clock'>
  readonly inner?: EapInnerName
}

export type LocalCredential =
  /** The secret is a copy that its taker wipes. */
  | { readonly method: 'psk'; readonly secret: () => Promise<Uint8Array> }
  | { readonly method: 'signature'; readonly key: SigningKey; readonly certificates: readonly Uint8Array[] }
  | EapCredential

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
  /** A second proof of the user, behind a first that is not EAP (RFC 4739). */
  readonly then?: { readonly identity: Identity; readonly credential: EapCredential }
  /** RFC 5998: the gateway may leave its proof to EAP, to methods that prove the server and give a key. */
  readonly eapOnly?: boolean
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
