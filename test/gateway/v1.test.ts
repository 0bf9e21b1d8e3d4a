/** Clients of IKEv1 in our gateway: our own connection at the other end of a network in memory. */
import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createDecryptionKey, createEncryptionKey } from '../../src-main/host/crypto/rsa-encryption.ts'
import { parseIdentity } from '../../src-main/ike/identity.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Many } from './many.ts'
import { openGateway, userPassword, utf8 } from './many.ts'

const proposals = { ike: ['aes256-sha256-modp2048'], esp: ['aes256-sha256'] }
const v1 = { versions: [1, 2], proposals }
const client: Partial<Profile> = { ikeVersion: 1, proposals }
const maria = (password = userPassword) => ({
  local: {
    method: 'eap' as const,
    username: 'maria',
    password: () => Promise.resolve(utf8(password)),
    allow: ['mschapv2' as const],
  },
})
const xauth = { xauth: { after: ['psk'], users: [{ name: 'maria', passwordFile: 'x' }] } }

const makePair = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const own = createDecryptionKey(privateKey)
  const sealing = createEncryptionKey(publicKey)
  if (own === undefined || sealing === undefined) throw new Error('no pair')
  return { own, public: sealing }
}

/** Made once: it takes its time. */
const pairs = { road: makePair(), gateway: makePair(), other: makePair() }

async function connect(
  world: Many,
  profile: Partial<Profile> = {},
  credentials: Parameters<Many['dial']>[3] = {},
  address = '192.0.2.10',
) {
  const dialled = world.dial('road', address, undefined, {
    ...credentials,
    profile: { ...client, ...profile },
  })
  await world.settle()
  expect(dialled.connection.status().state).toMatchObject({ kind: 'connected' })
  return dialled
}

