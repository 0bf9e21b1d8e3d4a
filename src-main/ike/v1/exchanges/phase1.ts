/** What both modes and both sides of phase 1 have in common. */
import type { IkeSpi } from '../../../../src-shared/brands.ts'
import { millis } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import type { Endpoint, Identity, KeyExchange, KeyExchangeOffer, Random } from '../../../ports.ts'
import { equalIdentities, formatIdentity, identityFromWire, identityToWire } from '../../identity.ts'
import { createAuthenticator } from '../authentication.ts'
import type { Authenticator } from '../authentication.ts'
import { Notification, Protocol } from '../code-points.ts'
import type {
  ExchangePorts,
  IsakmpSa,
  PeerFeatures,
  Phase1Configuration,
  ResponderPhase1,
  Way,
} from '../configuration.ts'
import type { Conversation } from '../conversation.ts'
import { hashI, hashR } from '../hashes.ts'
import { cookies, messageCipher, phase1Iv, phase1Keys, prfOf, wipeKeys } from '../keys.ts'
import type { Nonces, Phase1Keys } from '../keys.ts'
import type { Message, MessageCipher } from '../message.ts'
import { bodyOfFirst, payloadOf, payloadsOf } from '../message.ts'
import { natBetween } from '../nat.ts'
import type { NatQuestion } from '../nat.ts'
import type { PayloadOf } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { phase1Suites, readPhase1Transform, sameAlgorithms } from '../suites.ts'
import type { Phase1Suite } from '../suites.ts'

/** RFC 2409 section 5: 8 to 256 bytes. */
export const nonceLength = 32

/** How long a client may think between two messages. */
export const longestPause = millis(30_000)

/** What the message's shape has promised. */
export function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new VpnError('protocol-violation', { reason: 'a payload is missing' })
  return value
}

export function cookieBytes(spi: IkeSpi): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, spi)
  return bytes
}

/** The suite that the responder chose: one transform, and one that we offered (RFC 2409 section 5). */
export function agreedSuite(offered: readonly Phase1Suite[], message: Message): Phase1Suite {
  const [proposal, ...others] = required(payloadOf(message, 'sa')).proposals
  const transform = proposal?.transforms[0]
  if (
    proposal === undefined ||
    transform === undefined ||
    others.length > 0 ||
    proposal.transforms.length > 1
  )
    throw new VpnError('protocol-violation', { reason: 'not exactly one proposal chosen' })
  const chosen = readPhase1Transform(transform)
  const offer = chosen === undefined ? undefined : offered.find((suite) => sameAlgorithms(suite, chosen))
  if (chosen === undefined || offer === undefined)
    throw new VpnError('protocol-violation', { reason: 'an algorithm chosen that was not offered' })
  return { ...offer, lifetimeSeconds: Math.min(offer.lifetimeSeconds, chosen.lifetimeSeconds) }
}

/** RFC 2407 section 4.6.2: in phase 1 protocol and port are zero (or UDP 500). */
export const identityPayload = (identity: Identity): PayloadOf<'id'> => ({
  type: 'id',
  protocol: 0,
  port: 0,
  ...identityToWire(identity),
})

/** Who the message says its sender is. Throws VpnError 'gateway-not-authenticated' when that is not who was expected. */
export function identityIn(
  message: Message,
  expected: Identity | undefined,
): { readonly identity: Identity; readonly body: Uint8Array } {
  const identity = identityFromWire(required(payloadOf(message, 'id')))
  if (identity === undefined)
    throw new VpnError('gateway-not-authenticated', { reason: 'its identity is of no known type' })
  if (expected !== undefined && !equalIdentities(identity, expected)) {
    throw new VpnError('gateway-not-authenticated', {
      reason: `it says that it is ${formatIdentity(identity)}, not ${formatIdentity(expected)}`,
    })
  }
  return { identity, body: required(bodyOfFirst(message, 'id')) }
}

/** What the responder has taken of an offer. */
export interface Choice {
  readonly suite: Phase1Suite
  readonly answer: PayloadOf<'sa'>
  readonly way: Way
  readonly authenticator: Authenticator
}

