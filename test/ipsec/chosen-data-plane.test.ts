/** The fast data plane is used where it can be had; where it cannot, or fails, packets go on by the portable one. */
import { describe, expect, it } from 'vitest'
import { espSpi, millis } from '../../src-shared/brands.ts'
import { createChosenDataPlane } from '../../src-main/ipsec/chosen-data-plane.ts'
import type { DataPlane, DataPlaneEvent } from '../../src-main/ipsec/data-plane.ts'
import { createPortableDataPlane } from '../../src-main/ipsec/portable-data-plane.ts'
import { gcm, keysFor, leftIpv4, selectorsOf } from '../contracts/data-plane.contract.ts'
import { createFakeNetwork } from '../fakes/fake-network.ts'
import { createFakePacketCrypto } from '../fakes/fake-packet-crypto.ts'
import { createFakeTun } from '../fakes/fake-tun.ts'
import { udpPacket } from '../fakes/packets.ts'

function openWorld() {
  const events: DataPlaneEvent[] = []
  const ike: Uint8Array[] = []
  const taker = {
    onIke: (_: unknown, message: Uint8Array) => void ike.push(message),
    onEvent: (event: DataPlaneEvent) => void events.push(event),
  }
  const make = (description: string, idsFrom: number): DataPlane => {
    const clock = { monotonic: () => millis(0) }
    const plane = createPortableDataPlane({
      packetCrypto: createFakePacketCrypto(),
      clock,
      ...taker,
      idsFrom,
    })
    return Object.assign(plane, { description })
  }
  const network = createFakeNetwork()
  const socket = network.open(4, '198.51.100.1', 4500)
  const peer = network.open(4, '203.0.113.1', 4500)
  return { events, ike, taker, make, network, socket, peer, tun: createFakeTun() }
}

const everything = selectorsOf(['0.0.0.0/0'])
const sa = (spi: number) => ({
  spi: espSpi(spi),
  suite: gcm,
  keys: keysFor(gcm, spi),
  selectors: { local: everything, remote: everything },
})

describe('the chosen data plane', () => {
  it('is the fast one', async () => {
    const { make, taker } = openWorld()
    const { plane, choose } = createChosenDataPlane(make('portable', 1000), taker, () =>
      Promise.resolve(make('fast, of some library', 0)),
    )
    expect(plane.description).toBe('portable')
    await choose(() => expect.fail('refused'))
    expect(plane.description).toBe('fast, of some library')
  })

  it('is the portable one, with the reason, where the fast one cannot be had', async () => {
    const { make, taker } = openWorld()
    const reasons: string[] = []
    const { plane, choose } = createChosenDataPlane(make('portable', 1000), taker, () =>
      Promise.reject(new Error('no threads here')),
    )
    await Promise.all([choose((reason) => reasons.push(reason)), choose((reason) => reasons.push(reason))])
    expect(reasons).toEqual(['no threads here'])
    expect(plane.description).toBe('portable (no fast one: no threads here)')
  })

  it('goes on by the portable one when the fast one stops: sockets, adapter and path stay, SAs are asked for anew', async () => {
    const { make, taker, network, socket, peer, tun, events, ike } = openWorld()
    let stop: (reason: string) => void = () => undefined
    const { plane, choose } = createChosenDataPlane(make('portable', 1000), taker, (parts) => {
      stop = parts.onStopped
      return Promise.resolve(make('fast', 0))
    })
    const reasons: string[] = []
    await choose((reason) => reasons.push(reason))
    plane.listen(socket, 'marked')
    plane.useTun(tun)
    const path = plane.addPath({ socket, endpoint: peer.endpoint, mtu: 1500, followPeer: false })
    const old = plane.installOutbound({ ...sa(0x1000), path })
    tun.inject(udpPacket(leftIpv4))
    expect(network.sent).toHaveLength(1)

    stop('a fault')
    expect(reasons).toEqual(['a fault'])
    expect(plane.description).toBe('portable (no fast one: a fault)')
    expect(events).toEqual([{ kind: 'hard-expired', sa: old, spi: 0x1000, cause: 'sequence' }])
    expect(plane.path(path)?.endpoint).toEqual(peer.endpoint)
    tun.inject(udpPacket(leftIpv4))
    expect(network.sent).toHaveLength(1)
    // IKE still arrives, and what it agrees on is installed in the old one's place.
    network.transmit({
      from: peer.endpoint,
      to: socket.endpoint,
      bytes: Uint8Array.of(0, 0, 0, 0, 7),
      trafficClass: 0,
    })
    network.deliver()
    expect(ike).toEqual([Uint8Array.of(7)])
    const fresh = plane.replaceOutbound(old, { ...sa(0x2000), path })
    expect(fresh).not.toBe(old)
    plane.remove(old)
    tun.inject(udpPacket(leftIpv4))
    expect(network.sent).toHaveLength(2)
    plane.removePath(path)
    expect(plane.path(path)).toBeUndefined()
  })

  it('closes a fast plane that comes too late', async () => {
    const { make, taker } = openWorld()
    let closed = 0
    const late = make('fast', 0)
    const fast = { ...late, close: () => void (closed += 1) }
    const { plane, choose } = createChosenDataPlane(make('portable', 1000), taker, () =>
      Promise.resolve(fast),
    )
    const choosing = choose(() => undefined)
    plane.close()
    await choosing
    expect(closed).toBe(1)
  })
})
