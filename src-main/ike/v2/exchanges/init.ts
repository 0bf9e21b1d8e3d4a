/**
 * IKE_SA_INIT, the initiator's side (RFC 7296 section 1.2):
 *
 *     HDR, SAi1, KEi, Ni, N(NAT_DETECTION_*), …  -->
 *                                 <--  HDR, SAr1, KEr, Nr, [CERTREQ], N(NAT_DETECTION_*), …
 *
 * with COOKIE and INVALID_KE_PAYLOAD in any order before the answer (sections 2.6, 1.2, 3.4), a bounded number of times.
 */
import type { GroupName, IkeSuite } from '../../../../src-shared/algorithms.ts'
import { ikeSpi } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import { fail, ok } from '../../../../src-shared/result.ts'
import type { Result } from '../../../../src-shared/result.ts'
import type { KeyExchangeOffer } from '../../../ports.ts'
import { decodeHashAlgorithms, encodeHashAlgorithms, signatureHashAlgorithms } from '../../auth/signature.ts'
import { natDetectionHash } from '../../nat-detection.ts'
import { groupsOf, ikeProposalsToWire, verifyIkeChoice } from '../../proposals.ts'
import { groupById, groupId } from '../../groups.ts'
import { Exchange, Notify } from '../code-points.ts'
import type { IkeSa } from '../ike-sa.ts'
import type { ExchangePorts, InitiatorConfiguration, Path } from '../initiator.ts'
import { deriveIkeKeys, nonceLength } from '../keys.ts'
import type { Message } from '../message.ts'
import { payloadsOf } from '../payloads.ts'
import type { Payload, PayloadType } from '../payloads.ts'
import type { Peer, Response, Verdict } from '../peer.ts'
import { patience } from '../peer.ts'
import { protectIkeSa } from '../ike-sa-protection.ts'
import { findNotify, hasNotify, notifiesOf, notify, only, refusalIn } from '../refusal.ts'

/** RFC 7296 section 2.6 asks for tolerance and warns of endless loops: cookies may change, groups may be refused, but not for ever. */
const mostAttempts = 5
/** RFC 7296 section 2.6: a cookie has 1 to 64 bytes. */
const longestCookie = 64
/** RFC 7296 section 3.9: a nonce has 16 to 256 bytes. */
const nonceLengths = { least: 16, most: 256 } as const

/** In bytes: 256 hash numbers, more than anyone has. */
const longestHashList = 512

export interface InitResult {
  readonly sa: IkeSa
  /** The two first messages as they were sent: each side signs its own (RFC 7296 section 2.15). */
  readonly initRequest: Uint8Array
  readonly initResponse: Uint8Array
  readonly nonces: Nonces
  /** RFC 7427 section 4; undefined when the gateway knows only the older methods. */
  readonly peerHashes: ReadonlySet<number> | undefined
  readonly nat: { readonly local: boolean; readonly remote: boolean }
  /** RFC 4739: the gateway takes more than one proof of who we are. */
  readonly severalRounds?: boolean
}

export interface Nonces {
  readonly initiator: Uint8Array
  readonly responder: Uint8Array
}

export async function ikeSaInit(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  path: Path,
  peer: Peer,
  initiatorSpi: IkeSa['initiatorSpi'],
): Promise<InitResult> {
  const nonce = ports.random.bytes(nonceLength)
  const groups = groupsOf(configuration.proposals.ike)
  let group = groups[0]
  if (group === undefined) throw new VpnError('profile-invalid', { where: 'proposals.ike' })
  let offer = ports.crypto.keyExchange(group).initiate()
  let cookie: Uint8Array | undefined
  // The same in every attempt: a gateway that answers an earlier one late has then seen the very request that we sign.
  const hiddenSource = configuration.forceEncapsulation ? ports.random.bytes(20) : undefined

  try {
    for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
      peer.startOver()
      const asked = askedWith(configuration.proposals.ike, groups, group, cookie)
      const response = await peer.request(
        Exchange.IKE_SA_INIT,
        firstMessage(ports, configuration, path, {
          initiatorSpi,
          group,
          offer,
          nonce,
          cookie,
          hiddenSource,
        }),
        { retransmission: patience.init, judge: (message) => judge(asked, message) },
      )
      const { message } = response
      const demanded = findNotify(message, Notify.COOKIE)
      if (demanded !== undefined && !hasPayload(message, 'sa')) {
        cookie = Uint8Array.from(demanded.data)
        continue
      }
      const wanted = wantedGroup(message)
      if (wanted !== undefined && !hasPayload(message, 'sa')) {
        const otherGroup = groupById(wanted)
        // RFC 7296 section 1.2: only a group that we offered.
        if (otherGroup === undefined || !groups.includes(otherGroup))
          throw new VpnError('no-common-proposal', { group: otherGroup ?? `group ${wanted}` })
        offer.discard()
        group = otherGroup
        offer = ports.crypto.keyExchange(group).initiate()
        continue
      }
      const refusal = refusalIn(message)
      if (refusal !== undefined && !hasPayload(message, 'sa')) throw refusal
      return conclude(ports, configuration, path, peer, { initiatorSpi, asked, offer, nonce, response })
    }
  } finally {
    offer.discard()
  }
  throw new VpnError('protocol-violation', { reason: 'endless COOKIE or INVALID_KE_PAYLOAD' })
}

