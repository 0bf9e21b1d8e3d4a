import { describe, expect, it } from 'vitest'
import { createWorld, nothingLeft, places } from './world.ts'
import { udpPacket } from '../fakes/packets.ts'

describe('a connection', () => {
  it('connects, carries packets both ways, and leaves nothing behind', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    const connection = world.connect()
    await world.settle()
    expect(world.told()).toEqual(['resolving', 'negotiating', 'authenticating', 'configuring', 'connected'])
    expect(world.host.steps).toEqual(['prepare', 'open'])
    expect(world.host.configuration).toMatchObject({
      addresses: [{ address: '10.9.0.2', length: 32 }],
      routes: [{ address: '10.20.0.0', length: 24 }],
      outside: { gateway: places.gateway },
      dns: { servers: ['10.20.0.10'], domains: ['office.test'] },
    })

    const there = udpPacket({ from: '10.9.0.2', to: places.office, length: 100 })
    world.host.tun?.inject(there)
    await world.settle()
    expect(world.gatewayHost.tun?.written).toEqual([there])
    const back = udpPacket({ from: places.office, to: '10.9.0.2', length: 200 })
    world.gatewayHost.tun?.inject(back)
    await world.settle()
    expect(world.host.tun?.written).toEqual([back])

    await world.end(connection)
    expect(world.told()).toEqual(['disconnecting', 'disconnected'])
    expect(world.events.at(-1)).toMatchObject({ kind: 'client-down', cause: 'deleted' })
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
    expect(world.closedCredentials.count).toBe(1)
  })
})
