/** What X.509 needs of DER (ITU-T X.690) beyond wire/der.ts: whole elements, optional ones, and the simple types as values. */
import { DecodeError } from '../wire/codec.ts'
import type { Codec } from '../wire/codec.ts'
import { OBJECT_IDENTIFIER, SEQUENCE, element } from '../wire/der.ts'
import { mapped, rest } from '../wire/sequences.ts'
import { fromHex, latin1Text, toHex } from '../wire/text.ts'

export const BOOLEAN = 0x01
export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const OCTET_STRING = 0x04
export const ENUMERATED = 0x0a
export const UTC_TIME = 0x17
export const GENERALIZED_TIME = 0x18

/** The whole element, tag and length included, as a view; its content is not looked at. */
export const whole = (tagByte: number): Codec<Uint8Array> => {
  const format = element(tagByte, rest)
  return {
    decode(reader) {
      const start = reader.position
      format.decode(reader)
      return reader.bytes.subarray(start, reader.position)
    },
    encode: (writer, value) => rest.encode(writer, value),
  }
}

/** The element when the next one has this tag, else nothing. */
export const optional = <Value>(tagByte: number, inner: Codec<Value>): Codec<Value | undefined> => {
  const format = element(tagByte, inner)
  return {
    decode: (reader) =>
      reader.position < reader.end && reader.view.getUint8(reader.position) === tagByte
        ? format.decode(reader)
        : undefined,
    encode(writer, value) {
      if (value !== undefined) format.encode(writer, value)
    },
  }
}

export const sequence = <Value>(inner: Codec<Value>): Codec<Value> => element(SEQUENCE, inner)

/** An object identifier by its content in hexadecimal digits: `550403` is 2.5.4.3. */
export const objectIdentifier: Codec<string> = element(
  OBJECT_IDENTIFIER,
  mapped(rest, toHex, (digits: string) => fromHex(digits) ?? new Uint8Array(0)),
)

/** BOOLEAN's content. X.690 section 11.1: TRUE is 0xff. */
export const booleanContent: Codec<boolean> = mapped(
  rest,
  (content, refuse) => {
    const [byte] = content
    if (content.length !== 1 || (byte !== 0 && byte !== 0xff)) return refuse()
    return byte === 0xff
  },
  (value: boolean) => Uint8Array.of(value ? 0xff : 0),
)

/** INTEGER's content when it is a small number that is not negative, at most 2^31 - 1. */
export const countContent: Codec<number> = mapped(
  rest,
  (content, refuse) => {
    const [first] = content
    if (first === undefined || content.length > 4 || first >= 0x80) return refuse()
    return content.reduce((value, byte) => value * 256 + byte, 0)
  },
  (value: number) => {
    const digits = value.toString(16)
    const even = digits.length % 2 === 0 ? digits : `0${digits}`
    return fromHex(/^[89a-f]/.test(even) ? `00${even}` : even) ?? new Uint8Array(0)
  },
)

/** BIT STRING's content: whole bytes as a view. Those with unused bits are for `flagContent`. */
export const octetsContent: Codec<Uint8Array> = mapped(
  rest,
  (content, refuse) => (content[0] === 0 ? content.subarray(1) : refuse()),
  (value: Uint8Array) => Uint8Array.of(0, ...value),
)

/** BIT STRING's content as a list of bits, the first of it as bit 0 of a NamedBitList (X.680 section 22). At most 32. */
export const flagContent: Codec<ReadonlySet<number>> = mapped(
  rest,
  (content, refuse) => {
    const [unused, ...bytes] = content
    if (unused === undefined || unused > 7 || bytes.length > 4) return refuse()
    if (bytes.length === 0 && unused !== 0) return refuse()
    const bits = bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('')
    return new Set(
      Array.from(bits.slice(0, bits.length - unused)).flatMap((bit, index) => (bit === '1' ? [index] : [])),
    )
  },
  (flags: ReadonlySet<number>) => {
    const bytes = new Uint8Array(4)
    for (const flag of flags) bytes[flag >> 3] = (bytes[flag >> 3] ?? 0) | (0x80 >> (flag & 7))
    return Uint8Array.of(0, ...bytes)
  },
)

const utcTime = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const generalizedTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/

/** RFC 5280 section 4.1.2.5: with seconds, in UTC, without fractions. Gives milliseconds since 1970. */
function readTime(tagByte: number, text: string): number | undefined {
  const parts = (tagByte === UTC_TIME ? utcTime : generalizedTime).exec(text)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  // RFC 5280 section 4.1.2.5.1: two digits from 50 on are of the last century.
  const year = tagByte === UTC_TIME ? written + (written >= 50 ? 1900 : 2000) : written
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hour, minute, second)
  const isReal = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && time.getUTCHours() === hour
  return isReal && minute < 60 && second < 60 ? time.getTime() : undefined
}

/** A Time: UTCTime or GeneralizedTime, as milliseconds since 1970. */
export const time: Codec<number> = {
  decode(reader) {
    const at = reader.position
    const tagByte = reader.position < reader.end ? reader.view.getUint8(at) : 0
    if (tagByte !== UTC_TIME && tagByte !== GENERALIZED_TIME) throw new DecodeError('bad-value', at)
    const value = readTime(tagByte, latin1Text(element(tagByte, rest).decode(reader)))
    if (value === undefined) throw new DecodeError('bad-value', at)
    return value
  },
  encode(writer, value) {
    const digits = new Date(value).toISOString().replace(/[-:T]|\.\d+/g, '')
    element(GENERALIZED_TIME, rest).encode(
      writer,
      Uint8Array.from(digits, (digit) => digit.charCodeAt(0)),
    )
  },
}

/** A Time when the next element is one, else nothing. */
export const optionalTime: Codec<number | undefined> = {
  decode(reader) {
    const tagByte = reader.position < reader.end ? reader.view.getUint8(reader.position) : 0
    return tagByte === UTC_TIME || tagByte === GENERALIZED_TIME ? time.decode(reader) : undefined
  },
  encode(writer, value) {
    if (value !== undefined) time.encode(writer, value)
  },
}
