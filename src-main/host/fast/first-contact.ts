/**
 * Sockets before the first SA: what comes in is IKE, and the thread that answers it reads it itself, without the way through a
 * worker. ESP that is early waits here as it does there (ipsec/early.ts), and goes to the worker with the sockets.
 */
import type { EspSpi } from '../../../src-shared/brands.ts'
import { createArrival } from '../../ipsec/arrival.ts'
import type { IkeFraming } from '../../ipsec/data-plane.ts'
import { EARLY_PACKETS_LENGTH } from '../../ipsec/early.ts'
import { createInbound } from '../../ipsec/inbound.ts'
import type { Inbound } from '../../ipsec/inbound-packet.ts'
import type { DatagramSocket, Endpoint } from '../../ports.ts'
import { createWorkerState, threadClock } from './worker-state.ts'

const MOST_OFFERS = 64

export interface FirstContact {
  /** Drops and keepalives are to be added to the workers'. */
  readonly state: { readonly drops: { readonly values: readonly number[] }; readonly keepalives: number }
  read(socket: DatagramSocket, framing: IkeFraming): void
  offer(spi: EspSpi): void
  /** What was offered last, the oldest first. */
  offers(): Iterable<EspSpi>
  /** Reads no more. */
  end(): void
  /** Gives the early packets of an SA that is there now. */
  deliver(spi: number, take: Inbound): void
}

export function createFirstContact(
  takeIke: (from: Endpoint, message: Uint8Array, socket: DatagramSocket) => void,
): FirstContact {
  const room = { buffer: new Uint8Array(EARLY_PACKETS_LENGTH), offset: 0 }
  // Without SAs nothing is made here.
  const state = createWorkerState({ copyDscp: false, clampMss: false, scratch: () => room, early: room })
  const arrive = createArrival(state, createInbound(state), takeIke)
  const sockets = new Set<DatagramSocket>()
  const offers = new Set<EspSpi>()
  return {
    state,
    read(socket, framing) {
      sockets.add(socket)
      socket.onDatagram((from, buffer, offset, length, trafficClass) => {
        state.now = threadClock()
        arrive(socket, framing, from, buffer, offset, length, trafficClass)
      })
    },
    offer(spi) {
      state.early.offer(spi)
      offers.add(spi)
      const [oldest] = offers
      if (offers.size > MOST_OFFERS && oldest !== undefined) offers.delete(oldest)
    },
    offers: () => offers,
    end() {
      for (const socket of sockets) socket.onDatagram(undefined)
      sockets.clear()
    },
    deliver(spi, take) {
      state.now = threadClock()
      state.early.deliver(spi, take)
    },
  }
}
