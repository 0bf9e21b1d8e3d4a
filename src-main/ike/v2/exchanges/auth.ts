/**
 * IKE_AUTH, the initiator's side (RFC 7296 sections 1.2 and 2.16):
 *
 *     HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] [AUTH,] CP(CFG_REQUEST), SAi2, TSi, TSr}  -->
 *                                 <--  HDR, SK {IDr, [CERT,] AUTH, [EAP] | CP(CFG_REPLY), SAr2, TSi, TSr}
 *     with EAP, until it ends:
 *     HDR, SK {EAP}   -->         <--  HDR, SK {EAP}
 *     HDR, SK {AUTH}  -->         <--  HDR, SK {AUTH, CP(CFG_REPLY), SAr2, TSi, TSr}
 *
 * The gateway has proven who it is before the first EAP answer leaves.
 */
import type { Millis } from '../../../../src-shared/brands.ts'
import { millis } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import {
  formatSelector,
  narrowSelectors,
  selectorOfEverything,
  selectorsCover,
} from '../../../ip/traffic-selector.ts'
import type { TrafficSelector } from '../../../ip/traffic-selector.ts'
import type { Identity } from '../../../ports.ts'
import { createEapPeer } from '../../auth/eap/peer.ts'
import { pskAuthentication, verifyPskAuthentication } from '../../auth/psk.ts'
import { createSignatureAuth, verifySignatureAuth } from '../../auth/signature.ts'
import { equalIdentities, formatIdentity, identityFromWire, identityToWire } from '../../identity.ts'
import { espProposalsToWire, verifyEspChoice } from '../../proposals.ts'
import { AuthenticationMethod, CertificateEncoding, Exchange, Notify } from '../code-points.ts'
import { configurationRequest, readConfiguration, selectorsOf } from '../configuration.ts'
import type { AssignedConfiguration, ChildKeys, ChildSa, Identities } from '../ike-sa.ts'
import { childKeysFor, freshSpi, readSpi, spiBytes } from '../child-sa.ts'
import type { ExchangePorts, InitiatorConfiguration } from '../initiator.ts'
import { prfOf, signedOctets } from '../keys.ts'
import type { Message } from '../message.ts'
import { identificationBytes } from '../payloads.ts'
import type { Payload, PayloadOf } from '../payloads.ts'
import { patience } from '../peer.ts'
import { findNotify, notify, only, refusalIn } from '../refusal.ts'
import type { InitResult } from './init.ts'

/** Rounds of EAP before we stop believing that it ends; MSCHAPv2 with a second factor takes about six. */
const mostEapRounds = 24
/** In seconds. */
const shortestAuthLifetime = 10

export interface AuthResult {
  readonly identities: Identities
  readonly child: ChildSa
  readonly childKeys: ChildKeys
  readonly assigned: AssignedConfiguration
  /** RFC 4478: when the gateway wants to see us authenticate again, counted from now. */
  readonly authLifetime: Millis | undefined
}

export interface ChildOffer {
  readonly inboundSpi: ChildSa['inboundSpi']
}

export async function ikeAuth(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  spiInUse: (spi: ChildSa['inboundSpi']) => boolean,
): Promise<AuthResult> {
  const offer: ChildOffer = { inboundSpi: freshSpi(ports.random, spiInUse) }
  const idInitiator: PayloadOf<'id-initiator'> = {
    type: 'id-initiator',
    ...identityToWire(configuration.localIdentity),
  }
  const first = await ask(init, [
    idInitiator,
    ...(await ownProof(ports, configuration, init, idInitiator)),
    ...certificateRequest(configuration, init),
    ...(configuration.remoteIdentity === undefined
      ? []
      : [{ type: 'id-responder' as const, ...identityToWire(configuration.remoteIdentity) }]),
    ...(configuration.initialContact ? [notify(Notify.INITIAL_CONTACT)] : []),
    ...childRequest(configuration, offer),
  ])
  const remote = await verifyGateway(ports, configuration, init, first)
  const last =
    configuration.local.method === 'eap'
      ? await runEap(ports, configuration, init, idInitiator, first)
      : first

  const refusal = refusalIn(last)
  if (refusal !== undefined) throw refusal
  return {
    identities: { local: configuration.localIdentity, remote },
    ...acceptChild(ports, configuration, init, offer, last),
    authLifetime: authLifetimeIn(last),
  }
}

