/**
 * Whole messages of ISAKMP: header, payload chain, and the encryption of all that stands behind the header (RFC 2408
 * section 3.1, RFC 2409 section 5). Encryption carries no integrity of its own: what is read here is nobody's word until its
 * HASH payload or its place in phase 1 has been checked.
 */
import type { IkeSpi, MessageId } from '../../../src-shared/brands.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import { DecodeError, createReader, createWriter, patch, written } from '../../wire/codec.ts'
import { u32, u8 } from '../../wire/integers.ts'
import { IKE_HEADER_LENGTH, ikeHeader } from '../header.ts'
import { Flag, VERSION } from './code-points.ts'
import { chainEnd, decodePayloads, writePlainPayloads } from './payloads.ts'
import type { Payload, PayloadOf, PayloadType, ReadPayload } from './payloads.ts'

export interface MessageHeader {
  /** The cookies (RFC 2408 section 2.5.3), which version 2 calls SPIs; the responder's is zero in the first message. */
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
  readonly exchange: number
  readonly messageId: MessageId
  /** The commit flag: the other end is to wait for our CONNECTED notification. */
  readonly commit: boolean
}

/** A message as it was read; all bytes are views into the datagram, or into the decrypted text. */
export interface Message {
  readonly header: MessageHeader
  readonly encrypted: boolean
  readonly payloads: readonly ReadPayload[]
  /** Everything behind the header without padding, which HASH payloads cover from the second payload on. */
  readonly chain: Uint8Array
}

/** The cipher of an IKE SA: whole blocks, with the IV of the conversation that a message belongs to (RFC 2409 appendix B). */
export interface MessageCipher {
  readonly blockLength: number
  encrypt(iv: Uint8Array, plaintext: Uint8Array): Uint8Array
  decrypt(iv: Uint8Array, ciphertext: Uint8Array): Uint8Array
}

const NEXT_PAYLOAD_AT = 16
const LENGTH_AT = 24

/** Encryption of one message: the cipher, and the IV that the conversation has come to. */
export interface Encryption {
  readonly cipher: MessageCipher
  readonly iv: Uint8Array
}

/** The datagram, in bytes of its own, and the last block of its ciphertext: the conversation's next IV. */
export interface EncodedMessage {
  readonly datagram: Uint8Array
  readonly nextIv: Uint8Array | undefined
}

/** Encodes the payloads, encrypted when told how. */
export function encodeMessage(
  header: MessageHeader,
  payloads: readonly Payload[],
  encryption?: Encryption,
): EncodedMessage {
  const writer = createWriter()
  ikeHeader.encode(writer, {
    initiatorSpi: header.initiatorSpi,
    responderSpi: header.responderSpi,
    nextPayload: 0,
    version: VERSION,
    exchange: header.exchange,
    flags: {
      response: 0,
      higherVersion: 0,
      initiator: 0,
      v1: (encryption === undefined ? 0 : Flag.ENCRYPTION) | (header.commit ? Flag.COMMIT : 0),
    },
    messageId: header.messageId,
    length: 0,
  })
  const first = writePlainPayloads(writer, payloads)
  patch(writer, NEXT_PAYLOAD_AT, u8, first)
  if (encryption === undefined) {
    patch(writer, LENGTH_AT, u32, writer.position)
    return { datagram: written(writer).slice(), nextIv: undefined }
  }
  const { cipher, iv } = encryption
  const plaintext = padded(written(writer).subarray(IKE_HEADER_LENGTH), cipher.blockLength)
  // RFC 2408 section 3.1: the length is that of the message as it is sent, padding included.
  patch(writer, LENGTH_AT, u32, IKE_HEADER_LENGTH + plaintext.length)
  const datagram = new Uint8Array(IKE_HEADER_LENGTH + plaintext.length)
  datagram.set(written(writer).subarray(0, IKE_HEADER_LENGTH))
  datagram.set(cipher.encrypt(iv, plaintext), IKE_HEADER_LENGTH)
  plaintext.fill(0)
  return { datagram, nextIv: datagram.slice(datagram.length - cipher.blockLength) }
}

/** RFC 2409 appendix B: zeros, the last byte telling how many there are before it; none where nothing is missing. */
function padded(bytes: Uint8Array, blockLength: number): Uint8Array {
  const missing = (blockLength - (bytes.length % blockLength)) % blockLength
  const whole = new Uint8Array(bytes.length + missing)
  whole.set(bytes)
  if (missing > 0) whole.set([missing - 1], whole.length - 1)
  return whole
}

export type DropReason =
  | 'too-short'
  | 'wrong-major-version'
  | 'length-mismatch'
  | 'malformed'
  | 'no-keys'
  | 'unencrypted'
  | 'not-whole-blocks'

export interface DecodedMessage {
  readonly message: Message
  /** The conversation's next IV, when the message was encrypted; to be kept once the message has proven genuine. */
  readonly nextIv: Uint8Array | undefined
}

/** Reads a datagram (without non-ESP marker) with the cipher and IV of its conversation, where there are any yet. */
export function decodeMessage(
  datagram: Uint8Array,
  encryption?: Encryption,
): Result<DecodedMessage, DropReason> {
  if (datagram.length < IKE_HEADER_LENGTH) return fail('too-short')
  const wire = ikeHeader.decode(createReader(datagram))
  if (wire.version.major !== VERSION.major) return fail('wrong-major-version')
  if (wire.length !== datagram.length) return fail('length-mismatch')
  const encrypted = (wire.flags.v1 & Flag.ENCRYPTION) !== 0
  const text = datagram.subarray(IKE_HEADER_LENGTH)
  let plaintext = text
  let nextIv: Uint8Array | undefined
  if (encrypted) {
    if (encryption === undefined) return fail('no-keys')
    const { cipher, iv } = encryption
    if (text.length === 0 || text.length % cipher.blockLength !== 0) return fail('not-whole-blocks')
    plaintext = cipher.decrypt(iv, text)
    nextIv = text.slice(text.length - cipher.blockLength)
  }
  try {
    const chain = plaintext.subarray(0, chainEnd(plaintext, 0, wire.nextPayload))
    if (!encrypted && chain.length !== plaintext.length) return fail('malformed')
    const header: MessageHeader = {
      initiatorSpi: wire.initiatorSpi,
      responderSpi: wire.responderSpi,
      exchange: wire.exchange,
      messageId: wire.messageId,
      commit: (wire.flags.v1 & Flag.COMMIT) !== 0,
    }
    return ok({
      message: { header, encrypted, payloads: decodePayloads(wire.nextPayload, chain), chain },
      nextIv,
    })
  } catch (error) {
    if (error instanceof DecodeError) return fail('malformed')
    throw error
  }
}

/** All payloads of one type, in their order. */
export const payloadsOf = <Type extends PayloadType>(
  message: Message,
  type: Type,
): readonly PayloadOf<Type>[] =>
  message.payloads
    .map(({ payload }) => payload)
    .filter((payload): payload is PayloadOf<Type> => payload.type === type)

/** The first payload of a type. */
export const payloadOf = <Type extends PayloadType>(
  message: Message,
  type: Type,
): PayloadOf<Type> | undefined => payloadsOf(message, type)[0]

/** The body of the first payload of a type, as it was on the wire; in bytes of its own. */
export const bodyOfFirst = (message: Message, type: PayloadType): Uint8Array | undefined =>
  message.payloads.find(({ payload }) => payload.type === type)?.body.slice()
