/** EAP-MSCHAPv2 as the client: challenge → response → success, in this order and once (RFC 2759, draft-kamath-pppext-eap-mschapv2-02). */
import type { Crypto, Random } from '../../../ports.ts'
import { DecodeError, decode, encode } from '../../../wire/codec.ts'
import type { EapPeerMethod, MethodStep } from './method.ts'
import {
  mschapv2Request,
  mschapv2Response,
  mschapv2Values,
  readFailureText,
  readSuccessText,
} from './mschapv2.ts'
import type { Mschapv2Values } from './mschapv2.ts'
import { utf8Bytes } from '../../../wire/text.ts'

const NO_BYTES = new Uint8Array(0)

/** RFC 2759 section 6. */
const errorMeanings: ReadonlyMap<number, string> = new Map([
  [646, 'no log-in at this hour'],
  [647, 'the account is disabled'],
  [648, 'the password has expired'],
  [649, 'no permission to dial in'],
  [691, 'wrong user name or password'],
  [709, 'the password could not be changed'],
])

type Failure = Extract<MethodStep, { kind: 'failed' }>

const malformed = (problem: string): Failure => ({
  kind: 'failed',
  reason: 'malformed',
  details: { reason: `EAP-MSCHAPv2: ${problem}` },
})

const wrongOrder = (found: string, state: string): Failure => ({
  kind: 'failed',
  reason: 'wrong-order',
  details: { reason: `EAP-MSCHAPv2 ${found} while ${state}` },
})

/** What a Failure message means to the person (RFC 2759 section 6). */
export function refusedByServer(text: Uint8Array): Failure {
  const error = readFailureText(text)
  if (error === undefined) return malformed('a failure without an error number')
  const meaning = errorMeanings.get(error)
  return {
    kind: 'failed',
    reason: 'refused',
    // A retry (R=1) would need another password; that is a question for the person and a new connection.
    details: { method: 'mschapv2', error: String(error), ...(meaning !== undefined && { meaning }) },
    data: encode(mschapv2Response, { kind: 'failure', more: NO_BYTES }),
  }
}

type State =
  | { readonly kind: 'waiting for the challenge' }
  | { readonly kind: 'waiting for the result'; readonly values: Mschapv2Values }
  | { readonly kind: 'through' }

export function createMschapv2Peer(
  crypto: Crypto,
  random: Random,
  username: string,
  password: Uint8Array,
): EapPeerMethod {
  let state: State = { kind: 'waiting for the challenge' }

  const answerChallenge = (id: number, authenticatorChallenge: Uint8Array): MethodStep => {
    const peerChallenge = random.bytes(16)
    const values = mschapv2Values(crypto, { authenticatorChallenge, peerChallenge, username, password })
    state = { kind: 'waiting for the result', values }
    const body = { peerChallenge, ntResponse: values.ntResponse, name: utf8Bytes(username) }
    return {
      kind: 'respond',
      data: encode(mschapv2Response, { kind: 'response', id, body }),
      complete: false,
    }
  }

  const checkSuccess = (text: Uint8Array): MethodStep => {
    // CVE-2015-8023: a success that answers no response of ours is no success.
    if (state.kind !== 'waiting for the result') return wrongOrder('success', state.kind)
    const { values } = state
    state = { kind: 'through' }
    const proof = readSuccessText(text)
    if (proof === undefined) return malformed('a success without an authenticator response')
    if (!crypto.equal(proof, values.authenticatorResponse)) {
      return { kind: 'failed', reason: 'server-not-verified', details: { method: 'mschapv2' } }
    }
    const data = encode(mschapv2Response, { kind: 'success', more: NO_BYTES })
    return { kind: 'respond', data, complete: true, msk: values.msk }
  }

  const answer = (data: Uint8Array): MethodStep => {
    const request = decode(mschapv2Request, data)
    switch (request.kind) {
      case 'challenge':
        if (state.kind !== 'waiting for the challenge') return wrongOrder('challenge', state.kind)
        return answerChallenge(request.id, request.body.challenge)
      case 'success':
        return checkSuccess(request.body.text)
      case 'failure':
        if (state.kind !== 'waiting for the result') return wrongOrder('failure', state.kind)
        state = { kind: 'through' }
        return refusedByServer(request.body.text)
    }
  }

  return {
    respond(_identifier, data) {
      try {
        return answer(data)
      } catch (error) {
        if (error instanceof DecodeError) return malformed(error.reason)
        throw error
      }
    },
  }
}
