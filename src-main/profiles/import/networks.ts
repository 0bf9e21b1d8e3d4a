/** Networks as profiles write them (an address, a prefix, a range) into prefixes in canonical text. */
import type { IpPrefix } from '../../ip/address.ts'
import {
  addressBits,
  formatPrefix,
  parseAddress,
  parsePrefix,
  prefixOf,
  rangeToPrefixes,
} from '../../ip/address.ts'
import type { ProblemList } from './importer.ts'

/** A range that needs more prefixes than this is a mistake or an attack. */
const PREFIX_LIMIT = 255

/** The prefixes that a text means; undefined when it is neither an address, a prefix nor a range. */
export function parseNetwork(text: string): readonly string[] | undefined {
  const prefixes = networkPrefixes(text.trim())
  return prefixes === undefined || prefixes.length > PREFIX_LIMIT ? undefined : prefixes.map(formatPrefix)
}

function networkPrefixes(text: string): readonly IpPrefix[] | undefined {
  const [first = '', last, ...more] = text.split('-')
  if (last !== undefined) {
    const start = parseAddress(first.trim())
    const end = parseAddress(last.trim())
    if (start?.family !== end?.family || more.length > 0 || start === undefined || end === undefined)
      return undefined
    return start.value <= end.value ? rangeToPrefixes(start, end) : undefined
  }
  if (text.includes('/')) {
    const prefix = parsePrefix(text)
    return prefix === undefined ? undefined : [prefix]
  }
  const address = parseAddress(text)
  return address === undefined ? undefined : [prefixOf(address, addressBits(address.family))]
}

/** The prefixes of several texts; one that is no network is reported and left out. `dynamic` stands for the address inside. */
export function networksIn(
  texts: readonly string[],
  where: string,
  problems: ProblemList,
): readonly string[] {
  const networks: string[] = []
  for (const text of texts) {
    if (text === 'dynamic') continue
    const found = parseNetwork(text)
    if (found !== undefined) networks.push(...found)
    else {
      problems.add(
        'error',
        where,
        `${text.slice(0, 60)} is no network`,
        'It is left out. Mend the file, or ask for a corrected one.',
      )
    }
  }
  return networks.slice(0, PREFIX_LIMIT)
}
