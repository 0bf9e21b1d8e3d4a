/** The IKE header, the same 28 bytes in both versions (RFC 7296 section 3.1). */
import { ikeSpi, messageId } from '../../src-shared/brands.ts'
import type { IkeSpi, MessageId } from '../../src-shared/brands.ts'
import { bits, createReader, struct } from '../wire/codec.ts'
import type { Codec } from '../wire/codec.ts'
import { u8, u32, u64 } from '../wire/integers.ts'
import { mapped } from '../wire/sequences.ts'

export const IKE_HEADER_LENGTH = 28

const spi: Codec<IkeSpi> = mapped(u64, ikeSpi, (value) => value)
const identifier: Codec<MessageId> = mapped(u32, messageId, (value) => value)

/*
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                       IKE SA Initiator's SPI                  |
 * |                                                               |
 * |                       IKE SA Responder's SPI                  |
 * |                                                               |
 * |  Next Payload | MjVer | MnVer | Exchange Type |     Flags     |
 * |                          Message ID                           |
 * |                            Length                             |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * Flags: X X R V I X X X. IKEv1 uses the three lowest bits (RFC 2408 section 3.1): authentication only, commit, encryption.
 */
export const ikeHeader = struct({
  initiatorSpi: spi,
  responderSpi: spi,
  nextPayload: u8,
  version: bits(u8, { major: 4, minor: 4 }),
  exchange: u8,
  flags: bits(u8, { _x: 2, response: 1, higherVersion: 1, initiator: 1, v1: 3 }),
  messageId: identifier,
  length: u32,
})

/** A header as it stands on the wire. `length` counts the header too and has not been compared with anything. */
export interface IkeHeader {
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly nextPayload: number
  readonly majorVersion: number
  readonly minorVersion: number
  readonly exchange: number
  /** The I flag: the sender is the one that began this IKE SA. */
  readonly initiator: boolean
  /** The R flag. */
  readonly response: boolean
  readonly messageId: MessageId
  readonly length: number
}

/** The header of a datagram; undefined when it is shorter than one. Checks nothing else. */
export function readIkeHeader(datagram: Uint8Array): IkeHeader | undefined {
  if (datagram.length < IKE_HEADER_LENGTH) return undefined
  const wire = ikeHeader.decode(createReader(datagram))
  return {
    initiatorSpi: wire.initiatorSpi,
    responderSpi: wire.responderSpi,
    nextPayload: wire.nextPayload,
    majorVersion: wire.version.major,
    minorVersion: wire.version.minor,
    exchange: wire.exchange,
    initiator: wire.flags.initiator === 1,
    response: wire.flags.response === 1,
    messageId: wire.messageId,
    length: wire.length,
  }
}
