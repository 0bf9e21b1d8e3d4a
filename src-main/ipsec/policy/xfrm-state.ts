/** One line `ip xfrm state add …` (iproute2's ip-xfrm(8)): a security association by hand. */
import type { IpAddress } from '../../ip/address.ts'
import type {
  FlowSelector,
  ManualEncryption,
  ManualIntegrity,
  ManualLifetime,
  ManualSa,
  SaFlag,
} from './manual-sa.ts'
import type { IpsecMode, IpsecProtocol } from './policy.ts'
import { LineError } from './text-problem.ts'
import type { TextProblem } from './text-problem.ts'
import { numberIn } from './word-reader.ts'
import type { Word, WordCursor } from './word-reader.ts'
import { aeadIn, cipherIn, isCombined, macIn } from './xfrm-key.ts'
import { addressIn, createSelectorDraft, ipsecProtocolIn, limitIn, spiIn } from './xfrm-selector.ts'

/** What is gathered while the words are read. */
interface StateDraft {
  readonly line: number
  source?: IpAddress
  destination?: IpAddress
  protocol?: IpsecProtocol
  spi?: number
  mode: IpsecMode
  requestId: number
  encryption?: ManualEncryption
  integrity?: ManualIntegrity
  replayWindow: number
  esn: boolean
  flags: SaFlag[]
  encapsulation?: NonNullable<ManualSa['encapsulation']>
  selector?: FlowSelector
  lifetime: ManualLifetime
  paddedLength: number
  sent: [number, number]
  received: [number, number]
  readonly problems: TextProblem[]
}

type Option = (draft: StateDraft, word: Word, cursor: WordCursor) => void

const unsupported =
  (problem: string): Option =>
  (_, word) => {
    throw new LineError(problem, word)
  }

const highest32 = 0xffff_ffff

/** In the order of the manual page. */
const options: Readonly<Record<string, Option>> = {
  src: (draft, word, cursor) => (draft.source = addressIn(cursor.value(word))),
  dst: (draft, word, cursor) => (draft.destination = addressIn(cursor.value(word))),
  proto: (draft, word, cursor) => (draft.protocol = ipsecProtocolIn(cursor.value(word))),
  spi: (draft, word, cursor) => (draft.spi = spiIn(cursor.value(word))),
  enc: (draft, word, cursor) => setOnce(draft, word, 'encryption', cipherIn(word, cursor)),
  aead: (draft, word, cursor) => setOnce(draft, word, 'encryption', aeadIn(word, cursor)),
  auth: (draft, word, cursor) => setOnce(draft, word, 'integrity', macIn(word, cursor, false)),
  'auth-trunc': (draft, word, cursor) => setOnce(draft, word, 'integrity', macIn(word, cursor, true)),
  comp: unsupported('Compression is not supported'),
  mode: (draft, word, cursor) => (draft.mode = modeIn(cursor.value(word))),
  mark: unsupported('Marks are not supported'),
  'output-mark': unsupported('Marks are not supported'),
  'set-mark': unsupported('Marks are not supported'),
  reqid: (draft, word, cursor) => (draft.requestId = numberIn(cursor.value(word), highest32)),
  seq: (draft, word, cursor) => {
    numberIn(cursor.value(word), highest32)
    note(draft, word, 'It belongs to key daemons and is not used')
  },
  'replay-window': (draft, word, cursor) => (draft.replayWindow = numberIn(cursor.value(word), 4096)),
  'replay-seq': (draft, word, cursor) => (draft.received[0] = numberIn(cursor.value(word), highest32)),
  'replay-seq-hi': (draft, word, cursor) => (draft.received[1] = numberIn(cursor.value(word), highest32)),
  'replay-oseq': (draft, word, cursor) => (draft.sent[0] = numberIn(cursor.value(word), highest32)),
  'replay-oseq-hi': (draft, word, cursor) => (draft.sent[1] = numberIn(cursor.value(word), highest32)),
  flag: readFlags,
  'extra-flag': readFlags,
  sel: readSelector,
  limit: (draft, word, cursor) => (draft.lifetime = { ...draft.lifetime, ...limitIn(word, cursor) }),
  encap: readEncapsulation,
  coa: unsupported('Mobile IPv6 is not supported'),
  ctx: unsupported('Security contexts are not supported'),
  if_id: unsupported('XFRM interfaces are not supported'),
  offload: unsupported('Offloading to a network device is not supported'),
  tfcpad: (draft, word, cursor) => (draft.paddedLength = numberIn(cursor.value(word), 65_535)),
  dir: unsupported('An SA has no direction of its own here: its destination tells it'),
}

/** Throws LineError for a line that cannot be used. */
export function readXfrmState(cursor: WordCursor, problems: TextProblem[]): ManualSa {
  const draft: StateDraft = {
    line: cursor.line,
    mode: 'transport',
    requestId: 0,
    replayWindow: 0,
    esn: false,
    flags: [],
    lifetime: {},
    paddedLength: 0,
    sent: [0, 0],
    received: [0, 0],
    problems,
  }
  let behindKey = false
  for (let word = cursor.take(); word !== undefined; word = cursor.take()) {
    const option = options[word.text]
    if (option === undefined) {
      // A key that stands one word too late must not be shown.
      throw new LineError('This is no parameter of a state', behindKey ? { line: word.line } : word)
    }
    option(draft, word, cursor)
    behindKey = ['enc', 'aead', 'auth', 'auth-trunc'].includes(word.text)
  }
  return finish(draft)
}

