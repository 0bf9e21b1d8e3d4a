/** Disconnecting before the tunnel stands: at once, from every phase, and nothing stays behind. */
import { describe, expect, it } from 'vitest'
import type { Profile } from '../../src-shared/profile.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Credentials } from '../../src-main/engine/credentials.ts'
import type { World, WorldOptions } from './world.ts'
import { createWorld, eapProfile, nothingLeft, pskProfile, utf8 } from './world.ts'

interface Phase {
  readonly name: string
  readonly profile: Profile
  readonly options?: WorldOptions
  /** Stops the world so that it stays in this phase. */
  readonly hold: (world: World) => void
  readonly lastState: string
  /** What has to happen for the connection to be able to end. */
  readonly release?: (world: World) => void
}

const phases: readonly Phase[] = [
  {
    name: 'while the helper starts',
    profile: pskProfile(),
    hold: (world) => world.host.hold('prepare'),
    lastState: 'resolving',
  },
  {
    name: 'while the name is resolved',
    profile: pskProfile(),
    options: {
      resolve: (_host, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new VpnError('cancelled')), { once: true })
        }),
    },
    hold: () => undefined,
    lastState: 'resolving',
  },
  {
    name: 'while the gateway is silent',
    profile: pskProfile(),
    hold: (world) => world.wire.cut(),
    lastState: 'negotiating',
  },
  {
    name: 'while the pre-shared key is asked for',
    profile: pskProfile(),
    options: { secret: () => new Promise(() => undefined) },
    hold: () => undefined,
    lastState: 'negotiating',
  },
  {
    name: 'while the password is asked for',
    profile: eapProfile(),
    options: { secret: () => new Promise(() => undefined) },
    hold: () => undefined,
    lastState: 'authenticating',
  },
  {
    name: 'while the gateway thinks about our proof',
    profile: pskProfile(),
    hold: (world) => (world.wire.loses = ({ to }) => to.port === 4500),
    lastState: 'authenticating',
  },
  {
    name: 'while the machine is set up',
    profile: pskProfile(),
    hold: (world) => world.host.hold('open'),
    lastState: 'configuring',
    release: (world) => world.host.release('open'),
  },
]

describe('disconnecting before the tunnel stands', () => {
  it.each(phases)('$name', async ({ profile, options, hold, lastState, release }) => {
    const world = createWorld({ profile, ...options })
    const gateway = await world.startGateway()
    hold(world)
    const connection = world.connect()
    await world.pass(2_000)
    expect(world.told().at(-1)).toBe(lastState)

    const done = connection.disconnect()
    await world.settle()
    release?.(world)
    await world.settle()
    await done
    expect(world.told()).toEqual(['disconnecting', 'disconnected'])

    world.wire.mend()
    await world.stop(gateway)
    await world.pass(120_000)
    expect(world.leftovers()).toEqual(nothingLeft)
    expect(world.host.steps.includes('close')).toBe(world.host.steps.includes('open'))
    expect(world.logged.filter((line) => line.startsWith('error'))).toEqual([])
  })

  it('while credentials are loaded: what is loaded later is closed', async () => {
    const world = createWorld()
    let load: (credentials: Credentials) => void = () => undefined
    const connection = world.connect(() => new Promise((resolve) => (load = resolve)))
    await world.settle()
    await connection.disconnect()
    expect(connection.status().state).toEqual({ kind: 'disconnected' })
    expect(world.closedCredentials.count).toBe(0)
    load(world.credentials)
    await world.settle()
    expect(world.closedCredentials.count).toBe(1)
  })

  it('before anything has happened', async () => {
    const world = createWorld()
    const connection = world.connect()
    await connection.disconnect()
    expect(world.network.sent).toEqual([])
    expect(connection.status().state).toEqual({ kind: 'disconnected' })
    expect(world.leftovers()).toEqual(nothingLeft)
  })

  it('a password that comes too late is wiped', async () => {
    const typed = utf8('open sesame')
    let type: (secret: Uint8Array) => void = () => undefined
    const world = createWorld({
      profile: eapProfile(),
      secret: () => new Promise((resolve) => (type = resolve)),
    })
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    await connection.disconnect()
    type(typed)
    await world.settle()
    expect(typed.every((byte) => byte === 0)).toBe(true)
  })

  it('by declining the password fails with "cancelled"', async () => {
    const world = createWorld({
      profile: eapProfile(),
      secret: () => Promise.reject(new VpnError('cancelled')),
    })
    await world.startGateway()
    const connection = world.connect()
    await world.settle()
    await connection.finished
    expect(connection.status().state).toMatchObject({ kind: 'failed', failure: { code: 'cancelled' } })
  })
})
