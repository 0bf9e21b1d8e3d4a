/** From the first datagram to the tunnel, and every way in which it does not come to that. */
import { describe, expect, it } from 'vitest'
import { VpnError } from '../../src-shared/errors.ts'
import { udpPacket } from '../fakes/packets.ts'
import { createWorld, eapProfile, nothingLeft, places, utf8 } from './world.ts'

const upTo = {
  connected: ['resolving', 'negotiating', 'authenticating', 'configuring', 'connected'],
}

describe('a gateway that is being started', () => {
  it('lets those who call before its adapter is there wait, and loses nothing of theirs', async () => {
    const world = createWorld()
    world.gatewayHost.hold('open')
    const starting = world.startGateway()
    const connection = world.connect()
    await world.settle()
    // IKE_SA_INIT lies in the gateway's socket.
    expect(world.told()).toEqual(['resolving', 'negotiating'])
    expect(world.network.sent).toHaveLength(1)
    world.gatewayHost.release('open')
    const gateway = await starting
    await world.settle()
    expect(connection.status().state.kind).toBe('connected')
    // It was not even repeated.
    expect(world.network.sent.filter(({ to }) => to.port === 500)).toHaveLength(1)
    world.host.tun?.inject(udpPacket({ from: '10.9.0.2', to: places.office }))
    await world.settle()
    expect(world.gatewayHost.tun?.written).toHaveLength(1)
    expect(gateway.drops()).toEqual({})
    await world.end(connection)
    await world.stop(gateway)
  })
})

describe('connecting', () => {
  it('carries packets both ways, and leaves nothing behind', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    const connection = world.connect()
    await world.settle()
    expect(world.told()).toEqual(upTo.connected)
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

  it('with a password asks for it only when the gateway has proven who it is', async () => {
    const world = createWorld({ profile: eapProfile() })
    await world.startGateway()
    world.asked.secret = () => {
      expect(world.told()).toEqual(['resolving', 'negotiating', 'authenticating'])
      return Promise.resolve(utf8('open sesame'))
    }
    const connection = world.connect()
    await world.settle()
    expect(world.told()).toEqual(['configuring', 'connected'])
    expect(world.asked.count).toBe(1)
    await world.end(connection)
  })

  it('takes the second address when the first is silent', async () => {
    const world = createWorld({
      resolve: () =>
        Promise.resolve([
          { address: '203.0.113.9', family: 4 },
          { address: places.gateway, family: 4 },
        ]),
    })
    await world.startGateway()
    const connection = world.connect()
    await world.pass(14_000)
    expect(world.told()).toEqual(['resolving', 'negotiating'])
    await world.pass(2_000)
    expect(world.told()).toEqual(['authenticating', 'configuring', 'connected'])
    expect(connection.status().gateway).toEqual({
      name: 'vpn.example.test',
      address: places.gateway,
      port: 4500,
    })
    expect(world.host.configuration?.outside?.gateway).toBe(places.gateway)
    await world.end(connection)
  })

  it('tells a listener that throws from the connection', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    connection.onChange(() => {
      throw new Error('a front end’s bug')
    })
    await world.settle()
    expect(connection.status().state.kind).toBe('connected')
    expect(world.logged.some((line) => line.includes('a front end’s bug'))).toBe(true)
    await world.end(connection)
  })
})

