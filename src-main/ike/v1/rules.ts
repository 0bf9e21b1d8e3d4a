/**
 * What may occur in which message of IKEv1 (RFC 2409 section 5, RFC 2408 section 4), as a table, and the one loop that checks
 * any message against it. Payloads of unknown types and vendor IDs pass everywhere.
 */
import type { Message } from './message.ts'
import type { KnownPayload } from './payloads.ts'

type Range = readonly [least: number, most: number]
type Counts = Partial<Readonly<Record<KnownPayload['type'], Range>>>

const ONE: Range = [1, 1]
const MAYBE: Range = [0, 1]
const PAIR: Range = [0, 2]
const ANY: Range = [0, 32]

const everywhere = { 'vendor-id': ANY, notification: ANY } as const satisfies Counts
const natDetection = { 'nat-d': ANY, 'nat-d-draft': ANY } as const satisfies Counts
const certificates = { certificate: ANY, 'certificate-request': ANY } as const satisfies Counts
const selectors = { id: PAIR, 'nat-oa': PAIR, 'nat-oa-draft': PAIR } as const satisfies Counts

interface Shape {
  readonly counts: Counts
  readonly encrypted: boolean | 'either'
  /** RFC 2409 sections 5.5 and 5.7: the HASH payload comes first. */
  readonly hashFirst: boolean
}

const clear = (counts: Counts): Shape => ({
  counts: { ...everywhere, ...counts },
  encrypted: false,
  hashFirst: false,
})
const encrypted = (counts: Counts): Shape => ({
  counts: { ...everywhere, ...counts },
  encrypted: true,
  hashFirst: false,
})
/** RFC 2409 section 5: aggressive mode's last message may be encrypted, and in practice is. */
const either = (counts: Counts): Shape => ({
  counts: { ...everywhere, ...counts },
  encrypted: 'either',
  hashFirst: false,
})
const hashed = (counts: Counts): Shape => ({
  counts: { ...everywhere, hash: ONE, ...counts },
  encrypted: true,
  hashFirst: true,
})

const offer: Counts = { sa: ONE }
const keyExchange: Counts = { ke: ONE, nonce: ONE, 'certificate-request': ANY, ...natDetection }
/** Identity and nonce are ciphertexts here (RFC 2409 sections 5.2 and 5.3). */
const encryptedKeyExchange: Counts = {
  ke: ONE,
  nonce: ONE,
  id: ONE,
  hash: MAYBE,
  certificate: MAYBE,
  ...natDetection,
}

/** By exchange and the number of the message, with a word where the way of authentication makes a difference. */
export const shapes = {
  'main 1': clear(offer),
  'main 2': clear(offer),
  'main 3': clear(keyExchange),
  'main 4': clear(keyExchange),
  'main 3 encrypted keys': clear(encryptedKeyExchange),
  'main 4 encrypted keys': clear(encryptedKeyExchange),
  // With hybrid authentication the one who proves itself by the hash asks for the other's certificate.
  'main 5 hash': encrypted({ id: ONE, hash: ONE, 'certificate-request': ANY }),
  'main 6 hash': encrypted({ id: ONE, hash: ONE }),
  'main 5 signature': encrypted({ id: ONE, signature: ONE, ...certificates }),
  'main 6 signature': encrypted({ id: ONE, signature: ONE, ...certificates }),
  'main 5 encrypted keys': encrypted({ hash: ONE }),
  'main 6 encrypted keys': encrypted({ hash: ONE }),
  // With public-key encryption the bodies are ciphertexts; a hash may name the key, a certificate bring the answer's.
  'aggressive 1': clear({
    sa: ONE,
    ke: ONE,
    nonce: ONE,
    id: ONE,
    hash: MAYBE,
    certificate: MAYBE,
    'certificate-request': ANY,
  }),
  'aggressive 2 hash': clear({
    sa: ONE,
    ke: ONE,
    nonce: ONE,
    id: ONE,
    hash: ONE,
    ...certificates,
    ...natDetection,
  }),
  'aggressive 2 signature': clear({
    sa: ONE,
    ke: ONE,
    nonce: ONE,
    id: ONE,
    signature: ONE,
    ...certificates,
    ...natDetection,
  }),
  'aggressive 2 encrypted keys': clear({ sa: ONE, ...encryptedKeyExchange, hash: ONE }),
  'aggressive 3 hash': either({ hash: ONE, 'certificate-request': ANY, ...natDetection }),
  'aggressive 3 signature': either({ signature: ONE, ...certificates, ...natDetection }),
  'quick 1': hashed({ sa: ONE, nonce: ONE, ke: MAYBE, ...selectors }),
  'quick 2': hashed({ sa: ONE, nonce: ONE, ke: MAYBE, ...selectors }),
  'quick 3': hashed({}),
  'quick 4': hashed({}),
  informational: hashed({ delete: ANY }),
  transaction: hashed({ attributes: ONE }),
  'new group': hashed({ sa: ONE }),
  /** Before there are keys: somebody says that they refuse, which proves nothing. */
  refusal: clear({}),
} as const satisfies Readonly<Record<string, Shape>>

export type ShapeName = keyof typeof shapes

/** Why a message does not have the shape; undefined when it has. */
export function violationOf(message: Message, name: ShapeName): string | undefined {
  const { counts, encrypted: wanted, hashFirst }: Shape = shapes[name]
  if (wanted !== 'either' && message.encrypted !== wanted) return wanted ? 'unencrypted' : 'encrypted'
  const seen = new Map<string, number>()
  for (const { payload } of message.payloads) {
    if (payload.type !== 'unknown') seen.set(payload.type, (seen.get(payload.type) ?? 0) + 1)
  }
  const allowed: Readonly<Record<string, Range>> = counts
  for (const type of seen.keys()) if (!Object.hasOwn(allowed, type)) return `${type} out of place`
  for (const [type, [least, most]] of Object.entries(allowed)) {
    const count = seen.get(type) ?? 0
    if (count < least || count > most) return `${count} ${type} payloads`
  }
  return hashFirst && message.payloads[0]?.payload.type !== 'hash' ? 'hash not first' : undefined
}

export const hasShape = (message: Message, name: ShapeName): boolean =>
  violationOf(message, name) === undefined
