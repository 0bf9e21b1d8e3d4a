/** Two portable data planes back to back, in memory, over either outer family. */
import { millis } from '../../src-shared/brands.ts'
import type { DataPlaneEvent } from '../../src-main/ipsec/data-plane.ts'
import { createPortableDataPlane } from '../../src-main/ipsec/portable-data-plane.ts'
import type { PacketCrypto } from '../../src-main/ports.ts'
import type { PlanePair } from '../contracts/data-plane.contract.ts'
import { createFakeNetwork } from '../fakes/fake-network.ts'
import type { FakeNetwork, FakeSocket } from '../fakes/fake-network.ts'
import { createFakeTun } from '../fakes/fake-tun.ts'
import type { FakeTun } from '../fakes/fake-tun.ts'

export interface PortablePair extends PlanePair {
  readonly network: FakeNetwork
  readonly leftSocket: FakeSocket
  readonly leftTun: FakeTun
  readonly rightTun: FakeTun
}

export function openPortablePair(packetCrypto: PacketCrypto, family: 4 | 6 = 4): PortablePair {
  const network = createFakeNetwork()
  let now = 1000
  const clock = { monotonic: () => millis(now) }
  const open = (address: string) => {
    const events: DataPlaneEvent[] = []
    const ike: Uint8Array[] = []
    const tun = createFakeTun()
    const socket = network.open(family, address, 4500)
    const plane = createPortableDataPlane({
      packetCrypto,
      clock,
      onIke: (_, message) => ike.push(message),
      onEvent: (event) => events.push(event),
    })
    plane.listen(socket, 'marked')
    plane.useTun(tun)
    const inject = (packet: Uint8Array) => tun.inject(packet)
    return { plane, socket, tun, endpoint: socket.endpoint, events, ike, inject, received: tun.written }
  }
  const [leftAddress, rightAddress] =
    family === 4 ? ['198.51.100.1', '203.0.113.1'] : ['fd00:1::1', 'fd00:2::1']
  const one = open(leftAddress)
  const other = open(rightAddress)
  const route = (from: typeof one, to: typeof one) =>
    from.plane.addPath({ socket: from.socket, endpoint: to.endpoint, mtu: 1500, followPeer: false })
  const left = { ...one, path: route(one, other) }
  const right = { ...other, path: route(other, one) }
  return {
    left,
    right,
    network,
    leftSocket: one.socket,
    leftTun: one.tun,
    rightTun: other.tun,
    settle() {
      network.deliver()
      return Promise.resolve()
    },
    wire: network.sent,
    meddle(change) {
      network.meddle = (datagram) => change(datagram).map((one) => ({ ...datagram, ...one }))
    },
    transmit(to, datagram) {
      network.transmit({ ...datagram, to: to.endpoint, trafficClass: 0 })
    },
    advance(milliseconds) {
      now += milliseconds
    },
    close() {
      left.plane.close()
      right.plane.close()
      return Promise.resolve()
    },
  }
}
