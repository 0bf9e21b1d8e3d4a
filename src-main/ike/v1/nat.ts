/** NAT detection in phase 1 (RFC 3947 section 3.2): hashes of cookies, address and port, by the negotiated hash. */
import type { HashName } from '../../../src-shared/algorithms.ts'
import { addressToBytes, parseAddress } from '../../ip/address.ts'
import type { Crypto, Endpoint } from '../../ports.ts'
import type { PeerFeatures } from './configuration.ts'
import type { Message } from './message.ts'
import { payloadsOf } from './message.ts'
import type { Payload } from './payloads.ts'

export interface NatQuestion {
  readonly crypto: Pick<Crypto, 'hash' | 'equal'>
  readonly hash: HashName
  /** CKY-I | CKY-R. */
  readonly cookies: Uint8Array
  readonly local: Endpoint
  readonly remote: Endpoint
}

/** HASH(CKY-I | CKY-R | IP | Port) */
function endpointHash({ crypto, hash, cookies }: NatQuestion, endpoint: Endpoint): Uint8Array {
  const address = parseAddress(endpoint.address)
  if (address === undefined) throw new TypeError('NAT detection needs an IP address')
  const port = Uint8Array.of(endpoint.port >> 8, endpoint.port & 0xff)
  return crypto.hash(hash, cookies, addressToBytes(address), port)
}

/** The NAT-D payloads: where we send to, then where from. `hidden`: bytes instead of our own hash, so that the peer finds a NAT. */
export function natDetectionPayloads(
  question: NatQuestion,
  features: PeerFeatures,
  hidden?: Uint8Array,
): readonly Payload[] {
  if (features.natTraversal === undefined) return []
  const type = features.natTraversal === 'rfc3947' ? 'nat-d' : 'nat-d-draft'
  return [
    { type, data: endpointHash(question, question.remote) },
    { type, data: hidden ?? endpointHash(question, question.local) },
  ]
}

/** Which end is behind a NAT by what the peer saw; none when it sent no hashes. */
export function natBetween(
  question: NatQuestion,
  message: Message,
): { readonly local: boolean; readonly remote: boolean } {
  const [ofUs, ...ofPeer] = [...payloadsOf(message, 'nat-d'), ...payloadsOf(message, 'nat-d-draft')].map(
    ({ data }) => data,
  )
  if (ofUs === undefined || ofPeer.length === 0) return { local: false, remote: false }
  const { crypto } = question
  const is = (endpoint: Endpoint) => {
    const expected = endpointHash(question, endpoint)
    return (data: Uint8Array) => crypto.equal(data, expected)
  }
  return { local: !is(question.local)(ofUs), remote: !ofPeer.some(is(question.remote)) }
}
