/** Bytes, lists, lengths and counts that refer to later fields, optional tails, and codecs made of other codecs. */
import { DecodeError, EncodeError, patch, reserve, take, takeView } from './codec.ts'
import type { Codec, Reader, Writer } from './codec.ts'
import { u8, u16 } from './integers.ts'

function writeBytes(writer: Writer, value: Uint8Array): void {
  const at = reserve(writer, value.length)
  writer.bytes.set(value, at)
}

/** Exactly so many bytes; decoded as a view into the datagram. */
export const bytes = (length: number): Codec<Uint8Array> => ({
  decode: (reader) => takeView(reader, length),
  encode(writer, value) {
    if (value.length !== length) throw new EncodeError(`A field holds ${length} bytes, not ${value.length}`)
    writeBytes(writer, value)
  },
})

/** All bytes that are left; decoded as a view into the datagram. */
export const rest: Codec<Uint8Array> = {
  decode: (reader) => takeView(reader, reader.end - reader.position),
  encode: writeBytes,
}

/** All bytes that are left, as many as the limits allow; decoded as a view into the datagram. */
export const restBetween = (least: number, most: number): Codec<Uint8Array> => ({
  decode(reader) {
    const length = reader.end - reader.position
    if (length < least || length > most) throw new DecodeError('bad-length', reader.position)
    return takeView(reader, length)
  },
  encode(writer, value) {
    if (value.length < least || value.length > most) {
      throw new EncodeError(`A field holds ${least} to ${most} bytes, not ${value.length}`)
    }
    writeBytes(writer, value)
  },
})

/** The same bytes, another value: `to` may throw DecodeError through `refuse`. */
export const mapped = <Wire, Value>(
  format: Codec<Wire>,
  to: (wire: Wire, refuse: (reason?: 'bad-value' | 'bad-length') => never) => Value,
  from: (value: Value) => Wire,
): Codec<Value> => ({
  decode(reader) {
    const at = reader.position
    return to(format.decode(reader), (reason = 'bad-value') => {
      throw new DecodeError(reason, at)
    })
  },
  encode: (writer, value) => format.encode(writer, from(value)),
})

/** Reads the inner format from the next bytes, all of which it must use. */
export function decodeWithin<Value>(reader: Reader, length: number, inner: Codec<Value>): Value {
  const outerEnd = reader.end
  const start = take(reader, length)
  reader.position = start
  reader.end = start + length
  const value = inner.decode(reader)
  if (reader.position !== reader.end) throw new DecodeError('trailing-bytes', reader.position)
  reader.end = outerEnd
  return value
}

/** A length and then a format that fills it exactly. `plus`: how many bytes the length counts besides the format's own. */
export const lengthPrefixed = <Value>(
  length: Codec<number>,
  inner: Codec<Value>,
  { plus = 0 }: { readonly plus?: number } = {},
): Codec<Value> => ({
  decode(reader) {
    const at = reader.position
    const innerLength = length.decode(reader) - plus
    if (innerLength < 0) throw new DecodeError('bad-length', at)
    return decodeWithin(reader, innerLength, inner)
  },
  encode(writer, value) {
    const at = writer.position
    length.encode(writer, 0)
    const start = writer.position
    inner.encode(writer, value)
    patch(writer, at, length, writer.position - start + plus)
  },
})

/** Elements until the bytes end, at most `most` of them. */
export const list = <Value>(element: Codec<Value>, most: number): Codec<readonly Value[]> => ({
  decode(reader) {
    const values: Value[] = []
    while (reader.position < reader.end) {
      const at = reader.position
      if (values.length === most) throw new DecodeError('too-many', at)
      values.push(element.decode(reader))
      // An element without bytes would never end the list.
      if (reader.position === at) throw new DecodeError('bad-length', at)
    }
    return values
  },
  encode(writer, values) {
    if (values.length > most) throw new EncodeError(`A list holds ${most} elements, not ${values.length}`)
    for (const value of values) element.encode(writer, value)
  },
})

