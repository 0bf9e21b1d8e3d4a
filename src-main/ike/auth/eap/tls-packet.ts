/** TLS in EAP packets: the flags, the length and the fragments that EAP-TLS, -TTLS and PEAP share. */
import type { Codec } from '../../../wire/codec.ts'
import { EncodeError, bits, struct } from '../../../wire/codec.ts'
import { u32, u8 } from '../../../wire/integers.ts'
import { rest } from '../../../wire/sequences.ts'

/** RFC 5216 section 3.1, RFC 5281 section 9.1; PEAP and TTLS have a version where EAP-TLS has reserved bits. */
const flags = bits(u8, { length: 1, more: 1, start: 1, _: 2, version: 3 })

export interface TlsFragment {
  readonly start: boolean
  readonly more: boolean
  readonly version: number
  /** Of the whole message, where it is said. */
  readonly total: number | undefined
  /** A view when decoded. */
  readonly data: Uint8Array
}

const withLength = struct({ total: u32, data: rest })

/*
 * |     Flags     |  TLS Message Length (four bytes, with the L flag) ...
 * |  TLS Data ~
 */
export const tlsFragment: Codec<TlsFragment> = {
  decode(reader) {
    const { length, more, start, version } = flags.decode(reader)
    const { total, data } =
      length === 1 ? withLength.decode(reader) : { total: undefined, data: rest.decode(reader) }
    return { start: start === 1, more: more === 1, version, total, data }
  },
  encode(writer, { start, more, version, total, data }) {
    if (start && data.length > 0) throw new EncodeError('a start carries no data')
    flags.encode(writer, {
      length: total === undefined ? 0 : 1,
      more: more ? 1 : 0,
      start: start ? 1 : 0,
      version,
    })
    if (total === undefined) rest.encode(writer, data)
    else withLength.encode(writer, { total, data })
  },
}
