/**
 * IKE_SA_INIT, the responder's side (RFC 7296 section 1.2):
 *
 *     HDR, SAi1, KEi, Ni, N(NAT_DETECTION_*), …  -->
 *                                 <--  HDR, SAr1, KEr, Nr, [CERTREQ], N(NAT_DETECTION_*), …
 *
 * Nothing is remembered of a request that is answered with COOKIE (section 2.6), INVALID_KE_PAYLOAD (section 1.2) or another
 * refusal: those answers carry no SPI of ours.
 */
import type { IkeSuite } from '../../../../src-shared/algorithms.ts'
import { messageId } from '../../../../src-shared/brands.ts'
import type { IkeSpi } from '../../../../src-shared/brands.ts'
import { encodeHashAlgorithms, signatureHashAlgorithms } from '../../auth/signature.ts'
import { natDetectionHash } from '../../nat-detection.ts'
import { selectIkeProposal } from '../../proposals.ts'
import { groupId } from '../../groups.ts'
import { CertificateEncoding, Exchange, Notify } from '../code-points.ts'
import type { Cookies } from '../cookies.ts'
import type { IkeSa } from '../ike-sa.ts'
import { protectIkeSa } from '../ike-sa-protection.ts'
import type { ExchangePorts, Path } from '../initiator.ts'
import { deriveIkeKeys, nonceLength } from '../keys.ts'
import { decodeMessage, encodeMessage } from '../message.ts'
import type { Message } from '../message.ts'
import type { Payload } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { findNotify, hasNotify, notify, only } from '../refusal.ts'
import type { ResponderConfiguration } from '../responder.ts'
import { groupBytes } from './create-child.ts'
import { detectNat, fragmentSize, hashesIn } from './init.ts'
import type { InitResult } from './init.ts'

/** Where the request came from and where it arrived. */
export type ArrivalPath = Pick<Path, 'local' | 'remote'>

export interface InitTerms {
  readonly cookies: Cookies
  /** Whether the initiator has to show first that it receives at its address. */
  readonly cookieDemanded: boolean
}

export type InitAnswer =
  /** Not worth an answer. */
  | { readonly kind: 'dropped'; readonly reason: string }
  /** Answered, and forgotten. */
  | { readonly kind: 'refused'; readonly answer: Uint8Array; readonly reason: string }
  | { readonly kind: 'agreed'; readonly agreement: InitAgreement }

/** What the two sides have agreed on before any key is computed. */
export interface InitAgreement {
  readonly request: Message
  readonly datagram: Uint8Array
  readonly suite: IkeSuite
  readonly answered: Extract<Payload, { type: 'sa' }>['proposals'][number]
}

/** Judges a first request and keeps nothing. The datagram's bytes are given away. Throws nothing that its content could cause. */
export function judgeIkeSaInit(
  configuration: ResponderConfiguration,
  path: ArrivalPath,
  datagram: Uint8Array,
  { cookies, cookieDemanded }: InitTerms,
): InitAnswer {
  const decoded = decodeMessage(datagram)
  if (decoded.kind === 'refused' && isFirstRequest(decoded.header))
    return refused(decoded.header, decoded.reason, decoded.notify, decoded.data)
  if (decoded.kind !== 'message') {
    return { kind: 'dropped', reason: decoded.kind === 'dropped' ? decoded.reason : 'not-a-first-request' }
  }
  const { message } = decoded
  const { header } = message
  if (!isFirstRequest(header)) return { kind: 'dropped', reason: 'not-a-first-request' }

  const nonce = only(message, 'nonce').data
  if (cookieDemanded) {
    const subject = { nonce, from: path.remote, initiatorSpi: header.initiatorSpi }
    const shown = findNotify(message, Notify.COOKIE)?.data
    // RFC 7296 section 2.6: a wrong cookie is treated as if there were none.
    if (shown === undefined || !cookies.isGood(subject, shown))
      return refused(header, 'cookie-demanded', Notify.COOKIE, cookies.make(subject))
  }
  if (hashesIn(message) === 'malformed') return refused(header, 'malformed', Notify.INVALID_SYNTAX)
  const choice = selectIkeProposal(only(message, 'sa').proposals, configuration.proposals.ike)
  if (choice === undefined) return refused(header, 'no-proposal-chosen', Notify.NO_PROPOSAL_CHOSEN)
  const { suite, wire } = choice
  // RFC 7296 section 1.2: the initiator guessed another group than the one we choose from its offers.
  if (only(message, 'ke').group !== groupId(suite.group))
    return refused(header, 'other-group', Notify.INVALID_KE_PAYLOAD, groupBytes(suite.group))
  return { kind: 'agreed', agreement: { request: message, datagram, suite, answered: wire } }
}

/** RFC 7296 section 2.2 and 3.1: message ID zero, sent by an initiator that does not know our SPI yet. */
const isFirstRequest = (header: Message['header']): boolean =>
  header.exchange === Exchange.IKE_SA_INIT &&
  !header.response &&
  header.initiator &&
  header.messageId === 0 &&
  header.initiatorSpi !== 0n &&
  header.responderSpi === 0n