/** A length or count and what it speaks of, in separate places of one struct. */
export interface Link {
  /** The number itself; on the wire only, so its name begins with an underscore. */
  readonly field: Codec<undefined>
  /** As many bytes as the number says; a view into the datagram. */
  readonly bytes: Codec<Uint8Array>
  /** As many elements as the number says, at most `most`. */
  list<Value>(element: Codec<Value>, most: number): Codec<readonly Value[]>
  /** A list that knows its own end and has to have as many elements as the number says. */
  counting<Value>(whole: Codec<readonly Value[]>): Codec<readonly Value[]>
}

/**
 * A number that speaks of a later field: `const size = link(u8)`, then
 * `struct({ _size: size.field, id: u16, spi: size.bytes })`. One link belongs to one struct, which does not contain itself.
 */
export function link(number: Codec<number>): Link {
  let current = 0
  let place = 0
  let isKnown = false
  const settle = (writer: Writer, value: number) => {
    // Every field that the number speaks of has to agree, such as all SPIs of one Delete payload.
    if (isKnown && current !== value) throw new EncodeError('Fields that share one length differ')
    isKnown = true
    current = value
    patch(writer, place, number, value)
  }
  return {
    field: {
      decode(reader) {
        current = number.decode(reader)
        return undefined
      },
      encode(writer) {
        place = writer.position
        isKnown = false
        number.encode(writer, 0)
      },
    },
    bytes: {
      decode: (reader) => takeView(reader, current),
      encode(writer, value) {
        settle(writer, value.length)
        writeBytes(writer, value)
      },
    },
    list: (element, most) => ({
      decode(reader) {
        const count = current
        if (count > most) throw new DecodeError('too-many', reader.position)
        const values = []
        for (let index = 0; index < count; index += 1) values.push(element.decode(reader))
        return values
      },
      encode(writer, values) {
        if (values.length > most) throw new EncodeError(`A list holds ${most} elements, not ${values.length}`)
        settle(writer, values.length)
        for (const value of values) element.encode(writer, value)
      },
    }),
    counting: (whole) => ({
      decode(reader) {
        const count = current
        const at = reader.position
        const values = whole.decode(reader)
        if (values.length !== count) throw new DecodeError('bad-length', at)
        return values
      },
      encode(writer, values) {
        settle(writer, values.length)
        whole.encode(writer, values)
      },
    }),
  }
}

/**
 * IKE's chained substructures (RFC 7296 sections 3.3.1 and 3.3.2): each has the mark `more`, or 0 for the last; a reserved
 * byte; its length with these four bytes; its body. They fill the bytes that are left; at least one.
 */
export const substructures = <Value>(
  more: number,
  body: Codec<Value>,
  most: number,
): Codec<readonly Value[]> => {
  const sized = lengthPrefixed(u16, body, { plus: 4 })
  return {
    decode(reader) {
      const values: Value[] = []
      for (let mark = more; mark === more;) {
        const at = reader.position
        mark = u8.decode(reader)
        if (mark !== more && mark !== 0) throw new DecodeError('bad-value', at)
        if (values.length === most) throw new DecodeError('too-many', at)
        take(reader, 1)
        values.push(sized.decode(reader))
      }
      if (reader.position !== reader.end) throw new DecodeError('trailing-bytes', reader.position)
      return values
    },
    encode(writer, values) {
      if (values.length === 0 || values.length > most) {
        throw new EncodeError(`There are 1 to ${most} substructures, not ${values.length}`)
      }
      for (const [index, value] of values.entries()) {
        u8.encode(writer, index === values.length - 1 ? 0 : more)
        u8.encode(writer, 0)
        sized.encode(writer, value)
      }
    },
  }
}

/** A number that says which format follows. `kindOf` gives the number for encoding; `otherwise` stands for all other numbers. */
export function variant<Value>(
  kind: Codec<number>,
  cases: ReadonlyMap<number, Codec<Value>>,
  otherwise: Codec<Value>,
  kindOf: (value: Value) => number,
): Codec<Value> {
  return {
    decode: (reader) => (cases.get(kind.decode(reader)) ?? otherwise).decode(reader),
    encode(writer, value) {
      const number = kindOf(value)
      kind.encode(writer, number)
      const format = cases.get(number) ?? otherwise
      format.encode(writer, value)
    },
  }
}
