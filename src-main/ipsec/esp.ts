/**
 * ESP in tunnel mode, in place (RFC 4303 section 2):
 *
 *   SPI 32 | sequence number, low half 32 | IV | inner packet | TFC padding | padding 1, 2, 3 … | pad length 8 | next header 8 | ICV
 */
import { readU8, readU32, writeU32 } from '../ip/octets.ts'
import type { PacketCipher } from '../ports.ts'
import type { DropReason } from './drops.ts'
import { ESP_HEADER_LENGTH, ESP_TRAILER_LENGTH } from './overhead.ts'
import type { ReplayWindow } from './replay.ts'

/** RFC 4303 section 2.6. */
export const NEXT_HEADER = { ipv4: 4, ipv6: 41, none: 59 } as const

/** Bytes that ESP puts before the inner packet. */
export const espPrefixLength = (cipher: PacketCipher): number => ESP_HEADER_LENGTH + cipher.ivLength

/**
 * Wraps the packet of `length` bytes at `offset`; ESP begins `espPrefixLength` before it. Gives ESP's whole length. The
 * caller has taken the sequence number, and left room on both sides.
 */
export function sealEsp(
  cipher: PacketCipher,
  spi: number,
  sequence: { readonly high: number; readonly low: number; readonly extended: boolean },
  nextHeader: number,
  buffer: Uint8Array,
  offset: number,
  length: number,
): number {
  const start = offset - espPrefixLength(cipher)
  writeU32(buffer, start, spi)
  writeU32(buffer, start + 4, sequence.low)
  const { blockLength } = cipher
  // RFC 4303 section 2.4: the trailer ends on a block boundary, at least on four bytes; its bytes count up from 1.
  const excess = (length + ESP_TRAILER_LENGTH) % blockLength
  const padLength = excess === 0 ? 0 : blockLength - excess
  const padding = offset + length
  for (let at = 0; at < padLength; at += 1) buffer[padding + at] = at + 1
  buffer[padding + padLength] = padLength
  buffer[padding + padLength + 1] = nextHeader
  const end = padding + padLength + ESP_TRAILER_LENGTH
  cipher.seal(buffer, start, end - start, sequence.high, sequence.extended)
  return end - start + cipher.icvLength
}

/** What `openEsp` found; reused for each packet. */
export interface OpenedEsp {
  /** The payload in the buffer, TFC padding included: the inner header says where the packet ends (RFC 4303 section 2.7). */
  offset: number
  length: number
  nextHeader: number
  /** Whether its number is the highest so far: not a late one. */
  isNewest: boolean
}

export const createOpenedEsp = (): OpenedEsp => ({ offset: 0, length: 0, nextHeader: 0, isNewest: false })

/** The SPI of what is at least an ESP header; 0, which no SA has, when it is shorter. */
export const espSpiOf = (buffer: Uint8Array, offset: number, length: number): number =>
  length < ESP_HEADER_LENGTH ? 0 : readU32(buffer, offset)

/**
 * Verifies and decrypts in place. With a reason given, the window is as before, unless the reason is `padding`: then the
 * packet was authentic. The order is RFC 4303 section 3.4.3's: the window first, then the ICV, then the window's update.
 */
export function openEsp(
  cipher: PacketCipher,
  window: ReplayWindow,
  extended: boolean,
  buffer: Uint8Array,
  offset: number,
  length: number,
  opened: OpenedEsp,
): DropReason | undefined {
  const prefix = ESP_HEADER_LENGTH + cipher.ivLength
  const encrypted = length - prefix - cipher.icvLength
  if (encrypted < ESP_TRAILER_LENGTH || encrypted % cipher.blockLength !== 0) return 'malformed'
  const low = readU32(buffer, offset + 4)
  const high = window.check(low)
  if (high === undefined) return 'replay'
  if (!cipher.open(buffer, offset, length, high, extended)) return 'integrity'
  opened.isNewest = window.accept(high, low)
  const trailer = offset + prefix + encrypted - ESP_TRAILER_LENGTH
  const padLength = readU8(buffer, trailer)
  const payload = encrypted - ESP_TRAILER_LENGTH - padLength
  if (payload < 0) return 'padding'
  opened.offset = offset + prefix
  opened.length = payload
  opened.nextHeader = readU8(buffer, trailer + 1)
  // RFC 4303 section 3.4.4.1, step 3: the receiver should inspect the padding.
  for (let at = 1; at <= padLength; at += 1) {
    if (readU8(buffer, trailer - padLength + at - 1) !== at) return 'padding'
  }
  return undefined
}
