/** The server's side of the EAP methods: each asks, checks the answer, and says how it ended. */
import type { Crypto, Random } from '../../../ports.ts'
import { decode, encode } from '../../../wire/codec.ts'
import type { EapMethodName } from './method.ts'
import { mschapv2Request, mschapv2Response, mschapv2Values, successText } from './mschapv2.ts'
import { EapType, md5Data } from './packet.ts'
import { md5Response } from './simple-peers.ts'
import { textOf } from './text.ts'
import { utf8Bytes } from '../../../wire/text.ts'

export type ServerStep =
  | { readonly kind: 'request'; readonly data: Uint8Array }
  | { readonly kind: 'accepted'; readonly username: string; readonly msk?: Uint8Array }
  | {
      readonly kind: 'refused'
      readonly username: string
      readonly reason: 'wrong-credentials' | 'wrong-order'
    }

/** One run of a method. `receive` may throw DecodeError. */
export interface EapServerMethod {
  start(identifier: number): Uint8Array
  receive(identifier: number, data: Uint8Array): ServerStep
}

export interface ServerMethodOptions {
  readonly crypto: Crypto
  readonly random: Random
  /** The user's password in UTF-8, undefined for unknown users. */
  readonly password: (username: string) => Uint8Array | undefined
}

type Create = (options: ServerMethodOptions, identity: string) => EapServerMethod

const SERVER_NAME = utf8Bytes('culvert')

/** RFC 2759 section 6: no retry; a new log-in is a new connection. */
const FAILURE_TEXT = utf8Bytes('E=691 R=0 C=00000000000000000000000000000000 V=3 M=Failed')

const createMschapv2Server: Create = ({ crypto, random, password }, identity) => {
  const challenge = random.bytes(16)
  let state: 'challenged' | 'accepted' | 'refused' = 'challenged'
  let username = identity
  let msk: Uint8Array | undefined

  const check = (response: Extract<ReturnType<typeof mschapv2Response.decode>, { kind: 'response' }>) => {
    const { name, peerChallenge, ntResponse } = response.body
    username = textOf(name)
    const known = password(username)
    // The same work for an unknown user, so that the time does not tell who exists.
    const values = mschapv2Values(crypto, {
      authenticatorChallenge: challenge,
      peerChallenge,
      username,
      password: known ?? random.bytes(16),
    })
    const isRight = crypto.equal(values.ntResponse, ntResponse) && known !== undefined
    state = isRight ? 'accepted' : 'refused'
    if (isRight) msk = values.msk
    const text = isRight ? successText(values.authenticatorResponse) : FAILURE_TEXT
    const kind = isRight ? 'success' : 'failure'
    return encode(mschapv2Request, { kind, id: response.id, body: { text } })
  }

  return {
    start: (identifier) =>
      encode(mschapv2Request, { kind: 'challenge', id: identifier, body: { challenge, name: SERVER_NAME } }),
    receive(_identifier, data) {
      const response = decode(mschapv2Response, data)
      if (response.kind === 'response' && state === 'challenged') {
        return { kind: 'request', data: check(response) }
      }
      if (response.kind === 'success' && state === 'accepted' && msk !== undefined) {
        return { kind: 'accepted', username, msk }
      }
      // A failure acknowledged, and also what a server sees of a client that does not accept our proof.
      const isExpected = response.kind === 'failure' && state === 'refused'
      return { kind: 'refused', username, reason: isExpected ? 'wrong-credentials' : 'wrong-order' }
    },
  }
}

const verdict = (
  { crypto, password }: ServerMethodOptions,
  username: string,
  given: Uint8Array,
  expected: (password: Uint8Array) => Uint8Array,
): ServerStep => {
  const known = password(username)
  const right = known && expected(known)
  return right !== undefined && right.length === given.length && crypto.equal(right, given)
    ? { kind: 'accepted', username }
    : { kind: 'refused', username, reason: 'wrong-credentials' }
}

const createMd5Server: Create = (options, identity) => {
  const challenge = options.random.bytes(16)
  return {
    start: () => encode(md5Data, { value: challenge, name: SERVER_NAME }),
    receive: (identifier, data) =>
      verdict(options, identity, decode(md5Data, data).value, (password) =>
        md5Response(options.crypto, identifier, password, challenge),
      ),
  }
}

const createGtcServer: Create = (options, identity) => ({
  start: () => utf8Bytes('Password: '),
  receive: (_identifier, data) => verdict(options, identity, data, (password) => password),
})

/** Each method the server knows: its EAP type and how a run of it begins. */
export const serverMethods: Readonly<
  Record<EapMethodName, { readonly type: number; readonly create: Create }>
> = {
  mschapv2: { type: EapType.MSCHAPV2, create: createMschapv2Server },
  gtc: { type: EapType.GTC, create: createGtcServer },
  md5: { type: EapType.MD5, create: createMd5Server },
}
