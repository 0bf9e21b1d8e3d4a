/** Distinguished names (X.501, RFC 5280 section 4.1.2.4) between DER and the text that people and strongSwan write. */
import { DecodeError, decode, encode, struct } from '../wire/codec.ts'
import type { Codec, Decoded } from '../wire/codec.ts'
import {
  BMP_STRING,
  IA5_STRING,
  OBJECT_IDENTIFIER,
  PRINTABLE_STRING,
  SEQUENCE,
  SET,
  TELETEX_STRING,
  UTF8_STRING,
  anyElement,
  element,
} from '../wire/der.ts'
import { list, rest } from '../wire/sequences.ts'
import { fromHex, latin1Text, toHex, utf8Bytes, utf8Text } from '../wire/text.ts'

const MOST_PARTS = 64
const attribute = element(
  SEQUENCE,
  struct({ oid: element(OBJECT_IDENTIFIER, rest), value: anyElement(rest) }),
)
/** RDNSequence: a sequence of sets of attributes. */
const rdnSequence = element(SEQUENCE, list(element(SET, list(attribute, MOST_PARTS)), MOST_PARTS))

type Attribute = Decoded<typeof attribute>

/** The keywords that strongSwan and OpenSSL write, and the object identifiers' content in hexadecimal; the first of several is written. */
const keywords: readonly (readonly [keyword: string, oid: string])[] = [
  ['CN', '550403'],
  ['SURNAME', '550404'],
  ['S', '550404'],
  ['SN', '550405'],
  ['SERIALNUMBER', '550405'],
  ['C', '550406'],
  ['L', '550407'],
  ['ST', '550408'],
  ['STREET', '550409'],
  ['O', '55040a'],
  ['OU', '55040b'],
  ['T', '55040c'],
  ['TITLE', '55040c'],
  ['D', '55040d'],
  ['POSTALCODE', '550411'],
  ['N', '550429'],
  ['G', '55042a'],
  ['GN', '55042a'],
  ['I', '55042b'],
  ['DNQ', '55042e'],
  ['E', '2a864886f70d010901'],
  ['EMAIL', '2a864886f70d010901'],
  ['EMAILADDRESS', '2a864886f70d010901'],
  ['UN', '2a864886f70d010902'],
  ['UID', '0992268993f22c640101'],
  ['DC', '0992268993f22c640119'],
]
const oidByKeyword = new Map(keywords)
const keywordByOid = new Map([...keywords].reverse().map(([keyword, oid]) => [oid, keyword]))

