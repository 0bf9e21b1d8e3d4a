/** What the two ends of phase 1 need to know before they meet, and of the world while they do. */
import type { IkeSpi, Millis } from '../../../src-shared/brands.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type {
  Clock,
  Crypto,
  DecryptionKey,
  EncryptionKey,
  Endpoint,
  Identity,
  Log,
  Random,
  SigningKey,
  Trust,
} from '../../ports.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import type { Conversation } from './conversation.ts'
import type { Phase1Keys } from './keys.ts'
import type { MessageCipher } from './message.ts'
import type { Phase1Suite } from './suites.ts'

export interface ExchangePorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly log: Log
}

/** What authentication by public-key encryption needs (RFC 2409 sections 5.2 and 5.3). */
export interface Sealing {
  /** The revised method: one encryption with the public key instead of two, a symmetric cipher for the rest. */
  readonly revised: boolean
  readonly own: DecryptionKey
  /** Of who this claims to be. For those whom nobody knows some key all the same, so that nothing shows before the end. */
  readonly peerKey: (peer: Identity | undefined) => EncryptionKey
}

/** How phase 1 proves the two ends to each other (RFC 2409 section 5; hybrid: draft-ietf-ipsec-isakmp-hybrid-auth-05). */
export type Phase1Credential =
  | {
      readonly method: 'psk'
      readonly secret: (peer: Identity | undefined) => Promise<Uint8Array | undefined>
    }
  | {
      readonly method: 'signature'
      readonly key: SigningKey
      readonly certificates: readonly Uint8Array[]
      readonly trust: Trust
    }
  | ({ readonly method: 'encryption' } & Sealing)
  /** The gateway signs, the client proves itself by XAUTH afterwards. */
  | { readonly method: 'hybrid'; readonly side: 'client'; readonly trust: Trust }
  | {
      readonly method: 'hybrid'
      readonly side: 'gateway'
      readonly key: SigningKey
      readonly certificates: readonly Uint8Array[]
    }

export interface Phase1Configuration {
  readonly mode: 'main' | 'aggressive'
  readonly proposals: readonly ConfiguredProposal[]
  readonly lifetimeSeconds: number
  readonly credential: Phase1Credential
  /** XAUTH follows phase 1, which the method numbers say (draft-ietf-ipsec-isakmp-xauth-06 section 7.2). */
  readonly xauth: boolean
  readonly localIdentity: Identity
  /** Undefined accepts whatever identity the trusted authority vouches for. */
  readonly remoteIdentity: Identity | undefined
  /** The data plane has no raw ESP: make the peer encapsulate in UDP by hiding our address. */
  readonly forceEncapsulation: boolean
  readonly local: Endpoint
  readonly remote: Endpoint
}

/** One way in that a responder offers. */
export interface Way {
  readonly credential: Phase1Credential
  /** XAUTH follows. */
  readonly xauth: boolean
}

/** What the responder of phase 1 needs to know. */
export interface ResponderPhase1 extends Pick<
  Phase1Configuration,
  'proposals' | 'lifetimeSeconds' | 'localIdentity' | 'forceEncapsulation' | 'local' | 'remote'
> {
  /** The preferred one first; each has method numbers of its own. */
  readonly ways: readonly Way[]
  /** Whether who has proven to be `identity` is let in; `keyOf`: whose pre-shared key it was, where it was one. */
  readonly admits: (identity: Identity, way: Way, keyOf: Identity) => boolean
}

/** What phase 1 has come to on the responder's side. */
export interface AcceptedSa {
  readonly sa: IsakmpSa
  readonly way: Way
  /** The initiator knows of no other SA between the two (RFC 2407 section 4.6.3.3). */
  readonly initialContact: boolean
}

/** An ISAKMP SA whose two ends have been proven. */
export interface IsakmpSa {
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly initiator: boolean
  readonly suite: Phase1Suite
  readonly keys: Phase1Keys
  readonly cipher: MessageCipher
  /** The last block of phase 1's ciphertext, which the IVs of all later exchanges begin with. */
  readonly lastBlock: Uint8Array
  readonly identities: { readonly local: Identity; readonly remote: Identity }
  readonly nat: { readonly local: boolean; readonly remote: boolean }
  /** What the other end's vendor IDs announce. */
  readonly features: PeerFeatures
  readonly createdAt: Millis
  readonly phase1: Conversation
}

export interface PeerFeatures {
  readonly natTraversal: 'rfc3947' | 'draft-02' | 'draft-03' | undefined
  readonly deadPeerDetection: boolean
  readonly xauth: boolean
  readonly unity: boolean
  readonly fragmentation: boolean
}

/** What the gateway asks the user by XAUTH, in words. */
export interface UserQuestion {
  readonly kind: 'password' | 'one-time-code'
  /** What the gateway says to the person; undefined: nothing. */
  readonly text: string | undefined
}

/** Who the user is towards XAUTH; asked only once the gateway has proven who it is. */
export interface UserCredential {
  readonly username: string
  /** The bytes are the session's to wipe. */
  readonly answer: (question: UserQuestion) => Promise<Uint8Array>
}

/** All that a session of the initiator needs, besides what phase 1 does. */
export interface SessionConfiguration extends Omit<Phase1Configuration, 'xauth' | 'local' | 'remote'> {
  readonly espProposals: readonly ConfiguredProposal[]
  readonly espLifetimeSeconds: number
  readonly user: UserCredential | undefined
  readonly virtualAddress: { readonly ipv4: boolean; readonly ipv6: boolean }
  readonly traffic: {
    readonly local: readonly TrafficSelector[]
    readonly remote: readonly TrafficSelector[]
  }
  /** Tells the gateway to forget what it still holds of us (RFC 2407 section 4.6.3.3). */
  readonly initialContact: boolean
}

/** Where the messages of a connection go. */
export interface SessionPath {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** From now on towards the gateway's port 4500 (RFC 3947 section 4); nothing when it goes there already. */
  readonly moveToNatPort: () => void
}
