/** Datagram sockets that lead from one to the other in memory: a client's, and a gateway's two. */
import { PACKET_TAILROOM } from '../ports.ts'
import type { DatagramHandler, DatagramSocket } from '../ports.ts'

/** What is sent arrives in the next turn of the microtask queue, as a copy with room behind it. */
export function connectInMemory(ends: { readonly client: string; readonly gateway: string }): {
  readonly client: DatagramSocket
  readonly gateway: { readonly plain: DatagramSocket; readonly marked: DatagramSocket }
} {
  const handlers = new Map<number, DatagramHandler>()
  const open = (address: string, localPort: number): DatagramSocket => ({
    family: 4,
    localPort,
    send(to, buffer, offset, length) {
      const copy = new Uint8Array(length + PACKET_TAILROOM)
      copy.set(buffer.subarray(offset, offset + length))
      void Promise.resolve().then(() =>
        handlers.get(to.port)?.({ address, port: localPort }, copy, 0, length, 0),
      )
      return 'sent'
    },
    onDatagram(handler) {
      if (handler === undefined) handlers.delete(localPort)
      else handlers.set(localPort, handler)
    },
    localAddressTowards: () => address,
    close: () => void handlers.delete(localPort),
  })
  return {
    client: open(ends.client, 50_000),
    gateway: { plain: open(ends.gateway, 500), marked: open(ends.gateway, 4500) },
  }
}
