/** Text in and out of bytes, for formats of the core, which has no TextEncoder. */

const hexDigits = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

/** Lower case, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte] ?? ''
  return text
}

/** The bytes that the digits mean, two digits each in either case; undefined for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index += 1) {
    bytes[index] = Number.parseInt(text.slice(index * 2, index * 2 + 2), 16)
  }
  return bytes
}

function utf8Of(point: number): readonly number[] {
  if (point < 0x80) return [point]
  if (point < 0x800) return [0xc0 | (point >> 6), 0x80 | (point & 63)]
  if (point < 0x10000) return [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)]
  return [0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63)]
}

/** UTF-8; lone surrogates become U+FFFD, as TextEncoder has it. */
export const utf8Bytes = (text: string): Uint8Array =>
  Uint8Array.from(
    Array.from(text, (character) => character.codePointAt(0) ?? 0)
      .map((point) => (point >= 0xd800 && point <= 0xdfff ? 0xfffd : point))
      .flatMap(utf8Of),
  )

/** The text of well-formed UTF-8; undefined for anything else. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  let escaped = ''
  for (const byte of bytes) escaped += `%${hexDigits[byte] ?? ''}`
  try {
    return decodeURIComponent(escaped)
  } catch (error) {
    // URIError is how the language says that UTF-8 is not well-formed.
    if (error instanceof URIError) return undefined
    throw error
  }
}

/** One character a byte (ISO 8859-1). */
export function latin1Text(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