/** RFC 4478 section 3: seconds in four bytes. None at all is no lifetime, and nobody makes us authenticate without a pause. */
function authLifetimeIn(message: Message): Millis | undefined {
  const data = findNotify(message, Notify.AUTH_LIFETIME)?.data
  const seconds = data?.length === 4 ? readUint32(data) : 0
  return seconds === 0 ? undefined : millis(Math.max(seconds, shortestAuthLifetime) * 1000)
}

async function ask(init: InitResult, payloads: readonly Payload[]): Promise<Message> {
  const { message } = await init.sa.peer.request(Exchange.IKE_AUTH, payloads, {
    retransmission: patience.auth,
  })
  return message
}

// ---------------------------------------------------------------- proving who we are

async function ownProof(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  idInitiator: PayloadOf<'id-initiator'>,
): Promise<readonly Payload[]> {
  const octets = initiatorOctets(ports, init, idInitiator)
  const { local } = configuration
  switch (local.method) {
    case 'psk':
      return [sharedKeyProof(ports, init, await local.secret(), octets)]
    case 'signature': {
      const signed = createSignatureAuth(local.key, init.peerHashes, octets)
      if (!signed.ok) throw new VpnError('no-common-proposal', { reason: signed.error })
      return [
        ...local.certificates.map((data): Payload => ({
          type: 'certificate',
          encoding: CertificateEncoding.X509_SIGNATURE,
          data,
        })),
        { type: 'authentication', ...signed.value },
      ]
    }
    case 'eap':
      // RFC 7296 section 2.16: leaving AUTH out asks for EAP.
      return []
  }
}

/** AUTH by a shared key: a pre-shared one, EAP's MSK, or SK_p where EAP gave none (RFC 7296 sections 2.15 and 2.16). */
export const sharedKeyProof = (
  ports: ExchangePorts,
  init: InitResult,
  secret: Uint8Array,
  octets: Uint8Array,
): Payload => ({
  type: 'authentication',
  method: AuthenticationMethod.SHARED_KEY_MIC,
  data: pskAuthentication(prfOf(ports.crypto, init.sa.suite.prf), secret, octets),
})

/** RFC 7296 section 2.15: each side signs its first message, the other's nonce, and its own identity. */
export const initiatorOctets = (
  ports: ExchangePorts,
  init: InitResult,
  idInitiator: PayloadOf<'id-initiator'>,
): Uint8Array =>
  signedOctets(
    ports.crypto,
    init.sa.suite.prf,
    init.initRequest,
    init.nonces.responder,
    init.sa.keys.pi,
    identificationBytes(idInitiator),
  )

export const responderOctets = (
  ports: ExchangePorts,
  init: InitResult,
  idResponder: PayloadOf<'id-responder'>,
): Uint8Array =>
  signedOctets(
    ports.crypto,
    init.sa.suite.prf,
    init.initResponse,
    init.nonces.initiator,
    init.sa.keys.pr,
    identificationBytes(idResponder),
  )

/** Hashes of authorities that fit an IKE_AUTH which nobody may cut in pieces. */
const mostWholeHashes = 20

/**
 * RFC 7296 section 3.7: the authorities' hashes side by side. Many gateways send no certificate unasked, so there is always some
 * hash; all of them where a long message may travel in fragments.
 */
function certificateRequest(configuration: InitiatorConfiguration, init: InitResult): readonly Payload[] {
  if (configuration.remote.method !== 'signature') return []
  const all = configuration.remote.trust.authorityKeyHashes()
  const hashes = init.sa.peer.fragmentSize === undefined ? all.slice(0, mostWholeHashes) : all
  if (hashes.length === 0) return []
  const data = Uint8Array.from(hashes.flatMap((hash) => [...hash]))
  return [{ type: 'certificate-request', encoding: CertificateEncoding.X509_SIGNATURE, data }]
}

// ---------------------------------------------------------------- proving who the gateway is

