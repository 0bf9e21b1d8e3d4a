/**
 * EAP as the client (RFC 3748, in IKE_AUTH as RFC 7296 section 2.16 says). Inside IKE the packets come in lock step and none
 * is repeated, so what EAP over a lossy link would discard ends the conversation here.
 */
import type { ErrorCode } from '../../../../src-shared/errors.ts'
import type { Crypto, Random } from '../../../ports.ts'
import { DecodeError, decode, encode } from '../../../wire/codec.ts'
import type { InnerEap, InnerOutcome } from './inner-eap.ts'
import { failureCodes } from './method.ts'
import type { EapFailureReason, EapInnerName, EapPeerMethod, MethodStep } from './method.ts'
import { EapType, eapPacket } from './packet.ts'
import type { EapMessage, EapPacket } from './packet.ts'
import { methodNameOf, peerMethods } from './peer-methods.ts'
import type { AnyEapMethodName, MethodRow } from './peer-methods.ts'
import type { AskForCode } from './simple-peers.ts'
import { createGtcPeer } from './simple-peers.ts'
import type { EapTls } from './tls-tunnel.ts'
import { utf8Bytes } from '../../../wire/text.ts'

export type { EapFailureReason, EapInnerName, EapMethodName } from './method.ts'
export type { AnyEapMethodName } from './peer-methods.ts'

export interface EapPeerOptions {
  readonly crypto: Crypto
  readonly random: Random
  readonly username: string
  /** UTF-8; copied, and the copy is wiped when the conversation ends. Empty where no method takes one. */
  readonly password: Uint8Array
  /** Methods the profile allows, the preferred first. */
  readonly allowed: readonly AnyEapMethodName[]
  /**
   * How IKE has authenticated the gateway before this. `psk` only when the profile says explicitly that the gateway proves
   * itself so; `method`: not yet, EAP is to do it, so that only methods are run that can (RFC 5998); `nothing` refuses every
   * packet, also the question for the identity.
   */
  readonly serverAuthenticatedBy: 'certificate' | 'psk' | 'method' | 'nothing'
  /** What to answer to the question for the identity; the user name unless given. */
  readonly identity?: string
  /** Asks the person for a code; absent, nobody is asked and such a question ends the conversation. */
  readonly askForCode?: AskForCode
  /** For the methods within TLS. */
  readonly tls?: EapTls
  /** What is within EAP-TTLS and PEAP; MSCHAPv2 unless given. */
  readonly inner?: EapInnerName
}

/** What can be said at once, or once TLS or the person has answered. */
export type EapOutcome =
  | SettledEapOutcome
  /** Rejects with what the person's answer rejects with. Nothing else is received before. */
  | { readonly kind: 'later'; readonly outcome: Promise<SettledEapOutcome> }

export type SettledEapOutcome =
  | { readonly kind: 'reply'; readonly data: Uint8Array }
  /** `msk`: 64 bytes, absent with methods that make no key. */
  | { readonly kind: 'success'; readonly msk?: Uint8Array }
  | {
      readonly kind: 'failure'
      readonly reason: EapFailureReason
      readonly code: ErrorCode
      readonly details: Readonly<Record<string, string>>
      /** May be sent once more so that the server ends at once. */
      readonly reply?: Uint8Array
    }

export interface EapPeer {
  /** Takes one EAP packet from the gateway. Throws nothing, whatever the bytes. */
  receive(packet: Uint8Array): EapOutcome
  /** Whether the method is through, so that success would be right. */
  readonly isThrough: boolean
  /** Wipes the password; for a conversation that is given up. */
  close(): void
}

/** More packets than any conversation needs; a server that never comes to an end is not followed. TLS comes in fragments. */
const MOST_ROUNDS = 16
const MOST_TLS_ROUNDS = 128

/** The outcome now, or when it is there. */
export const settledOutcome = (outcome: EapOutcome): SettledEapOutcome | Promise<SettledEapOutcome> =>
  outcome.kind === 'later' ? outcome.outcome : outcome

