/** Why a packet went no further on its way through policies and SAs (RFC 4301 section 5). Each reason is a counter. */
import type { CountersOf, CountsOf } from '../drops.ts'

/** In order of the way a packet takes: out first, then in. */
export const processingDropReasons = [
  /** Bytes that are no whole IPv4 or IPv6 packet. */
  'not-ip',
  /** IPv6 extension headers or IPv4 options that leave the packet, are too many, or cannot be predicted (RFC 4302 section 3.3.3.1). */
  'header-chain',
  /** No policy knows the packet: discarded (RFC 4301 section 5.1, step 2 and section 5.2, step 3b). */
  'no-policy',
  /** A policy says so. */
  'policy-discard',
  /** A policy protects it, and the SA that it names is not there. */
  'no-outbound-sa',
  /** More SAs, one around the other, than any policy has. */
  'bundle-too-deep',
  /** Larger than the path takes, and may not be fragmented. */
  'too-big',
  /** The SA's time, packets or bytes are used up. */
  'expired',
  /** The SA's sequence numbers are used up (RFC 4302 section 3.3.2, RFC 4303 section 3.3.3). */
  'sequence-exhausted',
  'send-blocked',
  'send-failed',
  /** A fragment that lies over bytes that came already: all of its datagram is dropped (RFC 5722). */
  'fragment-overlap',
  /** A first fragment without room for the header behind IP, or pieces made to exhaust us (RFC 1858, RFC 7112). */
  'fragment-tiny',
  /** It would make a datagram of more than 65,535 bytes. */
  'fragment-too-long',
  /** A length that is no multiple of 8 before the end, or two ends. */
  'fragment-malformed',
  /** The rest did not come in time (RFC 8200 section 4.5), or others needed the room. */
  'fragment-incomplete',
  /** Too short for its headers, or lengths that do not fit (RFC 4302 section 2, RFC 4303 section 2). */
  'malformed',
  /** No inbound SA has this SPI, destination and protocol (RFC 4302 section 3.4.2, RFC 4303 section 3.4.2). */
  'no-sa',
  /** Seen before, or left of the window. */
  'replay',
  /** The integrity check value is wrong. */
  'integrity',
  /** Padding that is not 1, 2, 3, … (RFC 4303 section 3.4.4.1). */
  'padding',
  /** A dummy packet of the peer: no fault (RFC 4303 section 2.6). */
  'dummy',
  /** What came out of an SA in tunnel mode is no IP packet of the version that the next header field says. */
  'mode-mismatch',
  /** Congestion was marked outside on a packet that cannot carry the mark inside (RFC 6040 section 4.2). */
  'ecn',
  /** The packet is none that the SA may carry (RFC 4301 section 5.2, step 4). */
  'selector-mismatch',
  /** It came through other SAs than those its policy names, or in clear where it must be protected (RFC 4301 section 5.2). */
  'policy-mismatch',
  /** No adapter to give it to, or its queue is full. */
  'no-tun',
  'tun-full',
] as const

export type ProcessingDropReason = (typeof processingDropReasons)[number]

export type ProcessingDropCounts = CountsOf<ProcessingDropReason>

export type ProcessingDropCounters = CountersOf<ProcessingDropReason>