/** The responder's choice: the first of its own suites that the initiator offers too, with the offer's numbers. */
export function chooseSuite(ports: ExchangePorts, configuration: ResponderPhase1, message: Message): Choice {
  const ways = configuration.ways.map((way) => ({
    way,
    authenticator: authenticatorOf(ports, way, 'gateway'),
  }))
  const methods = ways.flatMap(({ authenticator }) => authenticator.methods)
  const accepted = phase1Suites(configuration.proposals, methods, configuration.lifetimeSeconds)
  const offers = required(payloadOf(message, 'sa')).proposals.filter(
    ({ protocol }) => protocol === Protocol.ISAKMP,
  )
  for (const ours of accepted) {
    for (const proposal of offers) {
      for (const transform of proposal.transforms) {
        const offered = readPhase1Transform(transform)
        if (offered === undefined || !sameAlgorithms(offered, ours)) continue
        const chosen = ways.find(({ authenticator }) => authenticator.methods.includes(ours.authentication))
        if (chosen === undefined) continue
        // RFC 2408 section 4.2: the chosen transform goes back as it came.
        const answer = { type: 'sa', proposals: [{ ...proposal, transforms: [transform] }] } as const
        return { suite: { ...ours, lifetimeSeconds: offered.lifetimeSeconds }, answer, ...chosen }
      }
    }
  }
  throw new VpnError('no-common-proposal', { notify: 'NO_PROPOSAL_CHOSEN' })
}

/** Who the initiator has proven to be, unless it is nobody for us. `keyOf`: whose pre-shared key was taken. */
export function admitted(
  { admits }: ResponderPhase1,
  way: Way,
  identity: Identity,
  keyOf: Identity,
): Identity {
  if (!admits(identity, way, keyOf))
    throw new VpnError('authentication-refused', { reason: `${formatIdentity(identity)} is not let in` })
  return identity
}

/** RFC 2409 section 5.4: in main mode the owner of a pre-shared key is known by its address alone when the key is needed. */
export function identityOfAddress({ address }: Endpoint): Identity {
  return { kind: address.includes(':') ? 'ipv6' : 'ipv4', address }
}

/** RFC 2407 section 4.6.3.3. */
export const saysInitialContact = (message: Message): boolean =>
  payloadsOf(message, 'notification').some(
    ({ notification }) => notification === Notification.INITIAL_CONTACT,
  )

export const authenticatorOf = (
  { crypto, clock }: ExchangePorts,
  { credential, xauth }: Way,
  role: 'gateway' | 'client',
): Authenticator => createAuthenticator({ crypto, credential, xauth, role, now: () => clock.wall() })

export const natQuestion = (
  { crypto }: ExchangePorts,
  { local, remote }: Pick<Phase1Configuration, 'local' | 'remote'>,
  peer: Peer,
  suite: Phase1Suite,
): NatQuestion => ({ crypto, hash: suite.hash, cookies: cookies(peer.spis), local, remote })

/** Bytes instead of the hash of our own address, where the peer is to think us behind a NAT. */
export const hiddenSource = (
  { crypto, random }: ExchangePorts,
  { forceEncapsulation }: Pick<Phase1Configuration, 'forceEncapsulation'>,
  suite: Phase1Suite,
): Uint8Array | undefined => (forceEncapsulation ? random.bytes(crypto.hash(suite.hash).length) : undefined)

/** Which end is behind a NAT, or is to be taken for it: whoever hides its address makes the other end believe so. */
export function natFound(
  question: NatQuestion,
  { forceEncapsulation }: Pick<Phase1Configuration, 'forceEncapsulation'>,
  { natTraversal }: PeerFeatures,
  message: Message,
): IsakmpSa['nat'] {
  const { local, remote } = natBetween(question, message)
  return { local: local || (forceEncapsulation && natTraversal !== undefined), remote }
}

/** What the two ends have said when the keys can be made. */
export interface Exchanged {
  readonly suite: Phase1Suite
  /** g^xi and g^xr. */
  readonly initiatorValue: Uint8Array
  readonly responderValue: Uint8Array
  /** g^xy; wiped here. */
  readonly sharedSecret: Uint8Array
  readonly nonces: Nonces
  /** SAi_b. */
  readonly offer: Uint8Array
}

/**
 * What the initiator has once the responder's public value and nonce are there; `sa`: our SA payload's body. With `uniform`, a
 * value that is none is not told apart before the proofs are: it may have come out of a ciphertext that was none.
 */
