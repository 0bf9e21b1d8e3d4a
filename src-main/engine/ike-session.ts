/** What a tunnel needs of an IKE session, whichever version it speaks. The versions' code never meets; it meets here. */
import type { IkeSuite } from '../../src-shared/algorithms.ts'
import type { EspSpi, IkeSpi, Millis } from '../../src-shared/brands.ts'
import type { IkeWeakness } from '../../src-shared/status.ts'
import type { AssignedConfiguration, ChildSa, Identities } from '../ike/child-sa.ts'
import type { IkeHeader } from '../ike/header.ts'
import type { Endpoint } from '../ports.ts'
import type { Credentials } from './credentials.ts'

/** What stands once a session has been dialled. */
export interface Established {
  /** The first Child SA; with IKEv1, which has one for each network, its remote selectors are those of all. */
  readonly child: ChildSa
  readonly assigned: AssignedConfiguration
  readonly identities: Identities
  readonly nat: { readonly local: boolean; readonly remote: boolean }
}

/** An IKE SA as it is shown. */
export interface IkeSaView {
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly suite: IkeSuite
  readonly createdAt: Millis
  /** Absent: none that is known. */
  readonly weaknesses?: readonly IkeWeakness[]
}

/** How a session begins. */
export interface Dial {
  readonly credentials: Credentials
  readonly initialContact: boolean
  readonly local: Endpoint
  readonly remote: Endpoint
  /** From now on towards the gateway's port 4500; nothing when it goes there already. */
  readonly moveToNatPort: () => void
}

export interface IkeSession {
  /** Rejects with the VpnError that tells why not; the session is then over. */
  dial(dial: Dial): Promise<Established>
  readonly sa: IkeSaView | undefined
  readonly children: readonly ChildSa[]
  /** On the monotonic clock; undefined when we never rekey by ourselves. */
  readonly ikeRekeyAt: Millis | undefined
  childRekeyAt(child: ChildSa): Millis | undefined
  childExpiresAt(child: ChildSa): Millis
  /** Whether a message with this header belongs here. */
  owns(header: IkeHeader): boolean
  /** An IKE message, without the non-ESP marker, its bytes given away. */
  receive(datagram: Uint8Array): void
  /** The data plane saw the first packet on a Child SA. */
  firstInbound(inboundSpi: EspSpi): void
  /** A lifetime of a Child SA has come, in bytes or packets. */
  rekeyChildOf(spi: EspSpi): void
  deleteChildOf(spi: EspSpi): void
  rekeyIkeSa(): void
  /** Asks the peer now whether it is alive. */
  probe(): void
  /** The path has changed: whatever waits for an answer goes out again. */
  resend(): void
  /** Says goodbye; settles soon in any case. */
  close(): Promise<void>
  /** Ends without telling the peer. */
  abandon(): void
}
