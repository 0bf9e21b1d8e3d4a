/**
 * What may occur in which message (RFC 7296 sections 1.2 to 1.4, 2.16 and appendix C), as a table, and the one loop that
 * checks any message against it. Order is free but where the RFC demands it; unknown payloads that are not critical pass.
 */
import { ErrorNotify, Exchange } from './code-points.ts'
import type { IkeHeader } from '../header.ts'
import type { KnownPayload, Payload } from './payloads.ts'

type Range = readonly [least: number, most: number]
type Counts = Partial<Readonly<Record<KnownPayload['type'], Range>>>

interface Rule {
  readonly exchange: number
  readonly response: boolean
  /** Whether the message has to come in an Encrypted payload. */
  readonly encrypted: boolean
  /** The shapes such a message can have; it has to fit one. What a shape does not name must not occur in it. */
  readonly shapes: Readonly<Record<string, Counts>>
}

const ONE: Range = [1, 1]
const MAYBE: Range = [0, 1]
const ANY: Range = [0, 64]
const SOME: Range = [1, 64]

/** May stand in every message (RFC 7296 sections 3.10 and 3.12). */
const everywhere = { notify: ANY, 'vendor-id': ANY } as const satisfies Counts
const certificates = { certificate: ANY, 'certificate-request': ANY } as const satisfies Counts
/** A Child SA, asked for or agreed. */
const child = { sa: ONE, 'ts-initiator': ONE, 'ts-responder': ONE } as const satisfies Counts
/** RFC 7296 section 2.21: a message that only says no, or asks to come again. */
const refusal = { notify: SOME, 'vendor-id': ANY } as const satisfies Counts

export const rules: readonly Rule[] = [
  {
    exchange: Exchange.IKE_SA_INIT,
    response: false,
    encrypted: false,
    shapes: { offer: { ...everywhere, sa: ONE, ke: ONE, nonce: ONE } },
  },
  {
    exchange: Exchange.IKE_SA_INIT,
    response: true,
    encrypted: false,
    shapes: {
      choice: { ...everywhere, sa: ONE, ke: ONE, nonce: ONE, 'certificate-request': ANY },
      refusal,
    },
  },
  {
    exchange: Exchange.IKE_AUTH,
    response: false,
    encrypted: true,
    shapes: {
      // Without AUTH the client asks for EAP (section 2.16).
      first: {
        ...everywhere,
        ...certificates,
        ...child,
        'id-initiator': ONE,
        'id-responder': MAYBE,
        authentication: MAYBE,
        configuration: MAYBE,
      },
      // RFC 6023 section 3: an IKE SA alone.
      childless: {
        ...everywhere,
        ...certificates,
        'id-initiator': ONE,
        'id-responder': MAYBE,
        authentication: MAYBE,
        configuration: MAYBE,
      },
      eap: { ...everywhere, eap: ONE },
      last: { ...everywhere, authentication: ONE },
      // Section 2.21.2: the client tells why it gives up.
      refusal,
    },
  },
  {
    exchange: Exchange.IKE_AUTH,
    response: true,
    encrypted: true,
    shapes: {
      complete: {
        ...everywhere,
        ...certificates,
        ...child,
        'id-responder': ONE,
        authentication: ONE,
        configuration: MAYBE,
      },
      // Section 1.2: the IKE SA stands though the Child SA was refused.
      childless: {
        ...everywhere,
        ...certificates,
        'id-responder': ONE,
        authentication: ONE,
        configuration: MAYBE,
      },
      // Section 2.16; without AUTH only after RFC 5998, which the exchange decides.
      firstEap: { ...everywhere, ...certificates, 'id-responder': ONE, authentication: MAYBE, eap: ONE },
      eap: { ...everywhere, eap: ONE },
      last: { ...everywhere, ...child, authentication: ONE, configuration: MAYBE },
      lastChildless: { ...everywhere, authentication: ONE, configuration: MAYBE },
      refusal,
    },
  },
  {
    exchange: Exchange.CREATE_CHILD_SA,
    response: false,
    encrypted: true,
    shapes: {
      child: { ...everywhere, ...child, nonce: ONE, ke: MAYBE, configuration: MAYBE },
      // Section 1.3.2: rekeying the IKE SA always brings a key exchange.
      ike: { ...everywhere, sa: ONE, nonce: ONE, ke: ONE },
    },
  },
  {
    exchange: Exchange.CREATE_CHILD_SA,
    response: true,
    encrypted: true,
    shapes: {
      child: { ...everywhere, ...child, nonce: ONE, ke: MAYBE, configuration: MAYBE },
      ike: { ...everywhere, sa: ONE, nonce: ONE, ke: ONE },
      refusal,
    },
  },
  {
    exchange: Exchange.INFORMATIONAL,
    response: false,
    encrypted: true,
    shapes: { any: { ...everywhere, delete: ANY, configuration: MAYBE } },
  },
  {
    exchange: Exchange.INFORMATIONAL,
    response: true,
    encrypted: true,
    shapes: { any: { ...everywhere, delete: ANY, configuration: MAYBE } },
  },
]

