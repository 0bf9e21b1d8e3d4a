/** What the other end's refusals mean to the connection (RFC 7296 section 3.10.1). */
import type { ErrorCode } from '../../../src-shared/errors.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { ErrorNotify, isErrorNotify, notifyName } from './code-points.ts'
import type { Message } from './message.ts'
import { payloadsOf } from './payloads.ts'
import type { PayloadOf, PayloadType } from './payloads.ts'

type NotifyPayload = PayloadOf<'notify'>

const meanings: ReadonlyMap<number, ErrorCode> = new Map<number, ErrorCode>([
  [ErrorNotify.NO_PROPOSAL_CHOSEN, 'no-common-proposal'],
  [ErrorNotify.AUTHENTICATION_FAILED, 'authentication-refused'],
  [ErrorNotify.TS_UNACCEPTABLE, 'no-common-traffic'],
  [ErrorNotify.SINGLE_PAIR_REQUIRED, 'no-common-traffic'],
  [ErrorNotify.INTERNAL_ADDRESS_FAILURE, 'no-address'],
  [ErrorNotify.FAILED_CP_REQUIRED, 'no-address'],
  [ErrorNotify.INVALID_SYNTAX, 'protocol-violation'],
  [ErrorNotify.INVALID_MAJOR_VERSION, 'protocol-violation'],
  [ErrorNotify.UNSUPPORTED_CRITICAL_PAYLOAD, 'protocol-violation'],
])

/** An authenticated no. `notify` is the error type the peer gave. */
export class PeerRefused extends VpnError {
  readonly notify: number
  constructor(notify: number) {
    super(meanings.get(notify) ?? 'gateway-internal', { notify: notifyName(notify) })
    this.name = 'PeerRefused'
    this.notify = notify
  }
}

export const notifiesOf = (message: Message): readonly NotifyPayload[] => payloadsOf(message, 'notify')

export const findNotify = (message: Message, notify: number): NotifyPayload | undefined =>
  notifiesOf(message).find((payload) => payload.notify === notify)

export const hasNotify = (message: Message, notify: number): boolean =>
  findNotify(message, notify) !== undefined

/** The first error notify of a message, as an exception to throw. */
export function refusalIn(message: Message): PeerRefused | undefined {
  const refusing = notifiesOf(message).find((payload) => isErrorNotify(payload.notify))
  return refusing === undefined ? undefined : new PeerRefused(refusing.notify)
}

/** The message's one payload of a type. Throws VpnError 'protocol-violation' when it is missing; more than one is refused by the rules. */
export function only<Type extends PayloadType>(message: Message, type: Type): PayloadOf<Type> {
  const [found] = payloadsOf(message, type)
  if (found === undefined) throw new VpnError('protocol-violation', { missing: type })
  return found
}

export const notify = (type: number, data: Uint8Array = new Uint8Array()): NotifyPayload => ({
  type: 'notify',
  protocol: 0,
  spi: new Uint8Array(),
  notify: type,
  data,
})
