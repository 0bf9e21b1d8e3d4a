/** A whole message of version 2 for the exchange view: its payloads as a tree, and in one line what it is for. */
import type { ExchangeMessage } from '../../../src-shared/exchange-message.ts'
import { toHex } from '../../wire/text.ts'
import { Exchange, exchangeName, isErrorNotify, Notify, notifyName, Protocol } from './code-points.ts'
import { eapWords } from './describe-eap.ts'
import { notifyWords } from './describe-notify.ts'
import { describePayload } from './describe-payload.ts'
import { lengthWords, node } from '../message-words.ts'
import type { Message } from './message.ts'
import type { OnWire } from './observation.ts'
import { payloadsOf } from './payloads.ts'
import type { PayloadOf, PayloadType } from './payloads.ts'

// ---------------------------------------------------------------- summary

type Notification = PayloadOf<'notify'>

const has = (message: Message, type: PayloadType): boolean =>
  message.payloads.some((payload) => payload.type === type)

const notification = (message: Message, type: number): Notification | undefined =>
  payloadsOf(message, 'notify').find(({ notify }) => notify === type)

const refusal = (message: Message): Notification | undefined =>
  payloadsOf(message, 'notify').find(({ notify }) => isErrorNotify(notify))

const refusalWords = (refused: Notification): string => `Refusal: ${notifyName(refused.notify)}`

function initWords(message: Message): string {
  const cookie = notification(message, Notify.COOKIE)
  if (!message.header.response)
    return `Offer of suites and key exchange${cookie === undefined ? '' : ', with the cookie'}`
  if (has(message, 'sa')) return 'Choice of suite and key exchange'
  if (cookie !== undefined) return 'Asks for the request again with a cookie'
  const group = notification(message, Notify.INVALID_KE_PAYLOAD)
  if (group !== undefined) return `Asks for another group: ${notifyWords(group)}`
  const refused = refusal(message)
  return refused === undefined ? 'Answer' : refusalWords(refused)
}

function authWords(message: Message): string {
  const [eap] = payloadsOf(message, 'eap')
  if (eap !== undefined) return `EAP ${eapWords(eap.data) ?? 'packet'}`
  const refused = refusal(message)
  const ours = has(message, message.header.response ? 'id-responder' : 'id-initiator')
  const parts = [
    ...(ours ? ['identity'] : []),
    ...(has(message, 'authentication') ? ['proof of identity'] : []),
    ...(has(message, 'sa') ? [message.header.response ? 'Child SA agreed' : 'request for a Child SA'] : []),
    ...(refused === undefined ? [] : [refusalWords(refused)]),
  ]
  const text = parts.join(', ')
  return text === '' ? 'Authentication' : text.slice(0, 1).toUpperCase() + text.slice(1)
}

function createWords(message: Message): string {
  const refused = refusal(message)
  if (refused !== undefined) return refusalWords(refused)
  const [sa] = payloadsOf(message, 'sa')
  const isIke = sa?.proposals.some(({ protocol }) => protocol === Protocol.IKE) === true
  if (message.header.response) return isIke ? 'New IKE SA agreed' : 'New Child SA agreed'
  if (isIke) return 'Rekey IKE SA'
  const rekeyed = notification(message, Notify.REKEY_SA)
  return rekeyed === undefined ? 'New Child SA' : `Rekey Child SA ${toHex(rekeyed.spi)}`
}

function informationalWords(message: Message): string {
  const [deletion] = payloadsOf(message, 'delete')
  if (deletion !== undefined) {
    const spis = deletion.spis.slice(0, 4).map(toHex).join(', ')
    return deletion.protocol === Protocol.IKE ? 'Delete IKE SA' : `Delete Child SA ${spis}`
  }
  const refused = refusal(message)
  if (refused !== undefined) return refusalWords(refused)
  if (message.payloads.length === 0) return message.header.response ? 'Acknowledgement' : 'Liveness check'
  const names = payloadsOf(message, 'notify').map(({ notify }) => notifyName(notify))
  return names.length === 0 ? 'Information' : names.join(', ')
}

/** In one line what a message is for. */
export function summaryOf(message: Message): string {
  switch (message.header.exchange) {
    case Exchange.IKE_SA_INIT:
      return initWords(message)
    case Exchange.IKE_AUTH:
      return authWords(message)
    case Exchange.CREATE_CHILD_SA:
      return createWords(message)
    case Exchange.INFORMATIONAL:
      return informationalWords(message)
    default:
      return exchangeName(message.header.exchange)
  }
}

// ---------------------------------------------------------------- the whole

/** What the message itself says of an `ExchangeMessage`; throws nothing, whatever the message holds. */
export function describeMessage(
  message: Message,
  wire: OnWire,
): Pick<ExchangeMessage, 'summary' | 'payloads'> {
  const inner = message.payloads.map((payload) => describePayload(payload, message.header.response))
  if (!wire.encrypted) return { summary: summaryOf(message), payloads: inner }
  // RFC 7296 section 3.14, RFC 7383 section 2.5: all payloads are in the encrypted one, or in its fragments.
  const outer =
    wire.datagrams === 1
      ? node('SK', `Encrypted and Authenticated, ${lengthWords(wire.bytes)}`, inner)
      : node('SKF', `Encrypted and Authenticated, ${wire.datagrams} fragments`, inner)
  return { summary: summaryOf(message), payloads: [outer] }
}
