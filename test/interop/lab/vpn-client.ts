/** A client under test, be it Culvert or, to prove the lab itself, strongSwan. */
import type { EspSuite, IkeSuite } from '../../../src-shared/algorithms.ts'
import type { Scenario } from './scenario.ts'

export interface SessionView {
  readonly ike: IkeSuite
  readonly esp: EspSuite
  readonly virtualAddresses: readonly string[]
  readonly remoteSelectors: readonly string[]
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface Spis {
  readonly ike: string
  readonly child: string
}

export interface Session {
  view(): Promise<SessionView>
  /** Makes it rekey, or waits where it does so by itself. */
  rekey(what: 'child' | 'ike'): Promise<void>
  /** The kinds of state it went through so far, e.g. `connecting`, `connected`, `reconnecting`; empty when it does not tell. */
  states(): readonly string[]
  disconnect(): Promise<void>
}

export type Attempt =
  | { readonly kind: 'connected'; readonly session: Session }
  | {
      readonly kind: 'failed'
      /** An error code of ours; `undefined` when the client has no such codes. */
      readonly code: string | undefined
      readonly exitStatus: number
      readonly text: string
    }

export interface VpnClient {
  readonly label: 'culvert' | 'strongswan'
  /** It takes the office's resolver and puts back what was there. */
  readonly appliesDns: boolean
  /** What it must leave exactly as it was. */
  readonly restores: boolean
  connect(scenario: Scenario): Promise<Attempt>
  /** Ends whatever still runs, in whatever state. */
  close(): Promise<void>
}
