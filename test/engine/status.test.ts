import { describe, expect, it } from 'vitest'
import { udpPacket } from '../fakes/packets.ts'
import { createWorld, places, pskProfile } from './world.ts'

describe('the status of a connection', () => {
  it('shows identities, SAs, ages, countdowns, selectors, counters, and no secret', async () => {
    const world = createWorld({
      profile: pskProfile({ lifetimes: { ikeSeconds: 10_000, childSeconds: 1_000 } }),
    })
    await world.startGateway()
    const connection = world.connect()
    expect(connection.status()).toMatchObject({
      profileName: 'Office',
      state: { kind: 'disconnected' },
      virtualAddresses: [],
      ikeSas: [],
      drops: {},
      traffic: { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } },
    })
    expect(connection.status()).not.toHaveProperty('since')
    await world.settle()
    const since = world.clock.wall()
    world.host.tun?.inject(udpPacket({ from: '10.9.0.2', to: places.office, length: 72 }))
    world.host.tun?.inject(udpPacket({ from: '10.9.0.99', to: places.office, length: 72 }))
    await world.pass(20_000)
    const status = connection.status()
    expect(status).toMatchObject({
      state: { kind: 'connected' },
      gateway: { name: 'vpn.example.test', address: places.gateway, port: 4500 },
      since,
      virtualAddresses: ['10.9.0.2'],
      dns: { servers: ['10.20.0.10'], domains: ['office.test'] },
      interfaceName: 'fake0',
      dataPlane: 'portable',
      drops: { 'no-policy': 1 },
      traffic: { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 1, bytes: 100 } },
    })
    expect(status.mtu).toBeGreaterThan(1300)
    const [ike, ...others] = status.ikeSas
    expect(others).toEqual([])
    expect(ike).toMatchObject({
      localIdentity: 'maria@example.test',
      remoteIdentity: 'vpn.example.test',
      ageMs: 20_000,
      suite: { group: 'curve25519' },
    })
    expect(ike?.initiatorSpi).toMatch(/^[0-9a-f]{16}$/)
    // Up to a tenth earlier than the profile says (RFC 7296 section 2.8).
    expect(ike?.rekeyInMs).toBeGreaterThan(9_000_000 - 20_000)
    expect(ike?.rekeyInMs).toBeLessThanOrEqual(10_000_000 - 20_000)
    expect(ike?.childSas).toHaveLength(1)
    expect(ike?.childSas[0]).toMatchObject({
      mode: 'tunnel',
      encapsulation: 'udp',
      localSelectors: ['10.9.0.2/32'],
      remoteSelectors: ['10.20.0.0/24'],
      ageMs: 20_000,
      inbound: { packets: 0, bytes: 0, highestSequence: 0 },
      outbound: { packets: 1, bytes: 100, highestSequence: 1 },
    })
    expect(ike?.childSas[0]?.rekeyInMs).toBeGreaterThan(900_000 - 20_000)
    expect(JSON.stringify(status)).not.toContain('sesame')
    await world.end(connection)
    expect(connection.status()).toMatchObject({ state: { kind: 'disconnected' }, ikeSas: [] })
  })

  it('counts what went through SAs that are gone, and never less than before', async () => {
    const world = createWorld({
      profile: pskProfile({ lifetimes: { ikeSeconds: 100_000, childSeconds: 1_000 } }),
    })
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    const spis = new Set<number>()
    let last = 0
    for (let round = 1; round <= 12; round += 1) {
      for (let packet = 0; packet < 5; packet += 1) {
        world.host.tun?.inject(udpPacket({ from: '10.9.0.2', to: places.office, length: 72 }))
        world.gatewayHost.tun?.inject(udpPacket({ from: places.office, to: '10.9.0.2', length: 172 }))
      }
      await world.pass(300_000)
      const { traffic, ikeSas } = connection.status()
      spis.add(ikeSas[0]?.childSas[0]?.inboundSpi ?? 0)
      expect(traffic).toEqual({
        inbound: { packets: 5 * round, bytes: 1000 * round },
        outbound: { packets: 5 * round, bytes: 500 * round },
      })
      expect(traffic.inbound.packets).toBeGreaterThan(last)
      last = traffic.inbound.packets
    }
    expect(spis.size).toBeGreaterThanOrEqual(3)
    await world.end(connection)
    expect(connection.status().traffic.outbound.packets).toBe(60)
  })

  it('counts IKE messages that belong to no session', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    const { localPort = 0 } = world.host.configuration?.outside ?? {}
    const stray = new Uint8Array(28 + 4)
    stray.set([0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8])
    world.network.transmit({
      from: { address: '203.0.113.66', port: 4500 },
      to: { address: places.client, port: localPort },
      bytes: stray,
      trafficClass: 0,
    })
    world.network.deliver()
    expect(connection.status().drops).toEqual({ 'unknown-ike-spi': 1 })
    await world.end(connection)
  })
})
