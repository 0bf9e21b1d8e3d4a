/** What a session needs of whoever has it, and tells them. */
import type { EspSpi, IkeSpi, Millis } from '../../../src-shared/brands.ts'
import type { Effect } from '../child-sa.ts'
import type { IkeSa } from './ike-sa.ts'
import type { ExchangePorts } from './initiator.ts'
import type { MessageObserver } from './observation.ts'
import type { PhaseListener } from './session-state.ts'

export type ClosedCause = 'gateway-closed' | 'gateway-silent' | 'expired'

export interface SessionTimes {
  readonly ikeRekey: Millis
  readonly childRekey: Millis
  /** 0 never asks. */
  readonly liveness: Millis
}

export interface SessionOwner extends MessageObserver {
  readonly ports: ExchangePorts
  readonly send: (datagrams: readonly Uint8Array[]) => void
  readonly perform: (effect: Effect) => void
  readonly spiInUse: (spi: EspSpi) => boolean
  /** When the last authentic ESP packet came in; undefined before the first. */
  readonly lastInboundAt: () => Millis | undefined
  /** The session has ended by the peer's will or silence; nothing is sent any more. */
  readonly onClosed: (cause: ClosedCause) => void
  readonly onDrop: (reason: string) => void
  /** An IKE SPI of ours has become one to listen to, or has ceased to be: for owners of many sessions. */
  readonly onSpi?: (spi: IkeSpi, change: 'added' | 'removed') => void
  /** RFC 4478: when the peer wants to see us authenticate again, counted from now; told again whenever it says so. */
  readonly onAuthLifetime?: (lifetime: Millis) => void
  readonly onPhase?: PhaseListener
  /** An IKE SA has its keys: once for each, before anything is sent under them. */
  readonly onIkeSa?: (sa: IkeSa) => void
}
