/**
 * Culvert's own text for policies, one entry a line, in the order in which they are asked (docs/policy.md):
 *
 *   bypass udp local-port 500 remote-port 500              # IKE
 *   protect remote 10.1.0.0/16 with esp transport
 *   discard in tcp local-port 1-1023
 */
import { parseAddress, parsePrefix, prefixFirst, prefixLast } from '../../ip/address.ts'
import { allDirections } from './entry.ts'
import type { PolicyEntry, PopulatedField } from './entry.ts'
import type { PolicyAction, PolicyDirection, SaTemplate } from './policy.ts'
import { readBundle } from './policy-bundle.ts'
import { protocolNumber } from './protocol-names.ts'
import { everyPacket, hasMessageType, hasTwoPorts } from './selector.ts'
import type {
  AddressRange,
  AddressSelector,
  FieldSelector,
  NumberRange,
  PolicySelector,
  ProtocolSelector,
} from './selector.ts'
import { LineError } from './text-problem.ts'
import type { TextProblem } from './text-problem.ts'
import { createWordCursor, readWordLines, wholeNumber } from './word-reader.ts'
import type { Word, WordCursor, WordLine } from './word-reader.ts'

export interface PolicyFileReading {
  readonly entries: readonly PolicyEntry[]
  /** With an `error` among them the file must not be used: an entry that is missing changes what the others mean. */
  readonly problems: readonly TextProblem[]
}

/** Reads a whole file. */
export function readPolicyFile(text: string): PolicyFileReading {
  const problems: TextProblem[] = []
  const entries: PolicyEntry[] = []
  for (const line of readWordLines(text, problems)) {
    try {
      entries.push(readEntry(line))
    } catch (error) {
      if (!(error instanceof LineError)) throw error
      problems.push(error.problem)
    }
  }
  return { entries, problems }
}

interface EntryDraft {
  selector: PolicySelector
  directions: readonly PolicyDirection[]
  readonly names: string[]
  populate: readonly PopulatedField[]
  bundle: readonly SaTemplate[]
  /** What was said already: nothing may be said twice. */
  readonly said: Set<string>
}

function readEntry(line: WordLine): PolicyEntry {
  const cursor = createWordCursor(line)
  const first = cursor.take()
  const kind = first?.text
  if (kind !== 'bypass' && kind !== 'discard' && kind !== 'protect') {
    throw new LineError('An entry begins with protect, bypass or discard', first ?? line)
  }
  const draft: EntryDraft = {
    selector: everyPacket,
    directions: allDirections,
    names: [],
    populate: [],
    bundle: [],
    said: new Set(),
  }
  for (let word = cursor.take(); word !== undefined; word = cursor.take()) readClause(draft, word, cursor)
  checkSelector(draft.selector, line)
  return {
    directions: draft.directions,
    selector: draft.selector,
    names: draft.names,
    action: actionOf(kind, draft, line),
    populate: draft.populate,
    origin: { line: line.line, ...(line.comment === undefined ? {} : { comment: line.comment }) },
  }
}

function actionOf(
  kind: PolicyAction['kind'],
  { bundle, populate }: EntryDraft,
  line: WordLine,
): PolicyAction {
  if (kind === 'protect') {
    if (bundle.length === 0) throw new LineError('protect needs with, such as with esp transport', line)
    return { kind, bundle }
  }
  if (bundle.length > 0) throw new LineError(`with is for protect, not for ${kind}`, line)
  // RFC 4301 section 4.4.1: the flags are of entries that make SAs.
  if (populate.length > 0) throw new LineError(`populate is for protect, not for ${kind}`, line)
  return { kind }
}

const oneWay: Readonly<Record<string, readonly PolicyDirection[]>> = {
  both: allDirections,
  out: ['out'],
  in: ['in', 'forward'],
}

type Clause = (draft: EntryDraft, word: Word, cursor: WordCursor) => void

const selecting =
  <Name extends keyof PolicySelector>(name: Name, read: (word: Word) => PolicySelector[Name]): Clause =>
  (draft, word, cursor) => {
    draft.selector = { ...draft.selector, [name]: read(cursor.value(word)) }
  }

const clauses: Readonly<Record<string, Clause>> = {
  local: selecting('local', addressesIn),
  remote: selecting('remote', addressesIn),
  protocol: selecting('protocol', protocolIn),
  'local-port': selecting('localPorts', portsIn),
  'remote-port': selecting('remotePorts', portsIn),
  type: selecting('message', messagesIn),
  populate: (draft, word, cursor) => (draft.populate = populateIn(cursor.value(word))),
  with: (draft, word, cursor) => {
    const isOneWay = !draft.directions.includes('out') || !draft.directions.includes('in')
    draft.bundle = readBundle(word, cursor, isOneWay)
  },
}

