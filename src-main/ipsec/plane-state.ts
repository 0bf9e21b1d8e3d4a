/** What both directions of the portable data plane share. */
import type { PathId } from '../../src-shared/brands.ts'
import type { Clock, Tun } from '../ports.ts'
import type { DataPlaneEvent } from './data-plane.ts'
import type { DropCounters } from './drops.ts'
import type { PathState } from './sa.ts'
import type { Sad } from './sad.ts'
import type { Spd } from './spd.ts'

export interface PlaneState {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly sad: Sad
  readonly spd: Spd
  readonly paths: Map<PathId, PathState>
  readonly drops: DropCounters
  readonly copyDscp: boolean
  readonly clampMss: boolean
  tun: Tun | undefined
  keepalives: number
  tooBigAnswers: number
  /** Kept until the packet is done, so that whoever hears it may change SAs. */
  readonly events: DataPlaneEvent[]
}
