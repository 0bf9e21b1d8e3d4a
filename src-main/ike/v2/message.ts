/** Whole IKEv2 messages: what a session sends becomes datagrams, and datagrams become what a session may rely on. */
import type { IkeSpi, MessageId } from '../../../src-shared/brands.ts'
import { DecodeError, EncodeError, createReader, createWriter, written } from '../../wire/codec.ts'
import { IKE_HEADER_LENGTH, ikeHeader, readIkeHeader } from '../header.ts'
import type { IkeHeader } from '../header.ts'
import { GENERIC_HEADER_LENGTH, NO_NEXT_PAYLOAD, genericHeader } from '../payload-chain.ts'
import { PayloadNumber } from './code-points.ts'
import { FRAGMENT_FIELDS_LENGTH, cut, fragmentFields } from './fragments.ts'
import type { FragmentDrop, FragmentPlace, Reassembly } from './fragments.ts'
import { decodePayloads, readOuterPayloads, writePlainPayloads } from './payloads.ts'
import type { EncryptedPart, Payload } from './payloads.ts'
import type { SkProtection } from './protection.ts'
import { answerTo, violationOf } from './rules.ts'
import type { RuleViolation } from './rules.ts'

/** What a session says of a message, or learns of one. */
export interface MessageHeader {
  readonly initiatorSpi: IkeSpi
  /** Zero in the first request. */
  readonly responderSpi: IkeSpi
  /** As in `Exchange`. */
  readonly exchange: number
  /** The I flag: the sender is the one that began this IKE SA. */
  readonly initiator: boolean
  /** The R flag. */
  readonly response: boolean
  readonly messageId: MessageId
}

export interface Message {
  readonly header: MessageHeader
  /** In their order on the wire; byte fields of decoded payloads are views. */
  readonly payloads: readonly Payload[]
}

// ---------------------------------------------------------------- encoding

/** RFC 7296 section 3.1: version 2.0. */
const VERSION = { major: 2, minor: 0 } as const

const headerOnWire = (header: MessageHeader, nextPayload: number, length: number) => ({
  initiatorSpi: header.initiatorSpi,
  responderSpi: header.responderSpi,
  nextPayload,
  version: VERSION,
  exchange: header.exchange,
  flags: { response: header.response ? 1 : 0, higherVersion: 0, initiator: header.initiator ? 1 : 0, v1: 0 },
  messageId: header.messageId,
  length,
})

function encodePlain({ header, payloads }: Message): Uint8Array {
  const writer = createWriter(1024)
  writer.position = IKE_HEADER_LENGTH
  const first = writePlainPayloads(writer, payloads)
  const length = writer.position
  writer.position = 0
  ikeHeader.encode(writer, headerOnWire(header, first, length))
  return writer.bytes.slice(0, length)
}

interface Fragment {
  readonly number: number
  readonly total: number
}

/** One Encrypted or Encrypted Fragment payload behind a header; `first` is the payload number it names as its successor. */
function sealed(
  header: MessageHeader,
  protection: SkProtection,
  first: number,
  plaintext: Uint8Array,
  fragment?: Fragment,
): Uint8Array {
  const fields = fragment === undefined ? 0 : FRAGMENT_FIELDS_LENGTH
  const bodyLength = GENERIC_HEADER_LENGTH + fields + plaintext.length + protection.overhead(plaintext.length)
  const length = IKE_HEADER_LENGTH + bodyLength
  const writer = createWriter(length)
  const number = fragment === undefined ? PayloadNumber.SK : PayloadNumber.SKF
  ikeHeader.encode(writer, headerOnWire(header, number, length))
  genericHeader.encode(writer, { next: first, marks: { critical: 0 }, length: bodyLength })
  if (fragment !== undefined) fragmentFields.encode(writer, fragment)
  const datagram = writer.bytes.subarray(0, length)
  protection.seal(datagram, writer.position, plaintext)
  return datagram
}

