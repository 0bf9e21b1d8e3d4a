/** What both directions of a data plane share, or each has when a thread of its own works for it. */
import type { PathId } from '../../src-shared/brands.ts'
import type { PacketView } from '../ip/packet.ts'
import type { Clock } from '../ports.ts'
import type { DataPlaneEvent } from './data-plane.ts'
import type { DropCounters } from './drops.ts'
import type { EarlyPackets } from './early.ts'
import type { PathState } from './sa.ts'
import type { Sad } from './sad.ts'
import type { Spd } from './spd.ts'

/** Where packets for this machine go. */
export interface PacketSink {
  /** False when it cannot take it now. `view` describes a packet that came out of ESP; good during the call. */
  write(buffer: Uint8Array, offset: number, length: number, view?: PacketView): boolean
}

/** A place for packets that are made here, with the room around `offset` that the Tun port promises. */
export interface PacketRoom {
  readonly buffer: Uint8Array
  readonly offset: number
}

export interface PlaneState {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly sad: Sad
  readonly spd: Spd
  readonly paths: Map<PathId, PathState>
  readonly drops: DropCounters
  readonly copyDscp: boolean
  readonly clampMss: boolean
  /** One place, for a packet of any length; what is in it is sent before it is asked for again. */
  readonly scratch: () => PacketRoom
  readonly early: EarlyPackets
  tun: PacketSink | undefined
  keepalives: number
  tooBigAnswers: number
  /** Kept until the packet is done, so that whoever hears it may change SAs. */
  readonly events: DataPlaneEvent[]
}