export function createEapPeer(options: EapPeerOptions): EapPeer {
  // A Buffer's slice would be the owner's own bytes.
  const password = Uint8Array.from(options.password)
  const usable: readonly MethodRow[] = options.allowed.flatMap((name) =>
    peerMethods.filter(
      (row) => row.name === name && (row.provesServer || options.serverAuthenticatedBy !== 'method'),
    ),
  )
  const mostRounds = options.tls === undefined ? MOST_ROUNDS : MOST_TLS_ROUNDS
  let method: { readonly type: number; readonly run: EapPeerMethod } | undefined
  let complete: { readonly msk?: Uint8Array } | undefined
  let lastRefused: number | undefined
  let rounds = 0
  let askedForCode = false
  const ask = options.askForCode
  const askForCode: AskForCode | undefined =
    ask &&
    ((text) => {
      askedForCode = true
      return ask(text)
    })
  let ended = false

  const end = () => {
    ended = true
    password.fill(0)
    method?.run.close?.()
  }

  const failure = (
    reason: EapFailureReason,
    details: Readonly<Record<string, string>> = {},
    { reply, code = failureCodes[reason] }: { readonly reply?: Uint8Array; readonly code?: ErrorCode } = {},
  ): SettledEapOutcome => {
    end()
    return { kind: 'failure', reason, code, details, ...(reply && { reply }) }
  }

  const response = ({ identifier }: EapMessage, type: number, data: Uint8Array): Uint8Array =>
    encode(eapPacket, { code: 'response', identifier, type, data })

  const reply = (request: EapMessage, type: number, data: Uint8Array): SettledEapOutcome => ({
    kind: 'reply',
    data: response(request, type, data),
  })

  const nak = (request: EapMessage): EapOutcome => {
    lastRefused = request.type
    // RFC 3748 section 5.3.1: the types we would take; 0 when there is none.
    const types = usable.map(({ type }) => type)
    return reply(request, EapType.NAK, Uint8Array.from(types.length > 0 ? types : [0]))
  }

  const conclude = (request: EapMessage, step: MethodStep): SettledEapOutcome => {
    switch (step.kind) {
      case 'respond':
        // A code asked for behind the password makes no key of its own.
        if (step.complete) complete = step.msk === undefined ? (complete ?? {}) : { msk: step.msk }
        return reply(request, request.type, step.data)
      case 'failed':
        return failure(
          step.reason,
          step.reason === 'refused' ? { user: options.username, ...step.details } : step.details,
          {
            ...(step.data && { reply: response(request, request.type, step.data) }),
            ...(step.code && { code: step.code }),
          },
        )
    }
  }

  const perform = (request: EapMessage, run: EapPeerMethod): EapOutcome => {
    const step = run.respond(request.identifier, request.data)
    return step instanceof Promise
      ? { kind: 'later', outcome: step.then((later) => conclude(request, later)) }
      : conclude(request, step)
  }

  const start = (request: EapMessage, type: number, run: EapPeerMethod): EapOutcome => {
    method = { type, run }
    return perform(request, run)
  }

  const answerMethod = (request: EapMessage): EapOutcome => {
    if (method !== undefined) {
      if (method.type === request.type) return perform(request, method.run)
      // FortiGate asks for a code behind MSCHAPv2, though RFC 3748 section 2.1 has one method in a conversation.
      const asksForCode =
        complete !== undefined && method.type === EapType.MSCHAPV2 && request.type === EapType.GTC
      if (!asksForCode || askForCode === undefined)
        return failure('wrong-order', { reason: 'an EAP request after the method' })
      return start(request, request.type, createGtcPeer(password, askForCode, true))
    }
    const row = usable.find(({ type }) => type === request.type)
    if (row === undefined) return nak(request)
    const { crypto, random, username, tls, inner = 'mschapv2' } = options
    return start(
      request,
      row.type,
      row.create({ crypto, random, username, password, askForCode, tls, inner, innerEap: createInner }),
    )
  }

  /** EAP within TLS: the server is known by then. What is said inside ends with the outside. */
  const createInner = (): InnerEap => {
    const { tls: _none, identity: _outer, ...same } = options
    const peer = createEapPeer({
      ...same,
      password,
      allowed: [options.inner === 'gtc' ? 'gtc' : 'mschapv2'],
      serverAuthenticatedBy: 'certificate',
    })
    const receive = async (packet: Uint8Array): Promise<InnerOutcome> => {
      const outcome = await settledOutcome(peer.receive(packet))
      switch (outcome.kind) {
        case 'reply':
          return { ...outcome, through: peer.isThrough }
        case 'success':
          return { kind: 'failed', reason: 'malformed', details: { reason: 'EAP-Success within TLS' } }
        case 'failure':
          return { kind: 'failed', reason: outcome.reason, details: outcome.details, code: outcome.code }
      }
    }
    return {
      begin: () =>
        receive(
          encode(eapPacket, {
            code: 'request',
            identifier: 0,
            type: EapType.IDENTITY,
            data: new Uint8Array(0),
          }),
        ),
      receive,
      successProblem: () =>
        peer.isThrough
          ? undefined
          : { kind: 'failed', reason: 'early-success', details: { reason: 'success within TLS too early' } },
      close: () => peer.close(),
    }
  }

  const answer = (request: EapMessage): EapOutcome => {
    if (request.type === EapType.IDENTITY) {
      // RFC 3748 section 5.1: the identity is asked for before the method, not within it.
      if (method !== undefined) return failure('wrong-order', { reason: 'EAP asks for the identity again' })
      return reply(request, EapType.IDENTITY, utf8Bytes(options.identity ?? options.username))
    }
    // RFC 3748 section 5.2: acknowledged with empty data.
    if (request.type === EapType.NOTIFICATION) return reply(request, EapType.NOTIFICATION, new Uint8Array(0))
    // RFC 3748 section 5.3.1: in responses only.
    if (request.type === EapType.NAK) return failure('malformed', { reason: 'an EAP request of type Nak' })
    return answerMethod(request)
  }

  const refusal = (): EapOutcome => {
    const wanted = lastRefused
    if (wanted !== undefined && method === undefined) {
      return failure('method-refused', { method: methodNameOf(wanted) })
    }
    // With a certificate there is no password to be wrong.
    if (method?.type === EapType.TLS)
      return failure('refused', { method: 'EAP-TLS' }, { code: 'authentication-refused' })
    return failure('refused', { user: options.username, ...(askedForCode ? { code: 'asked for' } : {}) })
  }

  const handle = (packet: EapPacket): EapOutcome => {
    switch (packet.code) {
      case 'request':
        return answer(packet)
      case 'response':
        return failure('malformed', { reason: 'an EAP response from the gateway' })
      case 'success': {
        // CVE-2021-45079: without a method that is through, success proves nothing.
        if (complete === undefined) return failure('early-success', { reason: 'EAP-Success too early' })
        end()
        return { kind: 'success', ...complete }
      }
      case 'failure':
        return refusal()
    }
  }

  return {
    receive(bytes) {
      if (ended) return failure('wrong-order', { reason: 'an EAP packet after the end' })
      // CVE-2015-4171: neither identity nor password before the gateway has proven who it is.
      if (options.serverAuthenticatedBy === 'nothing') return failure('gateway-not-authenticated')
      rounds += 1
      if (rounds > mostRounds) return failure('too-many-rounds', { reason: 'EAP without end' })
      try {
        return handle(decode(eapPacket, bytes))
      } catch (error) {
        if (error instanceof DecodeError) return failure('malformed', { reason: `EAP: ${error.reason}` })
        throw error
      }
    },
    get isThrough() {
      return complete !== undefined
    },
    close: end,
  }
}