function encodeProtected(
  { header, payloads }: Message,
  protection: SkProtection,
  maxDatagram: number | undefined,
): readonly Uint8Array[] {
  const writer = createWriter(1024)
  const first = writePlainPayloads(writer, payloads)
  const plaintext = written(writer)
  const overhead = IKE_HEADER_LENGTH + GENERIC_HEADER_LENGTH
  const whole = overhead + plaintext.length + protection.overhead(plaintext.length)
  if (maxDatagram === undefined || whole <= maxDatagram) return [sealed(header, protection, first, plaintext)]
  const size = protection.capacity(maxDatagram - overhead - FRAGMENT_FIELDS_LENGTH)
  if (size === 0) throw new EncodeError(`No fragment fits into ${maxDatagram} bytes`)
  const pieces = cut(plaintext, size)
  return pieces.map((piece, index) =>
    // RFC 7383 section 2.5: only the first fragment names the first payload.
    sealed(header, protection, index === 0 ? first : NO_NEXT_PAYLOAD, piece, {
      number: index + 1,
      total: pieces.length,
    }),
  )
}

/**
 * The datagrams of a message, without the non-ESP marker of UDP encapsulation: one, or several fragments (RFC 7383) when
 * `maxDatagram` is given and the protected message is longer. Throws EncodeError for values that no message can hold.
 */
export const encodeMessage = (
  message: Message,
  protection?: SkProtection,
  maxDatagram?: number,
): readonly Uint8Array[] =>
  protection === undefined ? [encodePlain(message)] : encodeProtected(message, protection, maxDatagram)

// ---------------------------------------------------------------- decoding

export type DropReason =
  | 'too-short'
  | 'wrong-major-version'
  | 'length-mismatch'
  | 'malformed'
  | 'no-keys'
  | 'not-authentic'
  | 'unprotected-payload'
  | 'fragments-not-negotiated'
  | FragmentDrop
  | RuleViolation['reason']

export type DecodedMessage =
  /** Understood, and in keeping with the rules table. `protected`: it came in an Encrypted payload and is authentic. */
  | { readonly kind: 'message'; readonly message: Message; readonly protected: boolean }
  /**
   * Its sender has to be told: an authentic message (`protected`) that is malformed or against the rules, or a first request
   * with a critical payload we do not know. `notify` and `data` are the answer to a request; a response is never answered.
   */
  | {
      readonly kind: 'refused'
      readonly header: MessageHeader
      readonly protected: boolean
      readonly reason: 'malformed' | RuleViolation['reason']
      readonly notify: number
      readonly data: Uint8Array
    }
  | { readonly kind: 'fragment-kept'; readonly header: MessageHeader }
  /** Worth a counter and nothing more. `header` is there when the datagram is long enough for one. */
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly header?: IkeHeader }

/** The header of a datagram (without non-ESP marker), to find the SA by; undefined when it is too short. Nothing is checked. */
export const decodeHeader: (datagram: Uint8Array) => IkeHeader | undefined = readIkeHeader

type Opened =
  | { readonly kind: 'opened'; readonly first: number; readonly plaintext: Uint8Array }
  | { readonly kind: 'fragment-kept' }
  | { readonly kind: 'dropped'; readonly reason: DropReason }
  | { readonly kind: 'malformed' }

function openFragment(
  datagram: Uint8Array,
  header: IkeHeader,
  part: EncryptedPart,
  inbound: SkProtection,
  reassembly: Reassembly | undefined,
): Opened {
  if (reassembly === undefined) return { kind: 'dropped', reason: 'fragments-not-negotiated' }
  const offset = part.offset + FRAGMENT_FIELDS_LENGTH
  if (datagram.length < offset) return { kind: 'dropped', reason: 'bad-fragment' }
  const fields = fragmentFields.decode(createReader(datagram, part.offset, offset))
  const place: FragmentPlace = { response: header.response, messageId: header.messageId, ...fields }
  const refusal = reassembly.refuses(place)
  if (refusal !== undefined) return { kind: 'dropped', reason: refusal }
  // RFC 7383 section 2.6: authenticated before it is kept.
  const opened = inbound.open(datagram, offset)
  if (!opened.ok)
    return opened.error === 'malformed' ? { kind: 'malformed' } : { kind: 'dropped', reason: opened.error }
  const kept = reassembly.keep(place, part.first, opened.value)
  switch (kept.kind) {
    case 'kept':
      return { kind: 'fragment-kept' }
    case 'dropped':
      return kept
    case 'complete':
      return { kind: 'opened', first: kept.first, plaintext: kept.plaintext }
  }
}

