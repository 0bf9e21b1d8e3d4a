/** Receiving in batches with recvmmsg(2): the arrays it wants, laid out by hand in one piece of memory. */
import { arena, sys, type Arena } from './native.ts'
import { restoreMessage } from './message-header.ts'
import { readAddress, readPort, SOCKET_ADDRESS_LENGTH, type Family } from './socket-address.ts'

export interface UdpEndpoint {
  readonly address: string
  readonly port: number
}

/** The view is good during the call only; at least 128 bytes behind the datagram are the handler's too. */
export type UdpHandler = (
  from: UdpEndpoint,
  buffer: Uint8Array,
  offset: number,
  length: number,
  trafficClass: number,
) => void

const BATCH = 32
/** Batches in one turn of the event loop. */
const TURNS = 2
const MAXIMUM_LENGTH = 65_535
const ROOM_BEHIND = 128

// struct mmsghdr on 64 bits: msghdr { name 8, name length 4+4, iovec 8, count 8, control 8, control length 8, flags 4+4 }, length 4+4
const MESSAGE_LENGTH = 64
const IOVEC_LENGTH = 16
const NAME_LENGTH = 32
const CONTROL_LENGTH = 64

const IPPROTO_IP = 0
const IP_TOS = 1
const IPPROTO_IPV6 = 41
const IPV6_TCLASS = 67

const iovecs = BATCH * MESSAGE_LENGTH
const senders = iovecs + BATCH * IOVEC_LENGTH
const controls = senders + BATCH * NAME_LENGTH
const slots = controls + BATCH * CONTROL_LENGTH
const SLOT_LENGTH = MAXIMUM_LENGTH + 1 + ROOM_BEHIND

let shared: Arena | undefined

/** One for all sockets: each drains to the end before the next. Most of it is never touched, so it costs no memory. */
const receiveArena = (): Arena => {
  if (shared !== undefined) return shared
  const memory = arena(slots + BATCH * SLOT_LENGTH)
  const pointer = (offset: number, value: number) => memory.view.setBigUint64(offset, BigInt(value), true)
  for (let index = 0; index < BATCH; index += 1) {
    const message = index * MESSAGE_LENGTH
    const iovec = iovecs + index * IOVEC_LENGTH
    pointer(message, memory.address + senders + index * NAME_LENGTH)
    pointer(message + 16, memory.address + iovec)
    pointer(message + 24, 1)
    pointer(message + 32, memory.address + controls + index * CONTROL_LENGTH)
    pointer(iovec, memory.address + slots + index * SLOT_LENGTH)
    pointer(iovec + 8, MAXIMUM_LENGTH)
    restoreMessage(memory.view, message, SOCKET_ADDRESS_LENGTH, CONTROL_LENGTH)
  }
  shared = memory
  return memory
}

/** The traffic class among the control messages; 0 when there is none. */
const trafficClassOf = (view: DataView, message: number, control: number): number => {
  const end = control + view.getUint32(message + 40, true)
  for (let at = control; at + 16 < end;) {
    const length = view.getUint32(at, true)
    if (length < 16) return 0
    const level = view.getInt32(at + 8, true)
    const type = view.getInt32(at + 12, true)
    if ((level === IPPROTO_IP && type === IP_TOS) || (level === IPPROTO_IPV6 && type === IPV6_TCLASS))
      return view.getUint8(at + 16)
    at += (length + 7) & ~7
  }
  return 0
}

export interface Receiver {
  handler: UdpHandler | undefined
  /** Takes what has arrived, up to a budget. */
  readonly drain: () => void
}

export const openReceiver = (fd: number, family: Family): Receiver => {
  const memory = receiveArena()
  const { view, bytes } = memory
  /** The last sender's socket address and its text: a tunnel has one peer, so it is parsed once. */
  const known = new Uint8Array(SOCKET_ADDRESS_LENGTH)
  let knownSender: UdpEndpoint | undefined

  const senderAt = (offset: number): UdpEndpoint => {
    const length = family === 4 ? 8 : SOCKET_ADDRESS_LENGTH
    let same = knownSender !== undefined
    for (let index = 0; same && index < length; index += 1) same = known[index] === bytes[offset + index]
    if (same && knownSender !== undefined) return knownSender
    known.set(bytes.subarray(offset, offset + length))
    knownSender = { address: readAddress(view, offset, family), port: readPort(view, offset) }
    return knownSender
  }

  const receiver: Receiver = {
    handler: undefined,
    drain() {
      for (let turn = 0; turn < TURNS; turn += 1) {
        if (receiver.handler === undefined) return
        const count = sys.recvmmsg(fd, memory.address, BATCH, 0, 0)
        // Negative: nothing there, or an error of an earlier datagram that this call has cleared.
        for (let index = 0; index < count; index += 1) deliver(index)
        if (count < BATCH) return
      }
    },
  }

  const deliver = (index: number): void => {
    const message = index * MESSAGE_LENGTH
    const trafficClass = trafficClassOf(view, message, controls + index * CONTROL_LENGTH)
    const sender = senderAt(senders + index * NAME_LENGTH)
    const length = view.getUint32(message + 56, true)
    restoreMessage(view, message, SOCKET_ADDRESS_LENGTH, CONTROL_LENGTH)
    receiver.handler?.(sender, bytes, slots + index * SLOT_LENGTH, length, trafficClass)
  }

  return receiver
}