/** Checks AUTH, identity and certificate; gives the identity proven. Throws the failure that a person can act on. */
async function verifyGateway(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  message: Message,
): Promise<Identity> {
  const refusal = refusalIn(message)
  if (!message.payloads.some((payload) => payload.type === 'authentication')) {
    if (refusal !== undefined) throw refusal
    throw new VpnError('gateway-not-authenticated', { reason: 'no AUTH payload' })
  }
  const idResponder = only(message, 'id-responder')
  const claimed = identityFromWire(idResponder)
  if (claimed === undefined) throw new VpnError('gateway-not-authenticated', { reason: 'unusable identity' })
  const auth = only(message, 'authentication')
  const octets = responderOctets(ports, init, idResponder)
  const { remote, remoteIdentity: expected } = configuration
  switch (remote.method) {
    case 'psk': {
      if (expected !== undefined && !equalIdentities(expected, claimed)) {
        throw new VpnError('gateway-not-authenticated', {
          expected: formatIdentity(expected),
          claimed: formatIdentity(claimed),
        })
      }
      const secret = await remote.secret()
      const proven =
        auth.method === AuthenticationMethod.SHARED_KEY_MIC &&
        verifyPskAuthentication(
          ports.crypto,
          prfOf(ports.crypto, init.sa.suite.prf),
          secret,
          octets,
          auth.data,
        )
      if (!proven) throw new VpnError('gateway-not-authenticated', { reason: 'shared secret' })
      return claimed
    }
    case 'signature': {
      // The name that must be proven is the one we dialled; an IDr of another form is no proof of it (CVE-2015-4171).
      const identity = expected ?? claimed
      const certificates = message.payloads.flatMap((payload) =>
        payload.type === 'certificate' && payload.encoding === CertificateEncoding.X509_SIGNATURE
          ? [payload.data]
          : [],
      )
      const verdict = await remote.trust.verify({
        certificates,
        identity,
        role: 'gateway',
        at: ports.clock.wall(),
      })
      if (!verdict.ok) throw new VpnError(verdict.error.code, verdict.error.details)
      if (!verifySignatureAuth(auth.method, auth.data, verdict.value.key, octets)) {
        throw new VpnError('gateway-not-authenticated', { reason: 'signature' })
      }
      return identity
    }
  }
}

// ---------------------------------------------------------------- EAP

async function runEap(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  idInitiator: PayloadOf<'id-initiator'>,
  first: Message,
): Promise<Message> {
  const { local, remote } = configuration
  if (local.method !== 'eap') throw new Error('EAP without an EAP credential')
  // Nobody is asked for a password that the gateway has not asked for.
  only(first, 'eap')
  const peer = createEapPeer({
    crypto: ports.crypto,
    random: ports.random,
    username: local.username,
    password: await local.password(),
    allowed: local.allow,
    serverAuthenticatedBy: remote.method === 'signature' ? 'certificate' : 'psk',
  })
  let request = first
  try {
    for (let round = 0; round < mostEapRounds; round += 1) {
      const refusal = refusalIn(request)
      if (refusal !== undefined) throw eapRefusal(refusal)
      const outcome = peer.receive(only(request, 'eap').data)
      switch (outcome.kind) {
        case 'reply':
          request = await ask(init, [{ type: 'eap', data: outcome.data }])
          break
        case 'success':
          return await concludeEap(
            ports,
            init,
            { initiator: idInitiator, responder: only(first, 'id-responder') },
            outcome.msk,
          )
        case 'failure':
          throw new VpnError(outcome.code, outcome.details)
      }
    }
  } finally {
    peer.close()
  }
  throw new VpnError('protocol-violation', { reason: 'endless EAP' })
}

/** A gateway that answers a wrong password with a notify instead of EAP-Failure. */
const eapRefusal = (refusal: VpnError): VpnError =>
  refusal.code === 'authentication-refused' ? new VpnError('credentials-refused', refusal.details) : refusal

interface IdentityPayloads {
  readonly initiator: PayloadOf<'id-initiator'>
  readonly responder: PayloadOf<'id-responder'>
}

