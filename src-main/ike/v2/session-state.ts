/** What a session knows between exchanges; each exchange reads and changes it, nobody else does. */
import type { ConnectingPhase } from '../../../src-shared/connection-state.ts'
import type { EspSpi, IkeSpi } from '../../../src-shared/brands.ts'
import type { TrafficSelector } from '../../ip/traffic-selector.ts'
import type { ConfiguredProposal } from '../proposal-text.ts'
import type { ChildSa, Effect } from '../child-sa.ts'
import type { IkeSa } from './ike-sa.ts'
import type { ExchangePorts } from './initiator.ts'
import type { Peer } from './peer.ts'

/** What a later Child SA or IKE SA of the session may be. */
export interface SessionPolicy {
  readonly proposals: {
    readonly ike: readonly ConfiguredProposal[]
    readonly esp: readonly ConfiguredProposal[]
  }
  readonly selectors: {
    readonly local: readonly TrafficSelector[]
    readonly remote: readonly TrafficSelector[]
  }
  /** Whether we ask for a new Child SA when the peer has closed the last one; a gateway leaves that to its clients. Default true. */
  readonly restoresTraffic?: boolean
}

export interface ChildRecord {
  readonly child: ChildSa
  activity: 'idle' | 'rekeying' | 'deleting'
  /** A newer Child SA carries its traffic; what is left is the Delete. */
  replacedBy: ChildSa | undefined
  /** The peer's rekey of the same Child SA, made while ours was on its way (RFC 7296 section 2.8.1). */
  rival: { readonly record: ChildRecord; readonly lowestNonce: Uint8Array } | undefined
}

export type Activity = 'none' | 'create-child' | 'rekey-child' | 'delete-child' | 'rekey-ike' | 'delete-ike'

export interface SessionState {
  readonly ports: ExchangePorts
  readonly policy: SessionPolicy
  /** The IKE SA that new requests go through. */
  sa: IkeSa
  children: ChildRecord[]
  /** The exchange that we have begun and not ended. */
  activity: Activity
  /** The peer's rekey of the IKE SA, made while ours was on its way (RFC 7296 section 2.8.2). */
  rivalIkeSa: { readonly sa: IkeSa; readonly lowestNonce: Uint8Array } | undefined
  readonly perform: (effect: Effect) => void
  /** Removes a Child SA that another has replaced, after a moment. */
  readonly linger: (child: ChildSa) => void
  readonly spiInUse: (spi: EspSpi) => boolean
  /** How many IKE SAs there are besides `sa`: replaced ones that wait for their Delete, rivals. */
  readonly otherIkeSas: () => number
  /** A peer for a new IKE SA, listening from now on. */
  readonly createPeer: (
    spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi },
    weInitiate: boolean,
  ) => Peer
  /** The new IKE SA may be the next; when it has not taken over by the end of a while, it is forgotten. */
  readonly expect: (sa: IkeSa) => void
  /** The new IKE SA takes over all Child SAs; the old one stays only for its Delete. */
  readonly adopt: (sa: IkeSa) => void
  /** Ends an IKE SA's peer and wipes its keys. */
  readonly forget: (sa: IkeSa) => void
}

export type PhaseListener = (phase: ConnectingPhase) => void

export const newRecord = (child: ChildSa): ChildRecord => ({
  child,
  activity: 'idle',
  replacedBy: undefined,
  rival: undefined,
})

export const recordOf = (state: SessionState, child: ChildSa): ChildRecord | undefined =>
  state.children.find((record) => record.child === child)

/** `isReplaced`: what the peer sent on it may still be on its way. */
export function dropRecord(state: SessionState, record: ChildRecord, isReplaced = false): void {
  state.children = state.children.filter((other) => other !== record)
  if (isReplaced) state.linger(record.child)
  else state.perform({ kind: 'remove', child: record.child })
}

/** RFC 7296 section 2.8.1: nonces are compared byte by byte, a shorter one that is a prefix being the lower. */
export function compareNonces(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

export const lowerNonce = (a: Uint8Array, b: Uint8Array): Uint8Array => (compareNonces(a, b) <= 0 ? a : b)
