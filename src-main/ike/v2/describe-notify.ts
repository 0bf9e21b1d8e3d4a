/** The Notify payload for the exchange view: what its data says, where an RFC says it (RFC 7296 section 3.10.1). */
import type { MessageNode } from '../../../src-shared/exchange-message.ts'
import { addressFromBytes, formatAddress } from '../../ip/address.ts'
import { toHex } from '../../wire/text.ts'
import { Notify, notifyName, payloadName, Protocol } from './code-points.ts'
import { beginning, lengthWords, node, numberIn } from '../message-words.ts'
import { groupWords, protocolName, signatureHashName } from './describe-words.ts'
import type { PayloadOf } from './payloads.ts'

/** The data in words; undefined when it has not the form that the RFC gives it. */
type DataWords = (data: Uint8Array) => string | undefined

const number =
  (length: 1 | 2 | 4, words: (value: number) => string): DataWords =>
  (data) => {
    const value = numberIn(data, length)
    return value === undefined ? undefined : words(value)
  }

const address: DataWords = (data) => {
  const parsed = addressFromBytes(data)
  return parsed === undefined ? undefined : formatAddress(parsed)
}

/** RFC 7427 section 4: 16 bits each. */
const hashes: DataWords = (data) => {
  if (data.length % 2 !== 0 || data.length > 64) return undefined
  return Array.from({ length: data.length / 2 }, (_, index) =>
    signatureHashName(numberIn(data.subarray(2 * index, 2 * index + 2), 2) ?? 0),
  ).join(', ')
}

const byType: ReadonlyMap<number, DataWords> = new Map<number, DataWords>([
  [Notify.UNSUPPORTED_CRITICAL_PAYLOAD, number(1, payloadName)],
  [Notify.INVALID_MESSAGE_ID, number(4, String)],
  [Notify.INVALID_KE_PAYLOAD, number(2, groupWords)],
  [Notify.SET_WINDOW_SIZE, number(4, String)],
  [Notify.NAT_DETECTION_SOURCE_IP, beginning],
  [Notify.NAT_DETECTION_DESTINATION_IP, beginning],
  [Notify.COOKIE, beginning],
  [Notify.COOKIE2, beginning],
  [Notify.ADDITIONAL_IP4_ADDRESS, address],
  [Notify.ADDITIONAL_IP6_ADDRESS, address],
  // RFC 4478 section 3.
  [Notify.AUTH_LIFETIME, number(4, (seconds) => `${seconds} s`)],
  [Notify.SIGNATURE_HASH_ALGORITHMS, hashes],
])

/** What a notify says besides its name; of what is not known, the length alone. */
export const notifyWords = ({ notify, data }: Pick<PayloadOf<'notify'>, 'notify' | 'data'>): string =>
  byType.get(notify)?.(data) ?? (data.length === 0 ? '' : lengthWords(data.length))

export const describeNotify = (payload: PayloadOf<'notify'>): MessageNode => {
  const { protocol, spi, notify } = payload
  const words = notifyWords(payload)
  const spiText = spi.length === 0 ? '' : toHex(spi)
  return node(`N(${notifyName(notify)})`, [spiText, words].filter((part) => part !== '').join(', '), [
    ...(protocol === Protocol.NONE ? [] : [node('Protocol ID', protocolName(protocol))]),
    ...(spiText === '' ? [] : [node('SPI', spiText)]),
    ...(words === '' ? [] : [node('Notification Data', words)]),
  ])
}
