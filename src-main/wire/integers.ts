/** Unsigned integers of fixed width, bit fields, reserved bytes. Big-endian. */
import { EncodeError, reserve, take } from './codec.ts'
import type { Codec } from './codec.ts'

function demand(value: number, highest: number): void {
  if (!Number.isInteger(value) || value < 0 || value > highest) {
    throw new EncodeError(`A field holds 0 to ${highest}, not ${value}`)
  }
}

export const u8: Codec<number> = {
  decode: (reader) => reader.view.getUint8(take(reader, 1)),
  encode(writer, value) {
    demand(value, 0xff)
    const at = reserve(writer, 1)
    writer.view.setUint8(at, value)
  },
}

export const u16: Codec<number> = {
  decode: (reader) => reader.view.getUint16(take(reader, 2)),
  encode(writer, value) {
    demand(value, 0xffff)
    const at = reserve(writer, 2)
    writer.view.setUint16(at, value)
  },
}

export const u24: Codec<number> = {
  decode(reader) {
    const at = take(reader, 3)
    return reader.view.getUint8(at) * 0x10000 + reader.view.getUint16(at + 1)
  },
  encode(writer, value) {
    demand(value, 0xffffff)
    const at = reserve(writer, 3)
    writer.view.setUint8(at, value >> 16)
    writer.view.setUint16(at + 1, value & 0xffff)
  },
}

export const u32: Codec<number> = {
  decode: (reader) => reader.view.getUint32(take(reader, 4)),
  encode(writer, value) {
    demand(value, 0xffff_ffff)
    const at = reserve(writer, 4)
    writer.view.setUint32(at, value)
  },
}

export const u64: Codec<bigint> = {
  decode: (reader) => reader.view.getBigUint64(take(reader, 8)),
  encode(writer, value) {
    if (value !== BigInt.asUintN(64, value)) throw new EncodeError('A field holds 64 bits')
    const at = reserve(writer, 8)
    writer.view.setBigUint64(at, value)
  },
}

/** Bytes that are sent as zero and ignored on receipt. Name the field with an underscore. */
export const reserved = (length: number): Codec<undefined> => ({
  decode(reader) {
    take(reader, length)
    return undefined
  },
  encode(writer) {
    const at = reserve(writer, length)
    writer.bytes.fill(0, at, at + length)
  },
})

/** A literal that stands in the value and not on the wire: the discriminant of a union. */
export const tag = <const Literal extends string>(literal: Literal): Codec<Literal> => ({
  decode: () => literal,
  encode() {
    // Nothing of it is on the wire.
  },
})
