/** The chain of payloads behind the IKE header, in both versions: each names the type of the next (RFC 7296 section 3.2). */
import { DecodeError, bits, patch, struct } from '../wire/codec.ts'
import type { Reader, Writer } from '../wire/codec.ts'
import { u16, u8 } from '../wire/integers.ts'

/** More payloads than any honest message has; a datagram with more is refused where the cap is reached. */
export const MOST_PAYLOADS = 64

export const GENERIC_HEADER_LENGTH = 4

/** What ends a chain in the "next payload" field. */
export const NO_NEXT_PAYLOAD = 0

/*
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Next Payload  |C|  RESERVED   |         Payload Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export const genericHeader = struct({
  next: u8,
  marks: bits(u8, { critical: 1, _: 7 }),
  length: u16,
})

const CRITICAL = 0x80

/**
 * All payloads from the reader's position to its end. `readBody` gets the reader bounded to one body, which it must use up,
 * and the number that the payload names as its successor. A payload for which `endsChain` says so is the last, whatever it
 * names: RFC 7296 section 3.14 has it so for the Encrypted payload, whose "next payload" is the first one inside. Throws
 * DecodeError when the chain and the bytes do not end together, or when there are more than MOST_PAYLOADS.
 */
export function readPayloads<Payload>(
  reader: Reader,
  first: number,
  readBody: (reader: Reader, number: number, critical: boolean, next: number) => Payload,
  endsChain: (number: number) => boolean,
): Payload[] {
  const payloads: Payload[] = []
  const { end } = reader
  for (let number = first; number !== NO_NEXT_PAYLOAD;) {
    const at = reader.position
    if (payloads.length === MOST_PAYLOADS) throw new DecodeError('too-many', at)
    const next = u8.decode(reader)
    const isCritical = (u8.decode(reader) & CRITICAL) !== 0
    const length = u16.decode(reader)
    if (length < GENERIC_HEADER_LENGTH) throw new DecodeError('bad-length', at)
    if (length > end - at) throw new DecodeError('truncated', at)
    reader.end = at + length
    payloads.push(readBody(reader, number, isCritical, next))
    if (reader.position !== reader.end) throw new DecodeError('trailing-bytes', reader.position)
    reader.end = end
    if (endsChain(number)) break
    number = next
  }
  if (reader.position !== end) throw new DecodeError('trailing-bytes', reader.position)
  return payloads
}

/** One payload to be written: its number and how to write its body. */
export interface PayloadToWrite {
  readonly number: number
  readonly critical: boolean
  writeBody(writer: Writer): void
}

/** Writes the chain; gives the number of the first payload, for the header before it. */
export function writePayloads(writer: Writer, payloads: readonly PayloadToWrite[]): number {
  for (const [index, payload] of payloads.entries()) {
    const at = writer.position
    const next = payloads[index + 1]?.number ?? NO_NEXT_PAYLOAD
    genericHeader.encode(writer, { next, marks: { critical: payload.critical ? 1 : 0 }, length: 0 })
    payload.writeBody(writer)
    patch(writer, at + 2, u16, writer.position - at)
  }
  return payloads[0]?.number ?? NO_NEXT_PAYLOAD
}
