import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FakeEngine } from '../app/fake-engine.ts'
import { connectAfterAsking, connectedDetails, fakeEngine } from '../app/fake-engine.ts'
import type { Log } from '../../src-main/ports.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { FakeWorld } from './fake-world.ts'
import { fakeWorld } from './fake-world.ts'

let world: FakeWorld
let engine: FakeEngine

const use = (made: FakeEngine) => {
  engine = made
  world.engine = made
}
const store = (profile = sampleProfile()) => {
  const directory = join(world.root, 'config/culvert/profiles')
  mkdirSync(directory, { recursive: true })
  writeFileSync(join(directory, `${profile.id}.json`), JSON.stringify(profile))
}
const write = (name: string, content: string, mode = 0o600) => {
  const path = join(world.root, name)
  writeFileSync(path, content)
  chmodSync(path, mode)
  return path
}
const untilConnected = () =>
  vi.waitFor(() => expect(engine.connections[0]?.status().state.kind).toBe('connected'), { timeout: 8000 })

beforeEach(() => {
  world = fakeWorld()
  use(fakeEngine(connectAfterAsking('password', 'hunter2')))
  store()
})
afterEach(() => world.dispose())

describe('culvert up', () => {
  it('asks for the password, prints the phases and one line, and disconnects at Ctrl-C', async () => {
    world.typing = ['hunter2']
    const ended = world.culvert('up', 'Office')
    await untilConnected()
    await vi.waitFor(() => expect(world.asked).toEqual(['Password of maria for Office']))
    world.interrupt('SIGINT')
    expect(await ended).toBe(0)
    const { out, err } = world.read()
    expect(out.replace(/ +\d+ ms/g, ' TIME').replace(/ TIME(?=\))/, ' TIME')).toBe(
      [
        'Office',
        '  ✓ Finding the gateway TIME',
        '  ✓ Agreeing on encryption TIME',
        '  ✓ Proving identities TIME',
        '  ✓ Setting up the tunnel TIME  10.9.0.2',
        'Connected to Office as 10.9.0.2 (AES-256-GCM · Curve25519, TIME)',
        'Disconnected.',
        '',
      ].join('\n'),
    )
    expect(err).toBe('')
    expect(engine.closed).toBe(true)
  })

  it('takes the password from a file or from standard input, before the person and before the profile', async () => {
    store(
      sampleProfile({
        local: {
          authentication: { method: 'eap', username: 'maria', password: { from: 'file', path: '/nowhere' } },
        },
      }),
    )
    for (const file of [write('pw', 'hunter2\n'), '-']) {
      use(fakeEngine(connectAfterAsking('password', 'hunter2')))
      world.stdin.text = 'hunter2\n'
      const ended = world.culvert('up', 'Office', '--password-file', file)
      await untilConnected()
      world.interrupt('SIGTERM')
      expect(await ended).toBe(0)
    }
    expect(world.asked).toEqual([])
  })

  it('ends with its own code for a wrong password, and says whose turn it is', async () => {
    world.typing = ['guess']
    expect(await world.culvert('up', 'Office')).toBe(7)
    const { out, err } = world.read()
    expect(out).toContain('  ✗ Proving identities')
    expect(err).toBe(
      "✗ The gateway didn't accept this password for maria.\n  Check it and try again, or ask your administrator.\n",
    )
  })

  it('says that nobody can be asked', async () => {
    expect(await world.culvert('up', 'Office')).toBe(4)
    expect(world.read().err).toContain('Run the command in a terminal, or give it with --password-file.')
  })

  it('is cancelled by Ctrl-C at the question, before anything was connected', async () => {
    world.typing = []
    const ended = world.culvert('up', 'Office')
    await vi.waitFor(() => expect(world.asked).toHaveLength(1))
    world.interrupt('SIGINT')
    expect(await ended).toBe(130)
    expect(engine.closed).toBe(true)
  })

  it('tells every change of state as JSON, failures before the connection too', async () => {
    const ended = world.culvert('up', 'Office', '--json', '--password-file', write('pw', 'hunter2'))
    await untilConnected()
    engine.connections[0]!.become({ kind: 'connected' }, { mtu: 1300 })
    engine.connections[0]!.become({ kind: 'reconnecting', cause: 'gateway-silent', attempt: 1 })
    engine.connections[0]!.end({ code: 'gateway-unreachable', details: { gateway: '203.0.113.1' } })
    expect(await ended).toBe(5)
    const lines = world
      .read()
      .out.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.map(({ state, phase }) => (phase === undefined ? state : [state, phase].join(' ')))).toEqual(
      [
        'connecting resolving',
        'connecting negotiating',
        'connecting authenticating',
        'connecting configuring',
        'connected',
        'reconnecting',
        'failed',
      ],
    )
    const { gateway, virtualAddresses, dns, ikeSas, mtu, dataPlane } = connectedDetails
    expect(lines[4]).toMatchObject({
      profile: 'Office',
      profileId: sampleProfile().id,
      gateway,
      virtualAddresses,
      dns,
      ikeSas,
      mtu,
      dataPlane,
      interface: 'culvert0',
    })
    expect(lines[5]).toMatchObject({ cause: 'gateway-silent', attempt: 1 })
    expect(lines[6]).toMatchObject({
      failure: {
        code: 'gateway-unreachable',
        what: 'No answer from 203.0.113.1.',
        turn: 'network',
        exitCode: 5,
      },
    })

    expect(await world.culvert('up', 'nothing', '--json')).toBe(3)
    expect(JSON.parse(world.read().out)).toMatchObject({
      state: 'failed',
      failure: { code: 'profile-not-found', exitCode: 3 },
    })
  })

  it('connects by a file that is not stored, with the secret in it', async () => {
    const file = write(
      'x.sswan',
      JSON.stringify({
        uuid: 'b0d4e2a6-1111-4222-8333-444455556666',
        name: 'X',
        type: 'ikev2-eap',
        remote: { addr: 'gw' },
        local: { eap_id: 'maria', shared_secret: 'hunter2' },
      }),
    )
    const ended = world.culvert('up', file)
    await untilConnected()
    world.interrupt('SIGINT')
    expect(await ended).toBe(0)
    await world.culvert('list')
    expect(world.read().out).not.toContain('gw')
  })

  it.each([
    [
      'two secrets from standard input',
      ['--password-file', '-', '--psk-file', '-'],
      2,
      /Standard input can give one secret only/,
    ],
    ['a password file that is not there', ['--password-file', '/nowhere'], 4, /there is no such file/],
  ])('refuses %s', async (_what, options, code, problem) => {
    expect(await world.culvert('up', 'Office', ...options)).toBe(code)
    expect(world.read().err).toMatch(problem)
    expect(engine.connections).toEqual([])
  })

  it('says in one sentence what is wrong with a file', async () => {
    expect(await world.culvert('up', write('broken.json', '{ "version": 1, "gateway": {} }'))).toBe(3)
    expect(world.read().err).toMatch(/^✗ The profile .*broken\.json cannot be used: .*\n {2}.*\n$/)
  })
})

