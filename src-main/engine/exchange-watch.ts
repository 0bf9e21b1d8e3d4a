/** Watches the messages of one connection's sessions, for the log and for the exchange view. */
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
