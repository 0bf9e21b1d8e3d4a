import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { App } from '../../src-main/app/app.ts'
import { createApp } from '../../src-main/app/app.ts'
import { serveBridge } from '../../src-main/app/bridge-server.ts'
import { argumentSchemas, callChecked } from '../../src-main/app/command-schemas.ts'
import { connectToAll, controlSocketPath } from '../../src-main/app/control-sockets.ts'
import type { DesktopApp, DesktopParts } from '../../src-main/app/desktop-app.ts'
import { openDesktopApp } from '../../src-main/app/desktop-app.ts'
import { createLog } from '../../src-main/app/log.ts'
import { createPassingStore } from '../../src-main/app/secret-store.ts'
import { sealBundle } from '../../src-main/profiles/bundle.ts'
import { createProfileStore } from '../../src-main/profiles/store.ts'
import type { Commands, Slices } from '../../src-shared/contract.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { FakeEngine } from './fake-engine.ts'
import { connectAfterAsking, connectedDetails, fakeEngine } from './fake-engine.ts'
import type { MemoryKeyring } from './memory-keyring.ts'
import { memoryKeyring } from './memory-keyring.ts'

/** Waits as long as a busy machine may take. */
const soon = <Value>(look: () => Value | Promise<Value>): Promise<Value> =>
  vi.waitFor(look, { timeout: 8000, interval: 10 })

const profile = sampleProfile()
let root: string
let engine: FakeEngine
let keyring: MemoryKeyring
let desktop: DesktopApp
const directories = () => ({
  profiles: join(root, 'config', 'profiles'),
  keys: join(root, 'keys'),
  runtime: join(root, 'run'),
})
const partsOf = (changes: Partial<DesktopParts> = {}): DesktopParts => ({
  engine,
  directories: directories(),
  keyring,
  keyringState: 'available',
  log: createLog({ level: 'debug' }),
  helperPath: join(root, 'helper.js'),
  about: { version: '1.2.3', runtime: 'Node' },
  now: () => 1_700_000_000_000,
  ...changes,
})
const call = async <Name extends keyof Commands>(name: Name, argument: Commands[Name]['arguments']) => {
  const result = await callChecked(desktop.bridge, argumentSchemas, name, argument)
  if (!result.ok) throw new VpnError(result.error.code, result.error.details)
  return result.value
}
const see = <Name extends keyof Slices>(name: Name) => desktop.bridge.snapshot(name)
const states = async () =>
  (await see('connections')).map(({ state, carriedBy }) => `${state.kind} ${carriedBy ?? ''}`)
const reopen = async (changes: Partial<DesktopParts> = {}) => {
  await desktop.close()
  desktop = await openDesktopApp(partsOf(changes))
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'culvert-desktop-'))
  engine = fakeEngine(connectAfterAsking('password', 'hunter2'))
  keyring = memoryKeyring()
  desktop = await openDesktopApp(partsOf())
})
afterEach(async () => {
  await desktop.close()
  rmSync(root, { recursive: true })
})

