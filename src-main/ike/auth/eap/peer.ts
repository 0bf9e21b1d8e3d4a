/**
 * EAP as the client (RFC 3748, in IKE_AUTH as RFC 7296 section 2.16 says). Inside IKE the packets come in lock step and none
 * is repeated, so what EAP over a lossy link would discard ends the conversation here.
 */
import type { ErrorCode } from '../../../../src-shared/errors.ts'
import type { Crypto, Random } from '../../../ports.ts'
import { DecodeError, decode, encode } from '../../../wire/codec.ts'
import { failureCodes } from './method.ts'
import type { EapFailureReason, EapMethodName, EapPeerMethod, MethodStep } from './method.ts'
import { createMschapv2Peer } from './mschapv2-peer.ts'
import { EapType, eapPacket } from './packet.ts'
import type { EapMessage, EapPacket } from './packet.ts'
import { createGtcPeer, createMd5Peer } from './simple-peers.ts'
import { utf8Bytes } from '../../../wire/text.ts'

export type { EapFailureReason, EapMethodName } from './method.ts'

export interface EapPeerOptions {
  readonly crypto: Crypto
  readonly random: Random
  readonly username: string
  /** UTF-8; copied, and the copy is wiped when the conversation ends. */
  readonly password: Uint8Array
  /** Methods the profile allows, the preferred first. */
  readonly allowed: readonly EapMethodName[]
  /**
   * How IKE has authenticated the gateway before this. `psk` only when the profile says explicitly that the gateway proves
   * itself so; `nothing` refuses every packet, also the question for the identity.
   */
  readonly serverAuthenticatedBy: 'certificate' | 'psk' | 'nothing'
  /** What to answer to the question for the identity; the user name unless given. */
  readonly identity?: string
}

export type EapOutcome =
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
  /** Wipes the password; for a conversation that is given up. */
  close(): void
}

interface MethodRow {
  readonly name: EapMethodName
  readonly type: number
  readonly create: (options: EapPeerOptions, password: Uint8Array) => EapPeerMethod
}

const methods: readonly MethodRow[] = [
  {
    name: 'mschapv2',
    type: EapType.MSCHAPV2,
    create: ({ crypto, random, username }, password) =>
      createMschapv2Peer(crypto, random, username, password),
  },
  { name: 'gtc', type: EapType.GTC, create: (_, password) => createGtcPeer(password) },
  {
    name: 'md5',
    type: EapType.MD5,
    create: ({ crypto, username }, password) => createMd5Peer(crypto, username, password),
  },
]

const methodNames: ReadonlyMap<number, string> = new Map([
  [13, 'EAP-TLS'],
  [18, 'EAP-SIM'],
  [21, 'EAP-TTLS'],
  [23, 'EAP-AKA'],
  [25, 'PEAP'],
  ...methods.map(({ type, name }) => [type, name] as const),
])

/** More packets than any conversation needs; a server that never comes to an end is not followed. */
const MOST_ROUNDS = 16

export function createEapPeer(options: EapPeerOptions): EapPeer {
  const password = options.password.slice()
  let method: { readonly type: number; readonly run: EapPeerMethod } | undefined
  let complete: { readonly msk?: Uint8Array } | undefined
  let lastRefused: number | undefined
  let rounds = 0
  let ended = false

  const end = () => {
    ended = true
    password.fill(0)
  }

  const failure = (
    reason: EapFailureReason,
    details: Readonly<Record<string, string>> = {},
    reply?: Uint8Array,
  ): EapOutcome => {
    end()
    return { kind: 'failure', reason, code: failureCodes[reason], details, ...(reply && { reply }) }
  }

  const response = ({ identifier }: EapMessage, type: number, data: Uint8Array): Uint8Array =>
    encode(eapPacket, { code: 'response', identifier, type, data })

  const reply = (request: EapMessage, type: number, data: Uint8Array): EapOutcome => ({
    kind: 'reply',
    data: response(request, type, data),
  })

  const nak = (request: EapMessage): EapOutcome => {
    lastRefused = request.type
    // RFC 3748 section 5.3.1: the types we would take; 0 when there is none.
    const types = options.allowed.flatMap((name) => methods.find((row) => row.name === name)?.type ?? [])
    return reply(request, EapType.NAK, Uint8Array.from(types.length > 0 ? types : [0]))
  }

  const perform = (request: EapMessage, run: EapPeerMethod): EapOutcome => {
    const step: MethodStep = run.respond(request.identifier, request.data)
    switch (step.kind) {
      case 'respond':
        if (step.complete) complete = step.msk === undefined ? {} : { msk: step.msk }
        return reply(request, request.type, step.data)
      case 'failed':
        return failure(
          step.reason,
          step.reason === 'refused' ? { user: options.username, ...step.details } : step.details,
          step.data && response(request, request.type, step.data),
        )
    }
  }

  const answerMethod = (request: EapMessage): EapOutcome => {
    if (method !== undefined) {
      // RFC 3748 section 2.1: one method in a conversation; nothing is asked once it is through.
      if (method.type !== request.type || complete !== undefined) {
        return failure('wrong-order', { reason: 'an EAP request after the method' })
      }
      return perform(request, method.run)
    }
    const row = methods.find(({ type, name }) => type === request.type && options.allowed.includes(name))
    if (row === undefined) return nak(request)
    method = { type: row.type, run: row.create(options, password) }
    return perform(request, method.run)
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
      return failure('method-refused', { method: methodNames.get(wanted) ?? `EAP type ${wanted}` })
    }
    return failure('refused', { user: options.username })
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
      if (rounds > MOST_ROUNDS) return failure('too-many-rounds', { reason: 'EAP without end' })
      try {
        return handle(decode(eapPacket, bytes))
      } catch (error) {
        if (error instanceof DecodeError) return failure('malformed', { reason: `EAP: ${error.reason}` })
        throw error
      }
    },
    close: end,
  }
}
