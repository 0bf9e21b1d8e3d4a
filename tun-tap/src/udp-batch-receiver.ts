/** Receiving in batches into an arena: recvmmsg(2), with datagrams of one length taken together (UDP_GRO, udp(7)). */
import type { PacketArena } from './arena.ts'
import { sys } from './native.ts'
import { readAddress, readPort, SOCKET_ADDRESS_LENGTH, type Family } from './socket-address.ts'
import { restoreMessage } from './message-header.ts'
import type { UdpEndpoint } from './udp-receiver.ts'

const IPPROTO_IP = 0
const IP_TOS = 1
const IPPROTO_IPV6 = 41
const IPV6_TCLASS = 67
const SOL_UDP = 17
const UDP_GRO = 104

const MESSAGE_LENGTH = 64
const IOVEC_LENGTH = 16
const NAME_LENGTH = 32
const CONTROL_LENGTH = 64
const LONGEST = 65_535
/** Behind each message, so that whoever works in place has room. */
const ROOM_BEHIND = 256
const SLOT_LENGTH = LONGEST + 1 + ROOM_BEHIND

/** A datagram in the arena's bytes; it is good until the next `receive`. Datagrams that came together lie side by side. */
export type UdpBatchHandler = (
  from: UdpEndpoint,
  offset: number,
  length: number,
  trafficClass: number,
) => void

export interface UdpBatchReceiver {
  /** Goes on with another socket, in the same memory. */
  attach(descriptor: number, family: Family): void
  /** Takes what is there; false when it took everything. */
  receive(handler: UdpBatchHandler): boolean
}

export const createUdpBatchReceiver = (
  memory: PacketArena,
  first: { readonly descriptor: number; readonly family: Family; readonly batch: number },
): UdpBatchReceiver => {
  const { batch } = first
  let { descriptor, family } = first
  const { view, bytes } = memory
  const messages = memory.region(batch * MESSAGE_LENGTH)
  const iovecs = memory.region(batch * IOVEC_LENGTH)
  const names = memory.region(batch * NAME_LENGTH)
  const controls = memory.region(batch * CONTROL_LENGTH)
  const slots = memory.region(batch * SLOT_LENGTH)
  const restore = (index: number): void =>
    restoreMessage(view, messages + index * MESSAGE_LENGTH, SOCKET_ADDRESS_LENGTH, CONTROL_LENGTH)
  for (let index = 0; index < batch; index += 1) {
    const message = messages + index * MESSAGE_LENGTH
    const iovec = iovecs + index * IOVEC_LENGTH
    memory.point(message, names + index * NAME_LENGTH, NAME_LENGTH)
    memory.point(message + 16, iovec, IOVEC_LENGTH)
    view.setUint32(message + 24, 1, true)
    memory.point(message + 32, controls + index * CONTROL_LENGTH, CONTROL_LENGTH)
    memory.point(iovec, slots + index * SLOT_LENGTH, SLOT_LENGTH)
    view.setUint32(iovec + 8, LONGEST, true)
    restore(index)
  }

  const known = new Uint8Array(SOCKET_ADDRESS_LENGTH)
  let knownSender: UdpEndpoint | undefined
  const senderAt = (offset: number): UdpEndpoint => {
    const nameLength = family === 4 ? 8 : SOCKET_ADDRESS_LENGTH
    let same = knownSender !== undefined
    for (let index = 0; same && index < nameLength; index += 1) same = known[index] === bytes[offset + index]
    if (same && knownSender !== undefined) return knownSender
    known.set(bytes.subarray(offset, offset + nameLength))
    knownSender = { address: readAddress(view, offset, family), port: readPort(view, offset) }
    return knownSender
  }

  let trafficClass = 0
  let segmentLength = 0
  const readControl = (index: number): void => {
    trafficClass = 0
    segmentLength = 0
    const start = controls + index * CONTROL_LENGTH
    const end = start + view.getUint32(messages + index * MESSAGE_LENGTH + 40, true)
    for (let at = start; at + 16 < end;) {
      const length = view.getUint32(at, true)
      if (length <= 16) return
      const level = view.getInt32(at + 8, true)
      const type = view.getInt32(at + 12, true)
      if (level === SOL_UDP && type === UDP_GRO) segmentLength = view.getUint16(at + 16, true)
      else if ((level === IPPROTO_IP && type === IP_TOS) || (level === IPPROTO_IPV6 && type === IPV6_TCLASS))
        trafficClass = view.getUint8(at + 16)
      at += (length + 7) & ~7
    }
  }

  const deliver = (index: number, handler: UdpBatchHandler): void => {
    const from = senderAt(names + index * NAME_LENGTH)
    readControl(index)
    const length = view.getUint32(messages + index * MESSAGE_LENGTH + 56, true)
    restore(index)
    const slot = slots + index * SLOT_LENGTH
    const each = segmentLength > 0 && segmentLength < length ? segmentLength : length
    if (length === 0) handler(from, slot, 0, trafficClass)
    for (let at = 0; at < length; at += each)
      handler(from, slot + at, Math.min(each, length - at), trafficClass)
  }

  return {
    attach(nextDescriptor, nextFamily) {
      descriptor = nextDescriptor
      family = nextFamily
      knownSender = undefined
    },
    receive(handler) {
      const address = memory.at(messages, batch * MESSAGE_LENGTH)
      const count = sys.recvmmsg(descriptor, address, batch, 0, 0)
      // Negative: nothing there, or an error of an earlier datagram that this call has cleared.
      for (let index = 0; index < count; index += 1) deliver(index, handler)
      return count === batch
    },
  }
}
