/** A TUN device's descriptor read and written in an arena: several packets in one where the device has offloads. */
import type { PacketArena } from './arena.ts'
import { errno, sys } from './native.ts'
import { OFFLOAD_HEADER_LENGTH } from './offload.ts'

const EAGAIN = 11
const EINTR = 4
/** The longest packet with its offload header. */
export const LONGEST_TUN_PACKET = 65_535 + OFFLOAD_HEADER_LENGTH
/** Linux takes 1024 parts; a packet of 64 KB has at most 47 full segments. */
const PARTS = 128
const IOVEC_LENGTH = 16
/** What a queue needs of its arena. */
export const TUN_QUEUE_PARTS_LENGTH = PARTS * IOVEC_LENGTH

export type TunQueueOutcome = 'written' | 'would-block' | 'refused'

export interface TunQueue {
  /** Reads one packet, offload header first, to `offset`; gives its length, 0 when there is none now, -1 when the device is gone. */
  read(offset: number): number
  /** Begins a packet that is written from several places. */
  begin(): void
  /** Adds a piece; false when there is no room for more pieces. */
  add(offset: number, length: number): boolean
  /** Hands over what was added as one packet. */
  end(): TunQueueOutcome
}

/** `parts`: a region of `TUN_QUEUE_PARTS_LENGTH` bytes, the queue's own. */
export const createTunQueue = (memory: PacketArena, descriptor: number, parts: number): TunQueue => {
  let count = 0
  return {
    read(offset) {
      const length = sys.read(descriptor, memory.at(offset, LONGEST_TUN_PACKET), LONGEST_TUN_PACKET)
      if (length > 0) return length
      if (length === 0) return 0
      const code = errno()
      return code === EAGAIN || code === EINTR ? 0 : -1
    },
    begin() {
      count = 0
    },
    add(offset, length) {
      if (count === PARTS) return false
      const part = parts + count * IOVEC_LENGTH
      memory.point(part, offset, length)
      memory.view.setUint32(part + 8, length, true)
      memory.view.setUint32(part + 12, 0, true)
      count += 1
      return true
    },
    end() {
      if (sys.writev(descriptor, memory.at(parts, count * IOVEC_LENGTH), count) >= 0) return 'written'
      const code = errno()
      return code === EAGAIN || code === EINTR ? 'would-block' : 'refused'
    },
  }
}
