/** A whole message of version 1 for the exchange view: its payloads as a tree, and in one line what it is for. */
import type { ExchangeMessage } from '../../../src-shared/exchange-message.ts'
import { toHex } from '../../wire/text.ts'
import {
  Exchange,
  exchangeName,
  FIRST_STATUS,
  Notification,
  notificationName,
  Protocol,
  TransactionAttribute,
  TransactionType,
} from './code-points.ts'
import { describePayload } from './describe-payload.ts'
import type { Payload, PayloadOf, PayloadType } from './payloads.ts'

/** A message without the bytes that prove it, its passwords taken out (`withoutPasswords`). */
export interface SeenMessage {
  readonly exchange: number
  /** Of whoever began the conversation. */
  readonly isRequest: boolean
  readonly payloads: readonly Payload[]
}

const first = <Type extends PayloadType>(
  { payloads }: SeenMessage,
  type: Type,
): PayloadOf<Type> | undefined =>
  payloads.find((payload): payload is PayloadOf<Type> => payload.type === type)

const has = (message: SeenMessage, type: PayloadType): boolean => first(message, type) !== undefined

const sentence = (parts: readonly string[], otherwise: string): string => {
  const text = parts.join(', ')
  return text === '' ? otherwise : text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** RFC 2409 section 5: what main mode spreads over six messages, aggressive mode says in three. */
function phase1Words(message: SeenMessage): string {
  const isProof = has(message, 'hash') || has(message, 'signature')
  return sentence(
    [
      ...(has(message, 'sa') ? [message.isRequest ? 'offer of suites' : 'choice of suite'] : []),
      ...(has(message, 'ke') ? ['key exchange'] : []),
      ...(has(message, 'id') ? ['identity'] : []),
      ...(isProof ? ['proof of identity'] : []),
    ],
    'Phase 1',
  )
}

function quickWords(message: SeenMessage): string {
  if (!has(message, 'sa')) return 'Confirmation'
  return message.isRequest ? 'New Child SA' : 'New Child SA agreed'
}

function informationalWords(message: SeenMessage): string {
  const deletion = first(message, 'delete')
  if (deletion !== undefined)
    return deletion.protocol === Protocol.ISAKMP
      ? 'Delete IKE SA'
      : `Delete Child SA ${deletion.spis.slice(0, 4).map(toHex).join(', ')}`
  const told = first(message, 'notification')
  if (told === undefined) return 'Information'
  const { notification } = told
  if (notification === Notification.R_U_THERE) return 'Liveness check'
  if (notification === Notification.R_U_THERE_ACK) return 'Acknowledgement'
  const name = notificationName(notification)
  return notification < FIRST_STATUS ? `Refusal: ${name}` : name
}

function transactionWords(message: SeenMessage): string {
  const transaction = first(message, 'attributes')
  if (transaction === undefined) return 'Transaction'
  const isLogin = transaction.attributes.some(
    ({ type }) => type >= TransactionAttribute.XAUTH_TYPE && type <= TransactionAttribute.XAUTH_ANSWER,
  )
  const isStatus = transaction.attributes.some(({ type }) => type === TransactionAttribute.XAUTH_STATUS)
  switch (transaction.kind) {
    case TransactionType.REQUEST:
      return isLogin ? 'XAUTH: asks for user and password' : 'Asks for an address and what goes with it'
    case TransactionType.REPLY:
      return isLogin ? 'XAUTH: user and password' : 'Address and what goes with it'
    case TransactionType.SET:
      return isStatus ? 'XAUTH: outcome' : 'Configuration'
    default:
      return 'Acknowledgement'
  }
}

/** In one line what a message is for. */
export function summaryOf(message: SeenMessage): string {
  switch (message.exchange) {
    case Exchange.MAIN:
    case Exchange.AGGRESSIVE:
      return phase1Words(message)
    case Exchange.QUICK:
      return quickWords(message)
    case Exchange.INFORMATIONAL:
      return informationalWords(message)
    case Exchange.TRANSACTION:
      return transactionWords(message)
    default:
      return exchangeName(message.exchange)
  }
}

/** What the message itself says of an `ExchangeMessage`; throws nothing, whatever the message holds. */
export const describeMessage = (message: SeenMessage): Pick<ExchangeMessage, 'summary' | 'payloads'> => ({
  summary: summaryOf(message),
  payloads: message.payloads.map(describePayload),
})
