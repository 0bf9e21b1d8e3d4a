/** The kill switch: what the firewall is told in each state of a connection, and that nothing opens it by accident. */
import { describe, expect, it } from 'vitest'
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { policyFor } from '../../src-main/engine/firewall-policy.ts'
import { createWorld, nothingLeft, places, pskProfile } from './world.ts'

const phases = ['resolving', 'negotiating', 'authenticating', 'configuring'] as const
const everyState: readonly ConnectionState[] = [
  { kind: 'disconnected' },
  ...phases.map((phase) => ({ kind: 'connecting', phase }) as const),
  { kind: 'connected' },
  { kind: 'reconnecting', cause: 'gateway-silent', attempt: 1 },
  ...phases.map((phase) => ({ kind: 'reconnecting', cause: 'network-changed', attempt: 2, phase }) as const),
  { kind: 'disconnecting' },
  { kind: 'failed', failure: { code: 'credentials-refused', details: {} } },
]

describe('the policy of a state', () => {
  it('is open in every state while the switch is off', () => {
    for (const state of everyState)
      for (const standing of [false, true])
        for (const wayKnown of [false, true])
          expect(policyFor(state, { on: false, standing, wayKnown })).toBe('open')
  })

  it('lets nothing leave beside gateway and tunnel from the first packet on, until the person ends it', () => {
    const view = { on: true, standing: true, wayKnown: true }
    expect(everyState.map((state) => policyFor(state, view))).toEqual([
      'open',
      'gateway',
      'gateway',
      'gateway',
      'tunnel',
      'tunnel',
      'tunnel',
      'tunnel',
      'tunnel',
      'tunnel',
      'tunnel',
      'tunnel',
      'blocked',
    ])
  })

  it('leaves a machine as it was while the gateway is looked for, open or blocked', () => {
    for (const state of everyState) {
      const open = policyFor(state, { on: true, standing: false, wayKnown: false })
      const blocked = policyFor(state, { on: true, standing: true, wayKnown: false })
      expect(open).toBe('open')
      expect(blocked).toBe(state.kind === 'disconnected' ? 'open' : 'blocked')
    }
  })

  it('never lets more leave because a connection failed', () => {
    const failed: ConnectionState = { kind: 'failed', failure: { code: 'internal', details: {} } }
    for (const wayKnown of [false, true])
      expect(policyFor(failed, { on: true, standing: true, wayKnown })).toBe('blocked')
  })
})

const way = (world: ReturnType<typeof createWorld>) => ({
  gateway: places.gateway,
  localPort: world.network.sent.find(({ from }) => from.address === places.client)?.from.port,
  ports: [500, 4500],
})
const known = [{ name: 'vpn.example.test', addresses: [places.gateway] }]

