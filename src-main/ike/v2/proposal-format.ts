/** Proposals and transforms of the SA payload (RFC 7296 section 3.3). */
import { EncodeError, struct, take } from '../../wire/codec.ts'
import type { Codec, Decoded, Reader } from '../../wire/codec.ts'
import { u16, u8 } from '../../wire/integers.ts'
import { link, substructures } from '../../wire/sequences.ts'
import { TransformAttribute } from './code-points.ts'

/**
 * The ID of a decoded transform that carries an attribute we do not know. It equals no ID on the wire, so that such a
 * transform is never chosen and still counts as one of its type (RFC 7296 section 3.3.6: skip the transform, not the proposal).
 */
export const UNUSABLE_TRANSFORM = -1

/** One algorithm of one kind. `keyBits` is there for ciphers with keys of several lengths only (section 3.3.5). */
export interface Transform {
  readonly type: number
  readonly id: number
  readonly keyBits?: number
}

/*
 * |AF|       Attribute Type       |    AF=0  Attribute Length     |
 * |                               |    AF=1  Attribute Value      |
 * |                   AF=0  Attribute Value                       ~
 */
const SHORT_FORM = 0x8000

/** Gives the key length in bits, 0 for none, or undefined when there is an attribute that makes the transform unusable. */
function readAttributes(reader: Reader): number | undefined {
  let keyBits = 0
  let isUsable = true
  while (reader.position < reader.end) {
    const type = u16.decode(reader)
    const value = u16.decode(reader)
    if (type < SHORT_FORM) take(reader, value)
    // Section 3.3.5: the Key Length attribute has the short form and stands once at most.
    const isKeyLength = type === SHORT_FORM + TransformAttribute.KEY_LENGTH
    if (!isKeyLength || keyBits !== 0 || value === 0) isUsable = false
    else keyBits = value
  }
  return isUsable ? keyBits : undefined
}

/*
 * |Transform Type |   RESERVED    |          Transform ID         |
 * |                      Transform Attributes                     ~
 */
const transform: Codec<Transform> = {
  decode(reader) {
    const type = u8.decode(reader)
    take(reader, 1)
    const id = u16.decode(reader)
    if (reader.position === reader.end) return { type, id }
    const keyBits = readAttributes(reader)
    return keyBits === undefined ? { type, id: UNUSABLE_TRANSFORM } : { type, id, keyBits }
  },
  encode(writer, { type, id, keyBits }) {
    if (id === UNUSABLE_TRANSFORM) throw new EncodeError('A transform that was not understood is never sent')
    u8.encode(writer, type)
    u8.encode(writer, 0)
    u16.encode(writer, id)
    if (keyBits === undefined) return
    u16.encode(writer, SHORT_FORM + TransformAttribute.KEY_LENGTH)
    u16.encode(writer, keyBits)
  },
}

/** Section 3.3.2: the mark of a transform that is not the last. */
const MORE_TRANSFORMS = 3
/** Section 3.3.1: the mark of a proposal that is not the last. */
const MORE_PROPOSALS = 2
const MOST_TRANSFORMS = 255
const MOST_PROPOSALS = 64

const transformChain = substructures(MORE_TRANSFORMS, transform, MOST_TRANSFORMS)
const transformCount = link(u8)
const spi = link(u8)

/** The chain of transforms, whose number the proposal states as well. */
const transforms: Codec<readonly Transform[]> = transformCount.counting(transformChain)

/*
 * | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
 * |                        SPI (variable)                         ~
 * |                        <Transforms>                           ~
 */
const proposal = struct({
  number: u8,
  protocol: u8,
  _spiSize: spi.field,
  _transformCount: transformCount.field,
  spi: spi.bytes,
  transforms,
})

/** `number` counts from 1; `protocol` as in `Protocol`; `spi` is empty in the first exchange, else 8 (IKE) or 4 bytes. */
export type Proposal = Decoded<typeof proposal>

/** The whole body of an SA payload: one proposal at least. */
export const proposals: Codec<readonly Proposal[]> = substructures(MORE_PROPOSALS, proposal, MOST_PROPOSALS)