describe('connecting fails', () => {
  const failsWith = async (world: ReturnType<typeof createWorld>, passMs: number) => {
    const connection = world.connect()
    await world.settle()
    await world.pass(passMs)
    await connection.finished
    const { state } = connection.status()
    if (state.kind !== 'failed') throw new Error(`it is ${state.kind}`)
    return state.failure
  }

  it('when the gateway never answers, after its patience and not before', async () => {
    const world = createWorld()
    const connection = world.connect()
    await world.pass(14_500)
    expect(connection.status().state.kind).toBe('connecting')
    expect(world.network.sent.length).toBeGreaterThan(3)
    await world.pass(1_000)
    await connection.finished
    expect(world.told()).toEqual(['resolving', 'negotiating', 'failed gateway-unreachable'])
    expect(connection.status().state).toMatchObject({
      failure: { details: { gateway: 'vpn.example.test', address: places.gateway } },
    })
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('when the gateway falls silent in the middle', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    world.wire.loses = ({ to }) => to.port === 4500
    expect(await failsWith(world, 95_000)).toMatchObject({
      code: 'gateway-gave-up',
      details: { gateway: 'vpn.example.test' },
    })
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('when the name is not known, without a datagram', async () => {
    const world = createWorld({
      resolve: (host) => Promise.reject(new VpnError('gateway-not-found', { host })),
    })
    expect(await failsWith(world, 0)).toMatchObject({ code: 'gateway-not-found' })
    expect(world.network.sent).toEqual([])
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('when the name has no address', async () => {
    const world = createWorld({ resolve: () => Promise.resolve([]) })
    expect(await failsWith(world, 0)).toMatchObject({ code: 'gateway-not-found' })
  })

  it('when no way leads there', async () => {
    const world = createWorld()
    world.machine.address = undefined
    expect(await failsWith(world, 0)).toMatchObject({
      code: 'gateway-unreachable',
      details: { reason: 'no route' },
    })
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it.each(['no-privilege', 'no-tun'] as const)('with %s before anything is asked or sent', async (code) => {
    const world = createWorld()
    await world.startGateway()
    world.host.trouble.set('prepare', new VpnError(code))
    expect(await failsWith(world, 0)).toMatchObject({ code })
    expect(world.network.sent).toEqual([])
    expect(world.asked.count).toBe(0)
    expect(world.host.steps).toEqual(['prepare'])
  })

  it('with a wrong password at once, and is not tried again', async () => {
    const world = createWorld({ profile: eapProfile(), secret: () => Promise.resolve(utf8('wrong')) })
    const gateway = await world.startGateway()
    expect(await failsWith(world, 0)).toMatchObject({ code: 'credentials-refused' })
    expect(world.told().at(-1)).toBe('failed credentials-refused')
    const sent = world.network.sent.length
    await world.pass(120_000)
    expect(world.network.sent.length).toBe(sent)
    expect(world.asked.count).toBe(1)
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('with a wrong pre-shared key at once', async () => {
    const world = createWorld({ secret: () => Promise.resolve(utf8('wrong')) })
    const gateway = await world.startGateway()
    expect(await failsWith(world, 0)).toMatchObject({ code: 'authentication-refused' })
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('when the machine cannot be set up: the gateway is told, everything is undone', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    world.host.trouble.set('open', new VpnError('host-step-failed', { step: 'routes' }))
    expect(await failsWith(world, 0)).toMatchObject({ code: 'host-step-failed', details: { step: 'routes' } })
    expect(world.events.at(-1)).toMatchObject({ kind: 'client-down', cause: 'deleted' })
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('when credentials cannot be loaded', async () => {
    const world = createWorld()
    const connection = world.connect(() => Promise.reject(new VpnError('secret-missing', { what: 'key' })))
    await connection.finished
    expect(world.told()).toEqual(['resolving', 'failed secret-missing'])
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('with "internal" for a bug, whose stack is in the log', async () => {
    const world = createWorld({ resolve: () => Promise.reject(new TypeError('a bug')) })
    expect(await failsWith(world, 0)).toMatchObject({ code: 'internal' })
    expect(world.logged.some((line) => line.includes('TypeError: a bug') && line.includes('at '))).toBe(true)
  })
})

describe('the end of a connection', () => {
  it('is always told, whatever throws on the way', async () => {
    const world = createWorld()
    world.ports.hostNetwork.onChange = () => {
      throw new Error('no watching here')
    }
    const connection = world.connect()
    await connection.finished
    expect(world.told()).toEqual(['resolving', 'failed internal'])
    expect(world.leftovers()).toMatchObject({ sockets: 0, adapter: false })
  })

  it('tells the first trouble and logs the others', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    const connection = world.connect(() =>
      Promise.resolve({
        ...world.credentials,
        close() {
          throw new Error('cannot wipe')
        },
      }),
    )
    await world.settle()
    world.host.trouble.set('close', new VpnError('host-step-failed', { step: 'dns' }))
    await world.end(connection)
    expect(connection.status().state).toMatchObject({ failure: { details: { step: 'dns' } } })
    expect(world.logged.filter((line) => line.startsWith('error'))).toEqual([
      expect.stringContaining('cannot wipe'),
      expect.stringContaining('something else went wrong'),
    ])
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })
})

describe('disconnecting', () => {
  it('tells what could not be put back', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    const connection = world.connect()
    await world.settle()
    world.host.trouble.set('close', new VpnError('host-step-failed', { step: 'dns' }))
    await world.end(connection)
    expect(connection.status().state).toEqual({
      kind: 'failed',
      failure: { code: 'host-step-failed', details: { step: 'dns' } },
    })
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('waits only a moment for a gateway that is gone', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    world.wire.cut()
    const done = connection.disconnect()
    await world.pass(2_600)
    await done
    expect(connection.status().state).toEqual({ kind: 'disconnected' })
  })

  it('may be asked for twice, and after the end', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    world.told()
    const both = Promise.all([connection.disconnect(), connection.disconnect()])
    await world.settle()
    await both
    await connection.disconnect()
    expect(world.told()).toEqual(['disconnecting', 'disconnected'])
    expect(world.host.steps).toEqual(['prepare', 'open', 'close'])
    expect(world.closedCredentials.count).toBe(1)
  })

  it('keeps the failure that came before', async () => {
    const world = createWorld({ resolve: () => Promise.resolve([]) })
    const connection = world.connect()
    await connection.finished
    await connection.disconnect()
    expect(world.told()).toEqual(['resolving', 'failed gateway-not-found'])
  })
})
