/** What the two ends share once they have agreed: an IKE SA (RFC 7296 section 1). */
import type { IkeSuite } from '../../../src-shared/algorithms.ts'
import type { IkeSpi, Millis } from '../../../src-shared/brands.ts'
import type { IkeKeys } from './keys.ts'
import type { Peer } from './peer.ts'

export interface IkeSa {
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  /** Whether we sent the first message of this very SA; decides the keys' directions and the header's flag. */
  readonly initiator: boolean
  readonly suite: IkeSuite
  readonly keys: IkeKeys
  readonly peer: Peer
  readonly createdAt: Millis
}