export function initiatorExchanged(
  suite: Phase1Suite,
  ours: { readonly offer: KeyExchangeOffer; readonly nonce: Uint8Array; readonly sa: Uint8Array },
  answer: Message,
  uniform?: Pick<ExchangePorts, 'random'>,
): Exchanged {
  const responderValue = required(payloadOf(answer, 'ke')).data.slice()
  const secret = ours.offer.complete(responderValue)
  if (!secret.ok && uniform === undefined)
    throw new VpnError('protocol-violation', { reason: 'public value' })
  return {
    suite,
    initiatorValue: ours.offer.publicValue,
    responderValue,
    sharedSecret: secret.ok
      ? secret.value
      : (uniform?.random.bytes(responderValue.length) ?? new Uint8Array()),
    nonces: { initiator: ours.nonce, responder: required(payloadOf(answer, 'nonce')).data.slice() },
    offer: ours.sa,
  }
}

/** For a value that is none: as much work, and nothing that the other end could know. */
function pretended(
  exchange: KeyExchange,
  random: Random,
): { readonly publicValue: Uint8Array; readonly sharedSecret: Uint8Array } {
  const offer = exchange.initiate()
  const { publicValue } = offer
  offer.discard()
  return { publicValue, sharedSecret: random.bytes(publicValue.length) }
}

/** The responder's half: its own public value and nonce, made for those in `asked`; `sa`: the offer's body. `uniform` as above. */
export function responderExchanged(
  { crypto, random }: ExchangePorts,
  suite: Phase1Suite,
  sa: Uint8Array,
  asked: Message,
  options: { readonly uniform?: boolean } = {},
): Exchanged {
  const initiatorValue = required(payloadOf(asked, 'ke')).data.slice()
  const exchange = crypto.keyExchange(suite.group)
  const response = exchange.respond(initiatorValue)
  if (!response.ok && options.uniform !== true)
    throw new VpnError('protocol-violation', { reason: 'public value' })
  const { publicValue, sharedSecret } = response.ok ? response.value : pretended(exchange, random)
  return {
    suite,
    initiatorValue,
    responderValue: publicValue,
    sharedSecret,
    nonces: {
      initiator: required(payloadOf(asked, 'nonce')).data.slice(),
      responder: random.bytes(nonceLength),
    },
    offer: sa,
  }
}

export interface Secured {
  readonly keys: Phase1Keys
  readonly cipher: MessageCipher
  readonly iv: Uint8Array
  /** HASH_I and HASH_R for the body of an ID payload. */
  readonly hashI: (identity: Uint8Array) => Uint8Array
  readonly hashR: (identity: Uint8Array) => Uint8Array
}

/** The keys, the cipher and the two proofs' hashes (RFC 2409 section 5). */
export async function secure(
  { crypto }: ExchangePorts,
  authenticator: Authenticator,
  { spis }: Peer,
  exchanged: Exchanged,
  peerIdentity: Identity | undefined,
): Promise<Secured> {
  const { suite, initiatorValue, responderValue, sharedSecret, nonces, offer } = exchanged
  const prf = prfOf(crypto, suite.hash)
  const both = cookies(spis)
  const said = { prf, hash: suite.hash, nonces, sharedSecret, cookies: both }
  const skeyid = await authenticator.skeyid(said, peerIdentity)
  const keys = phase1Keys(prf, skeyid, sharedSecret, both)
  sharedSecret.fill(0)
  const transcript = {
    initiatorValue,
    responderValue,
    initiatorCookie: cookieBytes(spis.initiatorSpi),
    responderCookie: cookieBytes(spis.responderSpi),
    offer,
  }
  return {
    keys,
    cipher: messageCipher(crypto, suite, keys.e),
    iv: phase1Iv(crypto, suite, initiatorValue, responderValue),
    hashI: (identity) => hashI(prf, skeyid, transcript, identity),
    hashR: (identity) => hashR(prf, skeyid, transcript, identity),
  }
}

/** Whatever fails once there are keys takes them along. */
export async function orWiped<Value>({ keys }: Secured, task: () => Promise<Value>): Promise<Value> {
  try {
    return await task()
  } catch (error) {
    wipeKeys(keys)
    throw error
  }
}

/** The SA that stands when both proofs have been made. */
export function established(
  { clock }: ExchangePorts,
  peer: Peer,
  talk: Conversation,
  { keys, cipher }: Secured,
  rest: Pick<IsakmpSa, 'initiator' | 'suite' | 'identities' | 'nat' | 'features'>,
): IsakmpSa {
  const lastBlock = required(talk.lastBlock).slice()
  return { ...peer.spis, ...rest, keys, cipher, lastBlock, createdAt: clock.monotonic(), phase1: talk }
}
