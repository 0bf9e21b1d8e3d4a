/** The inbound worker's turn: datagrams in batches, opened where they lie, put together again and written to the adapter. */
import { createTunQueue, createUdpBatchReceiver, TUN_QUEUE_PARTS_LENGTH } from 'tun-tap'
import type { UdpBatchReceiver } from 'tun-tap'
import { createArrival } from '../../ipsec/arrival.ts'
import { EARLY_PACKETS_LENGTH, LONGEST_EARLY_PACKET } from '../../ipsec/early.ts'
import { createInbound } from '../../ipsec/inbound.ts'
import type { DatagramSocket, Endpoint } from '../../ports.ts'
import { createCoalescer } from './coalescer.ts'
import type { Coalescer } from './coalescer.ts'
import type { PacketMemory } from './packet-memory.ts'
import type { SocketCommand, WorkerSettings } from './commands.ts'
import type { WorkerLoop } from './worker-loop.ts'
import { createWorkerState } from './worker-state.ts'
import type { WorkerSocket } from './worker-state.ts'

/** Messages in one call; each may hold many datagrams. */
const MESSAGES = 16
/** Calls for one socket in one turn. */
const CALLS = 4

/** What a Tun may want before and behind a packet. */
const ROOM_AROUND = 128

interface Source {
  readonly socket: WorkerSocket
  readonly descriptor: number
  readonly receiver: UdpBatchReceiver
  readonly take: (from: Endpoint, offset: number, length: number, trafficClass: number) => void
}

/** `takeIke` gets messages that nobody has authenticated. */
export function createInboundLoop(
  arena: PacketMemory,
  settings: WorkerSettings,
  takeIke: (from: Endpoint, message: Uint8Array, socket: WorkerSocket) => void,
): WorkerLoop {
  const { bytes } = arena
  // Inbound makes no packets of its own.
  const state = createWorkerState({
    ...settings,
    scratch: () => ({ buffer: bytes, offset: 0 }),
    early: { buffer: bytes, offset: arena.region(EARLY_PACKETS_LENGTH) },
  })
  const inbound = createInbound(state)
  const queueParts = arena.region(TUN_QUEUE_PARTS_LENGTH)
  const headers = arena.region(64)
  const handedOver = arena.region(LONGEST_EARLY_PACKET + 2 * ROOM_AROUND) + ROOM_AROUND
  const sources = new Map<DatagramSocket, Source>()
  const arrive = createArrival(state, inbound, (from, message, socket) => {
    const source = sources.get(socket)
    if (source !== undefined) takeIke(from, message, source.socket)
  })
  const receivers = createReceiverPool(arena)
  let coalescer: Coalescer | undefined
  let descriptors: readonly number[] = []

  const drain = ({ receiver, take }: Source): boolean => {
    for (let call = 0; call < CALLS; call += 1) {
      const more = receiver.receive(take)
      coalescer?.flush()
      if (!more) return false
    }
    return true
  }

  return {
    state,
    openSocket({ id, descriptor, family, localPort }: SocketCommand): WorkerSocket {
      const receiver = receivers.take(descriptor, family)
      const socket: WorkerSocket = {
        id,
        family,
        localPort,
        framing: undefined,
        send: () => 'failed',
        onDatagram: () => undefined,
        localAddressTowards: () => undefined,
        close() {
          sources.delete(socket)
          receivers.giveBack(receiver)
        },
      }
      sources.set(socket, {
        socket,
        descriptor,
        receiver,
        take(from, offset, length, trafficClass) {
          if (socket.framing !== undefined)
            arrive(socket, socket.framing, from, bytes, offset, length, trafficClass)
        },
      })
      return socket
    },
    useTun(descriptor, udpSegments) {
      const queue = createTunQueue(arena, descriptor, queueParts)
      const fresh = createCoalescer(arena, queue, headers, {
        udp: udpSegments,
        onRefused: (packets) => state.drops.add('tun-full', packets),
      })
      coalescer = fresh
      state.tun = {
        write(_buffer, offset, _length, view) {
          if (view === undefined) return false
          fresh.take(offset, view)
          return true
        },
      }
    },
    leaveTun() {
      coalescer = state.tun = undefined
    },
    take({ socket, from, datagram, trafficClass }) {
      const source = [...sources.values()].find((one) => one.socket.id === socket)
      if (source === undefined || datagram.length > LONGEST_EARLY_PACKET) return
      bytes.set(datagram, handedOver)
      inbound(source.socket, from, bytes, handedOver, datagram.length, trafficClass)
      coalescer?.flush()
    },
    installed(spi) {
      state.early.deliver(spi, inbound)
      coalescer?.flush()
    },
    changed() {
      descriptors = [...sources.values()]
        .filter(({ socket }) => socket.framing !== undefined)
        .map(({ descriptor }) => descriptor)
    },
    turn() {
      let more = false
      for (const source of sources.values())
        if (source.socket.framing !== undefined) more = drain(source) || more
      return more
    },
    descriptors: () => descriptors,
  }
}

/** Receivers whose memory is used again when sockets come and go. */
function createReceiverPool(arena: PacketMemory) {
  const free: UdpBatchReceiver[] = []
  return {
    take(descriptor: number, family: 4 | 6): UdpBatchReceiver {
      const known = free.pop()
      if (known === undefined) return createUdpBatchReceiver(arena, { descriptor, family, batch: MESSAGES })
      known.attach(descriptor, family)
      return known
    },
    giveBack(receiver: UdpBatchReceiver): void {
      free.push(receiver)
    },
  }
}