function readClause(draft: EntryDraft, word: Word, cursor: WordCursor): void {
  if (word.text === 'named') {
    draft.names.push(nameIn(cursor.value(word)))
    return
  }
  const directions = oneWay[word.text]
  const protocol = protocolNumber(word.text)
  const subject =
    directions === undefined ? (protocol === undefined ? word.text : 'protocol') : 'the direction'
  const clause = clauses[word.text]
  if (clause === undefined && directions === undefined && protocol === undefined) {
    throw new LineError('This word is not known here', word)
  }
  if (draft.said.has(subject)) throw new LineError(`An entry says ${subject} once`, word)
  draft.said.add(subject)
  if (directions !== undefined) draft.directions = directions
  else if (protocol !== undefined) draft.selector = { ...draft.selector, protocol }
  else clause?.(draft, word, cursor)
}

function nameIn(word: Word): string {
  if (word.text === '' || word.text.length > 256)
    throw new LineError('Must be a name of 1 to 256 letters', word)
  return word.text
}

// ---------------------------------------------------------------- selectors

/** More parts in a list than anybody writes by hand. */
const MOST_PARTS = 1000

function partsOf(word: Word): readonly string[] {
  const parts = word.text.split(',')
  if (parts.length > MOST_PARTS) throw new LineError(`At most ${MOST_PARTS} parts in one list`, word)
  return parts
}

function addressesIn(word: Word): AddressSelector {
  if (word.text === 'any') return 'any'
  return partsOf(word).map((part): AddressRange => {
    const range = addressRange(part)
    if (range !== undefined) return range
    throw new LineError(
      'Must be any, or addresses, networks and ranges such as 10.0.0.1,10.1.0.0/16,10.2.0.1-10.2.0.9',
      word,
    )
  })
}

function addressRange(text: string): AddressRange | undefined {
  const [first = '', last, ...more] = text.split('-')
  if (last === undefined) {
    const prefix = parsePrefix(first)
    return prefix === undefined ? undefined : { start: prefixFirst(prefix), end: prefixLast(prefix) }
  }
  const [start, end] = [parseAddress(first), parseAddress(last)]
  if (start === undefined || end?.family !== start.family || more.length > 0) return undefined
  return start.value <= end.value ? { start, end } : undefined
}

function protocolIn(word: Word): ProtocolSelector {
  if (word.text === 'any' || word.text === 'opaque') return word.text
  const protocol = protocolNumber(word.text) ?? wholeNumber(word.text, 255)
  if (protocol === undefined)
    throw new LineError('Must be any, opaque, or the name or number of an IP protocol', word)
  return protocol
}

function portsIn(word: Word): FieldSelector {
  if (word.text === 'any' || word.text === 'opaque') return word.text
  return partsOf(word).map((part) => {
    const range = numberRange(part, 65_535)
    if (range === undefined)
      throw new LineError('Must be any, opaque, or ports such as 80,443,1024-2047', word)
    return range
  })
}

function numberRange(text: string, highest: number): NumberRange | undefined {
  const [from = '', to = from, ...more] = text.split('-')
  const [first, last] = [wholeNumber(from, highest), wholeNumber(to, highest)]
  if (first === undefined || last === undefined || more.length > 0 || first > last) return undefined
  return { first, last }
}

/** `8`, `8/0`, `3/1-4`, `0-8`: RFC 4301 section 4.4.1.1 has a range of types with all codes, or of codes of one type. */
function messagesIn(word: Word): FieldSelector {
  if (word.text === 'any' || word.text === 'opaque') return word.text
  return partsOf(word).map((part): NumberRange => {
    const [typeText = '', codeText, ...more] = part.split('/')
    const types = numberRange(typeText, 255)
    const codes = codeText === undefined ? { first: 0, last: 255 } : numberRange(codeText, 255)
    const isPlain = types !== undefined && (codeText === undefined || types.first === types.last)
    if (!isPlain || codes === undefined || more.length > 0) {
      throw new LineError('Must be any, opaque, or types and codes such as 8,3/1-4,128-137', word)
    }
    return { first: types.first * 256 + codes.first, last: types.last * 256 + codes.last }
  })
}

function checkSelector(selector: PolicySelector, line: WordLine): void {
  const { protocol, localPorts, remotePorts, message, local, remote } = selector
  const ports = localPorts !== 'any' || remotePorts !== 'any'
  if (ports && (typeof protocol !== 'number' || !hasTwoPorts(protocol))) {
    throw new LineError('Ports need a protocol that has them: tcp, udp, udplite, sctp or dccp', line)
  }
  if (message !== 'any' && (typeof protocol !== 'number' || !hasMessageType(protocol))) {
    throw new LineError('A type needs a protocol that has one: icmp, ipv6-icmp or mobility-header', line)
  }
  if (local === 'any' || remote === 'any') return
  const families = new Set(remote.map(({ start }) => start.family))
  if (!local.some(({ start }) => families.has(start.family))) {
    throw new LineError('Local and remote addresses share no family: no packet can meet this', line)
  }
}

const fields: readonly PopulatedField[] = [
  'local',
  'remote',
  'protocol',
  'local-port',
  'remote-port',
  'message',
]

function populateIn(word: Word): readonly PopulatedField[] {
  const chosen = partsOf(word).map((part) => {
    const field = fields.find((known) => known === (part === 'type' ? 'message' : part))
    if (field === undefined) {
      throw new LineError('Must be of local, remote, protocol, local-port, remote-port and type', word)
    }
    return field
  })
  return fields.filter((field) => chosen.includes(field))
}
