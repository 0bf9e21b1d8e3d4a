/** What packet processing asks of the policies (RFC 4301 section 4.4.1). */
import type { PacketView } from '../../ip/packet.ts'
import type { PolicyAction, PolicyDirection } from '../policy/policy.ts'

/**
 * The policy that decides about a packet; undefined where none does, and the packet is discarded. The same policy gives the very
 * same templates each time: SAs are remembered by them. For `in` and `forward` tunnels' ends are as the outer header has them.
 */
export interface PolicyDecisions {
  decide(direction: PolicyDirection, view: PacketView): PolicyAction | undefined
}
