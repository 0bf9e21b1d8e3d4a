/**
 * Transactions (draft-ietf-ipsec-isakmp-mode-cfg-05): requests with replies, settings with acknowledgements. They carry Mode
 * Config, by which the gateway gives an address, and XAUTH, by which the user proves who they are.
 */
import { millis } from '../../../../src-shared/brands.ts'
import type { Attribute } from '../attributes.ts'
import { Exchange, TransactionType } from '../code-points.ts'
import type { ExchangePorts, IsakmpSa } from '../configuration.ts'
import type { Conversation, Patience } from '../conversation.ts'
import { established } from '../conversation.ts'
import { hashed, isGenuine } from '../hashes.ts'
import { prfOf } from '../keys.ts'
import type { Message } from '../message.ts'
import { payloadOf } from '../message.ts'
import type { Payload } from '../payloads.ts'
import type { Peer } from '../peer.ts'
import { hasShape } from '../rules.ts'
import { required } from './phase1.ts'

/** What is said in one message of a transaction. */
export interface Statement {
  /** As in `TransactionType`. */
  readonly kind: number
  readonly identifier: number
  readonly attributes: readonly Attribute[]
}

const statementIn = (message: Message): Statement => required(payloadOf(message, 'attributes'))

const payloadsFor = (
  { crypto }: Pick<ExchangePorts, 'crypto'>,
  sa: IsakmpSa,
  talk: Conversation,
  { kind, identifier, attributes }: Statement,
): readonly Payload[] =>
  hashed(prfOf(crypto, sa.suite.hash), sa.keys.a, talk.messageId, [
    { type: 'attributes', kind, identifier, attributes },
  ])

const isStatement = (
  { crypto }: Pick<ExchangePorts, 'crypto'>,
  sa: IsakmpSa,
  kind: number,
): ((message: Message) => boolean) => {
  const prf = prfOf(crypto, sa.suite.hash)
  return (message) =>
    hasShape(message, 'transaction') &&
    isGenuine(crypto, prf, sa.keys.a, message) &&
    payloadOf(message, 'attributes')?.kind === kind
}

/** Asks for something, or sets it; gives the attributes of the reply or acknowledgement. */
export async function transact(
  ports: ExchangePorts,
  sa: IsakmpSa,
  peer: Peer,
  kind: 'request' | 'set',
  attributes: readonly Attribute[],
  patience: Patience = established,
): Promise<readonly Attribute[]> {
  const talk = peer.begin(Exchange.TRANSACTION)
  const random = ports.random.bytes(2)
  const identifier = new DataView(random.buffer, random.byteOffset, 2).getUint16(0)
  const [asked, expected] =
    kind === 'request'
      ? [TransactionType.REQUEST, TransactionType.REPLY]
      : [TransactionType.SET, TransactionType.ACK]
  const answer = await talk.ask(
    payloadsFor(ports, sa, talk, { kind: asked, identifier, attributes }),
    isStatement(ports, sa, expected),
    patience,
  )
  return statementIn(answer).attributes
}

/** What answers a transaction that the other end began; undefined: nothing does. */
export type AnswerTransaction = (statement: Statement) => Promise<Statement | undefined>

/** Some gateways go on under the same message ID: how long to listen for that. */
const sameConversation = millis(60_000)

/** Answers a transaction, and what follows under its message ID; settles when nothing more comes. */
export async function answerTransaction(
  ports: ExchangePorts,
  sa: IsakmpSa,
  talk: Conversation,
  first: Message,
  answer: AnswerTransaction,
): Promise<void> {
  for (let message = first; ;) {
    const reply = await answer(statementIn(message))
    if (reply === undefined) return
    talk.say(payloadsFor(ports, sa, talk, reply))
    const isAnother = (next: Message): boolean =>
      isStatement(ports, sa, TransactionType.REQUEST)(next) ||
      isStatement(ports, sa, TransactionType.SET)(next)
    const next = await talk.hear(isAnother, sameConversation).catch(() => undefined)
    if (next === undefined) return
    message = next
  }
}
