/** Why a packet or datagram went no further. Each reason is a counter that the user can see. */

/** In order of the way a packet takes. */
export const dropReasons = [
  /** Inner bytes that are no whole IPv4 or IPv6 packet, or do not match ESP's next header. */
  'not-ip',
  /** Outbound: no policy protects it (RFC 4301 section 5.1). */
  'no-policy',
  /** Larger than the tunnel takes, and may not be fragmented; also what the socket called too big. */
  'too-big',
  /** The SA's packets or bytes are used up. */
  'expired',
  /** The SA's sequence numbers are used up (RFC 4303 section 3.3.3). */
  'sequence-exhausted',
  /** The SA's path was removed. */
  'no-path',
  /** The socket could not take it just now. */
  'send-blocked',
  'send-failed',
  /** Inbound: more IKE messages at a time than the engine can take. */
  'ike-backlog',
  /** Inbound: too short, or lengths that do not fit (RFC 4303 section 2). */
  'malformed',
  /** No inbound SA has this SPI (RFC 4303 section 3.4.2). */
  'no-sa',
  /** Seen before, or left of the window (RFC 4303 section 3.4.3). */
  'replay',
  /** The integrity check value is wrong (RFC 4303 section 3.4.4). */
  'integrity',
  /** Padding that is not 1, 2, 3, … (RFC 4303 section 3.4.4.1). */
  'padding',
  /** A dummy packet of the peer: no fault (RFC 4303 section 2.6). */
  'dummy',
  /** The inner packet is none the SA may carry (RFC 4301 section 5.2). */
  'selector-mismatch',
  /** Congestion was marked outside on a packet that cannot carry the mark inside (RFC 6040 section 4.2). */
  'ecn',
  /** No adapter to give it to, or its queue is full. */
  'no-tun',
  'tun-full',
] as const

export type DropReason = (typeof dropReasons)[number]

/** How often each reason occurred; only those that did. */
export type CountsOf<Reason extends string> = Readonly<Partial<Record<Reason, number>>>

export type DropCounts = CountsOf<DropReason>

/** One counter a reason. */
export interface CountersOf<Reason extends string> {
  count(reason: Reason): void
  /** Those that are not zero. */
  read(): CountsOf<Reason>
}

export type DropCounters = CountersOf<DropReason>

export function createDropCounters<Reason extends string = DropReason>(): CountersOf<Reason> {
  const counts: Partial<Record<Reason, number>> = {}
  return {
    count(reason) {
      counts[reason] = (counts[reason] ?? 0) + 1
    },
    read: () => ({ ...counts }),
  }
}
