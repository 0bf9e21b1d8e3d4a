/** Random policies and packets over few addresses and ports, so that they meet often. */
import fc from 'fast-check'
import type { IpAddress } from '../../../src-main/ip/address.ts'
import { formatAddress, highestAddress } from '../../../src-main/ip/address.ts'
import { createPacketView, readPacket } from '../../../src-main/ip/packet.ts'
import type { PacketView } from '../../../src-main/ip/packet.ts'
import type { PolicyEntry } from '../../../src-main/ipsec/policy/entry.ts'
import type { PolicyAction, SaTemplate } from '../../../src-main/ipsec/policy/policy.ts'
import {
  everyPacket,
  hasMessageType,
  hasTwoPorts,
  messageCodes,
  messageTypes,
  rangeOfFamily,
} from '../../../src-main/ipsec/policy/selector.ts'
import type {
  AddressRange,
  AddressSelector,
  FieldSelector,
  PolicySelector,
} from '../../../src-main/ipsec/policy/selector.ts'
import { concat, ipPacket } from '../../fakes/packets.ts'

/** The addresses that packets and ranges have: some next to each other, some at the ends. */
const lows4 = [0n, 0x0a000000n, 0x0a0000ffn, 0x7fffffffn, 0x80000000n, 0xc0a80000n, 0xfffffffen]
const lows6 = [
  0n,
  0xfd00n << 112n,
  (0xfd00n << 112n) + 0xffff_fffen,
  (0xfd00n << 112n) + (1n << 64n) - 1n,
  (1n << 128n) - 2n,
]

export const anyAddress = (family: 4 | 6): fc.Arbitrary<IpAddress> =>
  fc
    .tuple(fc.constantFrom(...(family === 4 ? lows4 : lows6)), fc.bigInt({ min: 0n, max: 4n }))
    .map(([low, more]) => {
      const highest = highestAddress(family).value
      const value = low + more
      return { family, value: value > highest ? highest : value }
    })

export const anyFamily = fc.constantFrom(4 as const, 6 as const)

export const anyRange = (family: 4 | 6): fc.Arbitrary<AddressRange> =>
  fc.oneof(
    fc
      .tuple(anyAddress(family), anyAddress(family))
      .map(([a, b]): AddressRange => (a.value <= b.value ? { start: a, end: b } : { start: b, end: a })),
    anyAddress(family).map((one): AddressRange => ({ start: one, end: one })),
    fc.constant(rangeOfFamily(family)),
  )

export const anyAddresses: fc.Arbitrary<AddressSelector> = fc.oneof(
  fc.constant('any' as const),
  fc.array(anyFamily.chain(anyRange), { minLength: 1, maxLength: 4 }),
  // So many that the boxes are drawn around them all.
  fc.array(anyFamily.chain(anyRange), { minLength: 9, maxLength: 12 }),
)

const fewPorts = [0, 1, 22, 53, 80, 443, 65_534, 65_535]
export const anyPort = fc.constantFrom(...fewPorts)
const anyPortRange = fc
  .tuple(anyPort, anyPort)
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }))
const anyPorts: fc.Arbitrary<FieldSelector> = fc.oneof(
  fc.constant('any' as const),
  fc.constant('opaque' as const),
  fc.array(anyPortRange, { minLength: 1, maxLength: 3 }),
)
const anyMessages: fc.Arbitrary<FieldSelector> = fc.oneof(
  fc.constant('any' as const),
  fc.constant('opaque' as const),
  fc.array(
    fc.oneof(
      fc
        .tuple(fc.constantFrom(0, 3, 8, 255), fc.constantFrom(0, 1, 4))
        .map(([type, code]) => messageCodes(type, Math.min(code, 1), code)),
      fc.constantFrom(0, 3, 8, 128).map((type) => messageTypes(type, type)),
    ),
    { minLength: 1, maxLength: 2 },
  ),
)

export const packetProtocols = [1, 6, 17, 47, 58, 60, 132, 135]

