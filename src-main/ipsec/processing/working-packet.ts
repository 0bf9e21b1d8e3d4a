/** The one place where a packet gets its headers and loses them again: it has room on both sides for any bundle. */

/** Bytes before and behind a packet: a bundle of the most SAs with the longest headers, and TFC padding up to a usual MTU. */
export const ROOM_BEFORE = 1_024
const ROOM_BEHIND = 4_096
export const LONGEST_PACKET = 65_535

/** A packet in its buffer. `buffer` stays; the packet grows and shrinks within it. */
export interface WorkingPacket {
  readonly buffer: Uint8Array
  offset: number
  length: number
}

export const createWorkingPacket = (): WorkingPacket => ({
  buffer: new Uint8Array(ROOM_BEFORE + LONGEST_PACKET + ROOM_BEHIND),
  offset: ROOM_BEFORE,
  length: 0,
})

/** Copies a packet in; false when it is longer than any. */
export function loadPacket(
  packet: WorkingPacket,
  source: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (length > LONGEST_PACKET) return false
  packet.offset = ROOM_BEFORE
  packet.length = length
  packet.buffer.set(source.subarray(offset, offset + length), ROOM_BEFORE)
  return true
}

/** The most bytes that a packet may still grow by in front. */
export const roomBefore = (packet: WorkingPacket): number => packet.offset
