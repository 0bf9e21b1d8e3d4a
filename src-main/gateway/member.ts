/** What the gateway needs of a client, whichever version of IKE it speaks. The versions' code never meets; it meets here. */
import type { EspSpi, Millis } from '../../src-shared/brands.ts'
import type { SaStatistics } from '../ipsec/data-plane.ts'
import type { Endpoint } from '../ports.ts'
import type { ClientStatus, ClientSummary } from './gateway-event.ts'

/** Who somebody has proven to be. */
export interface Who {
  readonly name: string
  readonly method: ClientSummary['method']
}

export interface Member {
  readonly createdAt: Millis
  readonly who: Who | undefined
  readonly endpoint: Endpoint
  /** Both ends are proven, and an IKE SA stands. */
  readonly isIn: boolean
  summary(): ClientSummary
  /** Undefined before it is in. */
  status(statistics: readonly SaStatistics[]): ClientStatus | undefined
  /** The data plane saw the first packet on a Child SA, perhaps one of this client's. */
  firstInbound(inboundSpi: EspSpi): void
  /** A lifetime of a Child SA has come, perhaps of one of this client's. */
  rekeyChildOf(spi: EspSpi): void
  /** Tells the client, waits a moment for its answer. */
  close(): Promise<void>
  /** Ends at once, telling nobody. */
  abandon(): void
}
