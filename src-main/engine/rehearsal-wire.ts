/** The two ways in which a rehearsal's ends reach each other: in memory, and over the machine's loopback interface. */
import { PACKET_TAILROOM } from '../ports.ts'
import type { DatagramHandler, DatagramSocket, Datagrams } from '../ports.ts'

export interface RehearsalWire {
  /** Of both ends. */
  readonly address: string
  /** Where the client's first message goes. */
  readonly port: number
  readonly client: DatagramSocket
  /** `plain`: as on port 500; absent where everything carries the non-ESP marker. */
  readonly gateway: { readonly plain?: DatagramSocket; readonly marked: DatagramSocket }
  close(): void
}

/** Nobody's address (RFC 5737). */
const nowhere = '192.0.2.1'

/** With both of a gateway's ports. What is sent arrives in the next turn of the microtask queue, as a copy. */
export function connectInMemory(): RehearsalWire {
  const handlers = new Map<number, DatagramHandler>()
  const open = (localPort: number): DatagramSocket => ({
    family: 4,
    localPort,
    send(to, buffer, offset, length) {
      const copy = new Uint8Array(length + PACKET_TAILROOM)
      copy.set(buffer.subarray(offset, offset + length))
      void Promise.resolve().then(() =>
        handlers.get(to.port)?.({ address: nowhere, port: localPort }, copy, 0, length, 0),
      )
      return 'sent'
    },
    onDatagram(handler) {
      if (handler === undefined) handlers.delete(localPort)
      else handlers.set(localPort, handler)
    },
    localAddressTowards: () => nowhere,
    close: () => void handlers.delete(localPort),
  })
  return {
    address: nowhere,
    port: 500,
    client: open(50_000),
    gateway: { plain: open(500), marked: open(4500) },
    close: () => handlers.clear(),
  }
}

/** With sockets of this machine that nobody else can reach. Throws VpnError when there are none to be had. */
export function connectOnLoopback(datagrams: Datagrams): RehearsalWire {
  const address = '127.0.0.1'
  const sockets: DatagramSocket[] = []
  const close = (): void => {
    for (const socket of sockets) socket.close()
  }
  try {
    const client = datagrams.open(4, 0, address)
    sockets.push(client)
    const marked = datagrams.open(4, 0, address)
    sockets.push(marked)
    return { address, port: marked.localPort, client, gateway: { marked }, close }
  } catch (error) {
    close()
    throw error
  }
}
