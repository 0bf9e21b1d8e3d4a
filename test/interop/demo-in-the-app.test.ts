/** The demo office as the desktop app runs it: its connection is seen from outside its namespaces, ended from there, and nothing is left. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { demoProfileId } from '../../src-main/app/demo-lines.ts'
import type { DesktopApp } from '../../src-main/app/desktop-app.ts'
import { openDesktopApp } from '../../src-main/app/desktop-app.ts'
import { createLog } from '../../src-main/app/log.ts'
import { fakeEngine } from '../app/fake-engine.ts'

const demo = join(import.meta.dirname, '../../dist/demo.js')
const environment = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
const possible =
  existsSync('/dev/net/tun') &&
  [['-nm'], ['-Urnm']].some(
    (way) => spawnSync('unshare', [...way, 'true'], { env: environment }).status === 0,
  )
const why = possible ? '' : ' (namespaces or /dev/net/tun are denied here)'

let root: string
let app: DesktopApp
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'culvert-demo-app-'))
  app = await openDesktopApp({
    engine: fakeEngine(),
    directories: { profiles: join(root, 'profiles'), keys: join(root, 'keys'), runtime: join(root, 'run') },
    keyring: undefined,
    keyringState: 'none',
    log: createLog({}),
    helperPath: '/nowhere',
    demo: { command: [process.execPath, demo] },
    about: { version: '0', runtime: 'test' },
  })
})
afterEach(async () => {
  await app.close()
  rmSync(root, { recursive: true })
})

const soon = <Value>(look: () => Promise<Value>) => vi.waitFor(look, { timeout: 30_000, interval: 50 })
const connections = () => app.bridge.snapshot('connections')

describe.skipIf(!possible)(`the demo office in the app${why}`, () => {
  it('connects, shows page, ping, traffic and IKE messages, and goes when it is disconnected', async () => {
    const steps = new Set<string>()
    app.bridge.subscribe('demo', (state) => {
      if (state.kind === 'starting') steps.add(state.step)
    })
    expect(await app.bridge.call('connect', { profileId: demoProfileId })).toMatchObject({ ok: true })
    const running = await soon(async () => {
      const state = await app.bridge.snapshot('demo')
      if (state.kind !== 'running') throw new Error(`it is ${state.kind}`)
      return state
    })
    expect(running).toMatchObject({ profileId: demoProfileId, page: 'You came as 10.30.0.2.' })
    expect(steps).toContain('Making three networks')
    const [seen] = await connections()
    expect(seen).toMatchObject({
      profileId: demoProfileId,
      carriedBy: 'another',
      state: { kind: 'connected' },
      virtualAddresses: ['10.30.0.2'],
    })
    await soon(async () => expect((await app.bridge.snapshot('exchanges')).length).toBeGreaterThanOrEqual(4))
    const before = seen?.traffic.inbound.packets ?? 0
    await soon(async () => expect((await connections())[0]?.traffic.inbound.packets).toBeGreaterThan(before))

    expect(await app.bridge.call('disconnect', { profileId: demoProfileId })).toMatchObject({ ok: true })
    await soon(async () => expect((await app.bridge.snapshot('demo')).kind).toBe('stopped'))
    await soon(async () => expect(await connections()).toEqual([]))
    expect(await app.bridge.snapshot('notices')).toEqual([])
    expect(existsSync('/run/culvert-demo')).toBe(false)
  })

  it('is taken down with the app, while it is still being built', async () => {
    await app.bridge.call('startDemo', {})
    await soon(async () => expect((await app.bridge.snapshot('demo')).kind).toBe('starting'))
    await app.close()
    expect((await app.bridge.snapshot('demo')).kind).toBe('stopped')
  })
})
