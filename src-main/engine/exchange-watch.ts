/** Watches the messages of one connection's sessions, for the log and for the exchange view. */
import { exchangeName as exchangeNameV1 } from '../ike/v1/code-points.ts'
import type { MessageObserver as MessageObserverV1 } from '../ike/v1/conversation.ts'
import { describeMessage as describeMessageV1 } from '../ike/v1/describe.ts'
import { withoutPasswords } from '../ike/v1/describe-payload.ts'
import { exchangeName } from '../ike/v2/code-points.ts'
import { describeMessage } from '../ike/v2/describe.ts'
import { withoutEapData } from '../ike/v2/describe-eap.ts'
import type { MessageObserver } from '../ike/v2/observation.ts'
import type { Log } from '../ports.ts'
import type { ExchangeRecorder } from './exchange-log.ts'
import { logMessage } from './report.ts'

export const watchMessages = (
  recorder: ExchangeRecorder,
  profileId: string,
  log: Log,
): Required<MessageObserver> => ({
  onMessage(direction, message, wire) {
    logMessage(log, direction, message)
    const { header, payloads } = message
    // A password may be in there: it is not kept for the time until somebody looks.
    const kept = payloads.some(({ type }) => type === 'eap') ? payloads.map(withoutEapData) : payloads
    recorder.add({
      profileId,
      direction,
      version: 2,
      exchange: exchangeName(header.exchange),
      header,
      wire,
      describe: () => describeMessage({ header, payloads: kept }, wire),
    })
  },
  onRepeated: (direction, header) => recorder.repeated(direction, header),
})

/** Conversations whose beginning is remembered; older ones have ended long since. */
const mostConversations = 64

/** The same for version 1, where who sends a conversation's first message asks, and the other one answers. */
export function watchMessagesV1(
  recorder: ExchangeRecorder,
  profileId: string,
  log: Log,
): Required<MessageObserverV1> {
  type Header = Parameters<Required<MessageObserverV1>['onRepeated']>[1]
  type Direction = 'sent' | 'received'
  const began = new Map<string, Direction>()
  const isRequest = (direction: Direction, { initiatorSpi, exchange, messageId }: Header): boolean => {
    const key = `${initiatorSpi} ${exchange} ${messageId}`
    const first = began.get(key)
    if (first !== undefined) return first === direction
    began.set(key, direction)
    const [oldest] = began.keys()
    if (began.size > mostConversations && oldest !== undefined) began.delete(oldest)
    return true
  }
  const seenHeader = (direction: Direction, header: Header) => ({
    initiatorSpi: header.initiatorSpi,
    responderSpi: header.responderSpi,
    messageId: header.messageId,
    response: !isRequest(direction, header),
  })
  return {
    onMessage(direction, message, bytes) {
      const seen = seenHeader(direction, message.header)
      const payloads = message.payloads.map(({ payload }) => withoutPasswords(payload))
      const exchange = exchangeNameV1(message.header.exchange)
      log('debug', 'ike', direction, {
        exchange,
        id: message.header.messageId,
        payloads: payloads.map(({ type }) => type).join(' '),
      })
      recorder.add({
        profileId,
        direction,
        version: 1,
        exchange,
        header: seen,
        wire: { bytes, datagrams: 1, encrypted: message.encrypted },
        describe: () =>
          describeMessageV1({ exchange: message.header.exchange, isRequest: !seen.response, payloads }),
      })
    },
    onRepeated: (direction, header) => recorder.repeated(direction, seenHeader(direction, header)),
  }
}
