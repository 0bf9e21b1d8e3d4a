/** What a responder needs to know before anyone dials: who it is, who may come in, and what they get. */
import type { Millis } from '../../../src-shared/brands.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type { Identity, SigningKey, Trust } from '../../ports.ts'
import type { EapMethodName } from '../auth/eap/method.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import type { ConfigurationWishes } from './configuration.ts'
import type { AssignedConfiguration } from '../child-sa.ts'

/** How the gateway proves who it is. */
export type GatewayCredential =
  /** With the secret that the client itself has shown to know. */
  | { readonly method: 'psk' }
  | { readonly method: 'signature'; readonly key: SigningKey; readonly certificates: readonly Uint8Array[] }

/** The ways in; one that is absent is closed. */
export interface ClientCredentials {
  /** The secret shared with this identity. The bytes stay the owner's. */
  readonly psk?: (identity: Identity) => Uint8Array | undefined
  readonly signature?: { readonly trust: Trust; readonly admits: (identity: Identity) => boolean }
  readonly eap?: {
    /** What is offered, the preferred first. */
    readonly methods: readonly EapMethodName[]
    /** In UTF-8; the bytes stay the owner's. */
    readonly password: (username: string) => Uint8Array | undefined
  }
}

/** What the client is given; undefined when there is no address left for it. */
export type Assign = (wishes: ConfigurationWishes) => AssignedConfiguration | undefined

export interface ResponderConfiguration {
  readonly proposals: {
    readonly ike: readonly ConfiguredProposal[]
    readonly esp: readonly ConfiguredProposal[]
  }
  readonly localIdentity: Identity
  readonly local: GatewayCredential
  readonly clients: ClientCredentials
  /** What lies behind the gateway and is open to clients. */
  readonly networks: readonly TrafficSelector[]
  readonly fragmentation: boolean
  /** The data plane has no raw ESP: make the client encapsulate in UDP by hiding our address (RFC 7296 section 2.23). */
  readonly forceEncapsulation: boolean
  /** RFC 4478: after this time the client is to authenticate again. */
  readonly authLifetime: Millis | undefined
}