/** RFC 7296 section 2.16: both sides prove once more, with the MSK, or with SK_p where the method gives no key. */
async function concludeEap(
  ports: ExchangePorts,
  init: InitResult,
  ids: IdentityPayloads,
  msk: Uint8Array | undefined,
): Promise<Message> {
  const { keys } = init.sa
  const ours = sharedKeyProof(ports, init, msk ?? keys.pi, initiatorOctets(ports, init, ids.initiator))
  const last = await ask(init, [ours])
  const refusal = refusalIn(last)
  const auth = last.payloads.find((payload) => payload.type === 'authentication')
  if (auth === undefined)
    throw refusal ?? new VpnError('gateway-not-authenticated', { reason: 'no AUTH payload after EAP' })
  const octets = responderOctets(ports, init, ids.responder)
  const proven =
    auth.method === AuthenticationMethod.SHARED_KEY_MIC &&
    verifyPskAuthentication(
      ports.crypto,
      prfOf(ports.crypto, init.sa.suite.prf),
      msk ?? keys.pr,
      octets,
      auth.data,
    )
  if (!proven) throw new VpnError('gateway-not-authenticated', { reason: 'AUTH after EAP' })
  return last
}

// ---------------------------------------------------------------- the first Child SA

function childRequest(configuration: InitiatorConfiguration, offer: ChildOffer): readonly Payload[] {
  const request = configurationRequest(configuration.virtualAddress)
  return [
    ...(request === undefined ? [] : [request]),
    { type: 'sa', proposals: espProposalsToWire(configuration.proposals.esp, spiBytes(offer.inboundSpi)) },
    { type: 'ts-initiator', selectors: [...proposedLocal(configuration)] },
    { type: 'ts-responder', selectors: [...configuration.traffic.remote] },
  ]
}

/** RFC 7296 section 2.19: with a virtual address we do not know our selector yet, so we offer everything and are narrowed. */
function proposedLocal({ virtualAddress, traffic }: InitiatorConfiguration): readonly TrafficSelector[] {
  const everything = [
    ...(virtualAddress.ipv4 ? [selectorOfEverything(4)] : []),
    ...(virtualAddress.ipv6 ? [selectorOfEverything(6)] : []),
  ]
  return everything.length > 0 ? everything : traffic.local
}

function acceptChild(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  offer: ChildOffer,
  message: Message,
): Pick<AuthResult, 'child' | 'childKeys' | 'assigned'> {
  const answered = only(message, 'sa').proposals
  const choice = verifyEspChoice(configuration.proposals.esp, answered)
  if (!choice.ok) throw new VpnError('protocol-violation', { reason: choice.error })
  const answeredLocal = only(message, 'ts-initiator').selectors
  const remote = only(message, 'ts-responder').selectors
  assertNarrowed(answeredLocal, proposedLocal(configuration))
  assertNarrowed(remote, configuration.traffic.remote)
  const assigned = assignedIn(configuration, message)
  // With addresses of the tunnel we are those and nothing else: the gateway does not reach the machine's other ones.
  const own = selectorsOf(assigned)
  const local = own.length === 0 ? answeredLocal : narrowSelectors(answeredLocal, own)
  if (local.length === 0) throw new VpnError('no-common-traffic')
  const child: ChildSa = {
    inboundSpi: offer.inboundSpi,
    outboundSpi: readSpi(answered),
    suite: choice.value,
    local,
    remote,
    createdAt: ports.clock.monotonic(),
  }
  const keys = childKeysFor(ports, init.sa, child, { nonces: init.nonces, weInitiated: true })
  return { child, childKeys: keys, assigned }
}

/** RFC 7296 section 2.9: the responder may narrow what we offered, never widen it. */
export function assertNarrowed(
  answered: readonly TrafficSelector[],
  offered: readonly TrafficSelector[],
): void {
  if (answered.length === 0 || !selectorsCover(offered, answered)) {
    throw new VpnError('protocol-violation', {
      reason: `selectors never offered: ${answered.map(formatSelector).join(' ')}`,
    })
  }
}

const noConfiguration: AssignedConfiguration = { addresses: [], dnsServers: [], dnsDomains: [], subnets: [] }

/** RFC 7296 section 2.19: there is no answer where nothing was asked. */
function assignedIn(configuration: InitiatorConfiguration, message: Message): AssignedConfiguration {
  const { ipv4, ipv6 } = configuration.virtualAddress
  if (!ipv4 && !ipv6) return noConfiguration
  const payload = message.payloads.find((candidate) => candidate.type === 'configuration')
  const assigned = payload === undefined ? noConfiguration : readConfiguration(payload)
  if (assigned.addresses.length === 0) throw new VpnError('no-address')
  return assigned
}

const readUint32 = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