describe('from another terminal', () => {
  let ended: Promise<number>
  beforeEach(async () => {
    ended = world.culvert('up', 'Office', '--password-file', write('pw', 'hunter2'))
    await untilConnected()
    world.read()
  })

  it('shows the connection with its security associations', async () => {
    expect(await world.culvert('status')).toBe(0)
    const { out } = world.read()
    for (const line of [
      /^Office {2}connected · /,
      / {2}Gateway {3,}vpn\.example\.org \(203\.0\.113\.1:4500\)\n/,
      / {2}DNS {7,}10\.0\.0\.53 for corp\.example\n/,
      / {2}Adapter {3,}culvert0, MTU 1400, portable data plane\n/,
      / {2}IKE SA {4,}0011223344556677 ⇄ 8899aabbccddeeff\n/,
      /AES-256-GCM · PRF SHA-384 · Curve25519\n/,
      /in c0ffee01, out 0badcafe · ESP in UDP, tunnel mode\n/,
      /received 12 packets, 3\.5 kB · sent 10 packets, 2\.3 MB\n/,
      / {2}Dropped {3,}3 replayed\n/,
    ]) {
      expect(out).toMatch(line)
    }
    expect(await world.culvert('status', '--json')).toBe(0)
    expect(JSON.parse(world.read().out)).toMatchObject([
      { ...connectedDetails, profileName: 'Office', state: { kind: 'connected' } },
    ])
    await world.culvert('list')
    expect(world.read().out).toContain('connected')
    world.interrupt('SIGINT')
    expect(await ended).toBe(0)
  })

  it('refuses to connect twice or to remove what is in use, and disconnects by name', async () => {
    expect(await world.culvert('up', 'office')).toBe(12)
    expect(await world.culvert('remove', 'office')).toBe(12)
    expect(await world.culvert('down', 'another')).toBe(12)
    world.read()
    expect(await world.culvert('down', 'office')).toBe(0)
    expect(await ended).toBe(0)
    expect(world.read().out).toContain('Disconnected from Office.')
    expect(await world.culvert('status')).toBe(0)
    expect(world.read().out).toBe('Not connected.\n')
  })
})

describe('culvert log', () => {
  it('shows what was logged, from a level on, also when all has ended, and follows', async () => {
    use(
      fakeEngine((connection) => {
        connection.end({ code: 'no-tun', details: {} })
      }),
    )
    Object.assign(world.cli, {
      createEngine: (log: Log) => {
        log('info', 'engine', 'began', { attempt: 1 })
        log('warn', 'engine', 'odd \u001b[31m')
        return Promise.resolve(world.engine)
      },
    })
    expect(await world.culvert('up', 'Office')).toBe(11)
    world.read()
    expect(await world.culvert('log')).toBe(0)
    expect(world.read().out).toMatch(
      /^[\d:.]{12} info {2}engine {3}began attempt=1\n[\d:.]{12} warn {2}engine {3}odd \uFFFD\[31m\n[\d:.]{12} warn {2}state {4}failed profile=Office code=no-tun\n$/,
    )
    expect(await world.culvert('log', '--level', 'warn', '--json')).toBe(0)
    const [line = ''] = world.read().out.split('\n')
    expect(JSON.parse(line)).toMatchObject({ level: 'warn', area: 'engine' })

    const following = world.culvert('log', '--follow')
    await vi.waitFor(() => expect(world.read().out).toContain('odd'))
    use(fakeEngine((connection) => connection.end({ code: 'no-tun', details: {} })))
    await world.culvert('up', 'Office')
    await vi.waitFor(() => expect(world.read().out).toContain('began'))
    world.interrupt('SIGINT')
    expect(await following).toBe(0)
  })
})
