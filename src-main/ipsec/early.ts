/**
 * ESP that comes in before its SA is installed. The peer may send on a new SA as soon as it has answered (RFC 7296 section 2.8),
 * and its packet may arrive beside that very answer: a few such packets wait for a moment, on SPIs alone that we have offered.
 */
import type { Clock, DatagramSocket, Endpoint, TrafficClass } from '../ports.ts'
import type { DropCounters } from './drops.ts'
import type { Inbound } from './inbound-packet.ts'

const MOST_OFFERS = 64
const MOST_PACKETS = 8
/** In bytes, of the datagram: more than any usual path carries. */
export const LONGEST_EARLY_PACKET = 2_048
const LONGEST_WAIT_MS = 500
/** What a Tun may want before and behind a packet. */
const ROOM_AROUND = 128
const SLOT_LENGTH = LONGEST_EARLY_PACKET + 2 * ROOM_AROUND

/** How much memory the packets take. */
export const EARLY_PACKETS_LENGTH = MOST_PACKETS * SLOT_LENGTH

export interface EarlyPackets {
  /** Packets on this SPI are worth keeping from now on, until its SA is there or too many others were offered since. */
  offer(spi: number): void
  /** Copies a packet that has no SA; false when it is not to be kept. */
  keep: (spi: number, ...packet: Parameters<Inbound>) => boolean
  /** Gives what waited for the SPI, in its order, to `inbound`. Its SA is installed now. */
  deliver(spi: number, inbound: Inbound): void
}

interface Kept {
  readonly spi: number
  readonly slot: number
  readonly socket: DatagramSocket
  readonly from: Endpoint
  readonly length: number
  readonly trafficClass: TrafficClass
  readonly until: number
}

/** Packets lie in `buffer` from `start` on, EARLY_PACKETS_LENGTH bytes. */
export function createEarlyPackets(
  { clock, drops }: { readonly clock: Pick<Clock, 'monotonic'>; readonly drops: DropCounters },
  buffer: Uint8Array,
  start: number,
): EarlyPackets {
  const offered = new Set<number>()
  let waiting: readonly Kept[] = []
  const place = (slot: number): number => start + slot * SLOT_LENGTH + ROOM_AROUND

  const dropOld = (): void => {
    const now = clock.monotonic()
    const fresh = waiting.filter(({ until }) => until > now)
    for (let gone = waiting.length - fresh.length; gone > 0; gone -= 1) drops.count('no-sa')
    waiting = fresh
  }

  return {
    offer(spi) {
      offered.add(spi)
      if (offered.size <= MOST_OFFERS) return
      const [oldest] = offered
      if (oldest !== undefined) offered.delete(oldest)
    },
    keep(spi, socket, from, source, offset, length, trafficClass) {
      if (!offered.has(spi) || length > LONGEST_EARLY_PACKET) return false
      dropOld()
      const taken = new Set(waiting.map(({ slot }) => slot))
      let slot = 0
      while (taken.has(slot)) slot += 1
      if (slot >= MOST_PACKETS) return false
      buffer.set(source.subarray(offset, offset + length), place(slot))
      const until = clock.monotonic() + LONGEST_WAIT_MS
      waiting = [...waiting, { spi, slot, socket, from, length, trafficClass, until }]
      return true
    },
    deliver(spi, inbound) {
      if (!offered.delete(spi) || waiting.length === 0) return
      dropOld()
      const ready = waiting.filter((packet) => packet.spi === spi)
      waiting = waiting.filter((packet) => packet.spi !== spi)
      for (const { slot, socket, from, length, trafficClass } of ready)
        inbound(socket, from, buffer, place(slot), length, trafficClass)
    },
  }
}
