/** What both directions of packet processing share. */
import type { PacketView } from '../../ip/packet.ts'
import type { Clock, SendOutcome } from '../../ports.ts'
import type { PacketSink } from '../plane-state.ts'
import type { AssociationDatabase } from './association-database.ts'
import type { PolicyDecisions } from './decisions.ts'
import type { ProcessingDropCounters } from './drop-reasons.ts'

export interface ProcessingState {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly policies: PolicyDecisions
  readonly associations: AssociationDatabase
  readonly drops: ProcessingDropCounters
  /** Sends a whole IP packet, as it is, on the unprotected side. The bytes are free again when it returns. */
  readonly send: (buffer: Uint8Array, offset: number, length: number) => SendOutcome
  /** Whether a packet is for this machine itself: policies of `in` decide; otherwise those of `forward`. */
  readonly isOurs: (view: PacketView) => boolean
  /** The longest packet that the unprotected side takes, in bytes. */
  mtu: number
  sink: PacketSink | undefined
  /** Packets that went in clear because a policy says so. */
  bypassed: number
  /** "Packet too big" answers given to the protected side. */
  tooBigAnswers: number
}
