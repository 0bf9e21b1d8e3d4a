/** Datagrams on a data plane's socket: not authenticated, so nothing but a counter may change. Understood means: an SA was found. */
import { installTunnel, leftIpv4, leftIpv6 } from '../contracts/data-plane.contract.ts'
import { createFakePacketCrypto } from '../fakes/fake-packet-crypto.ts'
import { udpPacket } from '../fakes/packets.ts'
import { openPortablePair } from '../ipsec/portable-pair.ts'
import type { Target } from './targets.ts'

const pair = openPortablePair(createFakePacketCrypto())
installTunnel(pair)

/** Genuine datagrams that never arrived. */
function capture(): readonly Uint8Array[] {
  const seen: Uint8Array[] = []
  pair.meddle(({ bytes }) => (seen.push(bytes), []))
  for (const packet of [udpPacket(leftIpv4), udpPacket(leftIpv6), udpPacket({ ...leftIpv4, length: 1400 })]) {
    pair.left.inject(packet)
  }
  return seen
}

const genuine = capture()
const isGenuine = (input: Uint8Array) => genuine.some((one) => Buffer.compare(one, input) === 0)
/** All that a datagram could have touched, but for the drop counters. */
const stateOf = () => {
  const { drops: _, keepalives: __, ...rest } = pair.right.plane.statistics()
  const { events, received, plane, path } = pair.right
  return JSON.stringify([rest, events, received.length, plane.path(path)?.endpoint])
}
const countOf = () => {
  const { drops, keepalives } = pair.right.plane.statistics()
  return Object.values(drops).reduce((sum, count) => sum + count, keepalives) + pair.right.ike.length
}
const before = stateOf()

export const espInput: Target = {
  name: 'datagram on a data plane',
  share: 0.1,
  seeds: [...genuine, Uint8Array.of(0xff), new Uint8Array(32), new Uint8Array()],
  run(input) {
    if (isGenuine(input)) return true
    const { integrity: refused = 0, replay = 0 } = pair.right.plane.statistics().drops
    const counted = countOf()
    pair.transmit(pair.right, { from: { address: '192.0.2.66', port: 666 }, bytes: input })
    pair.network.deliver()
    if (countOf() !== counted + 1) throw new Error('a datagram was not counted once')
    if (stateOf() !== before) throw new Error('a forged datagram changed state')
    pair.right.ike.length = 0
    const { integrity: refusedNow = 0, replay: replayNow = 0 } = pair.right.plane.statistics().drops
    return refusedNow + replayNow > refused + replay
  },
}