function open(
  datagram: Uint8Array,
  header: IkeHeader,
  part: EncryptedPart,
  inbound: SkProtection | undefined,
  reassembly: Reassembly | undefined,
): Opened {
  if (inbound === undefined) return { kind: 'dropped', reason: 'no-keys' }
  if (part.type === 'encrypted-fragment') return openFragment(datagram, header, part, inbound, reassembly)
  const opened = inbound.open(datagram, part.offset)
  if (opened.ok) return { kind: 'opened', first: part.first, plaintext: opened.value }
  return opened.error === 'malformed' ? { kind: 'malformed' } : { kind: 'dropped', reason: opened.error }
}

const malformedAnswer = answerTo({ reason: 'payload-counts' })

/** Reads what DecodeErrors are possible in; any other error is a bug and passes. */
function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

const messageHeader = (header: IkeHeader): MessageHeader => ({
  initiatorSpi: header.initiatorSpi,
  responderSpi: header.responderSpi,
  exchange: header.exchange,
  initiator: header.initiator,
  response: header.response,
  messageId: header.messageId,
})

function judged(header: IkeHeader, payloads: readonly Payload[], isProtected: boolean): DecodedMessage {
  const violation = violationOf(header, payloads, isProtected)
  if (violation === undefined) {
    return { kind: 'message', message: { header: messageHeader(header), payloads }, protected: isProtected }
  }
  const { reason } = violation
  // RFC 7296 section 2.5 asks for this one answer before there are keys too; the rest of what is not authentic is only counted.
  const isAnswered = isProtected || (reason === 'unsupported-critical-payload' && !header.response)
  if (!isAnswered) return { kind: 'dropped', reason, header }
  return {
    kind: 'refused',
    header: messageHeader(header),
    protected: isProtected,
    reason,
    ...answerTo(violation),
  }
}

const isEncryptedPart = (payload: Payload | EncryptedPart): payload is EncryptedPart =>
  payload.type === 'encrypted' || payload.type === 'encrypted-fragment'

const isPlain = (payload: Payload | EncryptedPart): payload is Payload => !isEncryptedPart(payload)

/**
 * A datagram (without non-ESP marker) as a message. `inbound` opens what the peer protects; `reassembly` is given when
 * fragmentation was agreed on. Message IDs and SPIs are the session's to check, best by `decodeHeader` before this.
 * Payloads of unprotected messages are views into the datagram, others into memory of their own.
 */
export function decodeMessage(
  datagram: Uint8Array,
  inbound?: SkProtection,
  reassembly?: Reassembly,
): DecodedMessage {
  const header = readIkeHeader(datagram)
  if (header === undefined) return { kind: 'dropped', reason: 'too-short' }
  if (header.majorVersion !== VERSION.major) return { kind: 'dropped', reason: 'wrong-major-version', header }
  if (header.length !== datagram.length) return { kind: 'dropped', reason: 'length-mismatch', header }
  const outer = attempt(() =>
    readOuterPayloads(createReader(datagram, IKE_HEADER_LENGTH), header.nextPayload),
  )
  if (outer === undefined) return { kind: 'dropped', reason: 'malformed', header }
  const last = outer.at(-1)
  if (last === undefined || !isEncryptedPart(last)) return judged(header, outer.filter(isPlain), false)
  // RFC 7296 section 3.14: what may stand before the Encrypted payload is nothing that we know; unknown payloads are passed over.
  const isBad = outer.some((payload) => isPlain(payload) && (payload.type !== 'unknown' || payload.critical))
  if (isBad) return { kind: 'dropped', reason: 'unprotected-payload', header }
  const opened = open(datagram, header, last, inbound, reassembly)
  switch (opened.kind) {
    case 'fragment-kept':
      return { kind: 'fragment-kept', header: messageHeader(header) }
    case 'dropped':
      return { ...opened, header }
    case 'malformed':
      return malformed(header)
    case 'opened': {
      const payloads = attempt(() => decodePayloads(opened.first, opened.plaintext))
      return payloads === undefined ? malformed(header) : judged(header, payloads, true)
    }
  }
}

const malformed = (header: IkeHeader): DecodedMessage => ({
  kind: 'refused',
  header: messageHeader(header),
  protected: true,
  reason: 'malformed',
  ...malformedAnswer,
})
