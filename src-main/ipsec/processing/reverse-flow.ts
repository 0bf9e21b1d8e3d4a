/** A packet's flow the other way round: what an answer to it would be (RFC 4301 section 6). */
import type { PacketView } from '../../ip/packet.ts'

/** A copy with source and destination changed places. For errors, which are few. */
export const reverseFlow = (view: PacketView): PacketView => ({
  ...view,
  sourcePort: view.destinationPort,
  destinationPort: view.sourcePort,
  source0: view.destination0,
  source1: view.destination1,
  source2: view.destination2,
  source3: view.destination3,
  destination0: view.source0,
  destination1: view.source1,
  destination2: view.source2,
  destination3: view.source3,
})