/** Fields only where their protocol has them, as every parser makes it. */
export const anySelector: fc.Arbitrary<PolicySelector> = fc
  .record({
    local: anyAddresses,
    remote: anyAddresses,
    protocol: fc.oneof(
      fc.constant('any' as const),
      fc.constant('opaque' as const),
      fc.constantFrom(...packetProtocols),
    ),
    localPorts: anyPorts,
    remotePorts: anyPorts,
    message: anyMessages,
  })
  .map((selector) => {
    const { protocol } = selector
    const ports = typeof protocol === 'number' && hasTwoPorts(protocol)
    const messages = typeof protocol === 'number' && hasMessageType(protocol)
    return {
      ...selector,
      ...(ports ? {} : { localPorts: 'any' as const, remotePorts: 'any' as const }),
      ...(messages ? {} : { message: 'any' as const }),
    }
  })

const anyTemplate: fc.Arbitrary<SaTemplate> = fc.record({
  protocol: fc.constantFrom('esp' as const, 'ah' as const),
  mode: fc.constant('transport' as const),
})
export const anyAction: fc.Arbitrary<PolicyAction> = fc.oneof(
  fc.constant({ kind: 'bypass' as const }),
  fc.constant({ kind: 'discard' as const }),
  fc
    .array(anyTemplate, { minLength: 1, maxLength: 2 })
    .map((bundle) => ({ kind: 'protect' as const, bundle })),
)

export const anyEntry: fc.Arbitrary<PolicyEntry> = fc.record({
  directions: fc.constantFrom(
    ['out', 'in', 'forward'] as const,
    ['out'] as const,
    ['in', 'forward'] as const,
    ['forward'] as const,
  ),
  selector: fc.oneof(
    { weight: 9, arbitrary: anySelector },
    { weight: 1, arbitrary: fc.constant(everyPacket) },
  ),
  names: fc.oneof(
    { weight: 9, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.constant(['maria']) },
  ),
  action: anyAction,
  populate: fc.constant([]),
})

/** A packet as a person would tell it. */
export interface ToldPacket {
  readonly from: IpAddress
  readonly to: IpAddress
  readonly protocol: number
  readonly sourcePort: number
  readonly destinationPort: number
  readonly type: number
  readonly code: number
  readonly fragment: 'whole' | 'first' | 'later'
}

export const anyPacket: fc.Arbitrary<ToldPacket> = anyFamily.chain((family) =>
  fc.record({
    from: anyAddress(family),
    to: anyAddress(family),
    // Extension headers are no protocol in front of which IPv6 packets begin.
    protocol: fc.constantFrom(...packetProtocols),
    sourcePort: anyPort,
    destinationPort: anyPort,
    type: fc.constantFrom(0, 3, 8, 128, 255),
    code: fc.constantFrom(0, 1, 4),
    fragment: fc.constantFrom('whole' as const, 'whole' as const, 'first' as const, 'later' as const),
  }),
)

function payloadOf({ protocol, sourcePort, destinationPort, type, code }: ToldPacket): Uint8Array {
  const payload = new Uint8Array(24)
  const view = new DataView(payload.buffer)
  if (hasTwoPorts(protocol)) {
    view.setUint16(0, sourcePort)
    view.setUint16(2, destinationPort)
  } else if (protocol === 135) payload[2] = type
  else {
    payload[0] = type
    payload[1] = code
  }
  // As an IPv6 extension header: no next header, 24 bytes long.
  if (protocol === 60) payload.set([59, 2])
  return payload
}

/** The packet's bytes. */
export function packetBytes(told: ToldPacket): Uint8Array {
  const { protocol, fragment } = told
  const [from, to] = [formatAddress(told.from), formatAddress(told.to)]
  const payload = payloadOf(told)
  const offset = fragment === 'later' ? 64 : 0
  const more = fragment === 'first'
  if (told.from.family === 4)
    return ipPacket(protocol, payload, { from, to, fragmentOffset: offset, moreFragments: more })
  if (fragment === 'whole') return ipPacket(protocol, payload, { from, to })
  const header = Uint8Array.of(protocol, 0, offset >> 8, (offset & 0xf8) | (more ? 1 : 0), 0, 0, 0, 7)
  return ipPacket(44, concat(header, payload), { from, to })
}

export function viewOf(told: ToldPacket): PacketView {
  const bytes = packetBytes(told)
  const view = createPacketView()
  if (!readPacket(bytes, 0, bytes.length, view)) throw new Error('not a packet')
  return view
}