describe('the desktop app', () => {
  it('saves a profile with its password, connects without asking, and remembers when', async () => {
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    await call('connect', { profileId: profile.id })
    await soon(async () => expect(await states()).toEqual(['connected this']))
    await soon(async () => expect((await see('library')).entries[0]?.lastConnectedAt).toBe(1_700_000_000_000))
    await call('disconnect', { profileId: profile.id })
    expect(await see('connections')).toEqual([])
  })

  it('asks where nothing is kept; a declined question is a cancelled connection', async () => {
    await call('saveProfile', { profile, secrets: [] })
    await call('connect', { profileId: profile.id })
    const question = await soon(async () => {
      const [found] = await see('connections')
      if (found?.question === undefined) throw new Error('no question yet')
      return found.question
    })
    await call('decline', { id: question.id })
    await soon(async () =>
      expect((await see('connections'))[0]?.state).toMatchObject({ failure: { code: 'cancelled' } }),
    )
  })

  it('refuses to save what could never connect', async () => {
    const wrong = sampleProfile({ proposals: { ike: ['aes256-rot13'], esp: [] } })
    await expect(call('saveProfile', { profile: wrong, secrets: [] })).rejects.toThrow(/proposals.ike.0/)
  })

  it('ends a connection before its profile is deleted', async () => {
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    await call('connect', { profileId: profile.id })
    await call('deleteProfiles', { profileIds: [profile.id] })
    expect(await see('connections')).toEqual([])
    await call('restoreProfiles', { profileIds: [profile.id] })
    expect((await see('library')).entries).toHaveLength(1)
  })

  it('connects nothing at login whose profile is deleted, and does so again when it is brought back', async () => {
    await call('saveProfile', { profile, secrets: [] })
    await call('changeSettings', { connectAtLogin: profile.id })
    await call('deleteProfiles', { profileIds: [profile.id] })
    expect((await see('settings')).connectAtLogin).toBeNull()
    await call('restoreProfiles', { profileIds: [profile.id] })
    expect((await see('settings')).connectAtLogin).toBe(profile.id)
  })

  it('shows what a subscriber is told while something is connected', async () => {
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    const told: number[] = []
    const stop = desktop.bridge.subscribe('connections', (value) => told.push(value.length))
    await call('connect', { profileId: profile.id })
    await soon(async () => expect(await states()).toEqual(['connected this']))
    const before = told.length
    // Its counters move without a change of state.
    await soon(() => expect(told.length).toBeGreaterThan(before))
    stop()
  })

  it('imports through a preview', async () => {
    const base64 = Buffer.from(JSON.stringify(profile)).toString('base64')
    const preview = await call('previewImport', { files: [{ name: 'office.json', base64 }] })
    expect(preview.profiles).toMatchObject([{ profile: { name: 'Office' }, missing: ['password'] }])
    expect(await call('keepImport', { id: preview.id, profileIds: [profile.id] })).toEqual({
      profileIds: [profile.id],
    })
    expect((await see('library')).entries).toHaveLength(1)
  })

  it('previews a file that is protected as a whole again with its password', async () => {
    const secret = {
      id: '11111111-2222-4333-8444-555555555555',
      profileId: profile.id,
      kind: 'password' as const,
      encrypted: false,
      value: new TextEncoder().encode('hunter2'),
    }
    const cheap = { n: 16_384, r: 8, p: 1 }
    const text = sealBundle([profile], [secret], new TextEncoder().encode('geheim'), cheap)
    const files = [{ name: 'office.json', base64: Buffer.from(text).toString('base64') }]
    const closed = await call('previewImport', { files })
    expect(closed).toMatchObject({ files: [{ needsPassword: true }], profiles: [] })
    const open = await call('previewImport', { files, password: 'geheim' })
    expect(open.files[0]).not.toHaveProperty('needsPassword')
    expect(open.profiles).toMatchObject([{ profile: { name: 'Office' } }])
  })

  it('shows opened files until they are decided on', async () => {
    desktop.openFiles([{ name: 'a.json', bytes: new TextEncoder().encode(JSON.stringify(profile)) }])
    const preview = await soon(async () => {
      const waiting = await see('incomingImport')
      if (waiting === null) throw new Error('nothing yet')
      return waiting
    })
    await call('discardImport', { id: preview.id })
    expect(await see('incomingImport')).toBeNull()
  })

  it('reads proposals and lists suites', async () => {
    const read = await call('readProposal', { kind: 'ike', text: 'aes256gcm16-prfsha384-ecp384' })
    expect(read).toMatchObject({ valid: true, meaning: { text: 'aes256gcm16-prfsha384-ecp384' } })
    expect(await call('readProposal', { kind: 'esp', text: 'x' })).toMatchObject({ valid: false })
    expect((await see('suites')).named).toHaveLength(8)
  })

  it('tells every problem of a draft by its field', async () => {
    const draft = {
      ...profile,
      name: '',
      gateway: { address: 'https://vpn.example.org', port: 70_000 },
      proposals: { ike: ['aes256gcm16'], esp: [] },
      remote: { ...profile.remote, identity: undefined },
    }
    const problems = new Map(
      (await call('checkProfile', { draft })).map(({ field, problem }) => [field, problem]),
    )
    expect([...problems.keys()].sort()).toEqual([
      'gateway.address',
      'gateway.port',
      'name',
      'proposals.ike.0',
    ])
    expect(problems.get('name')).toBe('Give the profile a name')
    expect(problems.get('gateway.address')).toBe(
      'Must be a host name or an IP address, without scheme or port',
    )
    expect(await call('checkProfile', { draft: profile })).toEqual([])
    expect(await call('checkProfile', { draft: null })).toHaveLength(1)
  })

  it('says what it is', async () => {
    expect(await see('about')).toMatchObject({
      version: '1.2.3',
      helper: 'missing',
      keyring: 'available',
      dataPlane: 'portable: the fast one is not installed',
    })
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    await call('connect', { profileId: profile.id })
    await soon(async () => expect((await see('about')).dataPlane).toBe('portable'))
  })

  it('refuses arguments of another shape, and fails a bug with a sentence alone', async () => {
    const wrong = await callChecked(desktop.bridge, argumentSchemas, 'changeSettings', { theme: 'pink' })
    expect(wrong).toMatchObject({ ok: false, error: { code: 'usage' } })
    rmSync(join(root, 'config'), { recursive: true })
    writeFileSync(join(root, 'config'), 'a file where a directory should be')
    const failed = await desktop.bridge.call('changeSettings', { theme: 'dark' })
    expect(failed).toEqual({ ok: false, error: { code: 'internal', details: {} } })
    rmSync(join(root, 'config'))
  })
})

