/**
 * BER made into DER as far as PKCS#12 files need it (ITU-T X.690 section 8): macOS and Firefox write indefinite lengths and
 * strings in pieces, which the strict formats do not take.
 */
import { DecodeError, createReader, take, takeView } from '../wire/codec.ts'
import type { Reader } from '../wire/codec.ts'
import { u8 } from '../wire/integers.ts'
import { OCTET_STRING } from './asn1.ts'

const CONSTRUCTED = 0x20
const MOST_LEVELS = 32

/** Length octets; undefined for the indefinite form. */
function readLength(reader: Reader): number | undefined {
  const at = reader.position
  const first = u8.decode(reader)
  if (first < 0x80) return first
  if (first === 0x80) return undefined
  const octets = first & 0x7f
  if (octets > 4) throw new DecodeError('bad-length', at)
  let length = 0
  for (let index = 0; index < octets; index += 1) length = length * 256 + u8.decode(reader)
  return length
}

const lengthOctets = (length: number): Uint8Array => {
  if (length < 0x80) return Uint8Array.of(length)
  const digits = length.toString(16)
  const octets = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
  return Buffer.concat([Uint8Array.of(0x80 | octets.length), octets])
}

const elementOf = (tagByte: number, content: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of(tagByte), lengthOctets(content.length), content])

interface Element {
  readonly tag: number
  readonly content: Uint8Array
}

/** X.690 section 8.1.5: two zero bytes end content of indefinite length. */
function isAtEndOfContents(reader: Reader): boolean {
  if (reader.end - reader.position < 2 || reader.view.getUint16(reader.position) !== 0) return false
  take(reader, 2)
  return true
}

function readChildren(reader: Reader, length: number | undefined, level: number): readonly Element[] {
  const outerEnd = reader.end
  if (length !== undefined) {
    const start = take(reader, length)
    reader.position = start
    reader.end = start + length
  }
  const children: Element[] = []
  while (length === undefined ? !isAtEndOfContents(reader) : reader.position < reader.end) {
    children.push(readElement(reader, level + 1))
  }
  reader.end = outerEnd
  return children
}

function readElement(reader: Reader, level: number): Element {
  const at = reader.position
  const tag = u8.decode(reader)
  // Tags of several bytes do not occur here.
  if ((tag & 0x1f) === 0x1f) throw new DecodeError('bad-value', at)
  if (level > MOST_LEVELS) throw new DecodeError('too-many', at)
  const length = readLength(reader)
  if ((tag & CONSTRUCTED) === 0) {
    if (length === undefined) throw new DecodeError('bad-length', at)
    return { tag, content: takeView(reader, length) }
  }
  const children = readChildren(reader, length, level)
  // X.690 section 8.7.3: an octet string in pieces is the pieces' contents side by side.
  if (tag === (OCTET_STRING | CONSTRUCTED)) {
    return { tag: OCTET_STRING, content: Buffer.concat(children.map(({ content }) => content)) }
  }
  return { tag, content: Buffer.concat(children.map((child) => elementOf(child.tag, child.content))) }
}

/**
 * The one element of these bytes with definite, shortest lengths and whole octet strings; what follows it is left out.
 * Content of primitive elements is not looked at. Throws DecodeError.
 */
export function derFromBer(bytes: Uint8Array): Uint8Array {
  const { tag, content } = readElement(createReader(bytes), 0)
  return elementOf(tag, content)
}
