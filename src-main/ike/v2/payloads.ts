/**
 * IKEv2's payloads (RFC 7296 section 3): one table from a payload's name to its number and format. Byte fields of decoded
 * payloads are views into the datagram (or into the decrypted text); whoever keeps them copies them.
 */
import { createReader, encode, struct } from '../../wire/codec.ts'
import type { Codec, Decoded, Reader, Writer } from '../../wire/codec.ts'
import { reserved, tag, u16, u24, u8 } from '../../wire/integers.ts'
import { lengthPrefixed, link, list, mapped, rest, restBetween } from '../../wire/sequences.ts'
import { readPayloads, writePayloads } from '../payload-chain.ts'
import { PayloadNumber } from './code-points.ts'
import { proposals } from './proposal-format.ts'
import { selectorsPayload } from './selector-format.ts'

/*
 * Security Association (section 3.3): nothing but proposals.
 */
const sa = struct({ type: tag('sa'), proposals })

/*
 * Key Exchange (section 3.4)
 * |   Diffie-Hellman Group Num    |           RESERVED            |
 * |                       Key Exchange Data                       ~
 */
const ke = struct({ type: tag('ke'), group: u16, _: reserved(2), data: rest })

/*
 * Identification (section 3.5)
 * |   ID Type     |                 RESERVED                      |
 * |                   Identification Data                         ~
 *
 * AUTH covers the reserved bytes as they were received (section 2.15), so they are kept.
 */
const identificationBody = struct({ kind: u8, reserved: u24, data: rest })

/** Who somebody says they are: the kind as in `IdentificationType`. */
export interface Identification {
  readonly kind: number
  readonly data: Uint8Array
  /** The reserved bytes as received, when they are not zero; leave out when encoding, they are sent as zero. */
  readonly reserved?: number
}

const identification = <const Type extends string>(
  type: Type,
): Codec<{ readonly type: Type } & Identification> =>
  mapped(
    identificationBody,
    ({ kind, reserved, data }) => (reserved === 0 ? { type, kind, data } : { type, kind, data, reserved }),
    ({ kind, data }) => ({ kind, reserved: 0, data }),
  )
const idInitiator = identification('id-initiator')
const idResponder = identification('id-responder')

/*
 * Certificate and Certificate Request (sections 3.6 and 3.7)
 * | Cert Encoding |        Certificate Data or Authorities        ~
 */
const certificate = struct({ type: tag('certificate'), encoding: u8, data: rest })
const certificateRequest = struct({ type: tag('certificate-request'), encoding: u8, data: rest })

/*
 * Authentication (section 3.8)
 * | Auth Method   |                RESERVED                       |
 * |                      Authentication Data                      ~
 */
const authentication = struct({ type: tag('authentication'), method: u8, _: reserved(3), data: rest })

/* Nonce (section 3.9): 16 to 256 bytes. */
const nonce = struct({ type: tag('nonce'), data: restBetween(16, 256) })

/*
 * Notify (section 3.10)
 * |  Protocol ID  |   SPI Size    |      Notify Message Type      |
 * |                Security Parameter Index (SPI)                 ~
 * |                       Notification Data                       ~
 */
const notifySpi = link(u8)
const notify = struct({
  type: tag('notify'),
  protocol: u8,
  _spiSize: notifySpi.field,
  notify: u16,
  spi: notifySpi.bytes,
  data: rest,
})

/*
 * Delete (section 3.11)
 * | Protocol ID   |   SPI Size    |          Num of SPIs          |
 * |               Security Parameter Index(es) (SPI)              ~
 */
const deleteSpi = link(u8)
const deleteCount = link(u16)
const MOST_DELETED = 1024
const deletion = struct({
  type: tag('delete'),
  protocol: u8,
  _spiSize: deleteSpi.field,
  _count: deleteCount.field,
  spis: deleteCount.list(deleteSpi.bytes, MOST_DELETED),
})

/* Vendor ID (section 3.12) */
const vendorId = struct({ type: tag('vendor-id'), data: rest })

/*
 * Traffic Selector (section 3.13)
 * | Number of TSs |                 RESERVED                      |
 * |                       <Traffic Selectors>                     ~
 */
const tsInitiator = selectorsPayload('ts-initiator')
const tsResponder = selectorsPayload('ts-responder')

/*
 * Configuration (section 3.15), attributes (section 3.15.1)
 * |   CFG Type    |                    RESERVED                   |
 * |R|         Attribute Type      |            Length             |
 * |                             Value                             ~
 */
const attributeType = mapped(
  u16,
  (packed) => packed & 0x7fff,
  (attribute: number) => attribute,
)
const MOST_ATTRIBUTES = 256
const configuration = struct({
  type: tag('configuration'),
  kind: u8,
  _: reserved(3),
  attributes: list(struct({ attribute: attributeType, value: lengthPrefixed(u16, rest) }), MOST_ATTRIBUTES),
})

/* Extensible Authentication (section 3.16): one EAP packet, as it is. */
const eap = struct({ type: tag('eap'), data: rest })

