/** What protects, in the words of a policy file: `esp transport then ah tunnel from A to B`. */
import { parseAddress } from '../../ip/address.ts'
import type { IpAddress } from '../../ip/address.ts'
import type { IpsecMode, IpsecProtocol, SaTemplate } from './policy.ts'
import { LineError } from './text-problem.ts'
import { numberIn } from './word-reader.ts'
import type { Word, WordCursor } from './word-reader.ts'

/** RFC 4301 section 4.1: AH and ESP in turn; more than four layers is a slip of the pen. */
const MOST_LAYERS = 4

/**
 * What stands behind `with`: `esp transport then ah tunnel from A to B`, the innermost first. `isOneWay`: the entry is for one
 * direction, so that an SPI can be named. Throws LineError.
 */
export function readBundle(option: Word, cursor: WordCursor, isOneWay: boolean): readonly SaTemplate[] {
  const bundle = [readTemplate(cursor.value(option), cursor, isOneWay)]
  for (let next = cursor.peek(); next?.text === 'then'; next = cursor.peek()) {
    cursor.take()
    bundle.push(readTemplate(cursor.value(next), cursor, isOneWay))
    if (bundle.length > MOST_LAYERS) throw new LineError(`At most ${MOST_LAYERS} SAs around a packet`, next)
  }
  return bundle
}

function readTemplate(word: Word, cursor: WordCursor, isOneWay: boolean): SaTemplate {
  const protocol = ipsecProtocolIn(word)
  const mode = modeIn(cursor.value(word))
  const ends = mode === 'tunnel' ? endsIn(word, cursor) : undefined
  let requestId: number | undefined
  let spi: number | undefined
  for (let next = cursor.peek(); next?.text === 'id' || next?.text === 'spi'; next = cursor.peek()) {
    cursor.take()
    const value = numberIn(cursor.value(next), 0xffff_ffff, 1)
    if (next.text === 'id') requestId = value
    else if (!isOneWay) {
      throw new LineError('An SPI is of one direction: write in or out first, and an entry for each', next)
    } else spi = value
  }
  const common = {
    protocol,
    ...(requestId === undefined ? {} : { requestId }),
    ...(spi === undefined ? {} : { spi }),
  }
  return ends === undefined ? { ...common, mode: 'transport' } : { ...common, mode: 'tunnel', ends }
}

function ipsecProtocolIn(word: Word): IpsecProtocol {
  if (word.text === 'esp' || word.text === 'ah') return word.text
  throw new LineError('Must be esp or ah', word)
}

function modeIn(word: Word): IpsecMode {
  if (word.text === 'transport' || word.text === 'tunnel') return word.text
  throw new LineError('Must be transport or tunnel', word)
}

function endsIn(
  word: Word,
  cursor: WordCursor,
): { readonly source: IpAddress; readonly destination: IpAddress } {
  const source = endBehind('from', word, cursor)
  const destination = endBehind('to', word, cursor)
  if (source.family !== destination.family)
    throw new LineError('The ends of a tunnel must be of one family', word)
  return { source, destination }
}

function endBehind(preposition: string, word: Word, cursor: WordCursor): IpAddress {
  const found = cursor.take()
  if (found?.text !== preposition)
    throw new LineError('A tunnel has its ends: tunnel from ADDRESS to ADDRESS', word)
  const value = cursor.value(found)
  const address = parseAddress(value.text)
  if (address === undefined) throw new LineError('Must be an IP address', value)
  return address
}
