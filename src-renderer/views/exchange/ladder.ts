/** The messages of a connection as the rows of a ladder. Pure; knows how they are shown, not what they mean. */
import type { ExchangeMessage, MessageNode } from '../../../src-shared/exchange-message.ts'

export interface LadderRow {
  readonly message: ExchangeMessage
  /** Since the first message of its IKE SA. */
  readonly sinceStartMs: number
  /** Of a response: how long after its request it came. */
  readonly answeredAfterMs?: number
}

export interface LadderFilter {
  /** Found in exchange, summary or any payload; case does not matter. */
  readonly text: string
  /** Empty: every one. */
  readonly exchange: string
  readonly hidesLiveness: boolean
}

export const everything: LadderFilter = { text: '', exchange: '', hidesLiveness: false }

/** An INFORMATIONAL exchange without payloads only asks whether the other side is alive (RFC 7296 section 1.4). */
export const isLiveness = ({ version, exchange, payloads }: ExchangeMessage): boolean =>
  version === 2 && exchange === 'INFORMATIONAL' && payloads.every(isEmptyShell)

const isEmptyShell = ({ name, parts }: MessageNode): boolean =>
  /^SKF?\b/.test(name) && (parts ?? []).length === 0

// The responder's SPI is zero in the very first request, so the initiator's alone names the IKE SA.
const saOf = ({ profileId, initiatorSpi }: ExchangeMessage): string => `${profileId} ${initiatorSpi}`

export function ladderRows(messages: readonly ExchangeMessage[]): readonly LadderRow[] {
  const starts = new Map<string, number>()
  const requests = new Map<string, ExchangeMessage>()
  return messages.map((message) => {
    const sa = saOf(message)
    const start = starts.get(sa) ?? message.at
    starts.set(sa, start)
    const asker = message.kind === 'request' ? message.direction : opposite(message.direction)
    const key = `${sa} ${asker} ${message.exchange} ${message.messageId}`
    if (message.kind === 'request') requests.set(key, message)
    const request = message.kind === 'response' ? requests.get(key) : undefined
    return {
      message,
      sinceStartMs: message.at - start,
      ...(request === undefined ? {} : { answeredAfterMs: message.at - request.at }),
    }
  })
}

const opposite = (direction: 'sent' | 'received') => (direction === 'sent' ? 'received' : 'sent')

export function matches(message: ExchangeMessage, filter: LadderFilter): boolean {
  if (filter.exchange !== '' && message.exchange !== filter.exchange) return false
  if (filter.hidesLiveness && isLiveness(message)) return false
  const wanted = filter.text.trim().toLowerCase()
  return wanted === '' || textsOf(message).some((text) => text.toLowerCase().includes(wanted))
}

const textsOf = (message: ExchangeMessage): readonly string[] => [
  message.exchange,
  message.summary,
  message.initiatorSpi,
  message.responderSpi,
  ...message.payloads.flatMap(nodeTexts),
]

const nodeTexts = (node: MessageNode): readonly string[] => [
  node.name,
  ...(node.value === undefined ? [] : [node.value]),
  ...(node.parts ?? []).flatMap(nodeTexts),
]

/** The exchange types that occur, each once, in the order of their first message. */
export const exchangesIn = (messages: readonly ExchangeMessage[]): readonly string[] => [
  ...new Set(messages.map(({ exchange }) => exchange)),
]

/** A message as text to paste into a ticket: the header line, then the payloads, indented. */
export function messageText(message: ExchangeMessage): string {
  const head = [
    new Date(message.at).toISOString(),
    message.direction === 'sent' ? '→' : '←',
    `IKEv${message.version} ${message.exchange} ${message.kind}`,
    `id ${message.messageId}`,
    `${message.initiatorSpi}_i ${message.responderSpi}_r`,
    `${message.length} bytes`,
  ].join(' ')
  return [head, message.summary, ...message.payloads.flatMap((node) => nodeLines(node, 1))].join('\n')
}

const nodeLines = (node: MessageNode, depth: number): readonly string[] => [
  `${'  '.repeat(depth)}${node.name}${node.value === undefined ? '' : `: ${node.value}`}`,
  ...(node.parts ?? []).flatMap((part) => nodeLines(part, depth + 1)),
]

export interface SaGroup {
  readonly key: string
  readonly initiatorSpi: string
  readonly rows: readonly LadderRow[]
}

/** The rows with a heading each time another IKE SA speaks. */
export function bySa(rows: readonly LadderRow[]): readonly SaGroup[] {
  const groups: { key: string; initiatorSpi: string; rows: LadderRow[] }[] = []
  for (const row of rows) {
    const last = groups[groups.length - 1]
    if (last !== undefined && saOf(last.rows[0]?.message ?? row.message) === saOf(row.message))
      last.rows.push(row)
    else groups.push({ key: `${row.message.number}`, initiatorSpi: row.message.initiatorSpi, rows: [row] })
  }
  return groups
}
