/** What a session of either version hands to its owner: Child SAs, their keys, and what the gateway gave. */
import type { EspSuite } from '../../src-shared/algorithms.ts'
import type { EspSpi, Millis } from '../../src-shared/brands.ts'
import type { TrafficSelector } from '../ip/traffic-selector.ts'
import type { Identity } from '../ports.ts'

/** One direction of an ESP SA. Whoever holds it wipes it with `wipeDirectionKeys`. */
export interface DirectionKeys {
  /** The cipher's key, its salt behind it where it has one (RFC 4106 section 8.1, RFC 7634 section 2). */
  readonly encryptionKey: Uint8Array
  readonly integrityKey?: Uint8Array
}

/** A Child SA: a pair of ESP SAs (RFC 7296 section 1.2). */
export interface ChildSa {
  readonly inboundSpi: EspSpi
  readonly outboundSpi: EspSpi
  readonly suite: EspSuite
  readonly local: readonly TrafficSelector[]
  readonly remote: readonly TrafficSelector[]
  readonly createdAt: Millis
}

export interface ChildKeys {
  readonly inbound: DirectionKeys
  readonly outbound: DirectionKeys
}

/** What the session asks of its owner, in order. Keys are the owner's from then on, to be wiped once installed. */
export type Effect =
  /** Both directions at once. With `replaces`, traffic moves over from that one in one step. */
  | {
      readonly kind: 'install'
      readonly child: ChildSa
      readonly keys: ChildKeys
      readonly replaces?: ChildSa
    }
  /** We answered a rekey: receive on the new one now, keep sending on the old one until `switch-outbound` (RFC 7296 section 2.8). */
  | {
      readonly kind: 'install-inbound-first'
      readonly child: ChildSa
      readonly keys: ChildKeys
      readonly replaces: ChildSa
    }
  | { readonly kind: 'switch-outbound'; readonly child: ChildSa }
  | { readonly kind: 'remove'; readonly child: ChildSa }

/** Who is on each end, and what the gateway gave us; fixed by IKE_AUTH. */
export interface Identities {
  readonly local: Identity
  readonly remote: Identity
}

/** Addresses and names that the configuration payload brought (RFC 7296 section 3.15). */
export interface AssignedConfiguration {
  readonly addresses: readonly { readonly address: string; readonly length: number }[]
  readonly dnsServers: readonly string[]
  readonly dnsDomains: readonly string[]
  readonly subnets: readonly { readonly address: string; readonly length: number }[]
  readonly applicationVersion?: string
}
