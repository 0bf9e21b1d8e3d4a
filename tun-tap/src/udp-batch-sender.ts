/** Sending in batches: sendmmsg(2), with runs of datagrams of one length handed over as one (UDP_SEGMENT, udp(7)). */
import type { PacketArena } from './arena.ts'
import { errno, sys } from './native.ts'
import { SOCKET_ADDRESS_LENGTH, writeSocketAddress, type Family } from './socket-address.ts'
import type { UdpEndpoint } from './udp-receiver.ts'
import { outcomeOf, type UdpSendOutcome } from './udp-outcome.ts'

const IPPROTO_IP = 0
const IPPROTO_IPV6 = 41
const SOL_UDP = 17
const IP_TOS = 1
const IPV6_TCLASS = 67
const UDP_SEGMENT = 103

const EAGAIN = 11
const ENOBUFS = 105
const EIO = 5
const EINVAL = 22
const EMSGSIZE = 90

// struct mmsghdr on 64 bits: msghdr { name 8, name length 4+4, iovec 8, count 8, control 8, control length 8, flags 4+4 }, length 4+4
const MESSAGE_LENGTH = 64
const IOVEC_LENGTH = 16
const NAME_LENGTH = 32
/** Two control messages: the traffic class, the segment size; header 16, value padded to 8. */
const CONTROL_ONE = 24
const CONTROL_LENGTH = 2 * CONTROL_ONE
/** The kernel's limit, UDP_MAX_SEGMENTS, and the longest message. */
const MOST_SEGMENTS = 64
const LONGEST_MESSAGE = 65_000

export interface UdpBatchOptions {
  readonly descriptor: number
  readonly family: Family
  /** Messages in one call. */
  readonly batch: number
  /** Datagrams in one message; 1 switches segmentation off. At most 64. */
  readonly burst: number
}

/** Told of datagrams that did not leave: how many, why, and the length of one. */
export type UdpBatchFailure = (
  outcome: Exclude<UdpSendOutcome, 'sent'>,
  datagrams: number,
  length: number,
) => void

export interface UdpBatchSender {
  /**
   * Adds the datagram that lies at `offset`; its bytes must stay until `flush`. A datagram that begins where the one before
   * ended, to the same peer and of the same length (the last one may be shorter) travels in one message with it.
   */
  add(to: UdpEndpoint, offset: number, length: number, trafficClass: number): boolean
  /** Hands all over to the kernel. */
  flush(): void
}

