/** A network in memory: sockets by address and port, datagrams queued until `deliver`, a place on the wire to look and meddle. */
import type {
  DatagramHandler,
  DatagramSocket,
  Endpoint,
  SendOutcome,
  TrafficClass,
} from '../../src-main/ports.ts'

export interface Datagram {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly bytes: Uint8Array
  readonly trafficClass: TrafficClass
}

export interface FakeSocket extends DatagramSocket {
  readonly endpoint: Endpoint
  /** What `send` answers; datagrams travel only with `sent`. */
  outcome: SendOutcome
}

export interface FakeNetwork {
  open(family: 4 | 6, address: string, port: number): FakeSocket
  /** What becomes of each datagram on its way; gives what arrives. Default: itself. */
  meddle: (datagram: Datagram) => readonly Datagram[]
  /** All that was ever sent, before meddling. */
  readonly sent: Datagram[]
  /** How many datagrams are on their way. */
  readonly underWay: number
  /** Puts a datagram on the wire as if it came from there. */
  transmit(datagram: Datagram): void
  /** Delivers until nothing is on its way, or so many datagrams. */
  deliver(most?: number): void
}

const key = ({ address, port }: Endpoint) => `${address} ${port}`

export function createFakeNetwork(): FakeNetwork {
  const handlers = new Map<string, DatagramHandler>()
  /** As a kernel keeps it: what came for a socket that is open and has never been read. */
  const unread = new Map<string, Datagram[]>()
  const queue: Datagram[] = []
  const network: FakeNetwork = {
    meddle: (datagram) => [datagram],
    sent: [],
    open(family, address, port) {
      const endpoint = { address, port }
      unread.set(key(endpoint), [])
      return {
        family,
        localPort: port,
        endpoint,
        outcome: 'sent',
        send(to, buffer, offset, length, trafficClass = 0) {
          if (this.outcome !== 'sent') return this.outcome
          const datagram = {
            from: endpoint,
            to: { ...to },
            bytes: buffer.slice(offset, offset + length),
            trafficClass,
          }
          network.sent.push(datagram)
          queue.push(...network.meddle(datagram))
          return 'sent'
        },
        onDatagram(handler) {
          if (handler === undefined) handlers.delete(key(endpoint))
          else handlers.set(key(endpoint), handler)
          queue.unshift(...(unread.get(key(endpoint)) ?? []))
          unread.delete(key(endpoint))
        },
        localAddressTowards: () => address,
        close() {
          handlers.delete(key(endpoint))
          unread.delete(key(endpoint))
        },
      }
    },
    get underWay() {
      return queue.length
    },
    transmit(datagram) {
      queue.push(datagram)
    },
    deliver(most = Infinity) {
      for (let left = most; left > 0; left -= 1) {
        const next = queue.shift()
        if (next === undefined) return
        const { bytes } = next
        unread.get(key(next.to))?.push(next)
        // At an odd place in a larger buffer, as a pooled receiver has it.
        const slot = new Uint8Array(bytes.length + 64).fill(0x5a)
        slot.set(bytes, 13)
        handlers.get(key(next.to))?.(next.from, slot, 13, bytes.length, next.trafficClass)
      }
    },
  }
  return network
}
