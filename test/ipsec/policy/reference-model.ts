/** RFC 4301 section 4.4.1 word by word: the entries in order, each field compared with what the packet says. Knows no view and no index. */
import type { PolicyEntry } from '../../../src-main/ipsec/policy/entry.ts'
import type { PolicyDirection } from '../../../src-main/ipsec/policy/policy.ts'
import type { AddressSelector, FieldSelector } from '../../../src-main/ipsec/policy/selector.ts'
import type { IpAddress } from '../../../src-main/ip/address.ts'
import type { ToldPacket } from './random-policies.ts'

const takesAddress = (selector: AddressSelector, { family, value }: IpAddress): boolean =>
  selector === 'any' ||
  selector.some(({ start, end }) => start.family === family && start.value <= value && value <= end.value)

function takesField(selector: FieldSelector, shown: number | undefined): boolean {
  if (selector === 'any') return true
  if (selector === 'opaque') return shown === undefined
  return shown !== undefined && selector.some(({ first, last }) => first <= shown && shown <= last)
}

/** What a packet shows of its next layer. */
function shown(packet: ToldPacket) {
  const { protocol, from, fragment, sourcePort, destinationPort, type, code } = packet
  // Destination options: in a whole or first IPv6 packet they are walked through, to "no next header".
  if (protocol === 60 && from.family === 6) {
    return fragment === 'later' ? { protocol: undefined } : { protocol: 59 }
  }
  if (fragment === 'later') return { protocol }
  if ([6, 17, 132].includes(protocol)) return { protocol, ports: [sourcePort, destinationPort] as const }
  if (protocol === 135) return { protocol, message: type * 256 }
  const isIcmp = from.family === 4 ? protocol === 1 : protocol === 58
  return isIcmp ? { protocol, message: type * 256 + code } : { protocol }
}

export function referenceLookup(
  entries: readonly PolicyEntry[],
  direction: PolicyDirection,
  packet: ToldPacket,
): PolicyEntry | undefined {
  const { protocol, ports, message } = { ports: undefined, message: undefined, ...shown(packet) }
  const isOut = direction === 'out'
  const [local, remote] = isOut ? [packet.from, packet.to] : [packet.to, packet.from]
  const [localPort, remotePort] = ports === undefined ? [] : isOut ? ports : [ports[1], ports[0]]
  for (const entry of entries) {
    const { selector } = entry
    if (!entry.directions.includes(direction) || entry.names.length > 0) continue
    if (!takesAddress(selector.local, local) || !takesAddress(selector.remote, remote)) continue
    if (
      selector.protocol === 'opaque'
        ? protocol !== undefined
        : selector.protocol !== 'any' && selector.protocol !== protocol
    )
      continue
    if (!takesField(selector.localPorts, localPort) || !takesField(selector.remotePorts, remotePort)) continue
    if (!takesField(selector.message, message)) continue
    return entry
  }
  return undefined
}
