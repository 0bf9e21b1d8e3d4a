/**
 * ISAKMP's payloads (RFC 2408 section 3): one table from a payload's number to its format. Byte fields of decoded payloads
 * are views into the datagram or the decrypted text; whoever keeps them copies them.
 */
import type { Codec, Decoded, Reader, Writer } from '../../wire/codec.ts'
import { DecodeError, createReader, decode, encode, struct } from '../../wire/codec.ts'
import { reserved, tag, u16, u32, u8 } from '../../wire/integers.ts'
import { link, rest, restBetween } from '../../wire/sequences.ts'
import {
  GENERIC_HEADER_LENGTH,
  MOST_PAYLOADS,
  NO_NEXT_PAYLOAD,
  genericHeader,
  readPayloads,
  writePayloads,
} from '../payload-chain.ts'
import { attributes } from './attributes.ts'
import { PayloadNumber } from './code-points.ts'
import { securityAssociation } from './proposal-format.ts'

const sa = struct({ type: tag('sa'), proposals: securityAssociation })

/* Key Exchange (section 3.7): nothing but the public value. */
const ke = struct({ type: tag('ke'), data: rest })

/*
 * Identification (RFC 2407 section 4.6.2)
 * !   ID Type     !  Protocol ID  !             Port              !
 * ~                     Identification Data                       ~
 */
const id = struct({ type: tag('id'), kind: u8, protocol: u8, port: u16, data: rest })

/* Certificate and Certificate Request (sections 3.9 and 3.10): the encoding, then the data. */
const certificate = struct({ type: tag('certificate'), encoding: u8, data: rest })
const certificateRequest = struct({ type: tag('certificate-request'), encoding: u8, data: rest })

const hash = struct({ type: tag('hash'), data: rest })
const signature = struct({ type: tag('signature'), data: rest })

/*
 * Nonce (section 3.13), 8 to 256 bytes (RFC 2409 section 5); with public-key encryption it is a ciphertext and as long as
 * the key.
 */
const nonce = struct({ type: tag('nonce'), data: restBetween(8, 2048) })

/*
 * Notification (section 3.14)
 * !              Domain of Interpretation  (DOI)                  !
 * !  Protocol-ID  !   SPI Size    !      Notify Message Type      !
 * ~                Security Parameter Index (SPI)                 ~
 * ~                       Notification Data                       ~
 */
const notificationSpi = link(u8)
const notification = struct({
  type: tag('notification'),
  doi: u32,
  protocol: u8,
  _spiSize: notificationSpi.field,
  notification: u16,
  spi: notificationSpi.bytes,
  data: rest,
})

/*
 * Delete (section 3.15)
 * !              Domain of Interpretation  (DOI)                  !
 * !  Protocol-Id  !   SPI Size    !           # of SPIs           !
 * ~               Security Parameter Index(es) (SPI)              ~
 */
const MOST_DELETED = 64
const deletedSpi = link(u8)
const deletedCount = link(u16)
const deletion = struct({
  type: tag('delete'),
  doi: u32,
  protocol: u8,
  _spiSize: deletedSpi.field,
  _count: deletedCount.field,
  spis: deletedCount.list(deletedSpi.bytes, MOST_DELETED),
})

const vendorId = struct({ type: tag('vendor-id'), data: rest })

/*
 * Attributes of a transaction (draft-ietf-ipsec-isakmp-mode-cfg-05 section 3.2)
 * !  Type         !   RESERVED    !           Identifier          !
 * ~                           Attributes                          ~
 */
const transaction = struct({
  type: tag('attributes'),
  kind: u8,
  _: reserved(1),
  identifier: u16,
  attributes,
})

/* NAT-D (RFC 3947 section 3.2): a hash. NAT-OA (section 5.2): ID type, three reserved bytes, the address. */
const natDetection = struct({ type: tag('nat-d'), data: rest })
const natOriginalAddress = struct({ type: tag('nat-oa'), kind: u8, _: reserved(3), data: rest })
const natDetectionDraft = struct({ type: tag('nat-d-draft'), data: rest })
const natOriginalAddressDraft = struct({ type: tag('nat-oa-draft'), kind: u8, _: reserved(3), data: rest })

/*
 * A piece of a message, as Cisco has it (no RFC)
 * !          Fragment ID          !  Number       !  Flags: 1 last!
 */
const fragment = struct({ type: tag('fragment'), id: u16, number: u8, flags: u8, data: rest })

