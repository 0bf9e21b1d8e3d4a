/** The packet that `culvert policy explain` is asked about, from its options. */
import { VpnError } from '../../src-shared/errors.ts'
import { formatAddress, parseAddress } from '../ip/address.ts'
import type { IpAddress } from '../ip/address.ts'
import { PROTOCOL } from '../ip/packet.ts'
import type { PacketFacts } from '../ipsec/policy/explain.ts'
import type { PolicyDirection } from '../ipsec/policy/policy.ts'
import { protocolName, protocolNumber } from '../ipsec/policy/protocol-names.ts'
import { hasMessageType, hasTwoPorts } from '../ipsec/policy/selector.ts'
import { wholeNumber } from '../ipsec/policy/word-reader.ts'
import { endpointWords } from './words.ts'

export interface PacketOptions {
  readonly src?: string
  readonly dst?: string
  readonly proto?: string
  readonly sport?: string
  readonly dport?: string
  readonly icmp?: string
  readonly direction?: string
}

export interface AskedPacket {
  readonly facts: PacketFacts
  readonly direction: PolicyDirection
}

/** What a connection's own end takes when nobody says which (RFC 6335 section 6: the first dynamic port). */
const SOME_PORT = 49_152

const usage = (problem: string): VpnError => new VpnError('usage', { problem })

/** Throws VpnError `usage` for options that tell no packet. */
export function askedPacket(options: PacketOptions): AskedPacket {
  const direction = directionOf(options.direction ?? 'out')
  const source = addressOf('--src', options.src)
  const destination = addressOf('--dst', options.dst)
  if (source.family !== destination.family) throw usage('--src and --dst must be addresses of one family.')
  const protocol = protocolOf(options, source.family)
  const ports = portsOf(options, protocol)
  const message = messageOf(options, protocol)
  return {
    direction,
    facts: { source, destination, protocol, ...ports, ...(message === undefined ? {} : { message }) },
  }
}

function directionOf(text: string): PolicyDirection {
  if (text === 'in' || text === 'out' || text === 'forward') return text
  throw usage('--direction is in, out or forward.')
}

function addressOf(option: string, text: string | undefined): IpAddress {
  const address = parseAddress(text ?? '')
  if (address === undefined) throw usage(`${option} must be given, and be an IP address.`)
  return address
}

function protocolOf({ proto, icmp }: PacketOptions, family: 4 | 6): number {
  if (proto === undefined && icmp !== undefined) return family === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6
  const protocol = protocolNumber(proto ?? '') ?? wholeNumber(proto ?? '', 255)
  if (protocol === undefined)
    throw usage('--proto must be given: the name or number of a protocol, such as tcp.')
  return protocol
}

function portsOf(
  { sport, dport }: PacketOptions,
  protocol: number,
): Pick<PacketFacts, 'sourcePort' | 'destinationPort'> {
  if (sport === undefined && dport === undefined) return {}
  if (!hasTwoPorts(protocol))
    throw usage(`${protocolName(protocol)} has no ports: leave --sport and --dport out.`)
  return {
    sourcePort: sport === undefined ? SOME_PORT : portOf('--sport', sport),
    destinationPort: dport === undefined ? SOME_PORT : portOf('--dport', dport),
  }
}

function portOf(option: string, text: string): number {
  const port = wholeNumber(text, 65_535)
  if (port === undefined) throw usage(`${option} is a number from 0 to 65535.`)
  return port
}

function messageOf({ icmp }: PacketOptions, protocol: number): number | undefined {
  if (icmp === undefined) return undefined
  if (!hasMessageType(protocol))
    throw usage(`${protocolName(protocol)} has no message types: leave --icmp out.`)
  const [type, code, ...more] = icmp.split('/').map((part) => wholeNumber(part, 255))
  if (type === undefined || more.length > 0 || (icmp.includes('/') && code === undefined)) {
    throw usage('--icmp is a type, or a type and a code such as 3/4.')
  }
  return type * 256 + (code ?? 0)
}

/** `tcp from 10.0.0.5:49152 to 10.1.2.3:80, which leaves this host`. */
export function packetWords({ facts, direction }: AskedPacket): string {
  const { source, destination, protocol, sourcePort, destinationPort, message } = facts
  const end = (address: IpAddress, port: number | undefined): string =>
    port === undefined ? formatAddress(address) : endpointWords(formatAddress(address), port)
  const what = protocol === undefined ? 'a fragment' : protocolName(protocol)
  const kind = message === undefined ? '' : ` type ${message >> 8} code ${message & 255}`
  const hidden =
    protocol !== undefined &&
    ((hasTwoPorts(protocol) && sourcePort === undefined) ||
      (hasMessageType(protocol) && message === undefined))
      ? ' (a later fragment, or no --sport, --dport, --icmp: it does not show more)'
      : ''
  return `${what}${kind} from ${end(source, sourcePort)} to ${end(destination, destinationPort)}, ${directionWords[direction]}${hidden}`
}

const directionWords: Readonly<Record<PolicyDirection, string>> = {
  out: 'which leaves this host',
  in: 'which comes to this host',
  forward: 'which comes here and goes on to another host',
}
