/**
 * Messages in pieces, as Cisco has them and most others too (no RFC): each piece is an ISAKMP message of its own with one fragment
 * payload, in clear, whatever the whole one is. Both ends announce by a vendor ID that they know it.
 */
import { readIkeHeader } from '../header.ts'
import type { IkeHeader } from '../header.ts'
import { messageId } from '../../../src-shared/brands.ts'
import { PayloadNumber } from './code-points.ts'
import { decodeMessage, encodeMessage, payloadOf } from './message.ts'

/** IKE's bytes in one datagram, so that it fits into 1,280 with IP, UDP and the non-ESP marker. */
export const LONGEST_DATAGRAM = 1200
/** Header, generic header, and what stands before a piece. */
const AROUND_PIECE = 28 + 4 + 4
const MOST_PIECES = 64
const LAST = 1

export const isFragment = ({ nextPayload }: Pick<IkeHeader, 'nextPayload'>): boolean =>
  nextPayload === PayloadNumber.FRAGMENT

/** A datagram in pieces; itself when it is short enough. */
export function inPieces(datagram: Uint8Array, id: number): readonly Uint8Array[] {
  const header = readIkeHeader(datagram)
  if (header === undefined || datagram.length <= LONGEST_DATAGRAM) return [datagram]
  const room = LONGEST_DATAGRAM - AROUND_PIECE
  const count = Math.ceil(datagram.length / room)
  return Array.from({ length: count }, (_, index) => {
    const data = datagram.subarray(index * room, (index + 1) * room)
    const { initiatorSpi, responderSpi, exchange } = header
    // Others take zero for a piece's message ID, and so do we.
    return encodeMessage({ initiatorSpi, responderSpi, exchange, messageId: messageId(0), commit: false }, [
      { type: 'fragment', id, number: index + 1, flags: index + 1 === count ? LAST : 0, data },
    ]).datagram
  })
}

export interface Assembly {
  /** The whole datagram once its last missing piece is there. */
  add(datagram: Uint8Array): Uint8Array | undefined
}

/** Puts one message together at a time: a piece of another one takes the place of what there was. */
export function createAssembly(): Assembly {
  let id: number | undefined
  let pieces = new Map<number, Uint8Array>()
  let last: number | undefined

  const restart = (next: number): void => {
    id = next
    pieces = new Map()
    last = undefined
  }

  return {
    add(datagram) {
      const decoded = decodeMessage(datagram)
      const piece = decoded.ok ? payloadOf(decoded.value.message, 'fragment') : undefined
      if (piece === undefined || piece.number === 0 || piece.number > MOST_PIECES) return undefined
      const known = pieces.get(piece.number)
      // Some number all their messages alike: then it is another one that says something else in the same place.
      if (piece.id !== id || (known !== undefined && !sameBytes(known, piece.data))) restart(piece.id)
      pieces.set(piece.number, piece.data.slice())
      if ((piece.flags & LAST) !== 0) last = piece.number
      if (last === undefined || pieces.size < last) return undefined
      const whole: Uint8Array[] = []
      for (let number = 1; number <= last; number += 1) {
        const part = pieces.get(number)
        if (part === undefined) return undefined
        whole.push(part)
      }
      restart(-1)
      return concatenated(whole)
    },
  }
}

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index])
