/**
 * How bytes become values: a codec is one declaration from which a decoder, an encoder and a TypeScript type follow.
 * All integers are big-endian (network byte order).
 */

/** A place in a datagram. Decoders move `position` and never read at or behind `end`. */
export interface Reader {
  readonly view: DataView
  readonly bytes: Uint8Array
  position: number
  end: number
}

/** A growing message. */
export interface Writer {
  view: DataView
  bytes: Uint8Array
  position: number
}

/**
 * One format, both ways. `decode` throws DecodeError and nothing else, whatever the bytes; what it gives may be views into
 * the datagram, so whoever keeps a value longer than the datagram copies it. `encode` throws EncodeError for values that the
 * format cannot hold, which is a bug of the caller.
 */
export interface Codec<Value> {
  decode(reader: Reader): Value
  encode(writer: Writer, value: Value): void
}

/** The TypeScript type of what a codec decodes. */
export type Decoded<Format> = Format extends Codec<infer Value> ? Value : never

export type DecodeReason = 'truncated' | 'trailing-bytes' | 'too-many' | 'bad-length' | 'bad-value'

/** The only thing that a decoder throws. Carries a reason and a place, never the bytes. */
export class DecodeError extends Error {
  readonly reason: DecodeReason
  /** Bytes from the start of what was decoded. */
  readonly offset: number

  constructor(reason: DecodeReason, offset: number) {
    super(`${reason} at byte ${offset}`)
    this.name = 'DecodeError'
    this.reason = reason
    this.offset = offset
  }
}

/** A value that does not fit its format. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError'
}

const NO_BYTES = new Uint8Array(0)

export const createReader = (bytes: Uint8Array, position = 0, end = bytes.length): Reader => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  bytes,
  position,
  end,
})

export const createWriter = (capacity = 512): Writer => {
  const bytes = new Uint8Array(capacity)
  return { view: new DataView(bytes.buffer), bytes, position: 0 }
}

/** What has been written so far: a view, good until the writer is used again. */
export const written = (writer: Writer): Uint8Array => writer.bytes.subarray(0, writer.position)

/** Claims the next bytes for reading and gives where they start. */
export function take(reader: Reader, length: number): number {
  const start = reader.position
  // The length is checked before anything is allocated or read.
  if (length > reader.end - start) throw new DecodeError('truncated', start)
  reader.position = start + length
  return start
}

/** Claims the next bytes as a view into the datagram. */
export function takeView(reader: Reader, length: number): Uint8Array {
  const start = take(reader, length)
  if (length === 0) return NO_BYTES
  return new Uint8Array(reader.bytes.buffer, reader.bytes.byteOffset + start, length)
}

/** Makes room for the next bytes, all zero, and gives where they start. */
export function reserve(writer: Writer, length: number): number {
  const start = writer.position
  const needed = start + length
  if (needed > writer.bytes.length) {
    const grown = new Uint8Array(Math.max(needed, writer.bytes.length * 2))
    grown.set(writer.bytes)
    writer.bytes = grown
    writer.view = new DataView(grown.buffer)
  }
  writer.position = needed
  return start
}

/** Runs an encoder again at an earlier place, for lengths and counts that are known only later. */
export function patch(writer: Writer, at: number, format: Codec<number>, value: number): void {
  const { position } = writer
  writer.position = at
  format.encode(writer, value)
  writer.position = position
}

/** The value that the bytes hold from first to last; views into `bytes`. Throws DecodeError, also for bytes left over. */
export function decode<Value>(format: Codec<Value>, bytes: Uint8Array): Value {
  const reader = createReader(bytes)
  const value = format.decode(reader)
  if (reader.position !== reader.end) throw new DecodeError('trailing-bytes', reader.position)
  return value
}

/** The value as bytes, a fresh array. */
export function encode<Value>(format: Codec<Value>, value: Value): Uint8Array {
  const writer = createWriter(128)
  format.encode(writer, value)
  return writer.bytes.slice(0, writer.position)
}

export type Fields = Readonly<Record<string, Codec<unknown>>>

/** Fields whose names begin with an underscore exist on the wire only. */
export type StructOf<Format extends Fields> = {
  readonly [Name in keyof Format as Name extends `_${string}` ? never : Name]: Decoded<Format[Name]>
}

/**
 * Fields one behind the other, in the order of declaration: `struct({ method: u16, _: reserved(2), data: rest })`.
 * Names that begin with an underscore are on the wire only: reserved bytes, lengths and counts.
 */
export function struct<Format extends Fields>(fields: Format): Codec<StructOf<Format>> {
  const names = Object.keys(fields)
  const formats = Object.values<Codec<unknown>>(fields)
  const visible = names.map((name) => !name.startsWith('_'))
  const count = names.length
  return {
    decode(reader) {
      const value: Record<string, unknown> = {}
      for (let index = 0; index < count; index += 1) {
        const field = (formats[index] as Codec<unknown>).decode(reader)
        if (visible[index] === true) value[names[index] as string] = field
      }
      // The one cast of the codec: the loop above has built what StructOf describes.
      return value as StructOf<Format>
    },
    encode(writer, value) {
      const from = value as Readonly<Record<string, unknown>>
      for (let index = 0; index < count; index += 1) {
        const name = names[index] as string
        const format = formats[index] as Codec<unknown>
        format.encode(writer, visible[index] === true ? from[name] : undefined)
      }
    },
  }
}

export type BitsOf<Widths extends Readonly<Record<string, number>>> = {
  readonly [Name in keyof Widths as Name extends `_${string}` ? never : Name]: number
}

/**
 * Bit fields within one integer, the most significant first: `bits(u8, { critical: 1, _: 7 })`. The widths add up to the
 * integer's, 32 bits at most; names that begin with an underscore are reserved: sent as zero, ignored on receipt.
 */
export function bits<const Widths extends Readonly<Record<string, number>>>(
  integer: Codec<number>,
  widths: Widths,
): Codec<BitsOf<Widths>> {
  let shift = Object.values(widths).reduce((sum, width) => sum + width, 0)
  const fields = Object.entries(widths).map(([name, width]) => {
    shift -= width
    return { name, shift, mask: 2 ** width - 1 }
  })
  const visible = fields.filter(({ name }) => !name.startsWith('_'))
  return {
    decode(reader) {
      const packed = integer.decode(reader)
      const value: Record<string, number> = {}
      for (const { name, shift: by, mask } of visible) value[name] = (packed >>> by) & mask
      return value as BitsOf<Widths>
    },
    encode(writer, value) {
      const from = value as Readonly<Record<string, number>>
      let packed = 0
      for (const { name, shift: by, mask } of visible) {
        const field = from[name] as number
        if ((field & mask) !== field) throw new EncodeError(`${name} holds 0 to ${mask}, not ${field}`)
        packed += field * 2 ** by
      }
      integer.encode(writer, packed)
    },
  }
}