/** Every payload that has a format, by the name under which it is decoded. */
const table = {
  sa: { number: PayloadNumber.SA, format: sa },
  ke: { number: PayloadNumber.KE, format: ke },
  'id-initiator': { number: PayloadNumber.IDi, format: idInitiator },
  'id-responder': { number: PayloadNumber.IDr, format: idResponder },
  certificate: { number: PayloadNumber.CERT, format: certificate },
  'certificate-request': { number: PayloadNumber.CERTREQ, format: certificateRequest },
  authentication: { number: PayloadNumber.AUTH, format: authentication },
  nonce: { number: PayloadNumber.NONCE, format: nonce },
  notify: { number: PayloadNumber.NOTIFY, format: notify },
  delete: { number: PayloadNumber.DELETE, format: deletion },
  'vendor-id': { number: PayloadNumber.VENDOR_ID, format: vendorId },
  'ts-initiator': { number: PayloadNumber.TSi, format: tsInitiator },
  'ts-responder': { number: PayloadNumber.TSr, format: tsResponder },
  configuration: { number: PayloadNumber.CP, format: configuration },
  eap: { number: PayloadNumber.EAP, format: eap },
} as const

type Table = typeof table

/** A payload of a type we do not know; `data` is its whole body. */
export interface UnknownPayload {
  readonly type: 'unknown'
  readonly number: number
  readonly critical: boolean
  readonly data: Uint8Array
}

export type KnownPayload = { [Type in keyof Table]: Decoded<Table[Type]['format']> }[keyof Table]

/** Any payload, told apart by `type`. Byte fields are views. */
export type Payload = KnownPayload | UnknownPayload

export type PayloadType = Payload['type']

/** The payload of one type: `PayloadOf<'notify'>`. */
export type PayloadOf<Type extends PayloadType> = Extract<Payload, { readonly type: Type }>

const formats: Readonly<
  Record<KnownPayload['type'], { readonly number: number; readonly format: Codec<KnownPayload> }>
> = table

const byNumber = new Map(Object.values(formats).map(({ number, format }) => [number, format]))

/** Whether this is a payload that ends the chain because what follows is encrypted (RFC 7296 section 3.14, RFC 7383 section 2.5). */
export const isEncryptedPayload = (number: number): boolean =>
  number === PayloadNumber.SK || number === PayloadNumber.SKF

function readBody(reader: Reader, number: number, critical: boolean): Payload {
  const format = byNumber.get(number)
  // RFC 7296 section 3.2: the critical bit of payloads that we know is ignored.
  return format === undefined
    ? { type: 'unknown', number, critical, data: rest.decode(reader) }
    : format.decode(reader)
}

const never = () => false

/** The payloads in these bytes, the first of this number. Throws DecodeError; byte fields are views into `bytes`. */
export const decodePayloads = (first: number, bytes: Uint8Array): readonly Payload[] =>
  readPayloads(createReader(bytes), first, readBody, never)

/** Where a message's encrypted part stands. It is never among the payloads of a message that was understood. */
export interface EncryptedPart {
  readonly type: 'encrypted' | 'encrypted-fragment'
  /** The number of the first payload inside. */
  readonly first: number
  /** Where the body begins in the datagram, behind the generic header. */
  readonly offset: number
}

function readOuterBody(
  reader: Reader,
  number: number,
  critical: boolean,
  next: number,
): Payload | EncryptedPart {
  if (!isEncryptedPayload(number)) return readBody(reader, number, critical)
  const offset = reader.position
  reader.position = reader.end
  return { type: number === PayloadNumber.SK ? 'encrypted' : 'encrypted-fragment', first: next, offset }
}

/** The payloads from the reader's position to its end, the encrypted part last and unopened. Throws DecodeError. */
export const readOuterPayloads = (reader: Reader, first: number): readonly (Payload | EncryptedPart)[] =>
  readPayloads(reader, first, readOuterBody, isEncryptedPayload)

const toWrite = (payload: Payload) =>
  payload.type === 'unknown'
    ? {
        number: payload.number,
        critical: payload.critical,
        writeBody: (writer: Writer) => rest.encode(writer, payload.data),
      }
    : {
        number: formats[payload.type].number,
        // RFC 7296 section 3.2: payloads of the RFC itself are sent with the critical bit clear.
        critical: false,
        writeBody: (writer: Writer) => formats[payload.type].format.encode(writer, payload),
      }

/** Writes the payloads one behind the other; gives the number of the first. */
export const writePlainPayloads = (writer: Writer, payloads: readonly Payload[]): number =>
  writePayloads(writer, payloads.map(toWrite))

/** What AUTH covers of an ID payload: all of it behind the generic header (RFC 7296 section 2.15: RestOfInitIDPayload). */
export const identificationBytes = (identification: Identification): Uint8Array =>
  encode(identificationBody, { reserved: 0, ...identification })

/** All payloads of one type, in their order. */
export const payloadsOf = <Type extends PayloadType>(
  message: { readonly payloads: readonly Payload[] },
  type: Type,
): readonly PayloadOf<Type>[] =>
  message.payloads.filter((payload): payload is PayloadOf<Type> => payload.type === type)
