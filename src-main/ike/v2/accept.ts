/** The responder's way from an agreed first request to a session that stands: the mirror of `Session.initiate`. */
import type { IkeSpi } from '../../../src-shared/brands.ts'
import { VpnError } from '../../../src-shared/errors.ts'
import { Exchange, isErrorNotify, Notify } from './code-points.ts'
import type { Conversation } from './conversation.ts'
import { createConversation } from './conversation.ts'
import type { AuthenticatedClient } from './exchanges/auth-responder.ts'
import { answerIkeAuth } from './exchanges/auth-responder.ts'
import type { FirstChild } from './exchanges/first-child.ts'
import { answerFirstChild, authLifetimeNotify } from './exchanges/first-child.ts'
import type { InitResult } from './exchanges/init.ts'
import type { ArrivalPath, InitAgreement } from './exchanges/init-responder.ts'
import { acceptIkeSaInit } from './exchanges/init-responder.ts'
import type { AssignedConfiguration, ChildSa } from '../child-sa.ts'
import type { ExchangePorts } from './initiator.ts'
import { wipeIkeKeys } from './keys.ts'
import type { Message } from './message.ts'
import type { Peer, Reply } from './peer.ts'
import { selectorsOf } from './configuration.ts'
import type { ConfigurationWishes } from './configuration.ts'
import { notify } from './refusal.ts'
import type { ResponderConfiguration } from './responder.ts'
import type { Session } from './session.ts'

export interface AcceptPorts {
  readonly ports: ExchangePorts
  readonly configuration: ResponderConfiguration
  readonly session: Session
  readonly spiInUse: (spi: ChildSa['inboundSpi']) => boolean
  /** The client has proven who it is: older sessions that it knows nothing of go now. */
  readonly onAuthenticated: (client: AuthenticatedClient) => void
  /** What it is given; undefined when there is nothing left. */
  readonly assign: (
    client: AuthenticatedClient,
    wishes: ConfigurationWishes,
  ) => AssignedConfiguration | undefined
}

export interface Established extends Pick<FirstChild, 'assigned' | 'refusal'> {
  readonly kind: 'established'
  readonly client: AuthenticatedClient
  readonly child: ChildSa | undefined
}

export type Acceptance =
  | Established
  /** The client has been turned away; the session only repeats that answer until it is closed. */
  | { readonly kind: 'refused'; readonly reason: string; readonly who?: string }
  /** The client has given up: it does not believe us, or has been told that its password is wrong. */
  | { readonly kind: 'given-up'; readonly who?: string }

export interface Accepting {
  readonly init: InitResult
  readonly peer: Peer
  /** How it went. Rejects with VpnError 'cancelled' when closed before. */
  readonly outcome: Promise<Acceptance>
  close(): void
}

/** Computes the keys, leaves the answer to IKE_SA_INIT with the peer (`init.initResponse`, to be sent), and waits for IKE_AUTH. */
export function acceptSession(
  parts: AcceptPorts,
  path: ArrivalPath,
  agreement: InitAgreement,
  responderSpi: IkeSpi,
): Accepting | 'invalid-public-value' {
  const conversation = createConversation()
  const { initiatorSpi } = agreement.request.header
  let who: string | undefined
  let giveUp: () => void = () => undefined
  const givenUp = new Promise<Acceptance>((resolve) => {
    giveUp = () => resolve({ kind: 'given-up', ...(who === undefined ? {} : { who }) })
  })
  const peer = parts.session.createPeer({ initiatorSpi, responderSpi }, false, (message) =>
    receiveEarly(conversation, message, giveUp),
  )
  const init = acceptIkeSaInit(parts.ports, parts.configuration, path, agreement, responderSpi, peer)
  if (init === 'invalid-public-value') return init
  const outcome = Promise.race([answerAll(parts, init, conversation, (claim) => (who = claim)), givenUp])
  return {
    init,
    peer,
    outcome,
    close() {
      conversation.close()
      // Once begun, the keys are the session's to wipe.
      if (parts.session.sa === undefined) wipeIkeKeys(init.sa.keys)
    },
  }
}

/** CVE-2026-78135: before both sides are authenticated only IKE_AUTH is heard, and that the client gives up. */
function receiveEarly(
  conversation: Conversation,
  message: Message,
  giveUp: () => void,
): Promise<Reply | undefined> {
  // RFC 7296 section 2.21.2: the initiator does not believe us, or does not want any more.
  const refuses = message.payloads.some(
    (payload) => payload.type === 'notify' && isErrorNotify(payload.notify),
  )
  switch (message.header.exchange) {
    case Exchange.IKE_AUTH:
      if (!refuses) return conversation.receive(message)
      return Promise.resolve({ payloads: [notify(Notify.AUTHENTICATION_FAILED)], afterwards: giveUp })
    case Exchange.INFORMATIONAL: {
      const ends = refuses || message.payloads.some(({ type }) => type === 'delete')
      return Promise.resolve(ends ? { payloads: [], afterwards: giveUp } : undefined)
    }
    default:
      return Promise.resolve(undefined)
  }
}

async function answerAll(
  parts: AcceptPorts,
  init: InitResult,
  conversation: Conversation,
  onClaim: (who: string) => void,
): Promise<Acceptance> {
  const { ports, configuration, session } = parts
  const outcome = await answerIkeAuth(ports, configuration, init, conversation, onClaim)
  if (outcome.kind === 'refused') {
    conversation.reply({ payloads: outcome.answer })
    const { reason, who } = outcome
    return { kind: 'refused', reason, ...(who === undefined ? {} : { who }) }
  }
  const { client } = outcome
  parts.onAuthenticated(client)
  const first = answerFirstChild(
    ports,
    configuration,
    init,
    client,
    (wishes) => parts.assign(client, wishes),
    parts.spiInUse,
  )
  // The SAs are there before the answer leaves: the client's first packet may be right behind it.
  session.begin(
    init.sa,
    {
      proposals: configuration.proposals,
      selectors: {
        local: configuration.networks,
        remote: first.assigned === undefined ? [] : selectorsOf(first.assigned),
      },
      restoresTraffic: false,
    },
    first.agreed,
  )
  const { authLifetime } = configuration
  conversation.reply({
    payloads: [
      ...client.proof,
      ...first.payloads,
      ...(authLifetime === undefined ? [] : [authLifetimeNotify(authLifetime)]),
    ],
  })
  return {
    kind: 'established',
    client,
    child: first.agreed?.child,
    assigned: first.assigned,
    refusal: first.refusal,
  }
}

/** Whether an acceptance ended because it was closed, which is nobody's fault. */
export const wasClosed = (error: unknown): boolean => error instanceof VpnError && error.code === 'cancelled'