/** RFC 5280 appendix A: these two are IA5String whatever their content. */
const ia5Oids = new Set([oidByKeyword.get('E'), oidByKeyword.get('DC')])
const printable = /^[A-Za-z0-9 '()+,\-./:=?]*$/

function decoded<Value>(format: Codec<Value>, bytes: Uint8Array): Value | undefined {
  try {
    return decode(format, bytes)
  } catch (error) {
    if (error instanceof DecodeError) return undefined
    throw error
  }
}

// ---------------------------------------------------------------- text to DER

/** Cuts at separators that are neither quoted nor escaped; quotes and escapes stay in the parts. */
function splitOutsideQuotes(text: string, separators: string): readonly string[] {
  const parts: string[] = []
  let part = ''
  let isQuoted = false
  let isEscaped = false
  for (const character of text) {
    const isSeparator = !isQuoted && !isEscaped && separators.includes(character)
    if (isSeparator) {
      parts.push(part)
      part = ''
      continue
    }
    if (character === '"' && !isEscaped) isQuoted = !isQuoted
    isEscaped = character === '\\' && !isEscaped
    part += character
  }
  parts.push(part)
  return parts
}

/** The value without its quotes and escapes (RFC 4514 section 2.4); undefined when a quote or an escape is not complete. */
function unescapeValue(text: string): string | undefined {
  const bare = /^"(.*)"$/su.exec(text)?.[1] ?? text
  if (/(?<!\\)(?:\\\\)*"/.test(bare) || /(?<!\\)(?:\\\\)*\\$/.test(bare)) return undefined
  return bare.replace(/\\(.)/gsu, '$1')
}

/** RFC 4514 section 2.4: `#` and the value's encoding in hexadecimal. */
function parseRawAttribute(oid: Uint8Array, hex: string): Attribute | undefined {
  const encoded = fromHex(hex)
  const value = encoded === undefined ? undefined : decoded(anyElement(rest), encoded)
  return value === undefined ? undefined : { oid, value }
}

function parseAttribute(text: string): Attribute | undefined {
  const equals = text.indexOf('=')
  const keyword = text.slice(0, Math.max(equals, 0)).trim().toUpperCase()
  const oidHex = oidByKeyword.get(keyword)
  const oid = oidHex === undefined ? parseDottedOid(keyword) : fromHex(oidHex)
  const valueText = text.slice(equals + 1).trim()
  if (equals < 0 || oid === undefined) return undefined
  if (valueText.startsWith('#')) return parseRawAttribute(oid, valueText.slice(1))
  const value = unescapeValue(valueText)
  if (value === undefined) return undefined
  // As strongSwan encodes: PrintableString where the characters allow it, else UTF8String (RFC 5280 section 4.1.2.4).
  const tag = ia5Oids.has(toHex(oid)) ? IA5_STRING : printable.test(value) ? PRINTABLE_STRING : UTF8_STRING
  return { oid, value: { tag, content: utf8Bytes(value) } }
}

/**
 * `C=CH, O=Example, CN=gateway`, in the order of the certificate (the first in the text is the first encoded, as strongSwan
 * has it and unlike RFC 4514), or `/C=CH/O=Example/CN=gateway`. Values may be quoted or escaped. Undefined when it is no name.
 */
export function parseDistinguishedName(text: string): Uint8Array | undefined {
  const trimmed = text.trim()
  const parts = trimmed.startsWith('/')
    ? splitOutsideQuotes(trimmed.slice(1), '/')
    : splitOutsideQuotes(trimmed, ',')
  const attributes: Attribute[] = []
  for (const part of parts) {
    const parsed = parseAttribute(part)
    if (parsed === undefined) return undefined
    attributes.push(parsed)
  }
  if (attributes.length > MOST_PARTS) return undefined
  return encode(
    rdnSequence,
    attributes.map((one) => [one]),
  )
}

// ---------------------------------------------------------------- DER to text

/** The text of a string type; undefined for other types and for bytes that are not of the type. */
function textOf({ tag, content }: Attribute['value']): string | undefined {
  switch (tag) {
    case UTF8_STRING:
    case PRINTABLE_STRING:
    case IA5_STRING:
      return utf8Text(content)
    case TELETEX_STRING:
      return latin1Text(content)
    case BMP_STRING:
      return utf16Text(content)
  }
  return undefined
}

/** X.690 section 8.23.7: two bytes a character. */
function utf16Text(content: Uint8Array): string | undefined {
  if (content.length % 2 !== 0) return undefined
  const view = new DataView(content.buffer, content.byteOffset, content.length)
  let text = ''
  for (let at = 0; at < content.length; at += 2) text += String.fromCharCode(view.getUint16(at))
  return text
}

/** X.690 section 8.19: base 128, the first two arcs in one number. */
function dottedOid(oid: Uint8Array): string {
  const arcs: number[] = []
  let arc = 0
  for (const byte of oid) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    if (arcs.length === 0) {
      const top = Math.min(2, Math.floor(arc / 40))
      arcs.push(top, arc - top * 40)
    } else arcs.push(arc)
    arc = 0
  }
  return arcs.join('.')
}

function parseDottedOid(text: string): Uint8Array | undefined {
  if (!/^[0-2](?:\.(?:0|[1-9][0-9]{0,8}))+$/.test(text)) return undefined
  const [top = 0, second = 0, ...others] = text.split('.').map(Number)
  if (top < 2 && second > 39) return undefined
  const base128 = (arc: number): readonly number[] => {
    const septets = [arc & 0x7f]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) {
      septets.unshift((left & 0x7f) | 0x80)
    }
    return septets
  }
  return Uint8Array.from([top * 40 + second, ...others].flatMap(base128))
}

const needsQuotes = /[",=/\\+]|^[\s#]|\s$|^$/

function formatAttribute({ oid, value }: Attribute): string {
  const keyword = keywordByOid.get(toHex(oid)) ?? dottedOid(oid)
  const text = textOf(value)
  if (text === undefined || /\p{Cc}/u.test(text)) {
    return `${keyword}=#${toHex(encode(anyElement(rest), value))}`
  }
  return `${keyword}=${needsQuotes.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text}`
}

/** `C=CH, O=Example, CN=gateway`; several attributes in one part are joined by `+`. Undefined when the bytes are no name. */
export const formatDistinguishedName = (der: Uint8Array): string | undefined =>
  decoded(rdnSequence, der)
    ?.map((part) => part.map(formatAttribute).join('+'))
    .join(', ')

// ---------------------------------------------------------------- comparison

/** RFC 5280 section 7.1: strings of any type are equal when they are, less case and surplus space; all else byte by byte. */
function comparable({ oid, value }: Attribute): string {
  const text = textOf(value)
  const normal = text?.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase()
  return `${toHex(oid)}:${normal ?? `${value.tag}#${toHex(value.content)}`}`
}

/** A text that two DER names have in common exactly when they are the same name; undefined when the bytes are no name. */
export const comparableName = (der: Uint8Array): string | undefined => {
  const parts = decoded(rdnSequence, der)?.map((part) => part.map(comparable).sort())
  return parts === undefined ? undefined : JSON.stringify(parts)
}

/** Whether two DER names are the same name, part by part in order. Bytes that are no name equal nothing. */
export function equalDistinguishedNames(a: Uint8Array, b: Uint8Array): boolean {
  const one = comparableName(a)
  return one !== undefined && one === comparableName(b)
}
