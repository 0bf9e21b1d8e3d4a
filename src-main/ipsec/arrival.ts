/** Sorts what arrives on a socket: ESP is processed, IKE handed on, keepalives and garbage counted. */
import type { DatagramSocket, Endpoint, TrafficClass } from '../ports.ts'
import type { IkeFraming } from './data-plane.ts'
import { datagramKind, isMarked, NON_ESP_MARKER_LENGTH } from './encapsulation.ts'
import type { Inbound } from './inbound-packet.ts'
import type { PlaneState } from './plane-state.ts'

/** Takes a datagram; its bytes may be changed where they are. */
export type Arrival = (
  socket: DatagramSocket,
  framing: IkeFraming,
  from: Endpoint,
  buffer: Uint8Array,
  offset: number,
  length: number,
  trafficClass: TrafficClass,
) => void

/** `takeIke` gets a message without its marker, a copy. */
export const createArrival =
  (
    state: PlaneState,
    inbound: Inbound,
    takeIke: (from: Endpoint, message: Uint8Array, socket: DatagramSocket) => void,
  ): Arrival =>
  (socket, framing, from, buffer, offset, length, trafficClass) => {
    switch (datagramKind(isMarked(framing, from), buffer, offset, length)) {
      case 'esp':
        inbound(socket, from, buffer, offset, length, trafficClass)
        return
      case 'ike':
        takeIke(from, buffer.slice(offset, offset + length), socket)
        return
      case 'marked-ike':
        takeIke(from, buffer.slice(offset + NON_ESP_MARKER_LENGTH, offset + length), socket)
        return
      case 'keepalive':
        state.keepalives += 1
        return
      case 'malformed':
        state.drops.count('malformed')
        return
    }
  }
