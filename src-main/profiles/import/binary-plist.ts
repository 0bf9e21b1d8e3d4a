/**
 * Apple's binary property lists (`bplist00`; CFBinaryPList.c):
 *
 *   "bplist00" │ objects … │ offset table │ trailer: 6 unused, offset size, reference size, count (8), top (8), table at (8)
 *
 * An object begins with a byte of type and size. References may form a circle; depth and the number of visits are limited.
 */
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type { PlistValue } from './plist.ts'

const TRAILER = 32
const OBJECT_LIMIT = 100_000
const DEPTH_LIMIT = 64

export const isBinaryPlist = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 6)).toString('latin1') === 'bplist'

/** What is wrong, thrown inside this file alone. */
class Damaged extends Error {}

interface Opened {
  readonly view: DataView
  readonly bytes: Uint8Array
  readonly offsets: readonly number[]
  readonly referenceSize: number
  visits: number
}

/** The top value; fails with a sentence that names the byte. */
export function plistFromBinary(bytes: Uint8Array): Result<PlistValue, string> {
  try {
    const { opened, top } = open(bytes)
    return ok(readObject(opened, top, 0))
  } catch (error) {
    if (error instanceof Damaged) return fail(error.message)
    throw error
  }
}

const damaged = (at: number, problem: string): never => {
  throw new Damaged(`byte ${at}: ${problem}`)
}

/** Big-endian, 1 to 8 bytes; what a safe integer cannot hold is damage. */
function unsigned(view: DataView, at: number, size: number): number {
  if (at < 0 || size < 1 || size > 8 || at + size > view.byteLength)
    return damaged(at, 'a number lies outside the file')
  let value = 0
  for (let index = 0; index < size; index += 1) value = value * 256 + view.getUint8(at + index)
  return Number.isSafeInteger(value) ? value : damaged(at, 'a number is too large')
}

function open(bytes: Uint8Array): { readonly opened: Opened; readonly top: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const trailer = bytes.length - TRAILER
  if (trailer < 8) return damaged(0, 'the file is cut short')
  const offsetSize = view.getUint8(trailer + 6)
  const referenceSize = view.getUint8(trailer + 7)
  const count = unsigned(view, trailer + 8, 8)
  const top = unsigned(view, trailer + 16, 8)
  const table = unsigned(view, trailer + 24, 8)
  if (count > OBJECT_LIMIT) return damaged(trailer + 8, 'there are more objects than in any profile')
  if (table + count * offsetSize > trailer)
    return damaged(trailer + 24, 'the offset table lies outside the file')
  const offsets = Array.from({ length: count }, (_, index) =>
    unsigned(view, table + index * offsetSize, offsetSize),
  )
  return { opened: { view, bytes, offsets, referenceSize, visits: 0 }, top }
}

function readObject(opened: Opened, reference: number, depth: number): PlistValue {
  const { view, offsets } = opened
  const at = offsets[reference]
  if (at === undefined || at < 8 || at >= view.byteLength) {
    return damaged(at ?? 0, `the object ${reference} lies outside the file`)
  }
  opened.visits += 1
  if (opened.visits > OBJECT_LIMIT) return damaged(at, 'objects refer to each other too often')
  if (depth > DEPTH_LIMIT) return damaged(at, 'objects are nested deeper than in any profile')
  const marker = view.getUint8(at)
  const low = marker & 0x0f
  switch (marker >> 4) {
    case 0x0:
      if (low === 8) return false
      return low === 9 ? true : damaged(at, 'this simple value is not known')
    case 0x1:
      return integer(view, at + 1, 1 << low)
    case 0x2:
      return real(view, at + 1, 1 << low)
    case 0x3:
      return date(view, at + 1)
    case 0x4: {
      const { start, count } = sized(opened, at, low)
      return slice(opened, start, count).slice()
    }
    case 0x5: {
      const { start, count } = sized(opened, at, low)
      return Buffer.from(slice(opened, start, count)).toString('latin1')
    }
    case 0x6: {
      const { start, count } = sized(opened, at, low)
      return Buffer.from(slice(opened, start, count * 2))
        .swap16()
        .toString('utf16le')
    }
    case 0x8:
      return unsigned(view, at + 1, low + 1)
    case 0xa:
      return readArray(opened, at, low, depth)
    case 0xd:
      return readDictionary(opened, at, low, depth)
    default:
      return damaged(at, 'this type of object is not known')
  }
}

/** Integers of 1, 2 and 4 bytes are unsigned, of 8 signed; of 16, the lower half counts. */
function integer(view: DataView, at: number, size: number): number {
  if (size < 8) return unsigned(view, at, size)
  const start = at + size - 8
  if (size > 16 || start + 8 > view.byteLength) return damaged(at, 'a number lies outside the file')
  return Number(view.getBigInt64(start))
}

function real(view: DataView, at: number, size: number): number {
  if (at + size > view.byteLength) return damaged(at, 'a number lies outside the file')
  if (size === 4) return view.getFloat32(at)
  return size === 8 ? view.getFloat64(at) : damaged(at, 'a number has a strange size')
}

/** Seconds since 2001, as the text that XML property lists have. */
function date(view: DataView, at: number): string {
  const when = new Date(Date.UTC(2001, 0, 1) + real(view, at, 8) * 1000)
  return Number.isNaN(when.getTime()) ? damaged(at, 'this is not a date') : when.toISOString()
}

/** The object's count, which follows as an integer of its own when the nibble is 15. */
function sized(
  { view }: Opened,
  at: number,
  low: number,
): { readonly start: number; readonly count: number } {
  if (low !== 15) return { start: at + 1, count: low }
  const marker = at + 1 < view.byteLength ? view.getUint8(at + 1) : 0
  if (marker >> 4 !== 1) return damaged(at + 1, 'a count was expected here')
  const size = 1 << (marker & 0x0f)
  return { start: at + 2 + size, count: unsigned(view, at + 2, size) }
}

function slice({ bytes }: Opened, start: number, length: number): Uint8Array {
  return start + length > bytes.length
    ? damaged(start, 'an object reaches beyond the file')
    : bytes.subarray(start, start + length)
}

/** `count` references from `start`. The bytes have to be there before anything is allocated. */
function references(opened: Opened, start: number, count: number): readonly number[] {
  const { view, referenceSize } = opened
  if (start + count * referenceSize > view.byteLength)
    return damaged(start, 'an object reaches beyond the file')
  return Array.from({ length: count }, (_, index) =>
    unsigned(view, start + index * referenceSize, referenceSize),
  )
}

function readArray(opened: Opened, at: number, low: number, depth: number): PlistValue {
  const { start, count } = sized(opened, at, low)
  return references(opened, start, count).map((reference) => readObject(opened, reference, depth + 1))
}

function readDictionary(opened: Opened, at: number, low: number, depth: number): PlistValue {
  const { start, count } = sized(opened, at, low)
  const keys = references(opened, start, count)
  const values = references(opened, start + count * opened.referenceSize, count)
  const entries = new Map<string, PlistValue>()
  for (const [index, reference] of keys.entries()) {
    const key = readObject(opened, reference, depth + 1)
    if (typeof key !== 'string') return damaged(at, 'a key is not a text')
    if (entries.has(key)) return damaged(at, `the key ${key.slice(0, 60)} stands twice`)
    entries.set(key, readObject(opened, values[index] ?? 0, depth + 1))
  }
  return Object.fromEntries(entries)
}
