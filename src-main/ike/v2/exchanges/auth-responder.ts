/**
 * IKE_AUTH, the responder's side (RFC 7296 sections 1.2 and 2.16):
 *
 *     HDR, SK {IDi, [CERT,] [CERTREQ,] [IDr,] [AUTH,] CP(CFG_REQUEST), SAi2, TSi, TSr}  -->
 *                                 <--  HDR, SK {IDr, [CERT,] AUTH, [EAP] | CP(CFG_REPLY), SAr2, TSi, TSr}
 *     without AUTH in the first request, EAP until it ends:
 *     HDR, SK {EAP}   -->         <--  HDR, SK {EAP}
 *     HDR, SK {AUTH}  -->         <--  HDR, SK {AUTH, CP(CFG_REPLY), SAr2, TSi, TSr}
 *
 * Whoever is turned away learns AUTHENTICATION_FAILED and no reason (section 2.21.2); the reason goes to our own log.
 */
import type { Identity } from '../../../ports.ts'
import { createEapServer } from '../../auth/eap/server.ts'
import { createSignatureAuth, verifySignatureAuth } from '../../auth/signature.ts'
import { formatIdentity, identityFromWire, identityToWire, parseIdentity } from '../../identity.ts'
import { utf8Bytes } from '../../../wire/text.ts'
import { AuthenticationMethod, CertificateEncoding, Notify } from '../code-points.ts'
import type { Conversation } from '../conversation.ts'
import type { ExchangePorts } from '../initiator.ts'
import type { Message } from '../message.ts'
import type { Payload, PayloadOf } from '../payloads.ts'
import { hasNotify, notify, only } from '../refusal.ts'
import type { ResponderConfiguration } from '../responder.ts'
import { initiatorOctets, provesSharedKey, responderOctets, sharedKeyProof } from './auth-proof.ts'
import type { InitResult } from './init.ts'

/** Rounds of EAP before we stop believing that it ends. */
const mostEapRounds = 24

/** Who has come in, and what is left to do: the Child SA and the last answer. */
export interface AuthenticatedClient {
  /** What was proven: the identity of the secret or certificate, or the user name of EAP. */
  readonly identity: Identity
  /** For people: the user name where EAP proved one. */
  readonly name: string
  readonly method: 'psk' | 'signature' | 'eap'
  /** The client knows nothing of older sessions of its own (RFC 7296 section 2.4). */
  readonly initialContact: boolean
  /** The first request: it holds what the client asks for. */
  readonly request: Message
  /** The payloads that the last answer begins with. */
  readonly proof: readonly Payload[]
}

export type AuthOutcome =
  | { readonly kind: 'authenticated'; readonly client: AuthenticatedClient }
  /** `answer` tells the client; `reason` is for our own log alone. */
  | {
      readonly kind: 'refused'
      readonly answer: readonly Payload[]
      readonly reason: string
      readonly who?: string
    }

/** Authenticates both sides. `onClaim` hears who the client says it is, not proven yet. The request taken last is still to be answered, with `proof` and the Child SA or with `answer`. */
export async function answerIkeAuth(
  ports: ExchangePorts,
  configuration: ResponderConfiguration,
  init: InitResult,
  conversation: Conversation,
  onClaim: (who: string) => void,
): Promise<AuthOutcome> {
  const request = await conversation.next()
  // Section 2.21.2: an initiator may give up by a notify instead.
  if (!request.payloads.some(({ type }) => type === 'id-initiator')) return refused('no identity')
  const idInitiator = only(request, 'id-initiator')
  const claimed = identityFromWire(idInitiator)
  if (claimed === undefined) return refused('unusable identity')
  onClaim(formatIdentity(claimed))
  const ids: IdentityPayloads = {
    initiator: idInitiator,
    responder: { type: 'id-responder', ...identityToWire(configuration.localIdentity) },
  }
  const initialContact = hasNotify(request, Notify.INITIAL_CONTACT)
  if (!request.payloads.some(({ type }) => type === 'authentication')) {
    return runEap(ports, configuration, init, conversation, { request, ids, claimed, initialContact })
  }
  const auth = only(request, 'authentication')
  const who = formatIdentity(claimed)
  const octets = initiatorOctets(ports, init, ids.initiator)
  if (auth.method === AuthenticationMethod.SHARED_KEY_MIC) {
    const secret = configuration.clients.psk?.(claimed)
    // The same work where nobody is known by that name, so that the time does not tell.
    const proven = provesSharedKey(ports, init, secret ?? ports.random.bytes(32), octets, auth)
    if (secret === undefined || !proven) return refused('shared secret', who)
    const proof = ownProof(ports, configuration, init, ids.responder, secret)
    if (proof === undefined) return refused('no way to prove ourselves', who)
    return {
      kind: 'authenticated',
      client: { identity: claimed, name: who, method: 'psk', initialContact, request, proof },
    }
  }
  const problem = await signatureProblem(ports, configuration, request, claimed, octets)
  if (problem !== undefined) return refused(problem, who)
  const proof = ownProof(ports, configuration, init, ids.responder, configuration.clients.psk?.(claimed))
  if (proof === undefined) return refused('no way to prove ourselves', who)
  return {
    kind: 'authenticated',
    client: { identity: claimed, name: who, method: 'signature', initialContact, request, proof },
  }
}

const refused = (
  reason: string,
  who?: string,
  answer: readonly Payload[] = [notify(Notify.AUTHENTICATION_FAILED)],
): AuthOutcome => ({
  kind: 'refused',
  answer,
  reason,
  ...(who === undefined ? {} : { who }),
})