describe('settings', () => {
  it('are kept, and put into effect', async () => {
    await call('changeSettings', { theme: 'dark', killSwitch: true, connectAtLogin: profile.id })
    await reopen()
    expect(await see('settings')).toMatchObject({
      theme: 'dark',
      killSwitch: true,
      connectAtLogin: profile.id,
      reconnect: true,
    })
    await call('changeSettings', { killSwitch: false })
    await call('releaseKillSwitch', {})
    expect(engine.told).toEqual([
      'kill switch on',
      'kill switch on',
      'kill switch off',
      'kill switch released',
    ])
  })

  it('never keep key export on', async () => {
    await call('changeSettings', { keyExport: true })
    const path = join(root, 'run', 'wireshark')
    expect(engine.told).toEqual([`key export ${path}`])
    expect((await see('about')).keyExportPath).toBe(path)
    expect(readFileSync(join(root, 'config', 'settings.json'), 'utf8')).not.toContain('keyExport')
    await reopen()
    expect((await see('settings')).keyExport).toBe(false)
    expect(await see('about')).not.toHaveProperty('keyExportPath')
  })

  it('decide whether a connection is made anew by itself', async () => {
    await call('saveProfile', { profile, secrets: [] })
    await call('changeSettings', { reconnect: false })
    await call('connect', { profileId: profile.id })
    expect(engine.connections[0]?.profile.reconnect).toBe(false)
  })

  it('change nothing when the kill switch cannot be set', async () => {
    const failing = { ...engine, setKillSwitch: () => Promise.reject(new VpnError('no-privilege')) }
    await reopen({ engine: failing })
    const refused = await desktop.bridge.call('changeSettings', { killSwitch: true })
    expect(refused).toMatchObject({ ok: false, error: { code: 'no-privilege' } })
    expect((await see('settings')).killSwitch).toBe(false)
  })

  it('survive a broken file, setting by setting, and say so when nothing can be read', async () => {
    const file = join(root, 'config', 'settings.json')
    await call('changeSettings', { theme: 'light' })
    const stored = readFileSync(file, 'utf8')
    writeFileSync(file, stored.replace('"language": "system"', '"language": "tlh", "colour": "red"'))
    await reopen()
    expect(await see('settings')).toMatchObject({ theme: 'light', language: 'system' })
    expect(await see('notices')).toEqual([])
    writeFileSync(file, '{')
    await reopen()
    expect((await see('settings')).theme).toBe('system')
    expect(await see('notices')).toHaveLength(1)
  })
})

