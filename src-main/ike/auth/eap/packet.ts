/** EAP packets (RFC 3748 section 4) and the type data of the methods without a file of their own. */
import type { Codec } from '../../../wire/codec.ts'
import { struct } from '../../../wire/codec.ts'
import { u16, u8 } from '../../../wire/integers.ts'
import { lengthPrefixed, mapped, rest } from '../../../wire/sequences.ts'

/** RFC 3748 section 4. */
const Code = { REQUEST: 1, RESPONSE: 2, SUCCESS: 3, FAILURE: 4 } as const

/** RFC 3748 section 5 and IANA's registry; MSCHAPv2: draft-kamath-pppext-eap-mschapv2; TLV: [MS-PEAP]. */
export const EapType = {
  IDENTITY: 1,
  NOTIFICATION: 2,
  NAK: 3,
  MD5: 4,
  GTC: 6,
  TLS: 13,
  TTLS: 21,
  PEAP: 25,
  MSCHAPV2: 26,
  TLV: 33,
} as const

export interface EapMessage {
  readonly code: 'request' | 'response'
  readonly identifier: number
  readonly type: number
  /** The type's own data; decoded as a view into the packet. */
  readonly data: Uint8Array
}

export type EapPacket = EapMessage | { readonly code: 'success' | 'failure'; readonly identifier: number }

const NO_BYTES = new Uint8Array(0)

/** RFC 3748 section 4.1: bytes behind the length are ignored upon reception. */
const padding = mapped(
  rest,
  () => undefined,
  () => NO_BYTES,
)

/*
 * RFC 3748 section 4
 * |     Code      |  Identifier   |            Length             |
 * |     Type      |  Type-Data ~      (requests and responses only)
 */
const frame = struct({
  code: u8,
  identifier: u8,
  body: lengthPrefixed(u16, rest, { plus: 4 }),
  _padding: padding,
})

/** A whole EAP packet. `data` is a view. */
export const eapPacket: Codec<EapPacket> = mapped(
  frame,
  ({ code, identifier, body }, refuse) => {
    if (code === Code.REQUEST || code === Code.RESPONSE) {
      const [type] = body
      if (type === undefined) return refuse('bad-length')
      const name = code === Code.REQUEST ? 'request' : 'response'
      return { code: name, identifier, type, data: body.subarray(1) }
    }
    if (code !== Code.SUCCESS && code !== Code.FAILURE) return refuse()
    // RFC 3748 section 4.2: there is no data.
    if (body.length > 0) return refuse('bad-length')
    return { code: code === Code.SUCCESS ? 'success' : 'failure', identifier }
  },
  (packet) => {
    switch (packet.code) {
      case 'request':
      case 'response': {
        const body = new Uint8Array(1 + packet.data.length)
        body[0] = packet.type
        body.set(packet.data, 1)
        return {
          code: packet.code === 'request' ? Code.REQUEST : Code.RESPONSE,
          identifier: packet.identifier,
          body,
        }
      }
      case 'success':
        return { code: Code.SUCCESS, identifier: packet.identifier, body: NO_BYTES }
      case 'failure':
        return { code: Code.FAILURE, identifier: packet.identifier, body: NO_BYTES }
    }
  },
)

/*
 * Type data of MD5-Challenge (RFC 3748 section 5.4, RFC 1994 section 4.1), both ways
 * |  Value-Size   |  Value ~
 * |  Name ~
 */
export const md5Data = struct({ value: lengthPrefixed(u8, rest), name: rest })
