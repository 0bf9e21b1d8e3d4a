/**
 * Informational exchanges under an ISAKMP SA (RFC 2409 section 5.7): one message, protected, never answered. Dead peer detection
 * (RFC 3706) makes questions and answers of two of them.
 */
import type { EspSpi } from '../../../../src-shared/brands.ts'
import { espSpi } from '../../../../src-shared/brands.ts'
import { Exchange, FIRST_STATUS, IPSEC_DOI, Notification, Protocol } from '../code-points.ts'
import type { ExchangePorts, IsakmpSa } from '../configuration.ts'
import { hashed } from '../hashes.ts'
import { cookies, prfOf } from '../keys.ts'
import type { Message } from '../message.ts'
import { payloadsOf } from '../message.ts'
import type { Payload } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { spiBytes } from '../../esp-spi.ts'

/** Sends the payloads; nobody answers, so nobody waits. */
export function inform(
  { crypto }: Pick<ExchangePorts, 'crypto'>,
  sa: IsakmpSa,
  peer: Peer,
  payloads: readonly Payload[],
): void {
  const talk = peer.begin(Exchange.INFORMATIONAL)
  talk.say(hashed(prfOf(crypto, sa.suite.hash), sa.keys.a, talk.messageId, payloads))
}

/** A notification about the ISAKMP SA itself: its SPI is the pair of cookies (RFC 2408 section 3.14). */
export const notification = (sa: IsakmpSa, type: number, data: Uint8Array = new Uint8Array()): Payload => ({
  type: 'notification',
  doi: IPSEC_DOI,
  protocol: Protocol.ISAKMP,
  notification: type,
  spi: cookies(sa),
  data,
})

/** The end of the ISAKMP SA (RFC 2408 section 3.15). */
export const deleteIsakmpSa = (sa: IsakmpSa): Payload => ({
  type: 'delete',
  doi: IPSEC_DOI,
  protocol: Protocol.ISAKMP,
  spis: [cookies(sa)],
})

/** The end of an ESP SA, named by the SPI that the sender of this message receives on. */
export const deleteEspSa = (inboundSpi: EspSpi): Payload => ({
  type: 'delete',
  doi: IPSEC_DOI,
  protocol: Protocol.ESP,
  spis: [spiBytes(inboundSpi)],
})

const sequenceBytes = (sequence: number): Uint8Array => {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, sequence)
  return bytes
}

/** R-U-THERE and its answer carry a sequence number of four bytes (RFC 3706 section 5.3). */
export const areYouThere = (sa: IsakmpSa, sequence: number): Payload =>
  notification(sa, Notification.R_U_THERE, sequenceBytes(sequence))
export const iAmThere = (sa: IsakmpSa, sequence: number): Payload =>
  notification(sa, Notification.R_U_THERE_ACK, sequenceBytes(sequence))

/** What an authentic informational message says, in order. */
export type Information =
  | { readonly kind: 'delete-isakmp' }
  | { readonly kind: 'delete-esp'; readonly spis: readonly EspSpi[] }
  | { readonly kind: 'are-you-there' | 'i-am-there'; readonly sequence: number }
  | { readonly kind: 'initial-contact' }
  | { readonly kind: 'error' | 'status'; readonly notification: number }

export function readInformation(message: Message): readonly Information[] {
  const deletions = payloadsOf(message, 'delete').map(({ protocol, spis }): Information => {
    if (protocol !== Protocol.ESP) return { kind: 'delete-isakmp' }
    const numbers = spis
      .filter((spi) => spi.length === 4)
      .map((spi) => espSpi(new DataView(spi.buffer, spi.byteOffset, 4).getUint32(0)))
    return { kind: 'delete-esp', spis: numbers }
  })
  return [...payloadsOf(message, 'notification').map(readNotification), ...deletions]
}

function readNotification({
  notification: type,
  data,
}: {
  readonly notification: number
  readonly data: Uint8Array
}): Information {
  const sequence = data.length === 4 ? new DataView(data.buffer, data.byteOffset, 4).getUint32(0) : 0
  switch (type) {
    case Notification.R_U_THERE:
      return { kind: 'are-you-there', sequence }
    case Notification.R_U_THERE_ACK:
      return { kind: 'i-am-there', sequence }
    case Notification.INITIAL_CONTACT:
      return { kind: 'initial-contact' }
  }
  return { kind: type < FIRST_STATUS ? 'error' : 'status', notification: type }
}