/** What the request said that an answer has to fit. */
interface Asked {
  readonly groups: readonly GroupName[]
  readonly group: GroupName
  readonly cookie: Uint8Array | undefined
  /** What an answer with SA, KE and nonce settles, or what is wrong with it; read once. */
  readonly agreedIn: (message: Message) => Result<Agreed, string>
}

function askedWith(
  proposals: InitiatorConfiguration['proposals']['ike'],
  groups: Asked['groups'],
  group: GroupName,
  cookie: Asked['cookie'],
): Asked {
  const known = new WeakMap<Message, Result<Agreed, string>>()
  const agreed = (message: Message): Result<Agreed, string> => {
    const read = known.get(message) ?? readAgreed(proposals, group, message)
    known.set(message, read)
    return read
  }
  return { groups, group, cookie, agreedIn: agreed }
}

/**
 * RFC 7296 section 2.21.1: nothing here is authentic. What ends the attempt waits a moment, in case the real gateway says
 * otherwise; what answers an earlier request of ours, repeated on a slow path, is passed over.
 */
function judge(asked: Asked, message: Message): Verdict {
  if (hasPayload(message, 'sa')) {
    const isWhole = hasPayload(message, 'ke') && hasPayload(message, 'nonce')
    if (!isWhole || message.header.responderSpi === 0n) return 'drop'
    return asked.agreedIn(message).ok ? 'accept' : 'hold'
  }
  const cookie = findNotify(message, Notify.COOKIE)
  if (cookie !== undefined) {
    const isUsable = cookie.data.length >= 1 && cookie.data.length <= longestCookie
    return isUsable && !isSame(cookie.data, asked.cookie) ? 'accept' : 'drop'
  }
  if (hasNotify(message, Notify.INVALID_KE_PAYLOAD)) {
    const wanted = wantedGroup(message)
    if (wanted === undefined || wanted === groupId(asked.group)) return 'drop'
    return asked.groups.some((group) => groupId(group) === wanted) ? 'accept' : 'hold'
  }
  return refusalIn(message) === undefined ? 'drop' : 'hold'
}

const hasPayload = (message: Message, type: PayloadType): boolean => payloadsOf(message, type).length > 0

const isSame = (data: Uint8Array, known: Uint8Array | undefined): boolean =>
  data.length === known?.length && data.every((byte, index) => byte === known[index])

/** The group that INVALID_KE_PAYLOAD asks for: two bytes, big-endian (RFC 7296 section 1.3). */
function wantedGroup(message: Message): number | undefined {
  const data = findNotify(message, Notify.INVALID_KE_PAYLOAD)?.data
  return data?.length === 2 ? new DataView(data.buffer, data.byteOffset, 2).getUint16(0) : undefined
}

interface Agreed {
  readonly suite: IkeSuite
  readonly publicValue: Uint8Array
  readonly nonce: Uint8Array
  readonly peerHashes: ReadonlySet<number> | undefined
}

function readAgreed(
  proposals: InitiatorConfiguration['proposals']['ike'],
  group: GroupName,
  message: Message,
): Result<Agreed, string> {
  const choice = verifyIkeChoice(proposals, only(message, 'sa').proposals)
  if (!choice.ok) return choice
  const keyExchange = only(message, 'ke')
  if (choice.value.group !== group || keyExchange.group !== groupId(group))
    return fail('key exchange of another group')
  const nonce = only(message, 'nonce').data
  if (nonce.length < nonceLengths.least || nonce.length > nonceLengths.most) return fail('nonce length')
  const peerHashes = hashesIn(message)
  if (peerHashes === 'malformed') return fail('hash algorithms')
  return ok({ suite: choice.value, publicValue: keyExchange.data, nonce, peerHashes })
}

interface FirstMessage {
  readonly initiatorSpi: IkeSa['initiatorSpi']
  readonly group: GroupName
  readonly offer: KeyExchangeOffer
  readonly nonce: Uint8Array
  readonly cookie: Uint8Array | undefined
  /** In place of the hash of our address, to make the gateway see a NAT (RFC 7296 section 2.23). */
  readonly hiddenSource: Uint8Array | undefined
}

