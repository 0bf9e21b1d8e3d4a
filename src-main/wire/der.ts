/** The little of DER (ITU-T X.690) that protocol fields need: elements with one-byte tags and definite lengths. */
import { DecodeError, createWriter, reserve, written } from './codec.ts'
import type { Codec, Reader, Writer } from './codec.ts'
import { u16, u24, u8 } from './integers.ts'
import { decodeWithin } from './sequences.ts'

/** X.690 section 10.1: the shortest form; the indefinite form and lengths above 2^24 - 1 are refused. */
function readLength(reader: Reader): number {
  const at = reader.position
  const first = u8.decode(reader)
  if (first < 0x80) return first
  const length =
    first === 0x81
      ? u8.decode(reader)
      : first === 0x82
        ? u16.decode(reader)
        : first === 0x83
          ? u24.decode(reader)
          : 0
  const least = first === 0x81 ? 0x80 : first === 0x82 ? 0x100 : 0x10000
  if (length < least) throw new DecodeError('bad-length', at)
  return length
}

function writeLength(writer: Writer, length: number): void {
  if (length < 0x80) {
    u8.encode(writer, length)
  } else if (length < 0x100) {
    u8.encode(writer, 0x81)
    u8.encode(writer, length)
  } else if (length < 0x10000) {
    u8.encode(writer, 0x82)
    u16.encode(writer, length)
  } else {
    u8.encode(writer, 0x83)
    u24.encode(writer, length)
  }
}

function writeContent<Value>(writer: Writer, inner: Codec<Value>, value: Value): void {
  const content = createWriter(64)
  inner.encode(content, value)
  const bytes = written(content)
  writeLength(writer, bytes.length)
  const at = reserve(writer, bytes.length)
  writer.bytes.set(bytes, at)
}

/** An element with this tag, whose content the inner format fills exactly. */
export const element = <Value>(tagByte: number, inner: Codec<Value>): Codec<Value> => ({
  decode(reader) {
    const at = reader.position
    if (u8.decode(reader) !== tagByte) throw new DecodeError('bad-value', at)
    return decodeWithin(reader, readLength(reader), inner)
  },
  encode(writer, value) {
    u8.encode(writer, tagByte)
    writeContent(writer, inner, value)
  },
})

/** An element of any tag of one byte: the tag and the content as a view. */
export const anyElement = (
  content: Codec<Uint8Array>,
): Codec<{ readonly tag: number; readonly content: Uint8Array }> => ({
  decode(reader) {
    const at = reader.position
    const tag = u8.decode(reader)
    // X.690 section 8.1.2.4: five ones announce a longer tag.
    if ((tag & 0x1f) === 0x1f) throw new DecodeError('bad-value', at)
    return { tag, content: decodeWithin(reader, readLength(reader), content) }
  },
  encode(writer, value) {
    u8.encode(writer, value.tag)
    writeContent(writer, content, value.content)
  },
})

export const SEQUENCE = 0x30
export const SET = 0x31
export const OBJECT_IDENTIFIER = 0x06
export const UTF8_STRING = 0x0c
export const PRINTABLE_STRING = 0x13
export const TELETEX_STRING = 0x14
export const IA5_STRING = 0x16
export const BMP_STRING = 0x1e