describe('connections of other processes', () => {
  let terminal: { app: App; engine: FakeEngine; close(): Promise<void> }
  beforeEach(async () => {
    const other = fakeEngine((connection) => connection.become({ kind: 'connected' }, connectedDetails))
    const app = createApp({
      engine: other,
      findProfile: () => Promise.resolve(profile),
      secretStore: createPassingStore([]),
      log: createLog({}),
      baseDirectory: '/',
    })
    const server = await serveBridge(app.bridge, controlSocketPath(join(root, 'run'), 999_998))
    terminal = {
      app,
      engine: other,
      async close() {
        await server.close()
        await app.close()
      },
    }
  })
  afterEach(() => terminal.close())

  it('are seen, not begun twice, and ended from here', async () => {
    await call('saveProfile', { profile, secrets: [] })
    terminal.app.connect(profile)
    await soon(async () => expect(await states()).toEqual(['connected another']))
    await expect(call('connect', { profileId: profile.id })).rejects.toThrow(/already-running/)
    await soon(async () => expect((await see('library')).entries[0]?.lastConnectedAt).toBe(1_700_000_000_000))
    await call('disconnect', { profileId: profile.id })
    await soon(async () => expect(await states()).toEqual([]))
    expect(terminal.engine.connections[0]?.status().state.kind).toBe('disconnected')
  })

  it('go when their process goes', async () => {
    terminal.app.connect(profile)
    await soon(async () => expect(await states()).toEqual(['connected another']))
    await terminal.close()
    await soon(async () => expect(await states()).toEqual([]))
  })

  it('bring their IKE messages along, in order of time, until they are cleared', async () => {
    terminal.engine.exchange({ at: 2000, summary: 'theirs' })
    engine.exchange({ at: 3000, summary: 'ours' })
    const summaries = async () => (await see('exchanges')).map(({ summary }) => summary)
    await soon(async () => expect(await summaries()).toEqual(['theirs', 'ours']))
    const numbers = (await see('exchanges')).map(({ number }) => number)
    expect(new Set(numbers).size).toBe(2)
    await call('clearExchanges', {})
    expect(await summaries()).toEqual([])
    terminal.engine.exchange({ at: 4000, summary: 'new' })
    await soon(async () => expect(await summaries()).toEqual(['new']))
  })

  it('see ours: a terminal finds and ends them', async () => {
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    await call('connect', { profileId: profile.id })
    await soon(async () => expect(await states()).toEqual(['connected this']))
    const clients = await connectToAll(join(root, 'run'))
    const seen = await Promise.all(clients.map((client) => client.snapshot('connections')))
    expect(seen.flat()).toHaveLength(1)
    for (const client of clients) {
      await client.call('disconnect', { profileId: profile.id })
      client.close()
    }
    await soon(async () => expect(await states()).toEqual([]))
  })
})

describe('secrets without a keyring', () => {
  it('are asked for, with the reason', async () => {
    await reopen({ keyring: undefined, keyringState: 'none' })
    const { keepsSecrets } = await see('library')
    expect(keepsSecrets).toEqual({
      yes: false,
      reason: 'This desktop has no keyring (Secret Service), so passwords are asked for each time.',
    })
    await expect(
      call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] }),
    ).rejects.toThrow(/cannot be kept safely/)
  })
})

describe('notices', () => {
  it('show a trouble once, a bug without its stack, and go when they are dismissed', async () => {
    desktop.notice({ code: 'port-busy', details: { port: '500' } })
    desktop.notice({ code: 'port-busy', details: { port: '500' } })
    desktop.caught(new TypeError('x is undefined'), 'window')
    desktop.caught(new VpnError('no-tun'), 'main')
    const notices = await see('notices')
    expect(notices.map(({ failure }) => failure.code)).toEqual(['port-busy', 'internal', 'no-tun'])
    expect(JSON.stringify(notices)).not.toContain('undefined')
    expect((await see('log')).some(({ fields }) => String(fields?.['stack']).includes('TypeError'))).toBe(
      true,
    )
    await call('dismissNotice', { id: notices[0]?.id ?? 0 })
    expect(await see('notices')).toHaveLength(2)
  })
})