interface IdentityPayloads {
  readonly initiator: PayloadOf<'id-initiator'>
  readonly responder: PayloadOf<'id-responder'>
}

// ---------------------------------------------------------------- who the client is

/** What is wrong with the client's certificate or signature; undefined when nothing is. */
async function signatureProblem(
  ports: ExchangePorts,
  configuration: ResponderConfiguration,
  request: Message,
  identity: Identity,
  octets: Uint8Array,
): Promise<string | undefined> {
  const { signature } = configuration.clients
  if (signature === undefined) return 'certificates are not admitted'
  const certificates = request.payloads.flatMap((payload) =>
    payload.type === 'certificate' && payload.encoding === CertificateEncoding.X509_SIGNATURE
      ? [payload.data]
      : [],
  )
  if (certificates.length === 0) return 'no certificate'
  const verdict = await signature.trust.verify({
    certificates,
    identity,
    role: 'client',
    at: ports.clock.wall(),
  })
  if (!verdict.ok) return verdict.error.code
  const auth = only(request, 'authentication')
  if (!verifySignatureAuth(auth.method, auth.data, verdict.value.key, octets)) return 'signature'
  return signature.admits(identity) ? undefined : 'identity is not admitted'
}

// ---------------------------------------------------------------- who we are

/** IDr, [CERT,] AUTH; undefined when we have nothing that this client could check. */
function ownProof(
  ports: ExchangePorts,
  configuration: ResponderConfiguration,
  init: InitResult,
  idResponder: PayloadOf<'id-responder'>,
  secret: Uint8Array | undefined,
): readonly Payload[] | undefined {
  const octets = responderOctets(ports, init, idResponder)
  const { local } = configuration
  switch (local.method) {
    case 'psk':
      return secret === undefined ? undefined : [idResponder, sharedKeyProof(ports, init, secret, octets)]
    case 'signature': {
      const signed = createSignatureAuth(local.key, init.peerHashes, octets)
      if (!signed.ok) return undefined
      return [
        idResponder,
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

// ---------------------------------------------------------------- EAP

interface EapBeginning {
  readonly request: Message
  readonly ids: IdentityPayloads
  readonly claimed: Identity
  readonly initialContact: boolean
}

async function runEap(
  ports: ExchangePorts,
  configuration: ResponderConfiguration,
  init: InitResult,
  conversation: Conversation,
  { request, ids, claimed, initialContact }: EapBeginning,
): Promise<AuthOutcome> {
  const { eap, psk } = configuration.clients
  if (eap === undefined) return refused('EAP is not admitted', formatIdentity(claimed))
  const proof = ownProof(ports, configuration, init, ids.responder, psk?.(claimed))
  if (proof === undefined) return refused('no way to prove ourselves', formatIdentity(claimed))
  const server = createEapServer({ crypto: ports.crypto, random: ports.random, ...eap })
  // RFC 7296 section 2.16: we prove ourselves first, the client's secrets follow.
  conversation.reply({ payloads: [...proof, { type: 'eap', data: server.start() }] })

  for (let round = 0; round < mostEapRounds; round += 1) {
    const answered = await conversation.next()
    const response = answered.payloads.find(({ type }) => type === 'eap')
    if (response?.type !== 'eap') return refused('EAP was not answered', formatIdentity(claimed))
    const outcome = server.receive(response.data)
    const eapPayload: Payload = { type: 'eap', data: outcome.data }
    switch (outcome.kind) {
      case 'request':
        conversation.reply({ payloads: [eapPayload] })
        break
      case 'failure':
        return refused(outcome.reason, outcome.username ?? formatIdentity(claimed), [eapPayload])
      case 'success':
        conversation.reply({ payloads: [eapPayload] })
        return concludeEap(ports, init, conversation, {
          ids,
          msk: outcome.msk,
          username: outcome.username,
          client: {
            identity: userIdentity(outcome.username),
            name: outcome.username,
            method: 'eap',
            initialContact,
            request,
          },
        })
    }
  }
  return refused('endless EAP', formatIdentity(claimed))
}

/** The identity that was proven, which need not be the IDi (CVE-2026-78134). */
const userIdentity = (username: string): Identity =>
  parseIdentity(username) ?? { kind: 'key-id', data: utf8Bytes(username) }

/** RFC 7296 section 2.16: both sides prove once more, with the MSK, or with SK_p where the method gives no key. */
async function concludeEap(
  ports: ExchangePorts,
  init: InitResult,
  conversation: Conversation,
  done: {
    readonly ids: IdentityPayloads
    readonly msk: Uint8Array | undefined
    readonly username: string
    readonly client: Omit<AuthenticatedClient, 'proof'>
  },
): Promise<AuthOutcome> {
  const { ids, msk, username } = done
  const { keys } = init.sa
  const last = await conversation.next()
  const auth = last.payloads.find(({ type }) => type === 'authentication')
  const octets = initiatorOctets(ports, init, ids.initiator)
  const proven = auth?.type === 'authentication' && provesSharedKey(ports, init, msk ?? keys.pi, octets, auth)
  if (!proven) return refused('AUTH after EAP', username)
  const ours = sharedKeyProof(ports, init, msk ?? keys.pr, responderOctets(ports, init, ids.responder))
  msk?.fill(0)
  return { kind: 'authenticated', client: { ...done.client, proof: [ours] } }
}
