/**
 * IKE_AUTH, the initiator's side (RFC 7296 sections 1.2 and 2.16):
 *
 *     HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] [AUTH,] CP(CFG_REQUEST), SAi2, TSi, TSr}  -->
 *                                 <--  HDR, SK {IDr, [CERT,] AUTH, [EAP] | CP(CFG_REPLY), SAr2, TSi, TSr}
 *     with EAP, until it ends:
 *     HDR, SK {EAP}   -->         <--  HDR, SK {EAP}
 *     HDR, SK {AUTH}  -->         <--  HDR, SK {AUTH, CP(CFG_REPLY), SAr2, TSi, TSr}
 *
 * The gateway has proven who it is before the first EAP answer leaves; only where the profile says so may it leave its AUTH to the
 * end and be proven by EAP's method (RFC 5998). With two rounds (RFC 4739), the first being no EAP, the second stands between:
 *
 *     HDR, SK {IDi, …, AUTH, …, N(ANOTHER_AUTH_FOLLOWS)}  -->        <--  HDR, SK {IDr, [CERT,] AUTH}
 *     HDR, SK {IDi}  -->                                             <--  HDR, SK {EAP}   and on as above
 */
import type { Millis } from '../../../../src-shared/brands.ts'
import { millis } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import type { Identity } from '../../../ports.ts'
import { createSignatureAuth, verifySignatureAuth } from '../../auth/signature.ts'
import { equalIdentities, formatIdentity, identityFromWire, identityToWire } from '../../identity.ts'
import { CertificateEncoding, Exchange, Notify } from '../code-points.ts'
import type { Identities } from '../../child-sa.ts'
import type { ExchangePorts, InitiatorConfiguration, LocalCredential } from '../initiator.ts'
import type { Message } from '../message.ts'
import type { Payload } from '../payloads.ts'
import { patience } from '../peer.ts'
import { findNotify, notify, only, refusalIn } from '../refusal.ts'
import { acceptFirstChild, firstChildMaterial } from './auth-child.ts'
import type { FirstChildSa } from './auth-child.ts'
import { runEap } from './auth-eap.ts'
import type { EapSurroundings } from './auth-eap.ts'
import type { AuthPlan } from './auth-plan.ts'
import { initiatorOctets, paddedProof, provesPadded, responderOctets } from './auth-proof.ts'
import type { InitResult } from './init.ts'

/** In seconds. */
const shortestAuthLifetime = 10

export interface AuthResult extends FirstChildSa {
  readonly identities: Identities
  /** RFC 4478: when the gateway wants to see us authenticate again, counted from now. */
  readonly authLifetime: Millis | undefined
}

/** How far IKE_AUTH has come, for whoever has to end it half-way. */
export interface AuthProgress {
  /** The gateway waits for our next message of the exchange: EAP is under way. */
  isOpen: boolean
}

/** `onAsked`: the first request has left. The plan stays the caller's to wipe. */
export async function ikeAuth(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  plan: AuthPlan,
  progress: AuthProgress,
  onAsked: () => void,
): Promise<AuthResult> {
  const ask = async (payloads: readonly Payload[]): Promise<Message> => {
    const options = { retransmission: patience.auth }
    return (await init.sa.peer.request(Exchange.IKE_AUTH, payloads, options)).message
  }
  if (configuration.then !== undefined && init.severalRounds !== true)
    throw new VpnError('authentication-refused', { reason: 'the gateway knows only one round' })
  const asked = ask(firstRequest(ports, configuration, init, plan))
  // The gateway thinks: now is the time for whatever need not be before the request.
  const material = firstChildMaterial(ports, configuration, init)
  onAsked()
  try {
    const first = await asked
    const { local, then } = configuration
    progress.isOpen = then !== undefined || first.payloads.some(({ type }) => type === 'eap')
    const gateway = await verifyGateway(ports, configuration, init, plan, first)
    const around = { ports, init, ask, idResponder: only(first, 'id-responder'), gatewayProvenBy: gateway.by }
    const last = await proveByEap({ ...around, idInitiator: plan.idInitiator }, local, then, first)
    progress.isOpen = false
    const refusal = refusalIn(last)
    if (refusal !== undefined) throw refusal
    return {
      identities: { local: configuration.localIdentity, remote: gateway.identity },
      ...acceptFirstChild(ports, configuration, plan.inboundSpi, material, last),
      authLifetime: authLifetimeIn(last),
    }
  } finally {
    material.fill(0)
  }
}