export const createUdpBatchSender = (
  memory: PacketArena,
  { descriptor, family, batch, burst }: UdpBatchOptions,
  onFailure: UdpBatchFailure,
): UdpBatchSender => {
  const { view, bytes } = memory
  const messages = memory.region(batch * MESSAGE_LENGTH)
  const iovecs = memory.region(batch * IOVEC_LENGTH)
  const names = memory.region(batch * NAME_LENGTH)
  const controls = memory.region(batch * CONTROL_LENGTH)
  const segmentLengths = new Uint32Array(batch)
  const lengths = new Uint32Array(batch)
  const datagrams = new Uint32Array(batch)
  let mostSegments = Math.min(MOST_SEGMENTS, Math.max(1, burst))
  let count = 0
  // The message that may still grow.
  let openTo: UdpEndpoint | undefined
  let openEnd = -1
  let openClass = 0

  const controlHeader = (at: number, length: number, level: number, type: number): void => {
    view.setUint32(at, length, true)
    view.setUint32(at + 4, 0, true)
    view.setInt32(at + 8, level, true)
    view.setInt32(at + 12, type, true)
  }
  for (let index = 0; index < batch; index += 1) {
    const message = messages + index * MESSAGE_LENGTH
    const control = controls + index * CONTROL_LENGTH
    memory.point(message, names + index * NAME_LENGTH, NAME_LENGTH)
    memory.point(message + 16, iovecs + index * IOVEC_LENGTH, IOVEC_LENGTH)
    view.setUint32(message + 24, 1, true)
    memory.point(message + 32, control, CONTROL_LENGTH)
    controlHeader(control, 20, family === 4 ? IPPROTO_IP : IPPROTO_IPV6, family === 4 ? IP_TOS : IPV6_TCLASS)
    controlHeader(control + CONTROL_ONE, 18, SOL_UDP, UDP_SEGMENT)
  }

  /** The last peer's socket address: a tunnel has one. */
  const known = new Uint8Array(SOCKET_ADDRESS_LENGTH)
  const knownView = new DataView(known.buffer)
  let knownTo: UdpEndpoint | undefined
  let knownLength = 0
  const direct = (index: number, to: UdpEndpoint): boolean => {
    if (to !== knownTo) {
      knownLength = writeSocketAddress(knownView, 0, family, to.address, to.port)
      knownTo = to
    }
    bytes.set(known, names + index * NAME_LENGTH)
    view.setUint32(messages + index * MESSAGE_LENGTH + 8, knownLength, true)
    return knownLength > 0
  }

  /** Completes what is only known when the message is closed. */
  const close = (): void => {
    if (openTo === undefined) return
    const index = count - 1
    openTo = undefined
    view.setUint32(iovecs + index * IOVEC_LENGTH + 8, lengths[index] ?? 0, true)
    const several = (datagrams[index] ?? 0) > 1
    view.setUint32(messages + index * MESSAGE_LENGTH + 40, several ? CONTROL_LENGTH : CONTROL_ONE, true)
    view.setUint16(controls + index * CONTROL_LENGTH + CONTROL_ONE + 16, segmentLengths[index] ?? 0, true)
  }

  /** What the kernel would not take as segments of one message goes datagram by datagram. */
  const sendSingly = (index: number, start: number): void => {
    const message = messages + index * MESSAGE_LENGTH
    const iovec = iovecs + index * IOVEC_LENGTH
    const segment = segmentLengths[index] ?? 1
    const end = start + (lengths[index] ?? 0)
    view.setUint32(message + 40, CONTROL_ONE, true)
    for (let at = start; at < end; at += segment) {
      const length = Math.min(segment, end - at)
      memory.point(iovec, at, length)
      view.setUint32(iovec + 8, length, true)
      if (sys.sendmmsg(descriptor, memory.at(message, MESSAGE_LENGTH), 1, 0) >= 0) continue
      const outcome = outcomeOf(errno())
      onFailure(outcome, 1, length)
    }
  }

  const starts = new Float64Array(batch)

  /** One message was refused: it is dropped, or sent in another way. */
  const refused = (index: number, code: number): void => {
    const several = (datagrams[index] ?? 0) > 1
    // EINVAL, EMSGSIZE: a segment is longer than the link takes, routers may fragment it. EIO: no checksum offload there.
    if (several && (code === EIO || code === EINVAL || code === EMSGSIZE)) {
      if (code === EIO) mostSegments = 1
      sendSingly(index, starts[index] ?? 0)
      return
    }
    const outcome = outcomeOf(code)
    onFailure(outcome, datagrams[index] ?? 1, segmentLengths[index] ?? 0)
  }

  const flush = (): void => {
    close()
    for (let done = 0; done < count;) {
      const left = count - done
      const address = memory.at(messages + done * MESSAGE_LENGTH, left * MESSAGE_LENGTH)
      const sent = sys.sendmmsg(descriptor, address, left, 0)
      if (sent > 0) {
        done += sent
        continue
      }
      const code = errno()
      refused(done, code)
      done += 1
      // The queue is full: what follows would not fit either.
      if (code !== EAGAIN && code !== ENOBUFS) continue
      for (; done < count; done += 1) refused(done, code)
    }
    count = 0
  }

  return {
    flush,
    add(to, offset, length, trafficClass) {
      const index = count - 1
      if (
        openTo === to &&
        openEnd === offset &&
        openClass === trafficClass &&
        length <= (segmentLengths[index] ?? 0) &&
        (datagrams[index] ?? 0) < mostSegments &&
        (lengths[index] ?? 0) + length <= LONGEST_MESSAGE
      ) {
        lengths[index] = (lengths[index] ?? 0) + length
        datagrams[index] = (datagrams[index] ?? 0) + 1
        openEnd = offset + length
        if (length < (segmentLengths[index] ?? 0)) close()
        return true
      }
      close()
      if (count === batch) flush()
      const fresh = count
      if (!direct(fresh, to)) return false
      memory.point(iovecs + fresh * IOVEC_LENGTH, offset, length)
      view.setInt32(controls + fresh * CONTROL_LENGTH + 16, trafficClass, true)
      starts[fresh] = offset
      segmentLengths[fresh] = length
      lengths[fresh] = length
      datagrams[fresh] = 1
      count += 1
      openTo = to
      openEnd = offset + length
      openClass = trafficClass
      return true
    },
  }
}
