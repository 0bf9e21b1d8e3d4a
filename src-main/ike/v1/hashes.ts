/** The HASH values that authenticate IKEv1's exchanges (RFC 2409 sections 5, 5.5, 5.7). */
import type { MessageId } from '../../../src-shared/brands.ts'
import type { Crypto } from '../../ports.ts'
import { createWriter, written } from '../../wire/codec.ts'
import { GENERIC_HEADER_LENGTH } from '../payload-chain.ts'
import type { Nonces, Prf } from './keys.ts'
import { messageIdBytes } from './keys.ts'
import type { Message } from './message.ts'
import type { Payload } from './payloads.ts'
import { writePlainPayloads } from './payloads.ts'

/** What both ends hash of phase 1. Bodies are those of the payloads, without generic headers, as they were on the wire. */
export interface Phase1Transcript {
  readonly initiatorValue: Uint8Array
  readonly responderValue: Uint8Array
  readonly initiatorCookie: Uint8Array
  readonly responderCookie: Uint8Array
  /** SAi_b: all that the initiator offered. */
  readonly offer: Uint8Array
}

/** HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b) */
export const hashI = (
  prf: Prf,
  skeyid: Uint8Array,
  transcript: Phase1Transcript,
  identity: Uint8Array,
): Uint8Array =>
  prf(
    skeyid,
    transcript.initiatorValue,
    transcript.responderValue,
    transcript.initiatorCookie,
    transcript.responderCookie,
    transcript.offer,
    identity,
  )

/** HASH_R = prf(SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b) */
export const hashR = (
  prf: Prf,
  skeyid: Uint8Array,
  transcript: Phase1Transcript,
  identity: Uint8Array,
): Uint8Array =>
  prf(
    skeyid,
    transcript.responderValue,
    transcript.initiatorValue,
    transcript.responderCookie,
    transcript.initiatorCookie,
    transcript.offer,
    identity,
  )

/** HASH(1) of quick mode, and the only one of informational and transaction exchanges: prf(SKEYID_a, M-ID | what follows). */
export const hash1 = (prf: Prf, a: Uint8Array, id: MessageId, following: Uint8Array): Uint8Array =>
  prf(a, messageIdBytes(id), following)

/** HASH(2) = prf(SKEYID_a, M-ID | Ni_b | what follows) */
export const hash2 = (
  prf: Prf,
  a: Uint8Array,
  id: MessageId,
  initiatorNonce: Uint8Array,
  following: Uint8Array,
): Uint8Array => prf(a, messageIdBytes(id), initiatorNonce, following)

/** HASH(3) = prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b) */
export const hash3 = (prf: Prf, a: Uint8Array, id: MessageId, nonces: Nonces): Uint8Array =>
  prf(a, Uint8Array.of(0), messageIdBytes(id), nonces.initiator, nonces.responder)

/** All that stands behind a message's first payload, which must be the HASH; undefined when it is not. */
function behindHash(
  message: Message,
): { readonly hash: Uint8Array; readonly following: Uint8Array } | undefined {
  const first = message.payloads[0]?.payload
  if (first?.type !== 'hash') return undefined
  return { hash: first.data, following: message.chain.subarray(GENERIC_HEADER_LENGTH + first.data.length) }
}

/** Whether the message's HASH is the one that `expected` makes of what follows it; compared in constant time. */
export function isHash(
  crypto: Pick<Crypto, 'equal'>,
  message: Message,
  expected: (following: Uint8Array) => Uint8Array,
): boolean {
  const parts = behindHash(message)
  return parts !== undefined && crypto.equal(parts.hash, expected(parts.following))
}

/** Whether a message that begins a conversation, or is the only one of it, is the peer's word (RFC 2409 sections 5.5, 5.7). */
export const isGenuine = (
  crypto: Pick<Crypto, 'equal'>,
  prf: Prf,
  a: Uint8Array,
  message: Message,
): boolean => isHash(crypto, message, (following) => hash1(prf, a, message.header.messageId, following))

/** The payloads with HASH(1) before them; with `initiatorNonce`, HASH(2). */
export function hashed(
  prf: Prf,
  a: Uint8Array,
  id: MessageId,
  payloads: readonly Payload[],
  initiatorNonce?: Uint8Array,
): readonly Payload[] {
  const writer = createWriter()
  writePlainPayloads(writer, payloads)
  const following = written(writer)
  const data =
    initiatorNonce === undefined ? hash1(prf, a, id, following) : hash2(prf, a, id, initiatorNonce, following)
  return [{ type: 'hash', data }, ...payloads]
}
