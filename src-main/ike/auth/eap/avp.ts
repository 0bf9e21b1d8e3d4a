/** Attribute-value pairs as EAP-TTLS carries them inside (RFC 5281 section 10). */
import type { Codec } from '../../../wire/codec.ts'
import { DecodeError, EncodeError, bits, reserve, take } from '../../../wire/codec.ts'
import { u24, u32, u8 } from '../../../wire/integers.ts'
import { decodeWithin, list, rest } from '../../../wire/sequences.ts'

export interface Avp {
  readonly code: number
  /** 0: none. */
  readonly vendor: number
  /** RFC 5281 section 10.1: who does not understand it has to fail. */
  readonly mandatory: boolean
  /** A view when decoded. */
  readonly data: Uint8Array
}

/** Of one message; the servers' have one to three (CVE-2026-25075). */
const mostAvps = 64

const flags = bits(u8, { vendor: 1, mandatory: 1, _: 6 })

/*
 * |                           AVP Code                            |
 * |V M r r r r r r|                  AVP Length                   |
 * |                         Vendor-ID (opt)                       |
 * |    Data ...            with zeros up to four bytes behind it
 */
const avp: Codec<Avp> = {
  decode(reader) {
    const start = reader.position
    const code = u32.decode(reader)
    const { vendor, mandatory } = flags.decode(reader)
    // Of the whole, without the zeros behind it.
    const length = u24.decode(reader)
    const head = vendor === 1 ? 12 : 8
    if (length < head) throw new DecodeError('bad-length', start)
    const vendorId = vendor === 1 ? u32.decode(reader) : 0
    const data = decodeWithin(reader, length - head, rest)
    // The last one's zeros are left out by some servers.
    take(reader, Math.min(-length & 3, reader.end - reader.position))
    return { code, vendor: vendorId, mandatory: mandatory === 1, data }
  },
  encode(writer, { code, vendor, mandatory, data }) {
    const head = vendor === 0 ? 8 : 12
    if (data.length > 0xff_ffff - head) throw new EncodeError('an AVP holds less than 16 MiB')
    u32.encode(writer, code)
    flags.encode(writer, { vendor: vendor === 0 ? 0 : 1, mandatory: mandatory ? 1 : 0 })
    u24.encode(writer, head + data.length)
    if (vendor !== 0) u32.encode(writer, vendor)
    rest.encode(writer, data)
    reserve(writer, -(head + data.length) & 3)
  },
}

/** A message of them, one behind the other. */
export const avps: Codec<readonly Avp[]> = list(avp, mostAvps)

/** RFC 5281 section 11, RFC 2865, RFC 2548. */
export const AvpCode = {
  USER_NAME: 1,
  USER_PASSWORD: 2,
  REPLY_MESSAGE: 18,
  EAP_MESSAGE: 79,
  MS_CHAP_ERROR: 2,
  MS_CHAP_CHALLENGE: 11,
  MS_CHAP2_RESPONSE: 25,
  MS_CHAP2_SUCCESS: 26,
} as const

export const MICROSOFT = 311
