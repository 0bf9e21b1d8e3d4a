/** What a gateway tells of itself: plain data, no secret in it. */
import type { EspSuite, IkeSuite } from '../../src-shared/algorithms.ts'
import type { Endpoint } from '../ports.ts'

export interface ClientSummary {
  /** A number of this run. */
  readonly id: number
  readonly name: string
  readonly method: 'psk' | 'signature' | 'encryption' | 'eap' | 'xauth'
  readonly endpoint: Endpoint
  readonly addresses: readonly string[]
}

export interface ClientStatus extends ClientSummary {
  readonly ikeVersion: 1 | 2
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly ikeSuite: IkeSuite
  readonly children: readonly {
    readonly inboundSpi: number
    readonly outboundSpi: number
    readonly suite: EspSuite
    readonly received: { readonly packets: number; readonly bytes: number }
    readonly sent: { readonly packets: number; readonly bytes: number }
  }[]
  readonly ageMs: number
}

export type LeaveCause = 'deleted' | 'silent' | 'replaced' | 'lifetime' | 'stopping'

export type GatewayEvent =
  | {
      readonly kind: 'listening'
      readonly sockets: readonly { readonly address: string; readonly port: number }[]
      readonly interfaceName: string
      readonly identity: string
      readonly pools: readonly string[]
      readonly networks: readonly string[]
    }
  | { readonly kind: 'client-up'; readonly client: ClientStatus }
  /** Authenticated, but without a Child SA: what it asked for was not to be had. */
  | { readonly kind: 'client-without-traffic'; readonly client: ClientSummary; readonly reason: string }
  | {
      readonly kind: 'client-refused'
      readonly from: Endpoint
      readonly reason: string
      readonly who?: string
    }
  | {
      readonly kind: 'client-down'
      readonly client: ClientSummary
      readonly cause: LeaveCause
      readonly ageMs: number
    }
  | { readonly kind: 'stopped'; readonly drops: Readonly<Record<string, number>> }