function refused(header: Message['header'], reason: string, type: number, data?: Uint8Array): InitAnswer {
  const [answer] = encodeMessage({
    header: { ...header, initiator: false, response: true },
    payloads: [notify(type, data)],
  })
  if (answer === undefined) throw new Error('a plain message is one datagram')
  return { kind: 'refused', answer, reason }
}

/**
 * Computes the keys and the answer; `peer` has taken both when this returns and repeats the answer by itself. `response` is to
 * be sent. Fails on a public value that must not be used (RFC 6989).
 */
export function acceptIkeSaInit(
  ports: ExchangePorts,
  configuration: ResponderConfiguration,
  path: ArrivalPath,
  { request, datagram, suite, answered }: InitAgreement,
  responderSpi: IkeSpi,
  peer: Peer,
): InitResult | 'invalid-public-value' {
  const { initiatorSpi } = request.header
  const exchange = ports.crypto.keyExchange(suite.group).respond(only(request, 'ke').data)
  if (!exchange.ok) return exchange.error
  const { publicValue, sharedSecret } = exchange.value
  const nonces = {
    initiator: Uint8Array.from(only(request, 'nonce').data),
    responder: ports.random.bytes(nonceLength),
  }
  const fragmentation =
    configuration.fragmentation && hasNotify(request, Notify.IKEV2_FRAGMENTATION_SUPPORTED)
  const [response] = encodeMessage({
    header: {
      initiatorSpi,
      responderSpi,
      exchange: Exchange.IKE_SA_INIT,
      initiator: false,
      response: true,
      messageId: messageId(0),
    },
    payloads: [
      { type: 'sa', proposals: [answered] },
      { type: 'ke', group: groupId(suite.group), data: publicValue },
      { type: 'nonce', data: nonces.responder },
      ...certificateRequest(configuration),
      ...natDetection(ports, configuration, path, { initiatorSpi, responderSpi }),
      ...(fragmentation ? [notify(Notify.IKEV2_FRAGMENTATION_SUPPORTED)] : []),
      notify(Notify.SIGNATURE_HASH_ALGORITHMS, encodeHashAlgorithms(signatureHashAlgorithms)),
    ],
  })
  if (response === undefined) throw new Error('a plain message is one datagram')
  const keys = deriveIkeKeys(ports.crypto, suite, { nonces, sharedSecret, initiatorSpi, responderSpi })
  sharedSecret.fill(0)
  const sa: IkeSa = {
    initiatorSpi,
    responderSpi,
    initiator: false,
    suite,
    keys,
    peer,
    createdAt: ports.clock.monotonic(),
  }
  peer.answered(datagram, response)
  protectIkeSa(ports, sa)
  if (fragmentation) peer.fragmentAt(fragmentSize(path))
  const hashes = hashesIn(request)
  return {
    sa,
    initRequest: datagram,
    initResponse: response,
    nonces,
    peerHashes: hashes === 'malformed' ? undefined : hashes,
    nat: detectNat(ports, path, request, initiatorSpi),
  }
}

/** RFC 7296 section 3.7: which authorities we believe, where clients may come with certificates. */
function certificateRequest(configuration: ResponderConfiguration): readonly Payload[] {
  const hashes = configuration.clients.signature?.trust.authorityKeyHashes() ?? []
  if (hashes.length === 0 || hashes.length > 20) return []
  return [
    {
      type: 'certificate-request',
      encoding: CertificateEncoding.X509_SIGNATURE,
      data: Uint8Array.from(hashes.flatMap((hash) => [...hash])),
    },
  ]
}

/** RFC 7296 section 2.23: what we see of the addresses, for the initiator to compare. */
function natDetection(
  ports: ExchangePorts,
  configuration: ResponderConfiguration,
  path: ArrivalPath,
  spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi },
): readonly Payload[] {
  const hashOf = (endpoint: Path['local']): Uint8Array =>
    natDetectionHash(ports.crypto, spis.initiatorSpi, spis.responderSpi, endpoint)
  return [
    notify(
      Notify.NAT_DETECTION_SOURCE_IP,
      configuration.forceEncapsulation ? ports.random.bytes(20) : hashOf(path.local),
    ),
    notify(Notify.NAT_DETECTION_DESTINATION_IP, hashOf(path.remote)),
  ]
}

/** RFC 7296 section 2.5: a message of a later version is not read; its sender learns from our header which one we speak. */
export function wrongVersionAnswer(header: Omit<Message['header'], 'response'>): Uint8Array {
  const [answer] = encodeMessage({
    header: { ...header, initiator: !header.initiator, response: true },
    payloads: [notify(Notify.INVALID_MAJOR_VERSION)],
  })
  if (answer === undefined) throw new Error('a plain message is one datagram')
  return answer
}