describe('a report', () => {
  it('tells the machine, the profiles and the log, and neither who nor where', async () => {
    const secretive = sampleProfile({ gateway: { address: 'vpn.acme.example' }, name: 'Acme headquarters' })
    await call('saveProfile', { profile: secretive, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    await call('connect', { profileId: profile.id })
    await soon(async () => expect(await states()).toEqual(['connected this']))
    const { text } = await call('makeReport', {})
    for (const hidden of [
      'acme',
      'maria',
      'hunter2',
      '203.0.113.1',
      '10.9.0.2',
      'vpn.example.org',
      profile.id,
    ])
      expect(text.toLowerCase()).not.toContain(hidden)
    expect(text).toContain('Culvert 1.2.3')
    expect(text).toMatch(/<profile 1>: <gateway 1> port 500, IKEv2/)
    expect(text).toMatch(/state: connected profile=<profile 1>/)
    expect(text).toContain('received 12 packets, 3456 bytes')
  })
})

describe('the demo office', () => {
  /** A program that says what the real one says, and ends when its input does. */
  const program = (lines: readonly object[]) => {
    const script = `${lines.map((line) => `console.log(${JSON.stringify(JSON.stringify(line))})`).join(';')}
      process.stdin.resume().once('end', () => process.exit(0))`
    return { command: [process.execPath, '-e', script, '--'] }
  }
  const demo = async () => (await see('demo')).kind

  it('is started, shown and taken down', async () => {
    await reopen({
      demo: program([
        { kind: 'step', step: 'Making three networks' },
        { kind: 'running', page: 'You came as 10.30.0.2.', pingMs: 1.2 },
      ]),
    })
    await call('startDemo', {})
    await call('startDemo', {})
    await soon(async () =>
      expect(await see('demo')).toMatchObject({
        kind: 'running',
        page: 'You came as 10.30.0.2.',
        pingMs: 1.2,
      }),
    )
    await call('stopDemo', {})
    expect(await demo()).toBe('stopped')
  })

  it('says why it cannot be, and what to do', async () => {
    await reopen({ demo: program([{ kind: 'unavailable', reason: 'Denied.', advice: 'Allow it.' }]) })
    await call('startDemo', {})
    await soon(async () =>
      expect(await see('demo')).toEqual({ kind: 'unavailable', reason: 'Denied.', advice: 'Allow it.' }),
    )
    await reopen()
    await call('startDemo', {})
    expect(await demo()).toBe('unavailable')
  })

  it('tells of trouble once it is over', async () => {
    await reopen({
      demo: { command: [process.execPath, '-e', 'console.error("no such thing"); process.exit(3)', '--'] },
    })
    await call('startDemo', {})
    await soon(async () => expect(await demo()).toBe('stopped'))
    expect((await see('notices'))[0]?.failure.details['problem']).toMatch(/exit code 3: no such thing/)
  })

  it('ends with the app', async () => {
    await reopen({ demo: program([{ kind: 'running', page: 'x' }]) })
    await call('startDemo', {})
    await soon(async () => expect(await demo()).toBe('running'))
    await desktop.close()
    expect(await demo()).toBe('stopped')
  })
})

it('shares its profiles with terminals', async () => {
  await createProfileStore(join(root, 'config', 'profiles')).save(profile)
  await soon(async () => expect((await see('library')).entries).toHaveLength(1))
  expect(existsSync(join(root, 'config', 'library.json'))).toBe(false)
})

it('tells the engine that the machine woke up', () => {
  desktop.woke()
  expect(engine.told).toEqual(['woke'])
})
