/**
 * Nonce and associated data of the combined-mode ciphers, laid out in an arena for native code (RFC 4106 sections 4 and 5,
 * RFC 7634 section 2):
 *
 *   salt 32 | IV 64                      associated data: SPI 32 | [sequence number, high half 32] | low half 32
 */
import type { PacketArena } from 'tun-tap'

export const SALT_LENGTH = 4
export const IV_LENGTH = 8
export const TAG_LENGTH = 16
export const ESP_HEADER_LENGTH = 8
/** ESP header and IV. */
export const PREFIX_LENGTH = ESP_HEADER_LENGTH + IV_LENGTH
const NONCE_LENGTH = SALT_LENGTH + IV_LENGTH
const EXTENDED_LENGTH = 12
export const NONCE_LAYOUT_LENGTH = 64

export interface NonceLayout {
  /** Where the 12 bytes of the nonce lie. */
  readonly nonce: number
  /** Gives the packet the next IV, in its own bytes and in the nonce. */
  nextIv(offset: number): void
  /** Takes the IV of the packet into the nonce. */
  takeIv(offset: number): void
  /** Where the associated data of the packet lies, and how long it is. */
  associated(offset: number, sequenceHigh: number, extended: boolean): number
  associatedLength(extended: boolean): number
}

/** `place` has room for `NONCE_LAYOUT_LENGTH` bytes. */
export function createNonceLayout(arena: PacketArena, place: number, salt: Uint8Array): NonceLayout {
  const { bytes, view } = arena
  const nonce = place
  const extendedAt = nonce + NONCE_LENGTH
  bytes.set(salt, nonce)
  // RFC 4106 section 3.1: an IV never repeats under a key; the packets of an SA end long before this counter would.
  let high = 0
  let low = 0
  return {
    nonce,
    nextIv(offset) {
      const at = offset + ESP_HEADER_LENGTH
      view.setUint32(at, high)
      view.setUint32(at + 4, low)
      view.setUint32(nonce + SALT_LENGTH, high)
      view.setUint32(nonce + SALT_LENGTH + 4, low)
      if (low === 0xffff_ffff) high += 1
      low = (low + 1) >>> 0
    },
    takeIv(offset) {
      const at = offset + ESP_HEADER_LENGTH
      view.setUint32(nonce + SALT_LENGTH, view.getUint32(at))
      view.setUint32(nonce + SALT_LENGTH + 4, view.getUint32(at + 4))
    },
    associated(offset, sequenceHigh, extended) {
      if (!extended) return offset
      view.setUint32(extendedAt, view.getUint32(offset))
      view.setUint32(extendedAt + 4, sequenceHigh)
      view.setUint32(extendedAt + 8, view.getUint32(offset + 4))
      return extendedAt
    },
    associatedLength: (extended) => (extended ? EXTENDED_LENGTH : ESP_HEADER_LENGTH),
  }
}
