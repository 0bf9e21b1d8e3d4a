/**
 * Puts fragments together before AH or ESP look at them (RFC 4302 section 3.4.1, RFC 4303 section 3.4.1), and before transport
 * mode is applied, which takes whole datagrams only (RFC 4303 section 3.3.4). Nothing here is authenticated: memory is bounded,
 * and a datagram whose pieces overlap is lost whole (RFC 5722).
 */
import { checksum } from '../../ip/checksum.ts'
import { readU8, readU16, readU32, writeU16 } from '../../ip/octets.ts'
import { IPV6_HEADER_LENGTH } from '../../ip/packet.ts'
import type { Clock } from '../../ports.ts'
import type { ProcessingDropReason } from './drop-reasons.ts'
import type { HeaderPlace } from './header-chain.ts'
import { LONGEST_PACKET, ROOM_BEFORE } from './working-packet.ts'
import type { WorkingPacket } from './working-packet.ts'

const MOST_DATAGRAMS = 16
/** A datagram of 64 KB on a path of 576 bytes has 119. */
const MOST_PIECES = 128
/** RFC 8200 section 4.5 says 60 s, RFC 1122 section 3.3.2 60 to 120; what waits longer than this has been lost. */
const LONGEST_WAIT_MS = 30_000
/** RFC 1858 section 3.1: a first fragment has room for what a filter must see of TCP. */
const SHORTEST_FIRST = 16
/** Of IPv4 with all options, or of IPv6 with extension headers. */
const LONGEST_FRONT = 512

interface Datagram {
  readonly key: string
  readonly startedAt: number
  /** The front at 0, the payload from LONGEST_FRONT on. */
  readonly bytes: Uint8Array
  /** Pieces of payload that are there, ascending: from, to, from, to, … */
  readonly pieces: number[]
  frontLength: number
  /** Where the number stands that says what comes behind the front. */
  namedAt: number
  nextHeader: number
  /** Known when the last piece is there. */
  end: number | undefined
  /** An overlap was seen: what still comes is dropped. */
  isLost: boolean
}

export interface Reassembly {
  /**
   * Takes a fragment. `whole`: the packet is the datagram now; `kept`: wait for the rest; else why it, and maybe all of its
   * datagram, was dropped.
   */
  take(packet: WorkingPacket, place: HeaderPlace): 'whole' | 'kept' | ProcessingDropReason
}

export const isFragment = ({ fragmentOffset, moreFragments }: HeaderPlace): boolean =>
  fragmentOffset > 0 || moreFragments

/** `lost` is told of each datagram that never came to its end. */
export function createReassembly(clock: Pick<Clock, 'monotonic'>, lost: () => void): Reassembly {
  const datagrams = new Map<string, Datagram>()
  const spare: Uint8Array[] = []

  const discard = (datagram: Datagram): void => {
    datagrams.delete(datagram.key)
    spare.push(datagram.bytes)
  }

  const dropOld = (): void => {
    const now = clock.monotonic()
    for (const datagram of datagrams.values()) {
      // Insertion order is that of their age.
      if (now - datagram.startedAt < LONGEST_WAIT_MS) return
      discard(datagram)
      if (!datagram.isLost) lost()
    }
  }

  const begin = (key: string): Datagram => {
    const [oldest] = datagrams.values()
    if (datagrams.size >= MOST_DATAGRAMS && oldest !== undefined) {
      discard(oldest)
      if (!oldest.isLost) lost()
    }
    const made: Datagram = {
      key,
      startedAt: clock.monotonic(),
      bytes: spare.pop() ?? new Uint8Array(LONGEST_FRONT + LONGEST_PACKET),
      pieces: [],
      frontLength: 0,
      namedAt: 0,
      nextHeader: 0,
      end: undefined,
      isLost: false,
    }
    datagrams.set(key, made)
    return made
  }

  const lose = (datagram: Datagram, reason: ProcessingDropReason): ProcessingDropReason => {
    datagram.isLost = true
    return reason
  }

  return {
    take(packet, place) {
      dropOld()
      const { buffer, offset, length } = packet
      const payloadAt = place.version === 4 ? place.frontLength : place.fragmentHeaderAt + 8
      const { fragmentOffset: from, moreFragments } = place
      const to = from + length - payloadAt
      if (to <= from || (moreFragments && (to - from) % 8 !== 0)) return 'fragment-malformed'
      if (from === 0 && to < SHORTEST_FIRST) return 'fragment-tiny'
      if (to + payloadAt > LONGEST_PACKET || payloadAt > LONGEST_FRONT) return 'fragment-too-long'
      const key = keyOf(buffer, offset, place)
      const datagram = datagrams.get(key) ?? begin(key)
      if (datagram.isLost) return 'fragment-overlap'
      const { end } = datagram
      if (moreFragments ? to >= (end ?? Infinity) : end !== undefined && end !== to)
        return lose(datagram, 'fragment-malformed')
      if (!moreFragments && (datagram.pieces.at(-1) ?? 0) > to) return lose(datagram, 'fragment-malformed')
      const added = addPiece(datagram.pieces, from, to)
      if (added === 'known') return 'kept'
      if (added === 'overlap') return lose(datagram, 'fragment-overlap')
      if (datagram.pieces.length > 2 * MOST_PIECES) return lose(datagram, 'fragment-tiny')
      datagram.bytes.set(buffer.subarray(offset + payloadAt, offset + length), LONGEST_FRONT + from)
      if (!moreFragments) datagram.end = to
      if (from === 0) keepFront(datagram, packet, place)
      if (!isComplete(datagram)) return 'kept'
      writeWhole(datagram, packet)
      discard(datagram)
      return 'whole'
    },
  }
}

