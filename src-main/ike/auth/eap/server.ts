/** EAP as the server (RFC 3748), for the embedded gateway: the identity, one method, and the end. */
import type { Crypto, Random } from '../../../ports.ts'
import { DecodeError, decode, encode } from '../../../wire/codec.ts'
import type { EapMethodName } from './method.ts'
import { EapType, eapPacket } from './packet.ts'
import type { EapMessage } from './packet.ts'
import { serverMethods } from './server-method.ts'
import type { EapServerMethod, ServerStep } from './server-method.ts'
import { textOf } from './text.ts'

export interface EapServerOptions {
  readonly crypto: Crypto
  readonly random: Random
  /** What is offered, the preferred first. */
  readonly methods: readonly EapMethodName[]
  /** The user's password in UTF-8, undefined for unknown users. Called with names that nobody has proven. */
  readonly password: (username: string) => Uint8Array | undefined
}

export type EapServerFailureReason = 'wrong-credentials' | 'no-common-method' | 'wrong-order' | 'malformed'

export type EapServerOutcome =
  | { readonly kind: 'request'; readonly data: Uint8Array }
  /** `data`: the EAP-Success packet. `username`: whose password was proven. `msk`: 64 bytes, absent with methods that make no key. */
  | {
      readonly kind: 'success'
      readonly data: Uint8Array
      readonly username: string
      readonly msk?: Uint8Array
    }
  /** `data`: the EAP-Failure packet. `username`: what the client called itself. */
  | {
      readonly kind: 'failure'
      readonly data: Uint8Array
      readonly username?: string
      readonly reason: EapServerFailureReason
    }

export interface EapServer {
  /** The first packet: the question for the identity. */
  start(): Uint8Array
  /** Takes one EAP packet from the client. Throws nothing, whatever the bytes. */
  receive(packet: Uint8Array): EapServerOutcome
}

type State =
  | { readonly kind: 'identity' }
  | {
      readonly kind: 'method'
      readonly type: number
      readonly run: EapServerMethod
      readonly isFresh: boolean
    }
  | { readonly kind: 'ended' }

export function createEapServer(options: EapServerOptions): EapServer {
  let state: State = { kind: 'identity' }
  let identifier = options.random.bytes(1)[0] ?? 0
  let username: string | undefined
  const offered = new Set<EapMethodName>()

  const request = (type: number, data: Uint8Array): EapServerOutcome => ({
    kind: 'request',
    data: encode(eapPacket, { code: 'request', identifier, type, data }),
  })

  const nextIdentifier = () => {
    // RFC 3748 section 4.1: a new request has a new identifier.
    identifier = (identifier + 1) & 0xff
    return identifier
  }

  const failure = (reason: EapServerFailureReason): EapServerOutcome => {
    state = { kind: 'ended' }
    const data = encode(eapPacket, { code: 'failure', identifier })
    return { kind: 'failure', data, reason, ...(username !== undefined && { username }) }
  }

  const begin = (name: EapMethodName | undefined): EapServerOutcome => {
    if (name === undefined) return failure('no-common-method')
    offered.add(name)
    const { type, create } = serverMethods[name]
    const run = create(options, username ?? '')
    state = { kind: 'method', type, run, isFresh: true }
    return request(type, run.start(nextIdentifier()))
  }

  const conclude = (step: ServerStep, type: number): EapServerOutcome => {
    switch (step.kind) {
      case 'request':
        nextIdentifier()
        return request(type, step.data)
      case 'accepted': {
        state = { kind: 'ended' }
        const data = encode(eapPacket, { code: 'success', identifier })
        return { kind: 'success', data, username: step.username, ...(step.msk && { msk: step.msk }) }
      }
      case 'refused':
        username = step.username
        return failure(step.reason)
    }
  }

  const answer = (response: EapMessage): EapServerOutcome => {
    const now = state
    switch (now.kind) {
      case 'identity':
        if (response.type !== EapType.IDENTITY) return failure('wrong-order')
        username = textOf(response.data)
        return begin(options.methods[0])
      case 'method':
        if (response.type === EapType.NAK && now.isFresh) {
          // RFC 3748 section 5.3.1: a Nak only to the first request of a method. No method is offered twice.
          const wanted = options.methods.find(
            (name) => !offered.has(name) && response.data.includes(serverMethods[name].type),
          )
          return begin(wanted)
        }
        if (response.type !== now.type) return failure('wrong-order')
        state = { ...now, isFresh: false }
        return conclude(now.run.receive(response.identifier, response.data), now.type)
      case 'ended':
        return failure('wrong-order')
    }
  }

  return {
    start() {
      const data = new Uint8Array(0)
      return encode(eapPacket, { code: 'request', identifier, type: EapType.IDENTITY, data })
    },
    receive(bytes) {
      try {
        const packet = decode(eapPacket, bytes)
        if (packet.code !== 'response' || packet.identifier !== identifier) return failure('wrong-order')
        return answer(packet)
      } catch (error) {
        if (error instanceof DecodeError) return failure('malformed')
        throw error
      }
    },
  }
}
