/** What arrives on a UDP socket of an IPsec host, and how IKE is told from ESP (RFC 3948 section 2, RFC 7296 section 2.23). */
import { readU8, readU32 } from '../ip/octets.ts'
import type { Endpoint } from '../ports.ts'
import type { IkeFraming } from './data-plane.ts'

/** Four zero bytes where ESP has its SPI, which is never zero. */
export const NON_ESP_MARKER_LENGTH = 4

/** RFC 3948 section 2.3: one byte of ones. */
export const natKeepalive = (): Uint8Array => new Uint8Array([0xff])

const IKE_PORT = 500

/** Whether IKE to and from this peer has the marker. */
export function isMarked(framing: IkeFraming, peer: Endpoint): boolean {
  switch (framing) {
    case 'marked':
      return true
    case 'plain':
      return false
    case 'by-peer-port':
      return peer.port !== IKE_PORT
  }
}

export type DatagramKind = 'ike' | 'marked-ike' | 'esp' | 'keepalive' | 'malformed'

/** `marked-ike` begins behind the marker. Nothing here is authenticated yet. */
export function datagramKind(
  marked: boolean,
  buffer: Uint8Array,
  offset: number,
  length: number,
): DatagramKind {
  // RFC 3948 section 2.3: a keepalive must not disturb anyone, on whichever port it comes.
  if (length === 1 && readU8(buffer, offset) === 0xff) return 'keepalive'
  if (!marked) return 'ike'
  if (length < NON_ESP_MARKER_LENGTH) return 'malformed'
  return readU32(buffer, offset) === 0 ? 'marked-ike' : 'esp'
}

/** The message with the marker in front, a fresh array. */
export function withMarker(message: Uint8Array): Uint8Array {
  const datagram = new Uint8Array(NON_ESP_MARKER_LENGTH + message.length)
  datagram.set(message, NON_ESP_MARKER_LENGTH)
  return datagram
}
