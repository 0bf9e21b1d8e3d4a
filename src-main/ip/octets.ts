/**
 * Unsigned numbers in network byte order at a place in a packet, for hot paths: no view object, no check. The caller has
 * compared lengths before; what lies outside the buffer reads as 0 and is not written.
 */

export const readU8 = (buffer: Uint8Array, at: number): number => buffer[at] ?? 0

export const readU16 = (buffer: Uint8Array, at: number): number =>
  ((buffer[at] ?? 0) << 8) | (buffer[at + 1] ?? 0)

export const readU32 = (buffer: Uint8Array, at: number): number =>
  (((buffer[at] ?? 0) << 24) |
    ((buffer[at + 1] ?? 0) << 16) |
    ((buffer[at + 2] ?? 0) << 8) |
    (buffer[at + 3] ?? 0)) >>>
  0

export function writeU16(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >>> 8
  buffer[at + 1] = value
}

export function writeU32(buffer: Uint8Array, at: number, value: number): void {
  buffer[at] = value >>> 24
  buffer[at + 1] = value >>> 16
  buffer[at + 2] = value >>> 8
  buffer[at + 3] = value
}