function firstMessage(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  path: Path,
  { initiatorSpi, group, offer, nonce, cookie, hiddenSource }: FirstMessage,
): readonly Payload[] {
  const hashOf = (endpoint: Path['local']): Uint8Array =>
    natDetectionHash(ports.crypto, initiatorSpi, ikeSpi(0n), endpoint)
  return [
    // RFC 7296 section 2.6: the cookie is the first payload.
    ...(cookie === undefined ? [] : [notify(Notify.COOKIE, cookie)]),
    { type: 'sa', proposals: ikeProposalsToWire(configuration.proposals.ike, group) },
    { type: 'ke', group: groupId(group), data: offer.publicValue },
    { type: 'nonce', data: nonce },
    notify(Notify.NAT_DETECTION_SOURCE_IP, hiddenSource ?? hashOf(path.local)),
    notify(Notify.NAT_DETECTION_DESTINATION_IP, hashOf(path.remote)),
    ...(configuration.fragmentation ? [notify(Notify.IKEV2_FRAGMENTATION_SUPPORTED)] : []),
    notify(Notify.SIGNATURE_HASH_ALGORITHMS, encodeHashAlgorithms(signatureHashAlgorithms)),
  ]
}

interface Answered {
  readonly initiatorSpi: IkeSa['initiatorSpi']
  readonly asked: Asked
  readonly offer: KeyExchangeOffer
  readonly nonce: Uint8Array
  readonly response: Response
}

function conclude(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  path: Path,
  peer: Peer,
  { initiatorSpi, asked, offer, nonce, response }: Answered,
): InitResult {
  const { message } = response
  const { responderSpi } = message.header
  const agreed = asked.agreedIn(message)
  if (!agreed.ok) throw new VpnError('protocol-violation', { reason: agreed.error })
  const { suite, peerHashes } = agreed.value
  const shared = offer.complete(agreed.value.publicValue)
  if (!shared.ok) throw new VpnError('protocol-violation', { reason: shared.error })

  const nonces = { initiator: nonce, responder: Uint8Array.from(agreed.value.nonce) }
  const keys = deriveIkeKeys(ports.crypto, suite, {
    nonces,
    sharedSecret: shared.value,
    initiatorSpi,
    responderSpi,
  })
  shared.value.fill(0)
  const sa: IkeSa = {
    initiatorSpi,
    responderSpi,
    initiator: true,
    suite,
    keys,
    peer,
    createdAt: ports.clock.monotonic(),
  }
  peer.adopt(responderSpi)
  protectIkeSa(ports, sa)

  let detected: InitResult['nat'] | undefined
  const nat = (): InitResult['nat'] => (detected ??= detectNat(ports, path, message, initiatorSpi))
  if (configuration.forceEncapsulation || nat().local || nat().remote) path.moveToNatPort()
  if (configuration.fragmentation && hasNotify(message, Notify.IKEV2_FRAGMENTATION_SUPPORTED))
    peer.fragmentAt(fragmentSize(path))
  return {
    sa,
    initRequest: response.request,
    initResponse: response.datagram,
    nonces,
    peerHashes,
    severalRounds: hasNotify(message, Notify.MULTIPLE_AUTH_SUPPORTED),
    get nat() {
      return nat()
    },
  }
}

/** RFC 7427 section 4: what the peer's SIGNATURE_HASH_ALGORITHMS lists, 16 bits each; undefined when it sent none. */
export function hashesIn(message: Message): ReadonlySet<number> | 'malformed' | undefined {
  const data = findNotify(message, Notify.SIGNATURE_HASH_ALGORITHMS)?.data
  if (data === undefined) return undefined
  return data.length % 2 === 0 && data.length <= longestHashList ? decodeHashAlgorithms(data) : 'malformed'
}

/** RFC 7383 section 2.5.1: what every path carries, less IP and UDP headers and the non-ESP marker. */
export const fragmentSize = (path: Pick<Path, 'remote'>): number =>
  (path.remote.address.includes(':') ? 1280 - 40 : 1280 - 20) - 8 - 4

/** RFC 7296 section 2.23: a hash that does not match means that an address was changed on the way. */
export function detectNat(
  ports: ExchangePorts,
  path: Pick<Path, 'local' | 'remote'>,
  message: Message,
  initiatorSpi: IkeSa['initiatorSpi'],
): InitResult['nat'] {
  const changed = (type: number, endpoint: Path['local']): boolean => {
    const hashes = notifiesOf(message).filter((payload) => payload.notify === type)
    const expected = natDetectionHash(ports.crypto, initiatorSpi, message.header.responderSpi, endpoint)
    return hashes.length > 0 && !hashes.some((payload) => ports.crypto.equal(payload.data, expected))
  }
  return {
    local: changed(Notify.NAT_DETECTION_DESTINATION_IP, path.local),
    remote: changed(Notify.NAT_DETECTION_SOURCE_IP, path.remote),
  }
}
