/** What implementations announce of themselves by vendor IDs: MD5 hashes of agreed texts, or agreed bytes (RFC 2408 section 3.16). */
import { fromHex, toHex } from '../../wire/text.ts'
import type { PeerFeatures } from './configuration.ts'
import type { Message } from './message.ts'
import { payloadsOf } from './message.ts'
import type { PayloadOf } from './payloads.ts'

/** Hexadecimal; a peer's may go on behind these bytes with a version of its own. */
const known = {
  /** RFC 3947 section 3.1: MD5 of "RFC 3947". */
  rfc3947: '4a131c81070358455c5728f20e95452f',
  /** draft-ietf-ipsec-nat-t-ike-03 and -02 (the text with a newline behind it is the one in use). */
  'draft-03': '7d9419a65310ca6f2c179d9215529d56',
  'draft-02': '90cb80913ebb696e086381b5ec427b1f',
  'draft-02 plain': 'cd60464335df21f87cfdb2fc68b6a448',
  /** RFC 3706 section 5.1, without its two version bytes. */
  deadPeerDetection: 'afcad71368a1f1c96b8696fc7757',
  /** draft-ietf-ipsec-isakmp-xauth-06 section 2. */
  xauth: '09002689dfd6b712',
  unity: '12f5f28c457168a9702d9fe274cc',
  fragmentation: '4048b7d56ebce88525e7de7f00d6c2d3',
} as const

const bytes = (name: keyof typeof known, suffix = ''): PayloadOf<'vendor-id'> => ({
  type: 'vendor-id',
  data: fromHex(known[name] + suffix) ?? new Uint8Array(),
})

/** What we announce: only what we do. */
export const ourVendorIds = ({ xauth }: { readonly xauth: boolean }): readonly PayloadOf<'vendor-id'>[] => [
  bytes('rfc3947'),
  bytes('draft-03'),
  bytes('draft-02'),
  // RFC 3706 section 5.1: version 1.0.
  bytes('deadPeerDetection', '0100'),
  // Four bytes of flags behind it, as others send them.
  bytes('fragmentation', '80000000'),
  ...(xauth ? [bytes('xauth'), bytes('unity', '0100')] : []),
]

/** What a responder answers: no more than the initiator has announced, so that the answer is no longer than the question. */
export const answeredVendorIds = (
  { natTraversal, deadPeerDetection, xauth, unity, fragmentation }: PeerFeatures,
  way: { readonly xauth: boolean },
): readonly PayloadOf<'vendor-id'>[] => [
  ...(natTraversal === undefined ? [] : [bytes(natTraversal)]),
  ...(deadPeerDetection ? [bytes('deadPeerDetection', '0100')] : []),
  ...(fragmentation ? [bytes('fragmentation')] : []),
  ...(xauth && way.xauth ? [bytes('xauth')] : []),
  ...(unity && way.xauth ? [bytes('unity', '0100')] : []),
]

/** What a peer's first message announces. */
export function featuresOf(message: Message): PeerFeatures {
  const ids = payloadsOf(message, 'vendor-id').map(({ data }) => toHex(data))
  const has = (name: keyof typeof known): boolean => ids.some((id) => id.startsWith(known[name]))
  return {
    natTraversal: has('rfc3947')
      ? 'rfc3947'
      : has('draft-03')
        ? 'draft-03'
        : has('draft-02') || has('draft-02 plain')
          ? 'draft-02'
          : undefined,
    deadPeerDetection: has('deadPeerDetection'),
    xauth: has('xauth'),
    unity: has('unity'),
    fragmentation: has('fragmentation'),
  }
}
