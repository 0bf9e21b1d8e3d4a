import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp } from '../../src-main/app/app.ts'
import type { App } from '../../src-main/app/app.ts'
import type { BridgeClient } from '../../src-main/app/bridge-client.ts'
import { connectBridge } from '../../src-main/app/bridge-client.ts'
import type { BridgeServer } from '../../src-main/app/bridge-server.ts'
import { serveBridge } from '../../src-main/app/bridge-server.ts'
import { connectToAll, controlSocketPath } from '../../src-main/app/control-sockets.ts'
import { createLog } from '../../src-main/app/log.ts'
import { createPassingStore } from '../../src-main/app/secret-store.ts'
import { connect } from 'node:net'
import { spawnSync } from 'node:child_process'
import type { ConnectionBridge, ConnectionSlices } from '../../src-shared/contract.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { Secret } from '../../src-shared/secret.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { FakeEngine } from './fake-engine.ts'
import { connectAfterAsking, connectedDetails, fakeEngine } from './fake-engine.ts'

const profile = sampleProfile()

const appWith = (engine: FakeEngine, canAsk = true) => {
  const log = createLog({ now: () => 0 })
  const app = createApp({
    engine,
    findProfile: (id) =>
      id === profile.id
        ? Promise.resolve(profile)
        : Promise.reject(new VpnError('profile-not-found', { profile: id })),
    secretStore: createPassingStore([]),
    log,
    baseDirectory: '/',
    canAsk: () => canAsk,
  })
  return { app, log }
}