describe('a connection with the kill switch', () => {
  it('restricts before the first datagram, lets the tunnel through, and opens all when it is ended', async () => {
    const world = createWorld()
    const gateway = await world.startGateway()
    await world.services.killSwitch.set(true)
    expect(world.host.steps).toEqual([])
    world.host.hold('restrict')
    const connection = world.connect()
    await world.settle()
    // Nothing has left: the block is not yet there.
    expect(world.network.sent).toEqual([])
    expect(connection.status().killSwitch).toBe('off')
    world.host.release('restrict')
    await world.settle()
    expect(connection.status()).toMatchObject({ state: { kind: 'connected' }, killSwitch: 'armed' })
    expect(world.host.steps).toEqual(['prepare', 'restrict', 'open', 'restrict'])
    expect(world.host.restriction).toEqual({ ways: [way(world)], adapters: ['fake0'], known })
    expect(connection.status().policies?.at(-1)).toMatchObject({
      action: 'discard',
      reason: 'the kill switch is on',
    })
    await world.end(connection)
    expect(world.host.restriction).toBeUndefined()
    // The adapter first: while it goes, nothing leaves beside it.
    expect(world.host.steps.slice(-2)).toEqual(['close', 'restrict'])
    expect(connection.status().killSwitch).toBe('off')
    await world.stop(gateway)
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('asks nothing of the firewall while the switch is off', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    await world.end(connection)
    expect(world.host.steps).toEqual(['prepare', 'open', 'close'])
    expect(connection.status().killSwitch).toBe('off')
  })

  it('goes on blocking while it is made anew, and asks no resolver', async () => {
    const asked: string[] = []
    const world = createWorld({
      resolve: (name) => {
        asked.push(name)
        return Promise.resolve([{ address: places.gateway, family: 4 }])
      },
    })
    await world.startGateway()
    await world.services.killSwitch.set(true)
    const connection = world.connect()
    await world.settle()
    const { restriction } = world.host
    world.wire.cut()
    await world.pass(80_000)
    expect(connection.status()).toMatchObject({ state: { kind: 'reconnecting' }, killSwitch: 'holding' })
    expect(world.host.restriction).toEqual(restriction)
    world.wire.mend()
    await world.pass(40_000)
    expect(connection.status()).toMatchObject({ state: { kind: 'connected' }, killSwitch: 'armed' })
    expect(asked).toEqual(['vpn.example.test'])
    expect(world.host.steps.filter((step) => step === 'restrict')).toHaveLength(2)
    await world.end(connection)
  })

  it('holds everything when it fails for good, until it is released', async () => {
    const world = createWorld({ profile: pskProfile({ reconnect: false }) })
    await world.startGateway()
    await world.services.killSwitch.set(true)
    const connection = world.connect()
    await world.settle()
    world.wire.cut()
    await world.pass(80_000)
    expect(connection.status()).toMatchObject({ state: { kind: 'failed' }, killSwitch: 'holding' })
    expect(world.host.restriction).toEqual({ ways: [], adapters: [], known })
    await world.services.killSwitch.release()
    expect(world.host.restriction).toBeUndefined()
    expect(connection.status().killSwitch).toBe('off')
  })

  it('can connect again out of the block it holds, by the addresses known from before', async () => {
    let isOnline = true
    const world = createWorld({
      profile: pskProfile({ reconnect: false }),
      resolve: () =>
        isOnline
          ? Promise.resolve([{ address: places.gateway, family: 4 }])
          : Promise.reject(new VpnError('gateway-not-found')),
    })
    await world.startGateway()
    await world.services.killSwitch.set(true)
    const first = world.connect()
    await world.settle()
    world.wire.cut()
    await world.pass(80_000)
    expect(first.status().killSwitch).toBe('holding')
    isOnline = false
    world.wire.mend()
    const second = world.connect()
    await world.settle()
    expect(second.status()).toMatchObject({ state: { kind: 'connected' }, killSwitch: 'armed' })
    await world.end(second)
    expect(world.host.restriction).toBeUndefined()
    expect(first.status().killSwitch).toBe('off')
  })

  it('takes over what a killed run left, without being asked to, and opens it at the end', async () => {
    const world = createWorld({ resolve: () => Promise.reject(new VpnError('gateway-not-found')) })
    await world.startGateway()
    world.host.left = known
    const connection = world.connect()
    await world.settle()
    expect(connection.status()).toMatchObject({ state: { kind: 'connected' }, killSwitch: 'armed' })
    expect(world.host.restriction?.adapters).toEqual(['fake0'])
    await world.end(connection)
    expect(world.host.restriction).toBeUndefined()
    expect(world.host.steps.at(-1)).toBe('restrict')
  })

  it('leaves what a killed run left in place when the next connection fails, too', async () => {
    const world = createWorld({ resolve: () => Promise.reject(new VpnError('gateway-not-found')) })
    const others = [{ name: 'other.example.test', addresses: [places.gateway] }]
    world.host.left = others
    const connection = world.connect()
    await world.settle()
    expect(connection.status()).toMatchObject({
      state: { kind: 'failed', failure: { code: 'gateway-not-found', details: { killSwitch: 'holding' } } },
      killSwitch: 'holding',
    })
    expect(world.host.restriction).toEqual({ ways: [], adapters: [], known: others })
    await world.services.killSwitch.release()
    expect(world.host.steps.at(-1)).toBe('restrict')
    expect(world.host.restriction).toBeUndefined()
  })

  it('does not connect when the firewall cannot be had, and blocks nothing', async () => {
    const world = createWorld()
    await world.startGateway()
    await world.services.killSwitch.set(true)
    world.host.trouble.set('restrict', new VpnError('host-step-failed', { step: 'firewall' }))
    const connection = world.connect()
    await world.settle()
    expect(connection.status()).toMatchObject({
      state: { kind: 'failed', failure: { code: 'host-step-failed', details: { step: 'firewall' } } },
      killSwitch: 'off',
    })
    expect(world.network.sent).toEqual([])
  })

  it('can be turned on and off while connected', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    await world.services.killSwitch.set(true)
    expect(connection.status().killSwitch).toBe('armed')
    expect(world.host.restriction).toEqual({ ways: [way(world)], adapters: ['fake0'], known })
    await world.services.killSwitch.set(false)
    expect(connection.status().killSwitch).toBe('off')
    expect(world.host.restriction).toBeUndefined()
    await world.end(connection)
    expect(world.host.steps.filter((step) => step === 'restrict')).toHaveLength(2)
  })

  it('released while connected stays open until the next connection', async () => {
    const world = createWorld()
    await world.startGateway()
    await world.services.killSwitch.set(true)
    const first = world.connect()
    await world.settle()
    await world.services.killSwitch.release()
    expect(first.status().killSwitch).toBe('off')
    world.wire.cut()
    await world.pass(60_000)
    expect(world.host.restriction).toBeUndefined()
    world.wire.mend()
    await world.end(first)
    const second = world.connect()
    await world.settle()
    expect(second.status().killSwitch).toBe('armed')
    await world.end(second)
  })
})

describe('waking up', () => {
  it('asks the gateway at once', async () => {
    const world = createWorld()
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    world.services.exchanges.clear()
    connection.wake()
    await world.settle()
    expect(world.services.exchanges.messages().map(({ summary }) => summary)).toEqual([
      'Liveness check',
      'Acknowledgement',
    ])
    await world.end(connection)
  })
})
