/** What a connection writes to the log, and how trouble becomes a failure that travels. */
import type { Failure } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { ChildSa } from '../ike/child-sa.ts'
import type { Message } from '../ike/v2/message.ts'
import type { Log } from '../ports.ts'

/** The failure behind an error. What is not a VpnError is a bug: 'internal' for the person, its stack for the log. */
export function failureOf(error: unknown, log: Log): Failure {
  if (error instanceof VpnError) return error.failure
  log('error', 'engine', error instanceof Error ? (error.stack ?? error.message) : String(error))
  return { code: 'internal', details: {} }
}

/** That a Child SA stands, new or rekeyed. */
export const logInstalled = (log: Log, { inboundSpi, outboundSpi }: ChildSa): void => {
  const text = (spi: number): string => spi.toString(16).padStart(8, '0')
  log('info', 'ike', 'a Child SA stands', { inbound: text(inboundSpi), outbound: text(outboundSpi) })
}

/** One line for an IKE message: what it is, never what is in it. */
export function logMessage(log: Log, direction: 'sent' | 'received', { header, payloads }: Message): void {
  log('debug', 'ike', direction, {
    exchange: header.exchange,
    response: header.response,
    id: header.messageId,
    payloads: payloads.map(({ type }) => type).join(' '),
  })
}
