/** ISAKMP data attributes (RFC 2408 section 3.3): of transforms, and of transactions. */
import type { Codec } from '../../wire/codec.ts'
import { bits, struct } from '../../wire/codec.ts'
import { tag, u16 } from '../../wire/integers.ts'
import { lengthPrefixed, list, rest } from '../../wire/sequences.ts'

/** `basic`: the value stands where a length would; `variable`: the value has a length of its own. */
export type Attribute =
  | { readonly form: 'basic'; readonly type: number; readonly value: number }
  | { readonly form: 'variable'; readonly type: number; readonly data: Uint8Array }

/*
 *                      1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * !A!       Attribute Type        !    AF=0  Attribute Length     !
 * !F!                             !    AF=1  Attribute Value      !
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * .                   AF=0  Attribute Value                       .
 */
const head = bits(u16, { basic: 1, type: 15 })
const basicTail = struct({ form: tag('basic'), value: u16 })
const variableTail = struct({ form: tag('variable'), data: lengthPrefixed(u16, rest) })

const attribute: Codec<Attribute> = {
  decode(reader) {
    const { basic, type } = head.decode(reader)
    return basic === 1 ? { type, ...basicTail.decode(reader) } : { type, ...variableTail.decode(reader) }
  },
  encode(writer, value) {
    head.encode(writer, { basic: value.form === 'basic' ? 1 : 0, type: value.type })
    if (value.form === 'basic') basicTail.encode(writer, value)
    else variableTail.encode(writer, value)
  },
}

/** More than any honest transform or transaction has. */
const MOST_ATTRIBUTES = 128

export const attributes: Codec<readonly Attribute[]> = list(attribute, MOST_ATTRIBUTES)

export const basic = (type: number, value: number): Attribute => ({ form: 'basic', type, value })
export const variable = (type: number, data: Uint8Array): Attribute => ({ form: 'variable', type, data })

/** A number in either form; the variable one has up to eight bytes. Undefined when it is longer than numbers are. */
export function numberOf(attribute: Attribute): number | undefined {
  if (attribute.form === 'basic') return attribute.value
  if (attribute.data.length === 0 || attribute.data.length > 8) return undefined
  let value = 0
  for (const byte of attribute.data) value = value * 256 + byte
  return Number.isSafeInteger(value) ? value : undefined
}

/** The shortest form of a number: lifetimes beyond 65,535 take four bytes (RFC 2407 section 4.5). */
export function numeric(type: number, value: number): Attribute {
  if (value <= 0xffff) return basic(type, value)
  const data = new Uint8Array(4)
  new DataView(data.buffer).setUint32(0, value)
  return variable(type, data)
}

/** A value as bytes, whichever form it came in. */
export function bytesOf(attribute: Attribute): Uint8Array {
  if (attribute.form === 'variable') return attribute.data
  return Uint8Array.of(attribute.value >> 8, attribute.value & 0xff)
}

export const find = (list: readonly Attribute[], type: number): Attribute | undefined =>
  list.find((one) => one.type === type)
