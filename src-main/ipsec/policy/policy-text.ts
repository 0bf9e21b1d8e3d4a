/** Writes entries as policy-file.ts reads them, and their parts for explanations. */
import { formatAddress, formatPrefix } from '../../ip/address.ts'
import { rangeToPrefix, addressBits } from '../../ip/address.ts'
import type { PolicyEntry } from './entry.ts'
import type { SaTemplate } from './policy.ts'
import { protocolName } from './protocol-names.ts'
import type {
  AddressRange,
  AddressSelector,
  FieldSelector,
  NumberRange,
  ProtocolSelector,
} from './selector.ts'

/** One line, its comment behind it. */
export function entryText(entry: PolicyEntry): string {
  const { comment } = entry.origin ?? {}
  return comment === undefined ? entryWords(entry) : `${entryWords(entry)}  # ${comment}`
}

/** One line without comment. */
export function entryWords({ directions, selector, names, action, populate }: PolicyEntry): string {
  const { local, remote, protocol, localPorts, remotePorts, message } = selector
  const isOut = directions.includes('out')
  const isIn = directions.includes('in')
  const words: string[] = [action.kind]
  if (!isOut || !isIn) words.push(isOut ? 'out' : 'in')
  if (protocol !== 'any') words.push(protocolWords(protocol))
  if (local !== 'any') words.push('local', addressWords(local))
  if (localPorts !== 'any') words.push('local-port', portWords(localPorts))
  if (remote !== 'any') words.push('remote', addressWords(remote))
  if (remotePorts !== 'any') words.push('remote-port', portWords(remotePorts))
  if (message !== 'any') words.push('type', messageWords(message))
  for (const name of names) words.push('named', quoted(name))
  if (populate.length > 0) {
    words.push('populate', populate.map((field) => (field === 'message' ? 'type' : field)).join(','))
  }
  if (action.kind === 'protect') words.push('with', action.bundle.map(templateWords).join(' then '))
  return words.join(' ')
}

/** A number that has no name is told as one. */
function protocolWords(protocol: Exclude<ProtocolSelector, 'any'>): string {
  const name = protocol === 'opaque' ? protocol : protocolName(protocol)
  return protocol === 'opaque' || /^[0-9]/.test(name) ? `protocol ${name}` : name
}

export const addressWords = (selector: AddressSelector): string =>
  selector === 'any' ? 'any' : selector.map(rangeWords).join(',')

export function rangeWords({ start, end }: AddressRange): string {
  const prefix = rangeToPrefix(start, end)
  if (prefix === undefined) return `${formatAddress(start)}-${formatAddress(end)}`
  return prefix.length === addressBits(start.family) ? formatAddress(start) : formatPrefix(prefix)
}

const numbers = ({ first, last }: NumberRange): string => (first === last ? `${first}` : `${first}-${last}`)

export const portWords = (field: FieldSelector): string =>
  typeof field === 'string' ? field : field.map(numbers).join(',')

export const messageWords = (field: FieldSelector): string =>
  typeof field === 'string' ? field : field.map(messageRange).join(',')

function messageRange({ first, last }: NumberRange): string {
  const [fromType, fromCode, toType, toCode] = [first >> 8, first & 255, last >> 8, last & 255]
  const types = numbers({ first: fromType, last: toType })
  if (fromCode === 0 && toCode === 255) return types
  return `${types}/${numbers({ first: fromCode, last: toCode })}`
}

function templateWords(template: SaTemplate): string {
  const { protocol, mode, requestId, spi } = template
  const ends =
    template.mode === 'tunnel'
      ? ` from ${formatAddress(template.ends.source)} to ${formatAddress(template.ends.destination)}`
      : ''
  const id = requestId === undefined ? '' : ` id ${requestId}`
  return `${protocol} ${mode}${ends}${id}${spi === undefined ? '' : ` spi 0x${spi.toString(16)}`}`
}

/** Names hold anything but both quotes, which nothing would read. */
const quoted = (name: string): string =>
  /^[^\s'"#\\]+$/.test(name) ? name : name.includes("'") ? `"${name}"` : `'${name}'`
