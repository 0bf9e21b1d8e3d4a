/**
 * A stranger on the way in: phase 1 as its responder, then XAUTH where the way in asks for it. Holds what a half-open client
 * costs, and nothing more; the owner bounds how many there are.
 */
import type { IkeSpi, MessageId } from '../../../src-shared/brands.ts'
import { messageId } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import type { Endpoint, Identity } from '../../ports.ts'
import { readIkeHeader } from '../header.ts'
import { Exchange, IPSEC_DOI, Notification, Protocol, notificationNamed } from './code-points.ts'
import type { ExchangePorts, IsakmpSa, Phase1Credential } from './configuration.ts'
import type { Conversation, MessageObserver } from './conversation.ts'
import { answerAggressiveMode } from './exchanges/aggressive-responder.ts'
import { readInformation } from './exchanges/informational.ts'
import type { Information } from './exchanges/informational.ts'
import { answerMainMode } from './exchanges/main-responder.ts'
import { wipeKeys } from './keys.ts'
import { encodeMessage } from './message.ts'
import type { Message } from './message.ts'
import { Peer } from './peer.ts'
import { protectionOf } from './protection.ts'
import type { ResponderConfiguration } from './responder.ts'
import { logIn } from './xauth-server.ts'

export interface EntranceParts extends MessageObserver {
  readonly ports: ExchangePorts
  readonly configuration: ResponderConfiguration
  readonly transmit: (datagram: Uint8Array) => void
  readonly onDrop: (reason: string) => void
}

/** Who has come in. */
export interface Entered {
  readonly sa: IsakmpSa
  readonly peer: Peer
  readonly identity: Identity
  readonly method: Phase1Credential['method']
  /** Who has logged in by XAUTH. */
  readonly user: string | undefined
  /** Knows of no older session (RFC 2407 section 4.6.3.3). */
  readonly initialContact: boolean
  /** What comes from now on, and what has come meanwhile, goes there. */
  readonly handOver: (hear: (talk: Conversation, message: Message) => void) => void
}

export interface Entrance {
  readonly peer: Peer
  /** Whether it has answered with our cookie: it receives at the address that it calls from. */
  readonly isReal: boolean
  /** Rejects with the VpnError that says why not; with 'cancelled' when closed. */
  readonly outcome: Promise<Entered>
  receive(datagram: Uint8Array): void
  close(): void
}

/** What the other end needs no word about: it has been told, or is not there. */
const quiet: ReadonlySet<string> = new Set(['cancelled', 'credentials-refused', 'gateway-unreachable'])

/** Conversations that a client begins while we are still looking at who it is. */
const MOST_WAITING = 4

/** The exchanges that begin an ISAKMP SA. */
const modes = {
  main: { exchange: Exchange.MAIN, shape: 'main 1', answer: answerMainMode },
  aggressive: { exchange: Exchange.AGGRESSIVE, shape: 'aggressive 1', answer: answerAggressiveMode },
} as const

/** Undefined when the datagram is no first message that we answer. */
export function openEntrance(
  parts: EntranceParts,
  path: { readonly local: Endpoint; readonly remote: Endpoint },
  spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi },
  exchange: number,
  datagram: Uint8Array,
): Entrance | undefined {
  const mode = exchange === Exchange.AGGRESSIVE ? modes.aggressive : modes.main
  if (exchange !== mode.exchange || (mode === modes.aggressive && !parts.configuration.aggressive)) {
    parts.onDrop('exchange-not-supported')
    return undefined
  }
  const waiting: { readonly talk: Conversation; readonly message: Message }[] = []
  let hear = (talk: Conversation, message: Message): void => {
    if (tells(message, 'delete-isakmp')) peer.close()
    else if (waiting.length < MOST_WAITING) waiting.push({ talk, message })
    else parts.onDrop('too-many-waiting')
  }
  let isReal = false
  let complained = false
  const complain = (notification: number): void => {
    if (complained) return
    complained = true
    parts.transmit(refusal(parts.ports, peer.spis, notification))
  }
  const peer: Peer = new Peer(
    {
      clock: parts.ports.clock,
      random: parts.ports.random,
      transmit: parts.transmit,
      ...(parts.onMessage === undefined ? {} : { onMessage: parts.onMessage }),
      ...(parts.onRepeated === undefined ? {} : { onRepeated: parts.onRepeated }),
      onDrop: (reason) => {
        parts.onDrop(reason)
        // What another pre-shared key than ours looks like: the client's proof decrypts to noise.
        if (isReal && reason === 'malformed') complain(Notification.PAYLOAD_MALFORMED)
      },
      onConversation: (talk, message) => hear(talk, message),
    },
    spis,
  )
  const first = peer.accept(datagram, mode.exchange, mode.shape)
  if (first === undefined) return undefined

  const enter = async (): Promise<Entered> => {
    const { ports, configuration } = parts
    const accepted = await mode.answer(ports, { ...configuration, ...path }, peer, first)
    const { sa, way } = accepted
    let { initialContact } = accepted
    try {
      peer.establish(protectionOf(ports.crypto, sa))
      const user = way.xauth ? await logIn(ports, sa, peer, configuration) : undefined
      if (waiting.some(({ message }) => tells(message, 'initial-contact'))) initialContact = true
      return {
        sa,
        peer,
        identity: sa.identities.remote,
        method: way.credential.method,
        user,
        initialContact,
        handOver: (next) => {
          hear = next
          for (const { talk, message } of waiting.splice(0)) next(talk, message)
        },
      }
    } catch (error) {
      wipeKeys(sa.keys)
      throw error
    }
  }
  const outcome = enter().catch((error: unknown) => {
    if (error instanceof VpnError && !quiet.has(error.code))
      complain(notificationNamed(error.details['notify'] ?? '') ?? Notification.AUTHENTICATION_FAILED)
    throw error
  })
  return {
    peer,
    get isReal() {
      return isReal
    },
    outcome,
    receive(bytes) {
      if (readIkeHeader(bytes)?.responderSpi === spis.responderSpi) isReal = true
      peer.receive(bytes)
    },
    close: () => peer.close(),
  }
}

const tells = (message: Message, what: Information['kind']): boolean =>
  message.header.exchange === Exchange.INFORMATIONAL &&
  readInformation(message).some(({ kind }) => kind === what)

/** A refusal before there are keys, or when they do not fit: 40 bytes, less than anything that is refused so. */
function refusal(
  { random }: Pick<ExchangePorts, 'random'>,
  spis: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi },
  notification: number,
): Uint8Array {
  const bytes = random.bytes(4)
  const id: MessageId = messageId(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0))
  return encodeMessage({ ...spis, exchange: Exchange.INFORMATIONAL, messageId: id, commit: false }, [
    {
      type: 'notification',
      doi: IPSEC_DOI,
      protocol: Protocol.ISAKMP,
      notification,
      spi: new Uint8Array(),
      data: new Uint8Array(),
    },
  ]).datagram
}