const key = (exchange: number, response: boolean) => exchange * 2 + (response ? 1 : 0)

const compiled = new Map(
  rules.map(({ exchange, response, encrypted, shapes }) => [
    key(exchange, response),
    { encrypted, shapes: Object.values(shapes).map((counts) => new Map(Object.entries(counts))) },
  ]),
)

export type RuleViolation =
  | { readonly reason: 'unknown-exchange' | 'unprotected' | 'protected' | 'payload-counts' }
  | { readonly reason: 'unsupported-critical-payload'; readonly payload: number }

const NOTHING: Range = [0, 0]

function fits(shape: ReadonlyMap<string, Range>, counts: ReadonlyMap<string, number>): boolean {
  for (const [type, count] of counts) {
    const [, most] = shape.get(type) ?? NOTHING
    if (count > most) return false
  }
  for (const [type, [least]] of shape) {
    if (least > 0 && (counts.get(type) ?? 0) < least) return false
  }
  return true
}

/** What is wrong with a message by the table above; undefined when nothing is. `encrypted`: it came in an Encrypted payload. */
export function violationOf(
  header: Pick<Pick<IkeHeader, 'exchange' | 'response'>, 'exchange' | 'response'>,
  payloads: readonly Payload[],
  encrypted: boolean,
): RuleViolation | undefined {
  const rule = compiled.get(key(header.exchange, header.response))
  if (rule === undefined) return { reason: 'unknown-exchange' }
  if (rule.encrypted && !encrypted) return { reason: 'unprotected' }
  if (!rule.encrypted && encrypted) return { reason: 'protected' }
  const counts = new Map<string, number>()
  for (const payload of payloads) {
    // RFC 7296 section 2.5: unknown payloads are passed over, unless the sender says that they matter.
    if (payload.type !== 'unknown') counts.set(payload.type, (counts.get(payload.type) ?? 0) + 1)
    else if (payload.critical) return { reason: 'unsupported-critical-payload', payload: payload.number }
  }
  return rule.shapes.some((shape) => fits(shape, counts)) ? undefined : { reason: 'payload-counts' }
}

/** The Notify that answers a request which breaks the rules: its type and data. */
export function answerTo(violation: RuleViolation): { readonly notify: number; readonly data: Uint8Array } {
  switch (violation.reason) {
    case 'unsupported-critical-payload':
      // RFC 7296 section 2.5: the data is the one byte of the payload's type.
      return { notify: ErrorNotify.UNSUPPORTED_CRITICAL_PAYLOAD, data: Uint8Array.of(violation.payload) }
    case 'unknown-exchange':
    case 'unprotected':
    case 'protected':
    case 'payload-counts':
      return { notify: ErrorNotify.INVALID_SYNTAX, data: new Uint8Array(0) }
  }
}