/** RFC 791 section 3.2: addresses, protocol, identification; RFC 8200 section 4.5: addresses and identification. */
function keyOf(buffer: Uint8Array, offset: number, place: HeaderPlace): string {
  if (place.version === 4) {
    const words = [readU32(buffer, offset + 12), readU32(buffer, offset + 16), readU16(buffer, offset + 4)]
    return `4 ${words.join(' ')} ${readU8(buffer, offset + 9)}`
  }
  let key = `6 ${readU32(buffer, offset + place.fragmentHeaderAt + 4)}`
  for (let at = 8; at < IPV6_HEADER_LENGTH; at += 4) key += ` ${readU32(buffer, offset + at)}`
  return key
}

/** Puts it where it belongs; `known`: exactly this piece was there. */
function addPiece(pieces: number[], from: number, to: number): 'added' | 'known' | 'overlap' {
  let place = 0
  while (place < pieces.length && (pieces[place] ?? 0) < from) place += 2
  const before = place > 0 ? (pieces[place - 1] ?? 0) : 0
  const behind = pieces[place] ?? Infinity
  if (behind === from && pieces[place + 1] === to) return 'known'
  if (before > from || behind < to) return 'overlap'
  pieces.splice(place, 0, from, to)
  return 'added'
}

function keepFront(datagram: Datagram, { buffer, offset }: WorkingPacket, place: HeaderPlace): void {
  const isIpv4 = place.version === 4
  datagram.frontLength = isIpv4 ? place.frontLength : place.fragmentHeaderAt
  datagram.namedAt = isIpv4 ? 9 : place.fragmentNamedAt
  datagram.nextHeader = readU8(buffer, offset + (isIpv4 ? 9 : place.fragmentHeaderAt))
  datagram.bytes.set(buffer.subarray(offset, offset + datagram.frontLength))
}

function isComplete({ pieces, end, frontLength }: Datagram): boolean {
  if (end === undefined || frontLength === 0) return false
  let reached = 0
  for (let place = 0; place < pieces.length; place += 2) {
    if (pieces[place] !== reached) return false
    reached = pieces[place + 1] ?? 0
  }
  return reached === end
}

function writeWhole(datagram: Datagram, packet: WorkingPacket): void {
  const { bytes, frontLength, namedAt, nextHeader, end = 0 } = datagram
  const { buffer } = packet
  packet.offset = ROOM_BEFORE
  packet.length = frontLength + end
  buffer.set(bytes.subarray(0, frontLength), ROOM_BEFORE)
  buffer.set(bytes.subarray(LONGEST_FRONT, LONGEST_FRONT + end), ROOM_BEFORE + frontLength)
  buffer[ROOM_BEFORE + namedAt] = nextHeader
  if (readU8(buffer, ROOM_BEFORE) >>> 4 === 6) {
    writeU16(buffer, ROOM_BEFORE + 4, packet.length - IPV6_HEADER_LENGTH)
    return
  }
  writeU16(buffer, ROOM_BEFORE + 2, packet.length)
  writeU16(buffer, ROOM_BEFORE + 6, 0)
  writeU16(buffer, ROOM_BEFORE + 10, 0)
  writeU16(buffer, ROOM_BEFORE + 10, checksum(buffer, ROOM_BEFORE, frontLength))
}
