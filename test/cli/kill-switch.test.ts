/** The kill switch and the key export from the command line: what the engine is told, and what the person. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { VpnError } from '../../src-shared/errors.ts'
import type { FakeConnection } from '../app/fake-engine.ts'
import { connectedDetails, fakeEngine } from '../app/fake-engine.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { FakeWorld } from './fake-world.ts'
import { fakeWorld } from './fake-world.ts'

let world: FakeWorld
let told: unknown[]

const use = (script: (connection: FakeConnection) => void | Promise<void>) => {
  const engine = fakeEngine((connection) => {
    told.push('connect')
    return script(connection)
  })
  world.engine = {
    ...engine,
    setKillSwitch: (on) => Promise.resolve(void told.push(['kill switch', on])),
    setKeyExport: (directory) => void told.push(['keys', directory]),
    releaseKillSwitch: () => Promise.resolve(void told.push('release')),
    close: () => Promise.resolve(void told.push('close')),
  }
  return engine
}

beforeEach(() => {
  world = fakeWorld()
  told = []
  const profile = sampleProfile()
  const directory = join(world.root, 'config/culvert/profiles')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `${profile.id}.json`), JSON.stringify(profile))
})
afterEach(() => world.dispose())

const armed = { ...connectedDetails, killSwitch: 'armed' } as const

describe('culvert up', { timeout: 40_000 }, () => {
  it('tells the engine before it connects, and nothing when nothing was asked', async () => {
    const engine = use((connection) => connection.become({ kind: 'connected' }, armed))
    const ended = world.culvert('up', 'Office', '--kill-switch', '--export-keys', '/tmp/keys')
    await vi.waitFor(() => expect(engine.connections[0]?.status().state.kind).toBe('connected'), {
      timeout: 20_000,
    })
    world.interrupt('SIGINT')
    expect(await ended).toBe(0)
    expect(told).toEqual([['keys', '/tmp/keys'], ['kill switch', true], 'connect', 'close'])

    told = []
    use((connection) => connection.end({ code: 'gateway-unreachable', details: {} }))
    await world.culvert('up', 'Office')
    expect(told).toEqual(['connect', 'close'])
    expect(world.read().err).not.toContain('kill switch')
  })

  it('says what holds, and how to get out, when it fails', async () => {
    use((connection) => {
      connection.become({ kind: 'connected' }, armed)
      connection.become(
        { kind: 'failed', failure: { code: 'gateway-gave-up', details: {} } },
        { killSwitch: 'holding' },
      )
      connection.end({ code: 'gateway-gave-up', details: {} })
    })
    expect(await world.culvert('up', 'Office', '--kill-switch')).toBe(5)
    const { err } = world.read()
    expect(err).toContain('The kill switch holds: nothing leaves this machine.')
    expect(err).toContain('culvert release')
  })
})

describe('culvert release', { timeout: 40_000 }, () => {
  it('releases and ends', async () => {
    use(() => undefined)
    expect(await world.culvert('release')).toBe(0)
    expect(told).toEqual(['release', 'close'])
    expect(world.read().out).toBe('Nothing is held back any more.\n')
  })

  it('leaves a connection that stands alone', async () => {
    const engine = use((connection) => connection.become({ kind: 'connected' }, armed))
    const ended = world.culvert('up', 'Office', '--kill-switch')
    await vi.waitFor(() => expect(engine.connections[0]?.status().state.kind).toBe('connected'), {
      timeout: 20_000,
    })
    expect(await world.culvert('release')).toBe(12)
    expect(told).not.toContain('release')
    world.interrupt('SIGINT')
    await ended
  })

  it('says why it cannot', async () => {
    const engine = use(() => undefined)
    world.engine = {
      ...engine,
      releaseKillSwitch: () => Promise.reject(new VpnError('no-privilege', { reason: 'not root' })),
    }
    expect(await world.culvert('release')).toBe(10)
    expect(engine.closed).toBe(true)
  })
})

describe('culvert status', { timeout: 40_000 }, () => {
  it('shows the kill switch, the policies, the window and when it ends', async () => {
    const [ike] = connectedDetails.ikeSas ?? []
    const [child] = ike?.childSas ?? []
    if (ike === undefined || child === undefined) throw new Error('no SA')
    const childSas = [
      { ...child, expiresInMs: 2_250_000, replayWindow: { size: 64, seen: `${'1'.repeat(60)}0011` } },
    ]
    const engine = use((connection) =>
      connection.become(
        { kind: 'connected' },
        {
          ...armed,
          ikeSas: [{ ...ike, childSas }],
          policies: [
            {
              direction: 'outbound',
              action: 'protect',
              local: '10.9.0.2/32',
              remote: '10.0.0.0/8',
              protocol: 'tcp 80',
              spi: 0x0badcafe,
              reason: 'agreed with the gateway',
            },
            {
              direction: 'inbound',
              action: 'protect',
              local: '10.9.0.2/32',
              remote: '10.0.0.0/8',
              protocol: 'any',
              reason: 'agreed with the gateway',
            },
            {
              direction: 'outbound',
              action: 'discard',
              local: 'any',
              remote: 'any',
              protocol: 'any',
              reason: 'the kill switch is on',
            },
          ],
        },
      ),
    )
    const ended = world.culvert('up', 'Office', '--kill-switch')
    await vi.waitFor(() => expect(engine.connections[0]?.status().state.kind).toBe('connected'), {
      timeout: 20_000,
    })
    world.read()
    expect(await world.culvert('status')).toBe(0)
    const { out } = world.read()
    expect(out).toMatch(/Kill switch +on: nothing leaves this machine beside the tunnel\n/)
    expect(out).toMatch(
      /Policies +protect  10\.9\.0\.2\/32 → 10\.0\.0\.0\/8 tcp 80  \(SA 0badcafe\)\n +discard  any → any  \(the kill switch is on\)\n/,
    )
    expect(out).toContain('anti-replay window of 64, 2 of the last 64 missing')
    expect(out).toContain('ends in 37 min 30 s')
    world.interrupt('SIGINT')
    await ended
  })
})