describe('clients of IKEv1', () => {
  it.each(['main', 'aggressive'] as const)('come in by %s mode with a shared key', async (mode) => {
    const world = await openGateway({ ...v1, ikev1: { aggressive: true } })
    const { address, connection } = await connect(world, { ikev1: { mode } })
    expect(address()).toBe('10.9.0.2')
    // The key is 'open sesame'.
    expect(connection.status().ikeSas[0]?.weaknesses).toEqual(
      mode === 'aggressive' ? ['aggressive-psk', 'guessable-psk'] : ['guessable-psk'],
    )
    const [status] = world.gateway.clients()
    expect(status).toMatchObject({
      ikeVersion: 1,
      name: 'road@example.test',
      method: 'psk',
      addresses: ['10.9.0.2'],
    })
    expect(status?.children).toHaveLength(1)
    expect(world.gateway.halfOpen).toBe(0)
    expect(world.told().map(({ kind }) => kind)).toEqual(['listening', 'client-up'])
    await world.finish(connection.disconnect())
    expect(world.gateway.clients()).toEqual([])
    expect(world.told()).toMatchObject([{ kind: 'client-down', cause: 'deleted' }])
    expect(world.gateway.drops()).toEqual({})
  })

  it('log in by XAUTH, and are who they logged in as', async () => {
    const world = await openGateway({ ...v1, ikev1: xauth })
    await connect(world, {}, { credentials: maria() })
    expect(world.gateway.clients()).toMatchObject([{ name: 'maria', method: 'xauth' }])
  })

  it('are turned away with a wrong password, and told so', async () => {
    const world = await openGateway({ ...v1, ikev1: xauth })
    const dialled = world.dial('road', '192.0.2.10', undefined, {
      profile: client,
      credentials: maria('wrong'),
    })
    await world.settle()
    expect(dialled.connection.status().state).toMatchObject({ kind: 'failed' })
    expect(JSON.stringify(dialled.connection.status().state)).toContain('credentials-refused')
    expect(world.told()).toMatchObject([{ kind: 'listening' }, { kind: 'client-refused', who: 'maria' }])
    expect(world.gateway.clients()).toEqual([])
    await world.pass(6_000)
    expect(world.gateway.halfOpen).toBe(0)
  })

  it('do not get in by the shared key alone where a login is asked for', async () => {
    const world = await openGateway({ ...v1, ikev1: xauth })
    const { connection } = world.dial('road', '192.0.2.10', undefined, { profile: client })
    await world.pass(1_000)
    expect(JSON.stringify(connection.status().state)).toContain('no-common-proposal')
    expect(world.gateway.clients()).toEqual([])
  })

  it('with a wrong shared key hear of it', async () => {
    const world = await openGateway(v1)
    const { connection } = world.dial('road', '192.0.2.10', 'another', { profile: client })
    await world.pass(3_000)
    expect(JSON.stringify(connection.status().state)).toContain('authentication-refused')
    expect(world.gateway.clients()).toEqual([])
  })

  it('get nothing from a gateway that does not answer version 1, or aggressive mode', async () => {
    const two = await openGateway({ proposals })
    two.dial('road', '192.0.2.10', undefined, { profile: client })
    await two.settle()
    expect(two.gateway.drops()).toEqual({ 'version-not-answered': 1 })
    const main = await openGateway(v1)
    main.dial('road', '192.0.2.10', undefined, { profile: { ...client, ikev1: { mode: 'aggressive' } } })
    await main.settle()
    expect(main.gateway.drops()).toEqual({ 'exchange-not-supported': 1 })
    expect(main.gateway.halfOpen).toBe(0)
  })

  it('are given what a gateway of Cisco’s kind gives, asked for or pushed', async () => {
    for (const modeConfig of ['pull', 'push']) {
      const world = await openGateway({
        ...v1,
        ikev1: { modeConfig, banner: 'Welcome' },
        dns: { servers: ['10.20.0.53'], domains: ['office.test'] },
      })
      const { machine } = await connect(world)
      expect(JSON.stringify(machine.configuration)).toContain('10.20.0.53')
      expect(JSON.stringify(machine.configuration)).toContain('office.test')
    }
  })

  it('that ask for everything get what there is to reach, and no more', async () => {
    for (const splitInclude of [true, false]) {
      const world = await openGateway({ ...v1, ikev1: { splitInclude } })
      const { machine, connection } = await connect(world, { traffic: { remote: ['0.0.0.0/0'], local: [] } })
      expect(world.gateway.clients()[0]?.children).toHaveLength(1)
      // What the gateway names is all that goes its way, where it names something.
      expect(machine.configuration?.routes.map(({ address, length }) => `${address}/${length}`)).toEqual(
        splitInclude ? ['10.20.0.0/24'] : ['0.0.0.0/0'],
      )
      expect(connection.status().state.kind).toBe('connected')
    }
  })

  it('are refused networks that are not here', async () => {
    const world = await openGateway(v1)
    const { connection } = world.dial('road', '192.0.2.10', undefined, {
      profile: { ...client, traffic: { remote: ['172.20.0.0/16'], local: [] } },
    })
    await world.settle()
    expect(JSON.stringify(connection.status().state)).toContain('no-common-traffic')
    expect(world.told().map(({ kind }) => kind)).toContain('client-without-traffic')
  })

  it('renew their ISAKMP SA and stay the same client; the gateway renews the ESP SA', async () => {
    const world = await openGateway({ ...v1, lifetimes: { ikeSeconds: 3600, childSeconds: 60 } })
    const { connection } = await connect(world, {
      lifetimes: { ikeSeconds: 100, childSeconds: 3600 },
    })
    const before = world.gateway.clients()[0]
    world.told()
    for (let turn = 0; turn < 40; turn += 1) await world.pass(5_000)
    const [after, ...others] = world.gateway.clients()
    expect(others).toEqual([])
    expect(after?.id).toBe(before?.id)
    expect(after?.responderSpi).not.toBe(before?.responderSpi)
    expect(after?.children).toHaveLength(1)
    expect(after?.children[0]?.inboundSpi).not.toBe(before?.children[0]?.inboundSpi)
    expect(connection.status().state.kind).toBe('connected')
    expect(world.told()).toEqual([])
    expect(world.gateway.drops()).toEqual({})
  })

  it.each([
    ['main', 'revised'],
    ['main', 'original'],
    ['aggressive', 'revised'],
    ['aggressive', 'original'],
  ] as const)('prove themselves in %s mode by public-key encryption, the %s method', async (mode, method) => {
    const { road: ours, gateway: theirs, other } = pairs
    const road = parseIdentity('road@example.test')
    if (road === undefined) throw new Error('no identity')
    const encryption = {
      methods: [method],
      keyFile: 'x',
      clients: [{ identity: 'road@example.test', publicKeyFile: 'x' }],
    }
    const world = await openGateway(
      { ...v1, clients: {}, ikev1: { aggressive: true, encryption } },
      { encryption: { own: theirs.own, clients: [{ identity: road, key: ours.public }] } },
    )
    await connect(
      world,
      { ikev1: { mode } },
      {
        credentials: {
          encryption: { revised: method === 'revised', own: ours.own, gateway: theirs.public },
        },
      },
    )
    expect(world.gateway.clients()).toMatchObject([{ name: 'road@example.test', method: 'encryption' }])
    // Another key pair than the one that belongs to the name.
    const { connection } = world.dial('road', '192.0.2.66', undefined, {
      profile: { ...client, ikev1: { mode } },
      credentials: {
        encryption: { revised: method === 'revised', own: other.own, gateway: theirs.public },
      },
    })
    await world.pass(60_000)
    expect(connection.status().state.kind).not.toBe('connected')
    expect(world.gateway.clients()).toHaveLength(1)
  })

  it('that come back take the place of who they were', async () => {
    const world = await openGateway(v1)
    await connect(world)
    world.told()
    await connect(world, {}, {}, '192.0.2.11')
    expect(world.gateway.clients()).toHaveLength(1)
    expect(world.told()).toMatchObject([{ kind: 'client-down', cause: 'replaced' }, { kind: 'client-up' }])
  })

  it('are told when the gateway stops', async () => {
    const world = await openGateway(v1)
    const { connection } = await connect(world)
    await world.finish(world.gateway.stop())
    expect(connection.status().state.kind).not.toBe('connected')
  })

  it('that fall silent are asked, and put out; those who answer stay', async () => {
    const world = await openGateway({ ...v1, livenessSeconds: 10 })
    await connect(world, { livenessSeconds: 0 })
    await world.pass(60_000)
    expect(world.gateway.clients()).toHaveLength(1)
    world.told()
    world.network.meddle = () => []
    await world.pass(60_000)
    expect(world.gateway.clients()).toEqual([])
    expect(world.told()).toMatchObject([{ kind: 'client-down', cause: 'silent' }])
  })
})