/** Whatever EAP has to do behind the first answer; gives the gateway's last. */
async function proveByEap(
  around: EapSurroundings,
  local: LocalCredential,
  then: InitiatorConfiguration['then'],
  first: Message,
): Promise<Message> {
  if (local.method === 'eap') return runEap(around, local, first)
  if (then === undefined) return first
  const refusal = refusalIn(first)
  if (refusal !== undefined) throw refusal
  // RFC 4739 section 2.2: the next round begins with an identity of its own.
  const idInitiator = { type: 'id-initiator' as const, ...identityToWire(then.identity) }
  return runEap({ ...around, idInitiator }, then.credential, await around.ask([idInitiator]))
}

/** RFC 4478 section 3: seconds in four bytes. None at all is no lifetime, and nobody makes us authenticate without a pause. */
export function authLifetimeIn(message: Message): Millis | undefined {
  const data = findNotify(message, Notify.AUTH_LIFETIME)?.data
  const seconds = data?.length === 4 ? new DataView(data.buffer, data.byteOffset, 4).getUint32(0) : 0
  return seconds === 0 ? undefined : millis(Math.max(seconds, shortestAuthLifetime) * 1000)
}

// ---------------------------------------------------------------- proving who we are

const firstRequest = (
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  plan: AuthPlan,
): readonly Payload[] => [
  plan.idInitiator,
  ...ownProof(ports, configuration, init, plan),
  ...certificateRequest(configuration, init),
  ...(configuration.remoteIdentity === undefined
    ? []
    : [{ type: 'id-responder' as const, ...identityToWire(configuration.remoteIdentity) }]),
  ...(configuration.initialContact ? [notify(Notify.INITIAL_CONTACT)] : []),
  ...(configuration.then === undefined
    ? []
    : [notify(Notify.MULTIPLE_AUTH_SUPPORTED), notify(Notify.ANOTHER_AUTH_FOLLOWS)]),
  ...(mayProveByEap(configuration) ? [notify(Notify.EAP_ONLY_AUTHENTICATION)] : []),
  ...plan.childPayloads,
]

function ownProof(
  ports: ExchangePorts,
  { local }: InitiatorConfiguration,
  init: InitResult,
  { idInitiator, ownSecret }: AuthPlan,
): readonly Payload[] {
  // RFC 7296 section 2.16: leaving AUTH out asks for EAP.
  if (local.method === 'eap') return []
  const octets = initiatorOctets(ports, init, idInitiator)
  switch (local.method) {
    case 'psk':
      if (ownSecret === undefined) throw new Error('a plan without the secret')
      return [paddedProof(ports, init, ownSecret.under(init.sa.suite.prf), octets)]
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
  }
}

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

const mayProveByEap = ({ eapOnly, local }: InitiatorConfiguration): boolean =>
  eapOnly === true && local.method === 'eap'

interface Gateway {
  readonly identity: Identity
  /** `method`: claimed only; EAP has still to prove it. */
  readonly by: 'certificate' | 'psk' | 'method'
}

/** RFC 5998: no AUTH yet. What the gateway claims to be must be what we dialled; EAP's key binds it at the end. */
function claimedGateway({ remoteIdentity: expected }: InitiatorConfiguration, message: Message): Gateway {
  const claimed = identityFromWire(only(message, 'id-responder'))
  if (claimed === undefined) throw new VpnError('gateway-not-authenticated', { reason: 'unusable identity' })
  if (expected !== undefined && !equalIdentities(expected, claimed)) throw otherIdentity(expected, claimed)
  return { identity: claimed, by: 'method' }
}

const otherIdentity = (expected: Identity, claimed: Identity): VpnError =>
  new VpnError('gateway-not-authenticated', {
    expected: formatIdentity(expected),
    claimed: formatIdentity(claimed),
  })

/** Checks AUTH, identity and certificate; gives the identity proven. Throws the failure that a person can act on. */
async function verifyGateway(
  ports: ExchangePorts,
  configuration: InitiatorConfiguration,
  init: InitResult,
  { gatewaySecret }: AuthPlan,
  message: Message,
): Promise<Gateway> {
  const refusal = refusalIn(message)
  if (!message.payloads.some((payload) => payload.type === 'authentication')) {
    if (refusal !== undefined) throw refusal
    const isEap = message.payloads.some(({ type }) => type === 'eap')
    if (isEap && mayProveByEap(configuration)) return claimedGateway(configuration, message)
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
      if (expected !== undefined && !equalIdentities(expected, claimed))
        throw otherIdentity(expected, claimed)
      if (gatewaySecret === undefined) throw new Error('a plan without the secret')
      if (!provesPadded(ports, init, gatewaySecret.under(init.sa.suite.prf), octets, auth))
        throw new VpnError('gateway-not-authenticated', { reason: 'shared secret' })
      return { identity: claimed, by: 'psk' }
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
      return { identity, by: 'certificate' }
    }
  }
}