const until = async (
  bridge: ConnectionBridge,
  wanted: (value: ConnectionSlices['connections']) => boolean,
) => {
  for (;;) {
    const value = await bridge.snapshot('connections')
    if (wanted(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
const stateOf = (value: ConnectionSlices['connections']) => value[0]?.state.kind

describe('app', () => {
  it('connects, asks for the password, and shows what the engine says', async () => {
    const engine = fakeEngine(connectAfterAsking('password', 'hunter2'))
    const { app } = appWith(engine)
    expect(await app.bridge.call('connect', { profileId: profile.id })).toEqual({
      ok: true,
      value: undefined,
    })
    const [asking] = await until(app.bridge, ([first]) => first?.question !== undefined)
    expect(asking?.question).toEqual({ id: 1, kind: 'password', text: 'Password of maria for Office' })
    expect(await app.bridge.call('answer', { id: 1, secret: 'hunter2' })).toMatchObject({ ok: true })
    const [connected] = await until(app.bridge, (value) => stateOf(value) === 'connected')
    expect(connected).toMatchObject(connectedDetails)
    expect(connected).not.toHaveProperty('question')
    await app.close()
    expect(await app.bridge.snapshot('connections')).toEqual([])
    expect(engine.closed).toBe(true)
  })

  it('shows moving numbers to those who watch, and tells of changes alone to others', async () => {
    vi.useFakeTimers()
    try {
      const { app } = appWith(fakeEngine(connectAfterAsking('password')))
      const heard = { changes: 0, moving: 0 }
      app.onChange(() => (heard.changes += 1))
      app.bridge.subscribe('connections', () => (heard.moving += 1))
      app.connect(profile)
      await vi.advanceTimersByTimeAsync(10)
      const begun = { ...heard }
      await vi.advanceTimersByTimeAsync(5_000)
      expect(heard).toEqual({ changes: begun.changes, moving: begun.moving + 5 })
      await app.close()
    } finally {
      vi.useRealTimers()
    }
  })

  it('asks once, however often the engine needs the password, and wipes it at the end', async () => {
    const engine = fakeEngine(connectAfterAsking('password'))
    const { app } = appWith(engine)
    app.connect(profile)
    await until(app.bridge, ([first]) => first?.question !== undefined)
    const secret = new Secret(new TextEncoder().encode('hunter2'))
    app.answer(1, secret)
    await until(app.bridge, (value) => stateOf(value) === 'connected')
    const again = await engine.connections[0]!.secrets.fetch('password')
    expect(new TextDecoder().decode(again)).toBe('hunter2')
    await app.close()
    expect(secret.wiped).toBe(true)
  })

  it('fails at once when nobody is there to answer', async () => {
    const { app } = appWith(fakeEngine(connectAfterAsking('password')), false)
    app.connect(profile)
    const [failed] = await until(app.bridge, (value) => stateOf(value) === 'failed')
    expect(failed?.state).toMatchObject({ failure: { code: 'secret-missing' } })
  })

  it('keeps a failure to be seen, and lets the profile be connected again', async () => {
    const engine = fakeEngine()
    const { app } = appWith(engine)
    app.connect(profile)
    engine.connections[0]!.end({ code: 'gateway-unreachable', details: {} })
    await until(app.bridge, (value) => stateOf(value) === 'failed')
    expect(app.connect(profile).ok).toBe(true)
    expect(app.connect(profile)).toEqual({
      ok: false,
      error: { code: 'already-running', details: { profile: 'Office' } },
    })
    expect(await app.bridge.call('disconnect', {})).toMatchObject({ ok: true })
    expect(await app.bridge.call('disconnect', {})).toMatchObject({
      ok: false,
      error: { code: 'not-running' },
    })
  })

  it('declines: the connection that asked is cancelled', async () => {
    const { app } = appWith(fakeEngine(connectAfterAsking('password')))
    app.connect(profile)
    await until(app.bridge, ([first]) => first?.question !== undefined)
    app.decline(1)
    const [failed] = await until(app.bridge, (value) => stateOf(value) === 'failed')
    expect(failed?.state).toMatchObject({ failure: { code: 'cancelled' } })
    expect(app.answer(1, new Secret(new Uint8Array(1)))).toBe(false)
  })

  it('tells what it does not know apart from a bug', async () => {
    const { app, log } = appWith(fakeEngine())
    expect(await app.bridge.call('connect', { profileId: 'x' })).toMatchObject({
      error: { code: 'profile-not-found' },
    })
    expect(log.lines()).toEqual([])
  })
})

describe('the bridge over a socket', () => {
  let directory: string
  let app: App
  let engine: FakeEngine
  let server: BridgeServer
  let client: BridgeClient
  let path: string

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'culvert-run-'))
    engine = fakeEngine(connectAfterAsking('password', 'hunter2'))
    app = appWith(engine).app
    path = controlSocketPath(directory)
    server = await serveBridge(app.bridge, path)
    client = await connectBridge(path)
  })
  afterEach(async () => {
    client.close()
    await server.close()
    await app.close()
    rmSync(directory, { recursive: true })
  })

  it('shows and steers the connection of another process', async () => {
    const seen: string[] = []
    client.subscribe('connections', (value) => seen.push(stateOf(value) ?? 'none'))
    expect(await client.call('connect', { profileId: profile.id })).toEqual({ ok: true, value: undefined })
    await until(client, ([first]) => first?.question !== undefined)
    await client.call('answer', { id: 1, secret: 'hunter2' })
    const [connected] = await until(client, (value) => stateOf(value) === 'connected')
    expect(connected).toMatchObject(connectedDetails)
    await vi.waitFor(() => expect(seen.at(-1)).toBe('connected'))
    expect(await client.call('disconnect', { profileId: 'another' })).toEqual({
      ok: false,
      error: { code: 'not-running', details: {} },
    })
    await client.call('disconnect', {})
    await vi.waitFor(() => expect(seen.at(-1)).toBe('none'))
  })

  it('declines a question of another process', async () => {
    await client.call('connect', { profileId: profile.id })
    await until(client, ([first]) => first?.question !== undefined)
    expect(await client.call('decline', { id: 1 })).toEqual({ ok: true, value: undefined })
    const [failed] = await until(client, (value) => stateOf(value) === 'failed')
    expect(failed?.state).toMatchObject({ failure: { code: 'cancelled' } })
  })

  it('carries the IKE messages with all that is in them', async () => {
    const heard: number[] = []
    client.subscribe('exchanges', (value) => heard.push(value.length))
    await client.snapshot('exchanges')
    engine.exchange({})
    engine.exchange({ direction: 'received', kind: 'response', encrypted: true })
    expect(await client.snapshot('exchanges')).toEqual(engine.exchanges?.messages())
    await vi.waitFor(() => expect(heard.at(-1)).toBe(2), { timeout: 8000 })
  })

  it.each([
    [
      'an unknown command',
      { kind: 'call', id: 7, name: 'reboot', argument: {} },
      'This command is not known.',
    ],
    [
      'a name from the prototype',
      { kind: 'call', id: 7, name: 'constructor', argument: {} },
      'This command is not known.',
    ],
    ['an unknown slice', { kind: 'snapshot', id: 7, name: 'secrets' }, 'This slice is not known.'],
    [
      'wrong arguments',
      { kind: 'call', id: 7, name: 'connect', argument: { profileId: 5 } },
      'The arguments of this command are not valid.',
    ],
    [
      'arguments too many',
      { kind: 'call', id: 7, name: 'disconnect', argument: { path: '/' } },
      'The arguments of this command are not valid.',
    ],
  ])('refuses %s', async (_what, request, problem) => {
    const answer = await raw(path, `${JSON.stringify(request)}\n`)
    expect(JSON.parse(answer)).toEqual({
      id: 7,
      result: { ok: false, error: { code: 'usage', details: { problem } } },
    })
  })

  it.each([
    ['no JSON', 'hello\n'],
    ['no request', '[]\n'],
    ['a line that does not end', 'x'.repeat(70_000)],
  ])('hangs up on %s, and serves others still', async (_what, text) => {
    expect(await raw(path, text)).toBe('')
    expect(await client.snapshot('connections')).toEqual([])
  })

  it('finds every process that runs, and cleans up after those that were killed', async () => {
    const dead = controlSocketPath(directory, 999_999)
    const listener = `require('net').createServer().listen(${JSON.stringify(dead)}, () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', listener])
    const clients = await connectToAll(directory)
    expect(clients).toHaveLength(1)
    expect(await clients[0]!.snapshot('connections')).toEqual([])
    for (const found of clients) found.close()
    expect(spawnSync('ls', [dead]).status).not.toBe(0)
    expect(await connectToAll(join(directory, 'nowhere'))).toEqual([])
  })

  it('settles what is waiting when the other process goes', async () => {
    const pending = client.call('connect', { profileId: profile.id })
    await server.close()
    await client.closed
    await pending
    expect(await client.call('disconnect', {})).toMatchObject({ error: { code: 'not-running' } })
    server = await serveBridge(app.bridge, path)
  })
})

/** Sends text as it is and gives all that comes back until the answer's line or the end. */
const raw = (path: string, text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(path, () => socket.write(text))
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk.toString()
      if (answer.endsWith('\n')) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(answer))
  })
