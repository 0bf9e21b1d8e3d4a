/** Text as EAP's methods carry it. */
import { latin1Text, utf8Text } from '../../../wire/text.ts'

/** Least code point that a lead byte's length is meant for: shorter forms are overlong (RFC 3629 section 3). */
const sequences = [
  { mask: 0xe0, lead: 0xc0, more: 1, least: 0x80 },
  { mask: 0xf0, lead: 0xe0, more: 2, least: 0x800 },
  { mask: 0xf8, lead: 0xf0, more: 3, least: 0x1_0000 },
] as const

/** Reads the character that starts at `at`; undefined where the bytes are not UTF-8. */
function characterAt(
  bytes: Uint8Array,
  at: number,
): { readonly code: number; readonly next: number } | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 0x80) return { code: first, next: at + 1 }
  const row = sequences.find(({ mask, lead }) => (first & mask) === lead)
  if (row === undefined) return undefined
  let code = first & ~row.mask
  for (let step = 1; step <= row.more; step += 1) {
    const byte = bytes[at + step]
    if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined
    code = (code << 6) | (byte & 0x3f)
  }
  const isCharacter = code >= row.least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return isCharacter ? { code, next: at + 1 + row.more } : undefined
}

/** The characters' code points; a byte that is not part of UTF-8 stands for itself, as in Latin-1. */
function* codePoints(bytes: Uint8Array): Generator<number> {
  let at = 0
  while (at < bytes.length) {
    const character = characterAt(bytes, at)
    yield character?.code ?? bytes[at] ?? 0
    at = character?.next ?? at + 1
  }
}

/** The bytes as text: UTF-8, or Latin-1 when they are not UTF-8. */
export const textOf = (bytes: Uint8Array): string => utf8Text(bytes) ?? latin1Text(bytes)

/** UTF-8 as UTF-16 in little-endian order, without a string in between: strings cannot be wiped. */
export function utf16LittleEndian(bytes: Uint8Array): Uint8Array {
  // No character takes more bytes than twice what UTF-8 needs for it.
  const units = new Uint8Array(bytes.length * 2)
  let length = 0
  const push = (unit: number) => {
    units[length] = unit & 0xff
    units[length + 1] = unit >> 8
    length += 2
  }
  for (const code of codePoints(bytes)) {
    if (code < 0x10000) push(code)
    else {
      push(0xd800 + ((code - 0x10000) >> 10))
      push(0xdc00 + ((code - 0x10000) & 0x3ff))
    }
  }
  return units.subarray(0, length)
}
