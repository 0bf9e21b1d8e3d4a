/** The parts that states and policies of `ip xfrm` share: ids, selectors, limits. */
import { parseAddress, parsePrefix, prefixFirst, prefixLast } from '../../ip/address.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { FlowSelector, ManualLifetime } from './manual-sa.ts'
import type { IpsecProtocol } from './policy.ts'
import { protocolNumber } from './protocol-names.ts'
import { hasMessageType, hasTwoPorts, messageCodes, messageTypes, rangeOfFamily } from './selector.ts'
import type { AddressRange, NumberRange } from './selector.ts'
import { LineError } from './text-problem.ts'
import { numberIn, wholeNumber } from './word-reader.ts'
import type { Word, WordCursor } from './word-reader.ts'

export function addressIn(word: Word): IpAddress {
  const address = parseAddress(word.text)
  if (address === undefined) throw new LineError('Must be an IP address', word)
  return address
}

/** iproute2 takes host bits behind the prefix and compares only the prefix. */
function rangeIn(word: Word): AddressRange {
  if (word.text === 'any' || word.text === 'all' || word.text === 'default') {
    throw new LineError('Must say which family: write 0.0.0.0/0 or ::/0', word)
  }
  const prefix = parsePrefix(word.text)
  if (prefix === undefined)
    throw new LineError('Must be an IP address, with or without a prefix length', word)
  return { start: prefixFirst(prefix), end: prefixLast(prefix) }
}

export function ipsecProtocolIn(word: Word): IpsecProtocol {
  if (word.text === 'esp' || word.text === 'ah') return word.text
  throw new LineError('Must be esp or ah: nothing else is supported', word)
}

/** RFC 4303 section 2.1: 0 is never used, up to 255 are reserved. The kernel takes those; so do we, by hand. */
export const spiIn = (word: Word): number => numberIn(word, 0xffff_ffff, 1)

/** Gathers `src … dst … proto … sport …` as they come. */
export interface SelectorDraft {
  /** False: the word is none of a selector's; nothing was taken. */
  take(word: Word, cursor: WordCursor): boolean
  readonly isEmpty: boolean
  /** `family` is what counts where no address says it. */
  finish(family: 4 | 6): FlowSelector
}

export function createSelectorDraft(line: number): SelectorDraft {
  let source: AddressRange | undefined
  let destination: AddressRange | undefined
  let protocol: number | undefined
  let sourcePort: number | undefined
  let destinationPort: number | undefined
  let type: number | undefined
  let code: number | undefined
  let isEmpty = true

  const values: Readonly<Record<string, (word: Word) => void>> = {
    src: (word) => (source = rangeIn(word)),
    dst: (word) => (destination = rangeIn(word)),
    proto: (word) => (protocol = protocolIn(word)),
    // To iproute2 port 0 is any port: whoever writes it means one or the other.
    sport: (word) => (sourcePort = numberIn(word, 65_535, 1)),
    dport: (word) => (destinationPort = numberIn(word, 65_535, 1)),
    type: (word) => (type = numberIn(word, 255)),
    code: (word) => (code = numberIn(word, 255)),
    dev: (word) => refuse(word, 'Selecting by a network device is not supported'),
    key: (word) => refuse(word, 'Selecting by a GRE key is not supported'),
  }

  return {
    take(word, cursor) {
      const set = values[word.text]
      if (set === undefined) return false
      set(cursor.value(word))
      isEmpty = false
      return true
    },
    get isEmpty() {
      return isEmpty
    },
    finish(family) {
      const said = source?.start.family ?? destination?.start.family ?? family
      const whole = rangeOfFamily(said)
      if ((source ?? whole).start.family !== (destination ?? whole).start.family) {
        throw new LineError('Source and destination of a selector must be of one family', { line })
      }
      const ports = [sourcePort, destinationPort].some((port) => port !== undefined)
      if (ports && (protocol === undefined || !hasTwoPorts(protocol))) {
        throw new LineError('Ports need a protocol that has them, such as proto tcp', { line })
      }
      if ((type ?? code) !== undefined && (protocol === undefined || !hasMessageType(protocol))) {
        throw new LineError('A type or code needs proto icmp, ipv6-icmp or mobility-header', { line })
      }
      if (type === undefined && code !== undefined) {
        throw new LineError('A code without a type is not supported', { line })
      }
      return {
        source: source ?? whole,
        destination: destination ?? whole,
        protocol: protocol ?? 'any',
        sourcePorts: onePort(sourcePort),
        destinationPorts: onePort(destinationPort),
        message: type === undefined ? 'any' : [messageRange(type, code)],
      }
    },
  }
}

function refuse(word: Word, problem: string): never {
  throw new LineError(problem, word)
}

function protocolIn(word: Word): number {
  const protocol = protocolNumber(word.text) ?? wholeNumber(word.text, 255)
  if (protocol === undefined) throw new LineError('Must be the name or number of an IP protocol', word)
  // The kernel's selector has 0 for any protocol, and so has iproute2.
  if (protocol === 0) throw new LineError('Leave proto out where any protocol is meant', word)
  return protocol
}

const onePort = (port: number | undefined): 'any' | readonly NumberRange[] =>
  port === undefined ? 'any' : [{ first: port, last: port }]

const messageRange = (type: number, code: number | undefined): NumberRange =>
  code === undefined ? messageTypes(type, type) : messageCodes(type, code, code)

const limits = {
  'byte-soft': 'softBytes',
  'byte-hard': 'hardBytes',
  'packet-soft': 'softPackets',
  'packet-hard': 'hardPackets',
  'time-soft': 'softSeconds',
  'time-hard': 'hardSeconds',
  'time-use-soft': 'softUseSeconds',
  'time-use-hard': 'hardUseSeconds',
} as const satisfies Readonly<Record<string, keyof ManualLifetime>>

/** Each limit and its name, in the order in which they are written. */
export const limitNames: readonly (readonly [string, keyof ManualLifetime])[] = Object.entries(limits)

/** What stands behind `limit`: a kind and its number. */
export function limitIn(option: Word, cursor: WordCursor): ManualLifetime {
  const kind = cursor.value(option)
  const name = limitNames.find(([known]) => known === kind.text)?.[1]
  if (name === undefined) throw new LineError(`Must be one of ${Object.keys(limits).join(', ')}`, kind)
  return { [name]: numberIn(cursor.value(kind), Number.MAX_SAFE_INTEGER, 1) }
}
