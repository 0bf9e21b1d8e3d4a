/** What a connection does when its session ends without having been asked to. */
import { describe, expect, it } from 'vitest'
import { udpPacket } from '../fakes/packets.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { WorldOptions } from './world.ts'
import { createWorld, nothingLeft, places, pskProfile, utf8 } from './world.ts'

const connected = async (options: WorldOptions = {}) => {
  const world = createWorld(options)
  const gateway = await world.startGateway()
  const connection = world.connect()
  await world.settle()
  expect(connection.status().state.kind).toBe('connected')
  world.told()
  return { world, gateway, connection }
}

const outgoing = (length: number) => udpPacket({ from: '10.9.0.2', to: places.office, length })

describe('a gateway that falls silent', () => {
  it('is noticed, dialled again until it answers, and meanwhile no packet leaves beside the tunnel', async () => {
    const { world, gateway, connection } = await connected()
    const configuration = world.host.configuration
    world.wire.cut()
    // → INFORMATIONAL after 30 s of silence, five more times in 20 s; then the session is dead.
    await world.pass(49_000)
    expect(connection.status().state.kind).toBe('connected')
    await world.pass(3_000)
    expect(world.told()).toEqual([
      'reconnecting gateway-silent 1',
      'reconnecting gateway-silent 1 resolving',
      'reconnecting gateway-silent 1 negotiating',
    ])
    // The adapter and its routes stay: what the machine sends goes nowhere.
    expect(world.host.steps).toEqual(['prepare', 'open'])
    expect(world.host.configuration).toBe(configuration)
    world.host.tun?.inject(outgoing(100))
    expect(connection.status().drops).toMatchObject({ 'no-policy': 1 })

    await world.pass(40_000)
    expect(world.told()).toContain('reconnecting gateway-silent 3 negotiating')
    world.wire.mend()
    await world.pass(20_000)
    expect(connection.status().state.kind).toBe('connected')
    expect(world.host.steps).toEqual(['prepare', 'open', 'reconfigure'])
    world.host.tun?.inject(outgoing(60))
    await world.settle()
    expect(world.gatewayHost.tun?.written).toHaveLength(1)

    await world.end(connection)
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('can be left while it is dialled, and while the next try is waited for', async () => {
    for (const waitMs of [55_000, 67_100]) {
      const { world, gateway, connection } = await connected()
      world.wire.cut()
      await world.pass(waitMs)
      expect(connection.status().state.kind).toBe('reconnecting')
      await world.end(connection)
      expect(world.told().slice(-2)).toEqual(['disconnecting', 'disconnected'])
      await world.stop(gateway)
      expect(world.leftovers()).toEqual(nothingLeft)
    }
  })

  it('ends the connection when the profile does not want to reconnect', async () => {
    const { world, connection } = await connected({ profile: pskProfile({ reconnect: false }) })
    world.wire.cut()
    await world.pass(60_000)
    await connection.finished
    expect(connection.status().state).toMatchObject({
      kind: 'failed',
      failure: { code: 'gateway-gave-up', details: { gateway: 'vpn.example.test' } },
    })
    expect(world.host.configuration).toBeUndefined()
  })

  it('is found at its known address although the name can only be resolved through the tunnel', async () => {
    let asked = 0
    const { world, gateway, connection } = await connected({
      resolve: (host) =>
        (asked += 1) === 1
          ? Promise.resolve([{ address: places.gateway, family: 4 }])
          : Promise.reject(new VpnError('gateway-not-found', { host })),
    })
    world.wire.cut()
    await world.pass(75_000)
    world.wire.mend()
    await world.pass(20_000)
    expect(connection.status().state.kind).toBe('connected')
    await world.end(connection)
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('is looked for at a new address, which is kept outside the tunnel first', async () => {
    let address: string = places.gateway
    const { world, connection } = await connected({
      resolve: () => Promise.resolve([{ address, family: 4 }]),
    })
    world.wire.loses = ({ to, from }) => to.address === places.gateway || from.address === places.gateway
    address = '198.51.100.77'
    await world.pass(68_000)
    expect(world.host.configuration?.outside?.gateway).toBe(address)
    expect(world.host.configuration?.routes).toEqual([{ address: '10.20.0.0', length: 24 }])
    expect(world.network.sent.some(({ to }) => to.address === address)).toBe(true)
    await world.end(connection)
    expect(world.leftovers()).toMatchObject({ sockets: 0, adapter: false })
  })

  it('does not wait for a resolver that does not answer', async () => {
    let asked = 0
    const { world, gateway, connection } = await connected({
      resolve: (_host, signal) =>
        (asked += 1) === 1
          ? Promise.resolve([{ address: places.gateway, family: 4 }])
          : new Promise((_resolve, reject) =>
              signal.addEventListener('abort', () => reject(new VpnError('cancelled')), { once: true }),
            ),
    })
    world.wire.cut()
    await world.pass(75_000)
    world.wire.mend()
    await world.pass(5_000)
    expect(connection.status().state.kind).toBe('connected')
    await world.end(connection)
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('refuses us when it is back: the connection fails, and is not tried again', async () => {
    const { world, connection } = await connected()
    world.wire.cut()
    world.asked.secret = () => Promise.resolve(utf8('changed meanwhile'))
    await world.pass(52_000)
    world.wire.mend()
    await world.pass(15_000)
    await connection.finished
    expect(world.told().at(-1)).toBe('failed authentication-refused')
    expect(world.host.configuration).toBeUndefined()
  })
})

describe('a gateway that ends the session', () => {
  it('is dialled again without being asked', async () => {
    const { world, gateway, connection } = await connected()
    await world.stop(gateway)
    expect(world.told()[0]).toBe('reconnecting gateway-closed 1')
    const next = await world.startGateway()
    await world.pass(20_000)
    expect(connection.status().state.kind).toBe('connected')
    expect(world.host.steps).toEqual(['prepare', 'open', 'reconfigure'])
    await world.end(connection)
    await world.stop(next)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('while the machine is still being set up is noticed afterwards', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    world.host.hold('open')
    const connection = world.connect()
    await world.settle()
    expect(world.told().at(-1)).toBe('configuring')
    await world.stop(gateway)
    const next = await world.startGateway()
    world.host.release('open')
    await world.pass(5_000)
    expect(world.told()).toEqual([
      'connected',
      'reconnecting gateway-closed 1',
      'reconnecting gateway-closed 1 resolving',
      'reconnecting gateway-closed 1 negotiating',
      'reconnecting gateway-closed 1 authenticating',
      'reconnecting gateway-closed 1 configuring',
      'connected',
    ])
    await world.end(connection)
    await world.stop(next)
  })

  it('again and again is asked less and less often', async () => {
    const { world, gateway, connection } = await connected()
    const ups: number[] = []
    let current = gateway
    const throwOut = async () => {
      ups.push(world.clock.monotonic())
      await current.stop()
      current = await world.startGateway()
    }
    connection.onChange(() => {
      if (connection.status().state.kind === 'connected') void throwOut()
    })
    void throwOut()
    await world.pass(60_000)
    const pauses = ups.slice(1).map((at, index) => at - (ups[index] ?? 0))
    expect(pauses.length).toBeGreaterThanOrEqual(5)
    expect(pauses.length).toBeLessThanOrEqual(8)
    expect(pauses[0]).toBeLessThan(1_500)
    expect(pauses.at(-1)).toBeGreaterThan(10_000)
    await world.end(connection)
  })
})

describe('the machine', () => {
  it('gets another address: dials anew from there at once', async () => {
    const { world, gateway, connection } = await connected()
    world.machine.move('192.0.2.77')
    await world.settle()
    expect(world.told()).toEqual([
      'reconnecting network-changed 1',
      'reconnecting network-changed 1 resolving',
      'reconnecting network-changed 1 negotiating',
      'reconnecting network-changed 1 authenticating',
      'reconnecting network-changed 1 configuring',
      'connected',
    ])
    expect(gateway.clients().map(({ endpoint }) => endpoint.address)).toEqual(['192.0.2.77'])
    expect(world.host.steps).toEqual(['prepare', 'open', 'reconfigure'])
    await world.end(connection)
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('loses its network and gets it back: nothing is lost', async () => {
    const { world, connection } = await connected()
    world.machine.move(undefined)
    await world.pass(2_000)
    world.machine.move(places.client)
    await world.pass(2_000)
    expect(world.told()).toEqual([])
    await world.end(connection)
  })

  it('has no network while it reconnects: the next try comes with the network', async () => {
    const { world, connection } = await connected()
    world.machine.move(undefined)
    await world.pass(300_000)
    expect(world.told().at(-1)).toMatch(/^reconnecting gateway-silent \d+ resolving$/)
    world.machine.move('192.0.2.78')
    await world.settle()
    expect(world.told().at(-1)).toBe('connected')
    await world.end(connection)
  })

  it('wakes up: asks the gateway at once, and names the sleep when it is gone', async () => {
    const { world, connection } = await connected()
    world.sleep(3_600_000)
    const before = world.network.sent.length
    await world.pass(5_000)
    expect(world.network.sent.length - before).toBeGreaterThanOrEqual(2)
    expect(connection.status().state.kind).toBe('connected')

    world.sleep(3_600_000)
    world.wire.cut()
    await world.pass(30_000)
    expect(world.told()[0]).toBe('reconnecting woke-up 1')
    await world.end(connection)
  })

  it('cannot be set up for the new session: fails, and everything is undone', async () => {
    const { world, gateway, connection } = await connected()
    world.host.trouble.set('reconfigure', new VpnError('host-step-failed', { step: 'routes' }))
    world.machine.move('192.0.2.77')
    await world.settle()
    await connection.finished
    expect(connection.status().state).toMatchObject({ failure: { code: 'host-step-failed' } })
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })
})