function setOnce<Name extends 'encryption' | 'integrity'>(
  draft: StateDraft,
  word: Word,
  name: Name,
  value: StateDraft[Name],
): void {
  if (draft[name] !== undefined) throw new LineError('There is one already', word)
  draft[name] = value
}

export function modeIn(word: Word): IpsecMode {
  if (word.text === 'transport' || word.text === 'tunnel') return word.text
  throw new LineError('Must be transport or tunnel: no other mode is supported', word)
}

const note = ({ problems }: StateDraft, { line, text }: Word, problem: string): void => {
  problems.push({ level: 'note', line, word: text, problem })
}

const plainFlags: readonly SaFlag[] = [
  'noecn',
  'decap-dscp',
  'nopmtudisc',
  'af-unspec',
  'icmp',
  'dont-encap-dscp',
  // AH in IPv4 as RFC 4302 section 2.6 has it; without the flag the kernel pads to 8 bytes.
  'align4',
]
const refusedFlags: Readonly<Record<string, string>> = {
  wildrecv: 'Receiving for any destination is not supported',
  'oseq-may-wrap': 'A sequence number that begins again is not supported (RFC 4303 section 3.3.3)',
}

/** One flag or more, up to the first word that is none. */
function readFlags(draft: StateDraft, option: Word, cursor: WordCursor): void {
  const first = cursor.value(option)
  if (!readFlag(draft, first)) throw new LineError('This is no flag', first)
  for (let word = cursor.peek(); word !== undefined && readFlag(draft, word); word = cursor.peek())
    cursor.take()
}

function readFlag(draft: StateDraft, word: Word): boolean {
  const refused = refusedFlags[word.text]
  if (refused !== undefined) throw new LineError(refused, word)
  const flag = plainFlags.find((known) => known === word.text)
  if (word.text === 'esn') draft.esn = true
  else if (flag === undefined) return false
  else if (!draft.flags.includes(flag)) draft.flags.push(flag)
  return true
}

function readSelector(draft: StateDraft, _option: Word, cursor: WordCursor): void {
  const selector = createSelectorDraft(draft.line)
  for (let word = cursor.peek(); word !== undefined; word = cursor.peek()) {
    const isOurs = selectorWords.includes(word.text)
    if (!isOurs) break
    cursor.take()
    selector.take(word, cursor)
  }
  if (selector.isEmpty) throw new LineError('A selector must follow', _option)
  draft.selector = selector.finish(draft.destination?.family ?? 4)
}

const selectorWords: readonly string[] = [
  'src',
  'dst',
  'dev',
  'proto',
  'sport',
  'dport',
  'type',
  'code',
  'key',
]

function readEncapsulation(draft: StateDraft, option: Word, cursor: WordCursor): void {
  const kind = cursor.value(option)
  if (kind.text !== 'espinudp') throw new LineError('Must be espinudp: nothing else is supported', kind)
  draft.encapsulation = {
    sourcePort: numberIn(cursor.value(kind), 65_535, 1),
    destinationPort: numberIn(cursor.value(kind), 65_535, 1),
    originalAddress: addressIn(cursor.value(kind)),
  }
}

const both = ([low, high]: readonly [number, number]): bigint => (BigInt(high) << 32n) | BigInt(low)

function finish(draft: StateDraft): ManualSa {
  const { line, source, destination, protocol, spi, mode, requestId, replayWindow, esn } = draft
  const { encryption, integrity, encapsulation, selector, lifetime, paddedLength, flags } = draft
  const lacks = (what: string): LineError => new LineError(`The state lacks its ${what}`, { line })
  if (source === undefined) throw lacks('source address: src')
  if (destination === undefined) throw lacks('destination address: dst')
  if (protocol === undefined) throw lacks('protocol: proto esp or proto ah')
  if (spi === undefined) throw lacks('SPI: spi')
  if (source.family !== destination.family) {
    throw new LineError('Source and destination of a state must be of one family', { line })
  }
  const refuse = (problem: string): never => {
    throw new LineError(problem, { line })
  }
  if (protocol === 'ah') {
    if (encryption !== undefined) refuse('AH does not encrypt: it takes auth or auth-trunc alone')
    if (integrity === undefined) throw lacks('authentication: auth-trunc')
    if (encapsulation !== undefined) refuse('AH cannot go through UDP')
    if (paddedLength > 0) refuse('Padding to a length is for ESP')
  } else {
    if (encryption === undefined) throw lacks("encryption: enc or aead (enc 'ecb(cipher_null)' '' for none)")
    if (integrity !== undefined && isCombined(encryption))
      refuse('A combined-mode cipher takes no auth beside it')
  }
  // RFC 4303 section 2.7: what is padded says its own length, as a packet in a tunnel does. The kernel refuses it elsewhere, too.
  if (paddedLength > 0 && mode === 'transport') refuse('Padding to a length is for tunnels')
  // RFC 4303 section 2.2.1: extended numbers are inferred by the window.
  if (esn && replayWindow === 0) refuse('Extended sequence numbers need a replay-window')
  if (!esn && (draft.sent[1] > 0 || draft.received[1] > 0))
    refuse('High halves of sequence numbers need flag esn')
  return {
    line,
    source,
    destination,
    protocol,
    spi,
    mode,
    requestId,
    ...(encryption === undefined ? {} : { encryption }),
    ...(integrity === undefined ? {} : { integrity }),
    replayWindow,
    extendedSequenceNumbers: esn,
    lastSent: both(draft.sent),
    lastReceived: both(draft.received),
    flags,
    ...(encapsulation === undefined ? {} : { encapsulation }),
    ...(selector === undefined ? {} : { selector }),
    lifetime,
    paddedLength,
  }
}