const table = {
  sa: { number: PayloadNumber.SA, format: sa },
  ke: { number: PayloadNumber.KE, format: ke },
  id: { number: PayloadNumber.ID, format: id },
  certificate: { number: PayloadNumber.CERT, format: certificate },
  'certificate-request': { number: PayloadNumber.CERTREQ, format: certificateRequest },
  hash: { number: PayloadNumber.HASH, format: hash },
  signature: { number: PayloadNumber.SIG, format: signature },
  nonce: { number: PayloadNumber.NONCE, format: nonce },
  notification: { number: PayloadNumber.NOTIFICATION, format: notification },
  delete: { number: PayloadNumber.DELETE, format: deletion },
  'vendor-id': { number: PayloadNumber.VENDOR_ID, format: vendorId },
  attributes: { number: PayloadNumber.ATTRIBUTES, format: transaction },
  'nat-d': { number: PayloadNumber.NAT_D, format: natDetection },
  'nat-oa': { number: PayloadNumber.NAT_OA, format: natOriginalAddress },
  'nat-d-draft': { number: PayloadNumber.NAT_D_DRAFT, format: natDetectionDraft },
  'nat-oa-draft': { number: PayloadNumber.NAT_OA_DRAFT, format: natOriginalAddressDraft },
  fragment: { number: PayloadNumber.FRAGMENT, format: fragment },
} as const

type Table = typeof table

/** A payload of a type we do not know; `data` is its whole body. */
export interface UnknownPayload {
  readonly type: 'unknown'
  readonly number: number
  readonly data: Uint8Array
}

export type KnownPayload = { [Type in keyof Table]: Decoded<Table[Type]['format']> }[keyof Table]

/** Any payload, told apart by `type`. */
export type Payload = KnownPayload | UnknownPayload
export type PayloadType = Payload['type']
export type PayloadOf<Type extends PayloadType> = Extract<Payload, { readonly type: Type }>

/** A payload together with its body's bytes, which hashes and authentication cover as they were on the wire. */
export interface ReadPayload {
  readonly payload: Payload
  readonly body: Uint8Array
}

const formats: Readonly<
  Record<KnownPayload['type'], { readonly number: number; readonly format: Codec<KnownPayload> }>
> = table

const byNumber = new Map(Object.values(formats).map(({ number, format }) => [number, format]))

function readBody(reader: Reader, number: number): ReadPayload {
  const body = reader.bytes.subarray(reader.position, reader.end)
  const format = byNumber.get(number)
  const payload: Payload =
    format === undefined ? { type: 'unknown', number, data: rest.decode(reader) } : format.decode(reader)
  return { payload, body }
}

/** A body that came by another way than the wire, read as the payload of this number; undefined when it is none. */
export function payloadFrom(number: number, body: Uint8Array): Payload | undefined {
  const format = byNumber.get(number)
  try {
    return format === undefined ? undefined : decode(format, body)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

/** The number of a payload's type, as the header before it says it. */
export const numberOf = (payload: Payload): number =>
  payload.type === 'unknown' ? payload.number : formats[payload.type].number

const never = () => false

/** Where the chain that begins at the reader's position ends: behind it stands, at most, the padding of an encrypted message. */
export function chainEnd(bytes: Uint8Array, start: number, first: number): number {
  let position = start
  for (let number = first, count = 0; number !== NO_NEXT_PAYLOAD; count += 1) {
    if (count > MOST_PAYLOADS) throw new DecodeError('too-many', position)
    if (bytes.length - position < GENERIC_HEADER_LENGTH) throw new DecodeError('truncated', position)
    const { next, length } = genericHeader.decode(createReader(bytes, position))
    if (length < GENERIC_HEADER_LENGTH) throw new DecodeError('bad-length', position)
    position += length
    number = next
  }
  if (position > bytes.length) throw new DecodeError('truncated', bytes.length)
  return position
}

/** The payloads in these bytes, the first of this number; they have to end together. Throws DecodeError; all bytes are views. */
export const decodePayloads = (first: number, bytes: Uint8Array): readonly ReadPayload[] =>
  readPayloads(createReader(bytes), first, readBody, never)

const toWrite = (payload: Payload) => ({
  number: numberOf(payload),
  critical: false,
  writeBody: (writer: Writer) => {
    if (payload.type === 'unknown') rest.encode(writer, payload.data)
    else formats[payload.type].format.encode(writer, payload)
  },
})

/** Writes the payloads one behind the other; gives the number of the first. */
export const writePlainPayloads = (writer: Writer, payloads: readonly Payload[]): number =>
  writePayloads(writer, payloads.map(toWrite))

/** The body alone, without the generic header, as it goes onto the wire: what hashes cover of our own payloads. */
export function bodyOf(payload: KnownPayload): Uint8Array {
  return encode<KnownPayload>(formats[payload.type].format, payload)
}
