/** XAUTH's attributes (draft-ietf-ipsec-isakmp-xauth-06): what the gateway asks the user, and what the client answers. */
import type { Attribute } from './attributes.ts'
import { basic, bytesOf, find, numberOf, variable } from './attributes.ts'
import { TransactionAttribute, TransactionType, XauthType } from './code-points.ts'
import type { Statement } from './exchanges/transaction.ts'
import { utf8Bytes, utf8Text } from '../../wire/text.ts'

const { XAUTH_TYPE, XAUTH_STATUS, XAUTH_MESSAGE, XAUTH_USER_NAME, XAUTH_ANSWER } = TransactionAttribute

/** What the gateway wants of the user in one round. */
export interface XauthRequest {
  /** As in `XauthType`; generic when the gateway does not say. */
  readonly type: number
  /** Which of them are asked for, by attribute number. */
  readonly wanted: readonly number[]
  /** What the gateway says to the person, cleaned of control characters; undefined: nothing. */
  readonly message: string | undefined
  readonly challenge: Uint8Array | undefined
}

/** All attributes of the draft. */
const isXauth = ({ type }: Attribute): boolean => type >= XAUTH_TYPE && type <= XAUTH_ANSWER

/** Longest text of a gateway that is shown. */
const LONGEST_MESSAGE = 512

/** The request in a statement; undefined when it is none of XAUTH's. */
export function xauthRequest({ kind, attributes }: Statement): XauthRequest | undefined {
  if (kind !== TransactionType.REQUEST || !attributes.some(isXauth)) return undefined
  const type = find(attributes, XAUTH_TYPE)
  const message = find(attributes, XAUTH_MESSAGE)
  const challenge = find(attributes, TransactionAttribute.XAUTH_CHALLENGE)
  const notAsked = new Set<number>([
    XAUTH_TYPE,
    XAUTH_MESSAGE,
    TransactionAttribute.XAUTH_CHALLENGE,
    XAUTH_STATUS,
  ])
  return {
    type: (type === undefined ? undefined : numberOf(type)) ?? XauthType.GENERIC,
    wanted: attributes.filter((one) => isXauth(one) && !notAsked.has(one.type)).map((one) => one.type),
    message: message === undefined ? undefined : textOf(bytesOf(message)),
    challenge: challenge === undefined ? undefined : bytesOf(challenge).slice(),
  }
}

const textOf = (bytes: Uint8Array): string | undefined => {
  const text = utf8Text(bytes)
    ?.replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LONGEST_MESSAGE)
  return text === '' ? undefined : text
}

/** The gateway's verdict; undefined when the statement holds none. */
export function xauthStatus({ kind, attributes }: Statement): 'accepted' | 'refused' | undefined {
  const status = kind === TransactionType.SET ? find(attributes, XAUTH_STATUS) : undefined
  if (status === undefined) return undefined
  return numberOf(status) === 1 ? 'accepted' : 'refused'
}

/** What the user answers, by attribute number; bytes stay the caller's. */
export type XauthAnswers = ReadonlyMap<number, Uint8Array>

/** The reply to a request: its type, then what was wanted, in the order in which it was. */
export const xauthReply = (request: XauthRequest, identifier: number, answers: XauthAnswers): Statement => ({
  kind: TransactionType.REPLY,
  identifier,
  attributes: [
    ...(request.type === XauthType.GENERIC ? [] : [basic(XAUTH_TYPE, request.type)]),
    ...request.wanted.flatMap((type) => {
      const answer = answers.get(type)
      return answer === undefined ? [] : [variable(type, answer)]
    }),
  ],
})

/** Says that we cannot answer (section 6.3: status FAIL in a reply). */
export const xauthDeclined = (identifier: number): Statement => ({
  kind: TransactionType.REPLY,
  identifier,
  attributes: [basic(XAUTH_STATUS, 0)],
})

export const xauthAcknowledged = (identifier: number): Statement => ({
  kind: TransactionType.ACK,
  identifier,
  attributes: [basic(XAUTH_STATUS, 0)],
})

/** What a gateway asks first: name and password, or a one-time code as well. */
export const xauthQuestion = (
  wanted: readonly number[],
  type: number,
  message?: string,
): readonly Attribute[] => [
  ...(type === XauthType.GENERIC ? [] : [basic(XAUTH_TYPE, type)]),
  ...(message === undefined ? [] : [variable(XAUTH_MESSAGE, utf8Bytes(message))]),
  ...wanted.map((attribute) => variable(attribute, new Uint8Array())),
]

export const xauthVerdict = (accepted: boolean): readonly Attribute[] => [
  basic(XAUTH_STATUS, accepted ? 1 : 0),
]

/** The text of an answer as the gateway reads it. */
export const xauthAnswer = (attributes: readonly Attribute[], type: number): Uint8Array | undefined => {
  const attribute = find(attributes, type)
  return attribute === undefined ? undefined : bytesOf(attribute).slice()
}

export const userNameIn = (attributes: readonly Attribute[]): string | undefined => {
  const bytes = xauthAnswer(attributes, XAUTH_USER_NAME)
  return bytes === undefined ? undefined : utf8Text(bytes)
}
