/** An ESP packet as it comes in. */
import type { DatagramSocket, Endpoint, TrafficClass } from '../ports.ts'

/** Takes one ESP packet; its bytes are decrypted where they are. */
export type Inbound = (
  socket: DatagramSocket,
  from: Endpoint,
  buffer: Uint8Array,
  offset: number,
  length: number,
  trafficClass: TrafficClass,
) => void
