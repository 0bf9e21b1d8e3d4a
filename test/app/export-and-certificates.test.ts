/** What the window can do with profiles that go out, protected files that come in, and kept certificates. */
import { Buffer } from 'node:buffer'
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { argumentSchemas, callChecked } from '../../src-main/app/command-schemas.ts'
import type { DesktopApp, DesktopParts } from '../../src-main/app/desktop-app.ts'
import { openDesktopApp } from '../../src-main/app/desktop-app.ts'
import { createLog } from '../../src-main/app/log.ts'
import { keptCertificateName } from '../../src-shared/certificates.ts'
import type { Commands } from '../../src-shared/contract.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { exportFormats } from '../../src-shared/export.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { ThrowawayPki } from '../profiles/throwaway-pki.ts'
import { makeThrowawayPki, textOf } from '../profiles/throwaway-pki.ts'
import { findSecrets, pemLines } from '../interop/lab/secret-search.ts'
import { fakeEngine } from './fake-engine.ts'
import { memoryKeyring } from './memory-keyring.ts'
import type { MemoryKeyring } from './memory-keyring.ts'

let pki: ThrowawayPki
let root: string
let keyring: MemoryKeyring
let desktop: DesktopApp
const open = async (changes: Partial<DesktopParts> = {}): Promise<DesktopApp> =>
  openDesktopApp({
    engine: fakeEngine(),
    directories: {
      profiles: join(root, 'config', 'profiles'),
      keys: join(root, 'keys'),
      runtime: join(root, 'run'),
    },
    keyring,
    keyringState: 'available',
    log: createLog({ level: 'debug' }),
    helperPath: join(root, 'helper.js'),
    about: { version: '1.2.3', runtime: 'Node' },
    ...changes,
  })
beforeAll(() => {
  pki = makeThrowawayPki()
})
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'culvert-export-'))
  keyring = memoryKeyring()
  desktop = await open()
})
afterEach(async () => {
  await desktop.close()
  rmSync(root, { recursive: true })
})

const call = async <Name extends keyof Commands>(name: Name, argument: Commands[Name]['arguments']) => {
  const result = await callChecked(desktop.bridge, argumentSchemas, name, argument)
  if (!result.ok) throw new VpnError(result.error.code, result.error.details)
  return result.value
}
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const profile = sampleProfile()
const profileId = profile.id

describe('a profile that goes out', () => {
  it('is written in every format, never with its password', async () => {
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    for (const format of exportFormats) {
      const exported = await call('exportProfile', { profileId, format })
      expect(JSON.stringify(exported)).not.toContain('hunter2')
      if (exported.kind !== 'made') throw new Error(exported.problem)
      expect(exported.file.name).toMatch(/^office\./)
    }
  })

  it('says that a format cannot hold it', async () => {
    const psk = { method: 'psk', secret: { from: 'prompt' } }
    await call('saveProfile', {
      profile: sampleProfile({ local: { authentication: psk }, remote: { authentication: psk } }),
      secrets: [],
    })
    expect(await call('exportProfile', { profileId, format: 'sswan' })).toMatchObject({ kind: 'impossible' })
  })

  it('takes its secrets along under a password, and comes back with them', async () => {
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    await expect(call('exportBundle', { profileId, password: 'short' })).rejects.toThrow(/8 characters/)
    const { file, missing } = await call('exportBundle', { profileId, password: 'long enough' })
    expect(missing).toEqual([])
    expect(file.text).not.toContain('hunter2')
    await call('deleteProfiles', { profileIds: [profileId] })
    keyring.held.clear()
    const locked = await call('previewImport', { files: [{ name: file.name, base64: base64(file.text) }] })
    expect(locked).toMatchObject({ files: [{ needsPassword: true }], profiles: [] })
    const wrong = await call('previewAgain', { id: locked.id, password: 'wrong' })
    expect(wrong).toMatchObject({ files: [{ needsPassword: true }], profiles: [] })
    const preview = await call('previewAgain', { id: wrong.id, password: 'long enough' })
    expect(preview.profiles).toMatchObject([{ profile: { name: 'Office' }, brings: ['password'] }])
    await call('keepImport', { id: preview.id, profileIds: [profileId] })
    expect([...keyring.held.values()]).toEqual(['hunter2'])
  }, 30_000)

  it('opens what came from outside the window with its password, too', async () => {
    await call('saveProfile', { profile, secrets: [{ kind: 'password', secret: 'hunter2' }] })
    const { file } = await call('exportBundle', { profileId, password: 'long enough' })
    desktop.openFiles([{ name: file.name, bytes: new TextEncoder().encode(file.text) }])
    await expect.poll(() => desktop.bridge.snapshot('incomingImport')).toMatchObject({ profiles: [] })
    const waiting = await desktop.bridge.snapshot('incomingImport')
    const preview = await call('previewAgain', { id: waiting?.id ?? 0, password: 'long enough' })
    expect(preview.profiles).toHaveLength(1)
    expect((await desktop.bridge.snapshot('incomingImport'))?.id).toBe(preview.id)
    await expect(call('previewAgain', { id: waiting?.id ?? 0 })).rejects.toThrow(/no longer open/)
  }, 30_000)
})

describe('kept certificates', () => {
  const files = (...given: readonly Uint8Array[]) =>
    given.map((bytes, index) => ({ name: `${index}`, base64: base64(bytes) }))
  const kept = () => desktop.bridge.snapshot('certificates')

  it('are added, seen, used and removed', async () => {
    const { certificateIds } = await call('addCertificates', { files: files(pki.authority) })
    expect(await kept()).toMatchObject([{ id: certificateIds[0], name: 'Test CA', kind: 'trusted' }])
    const authorities = [keptCertificateName(certificateIds[0] ?? '')]
    await call('saveProfile', {
      profile: sampleProfile({ remote: { authentication: { method: 'certificate', authorities } } }),
      secrets: [],
    })
    await expect(call('removeCertificate', { certificateId: certificateIds[0] ?? '' })).rejects.toThrow(
      /used by Office/,
    )
    // Others get the certificate itself.
    const exported = await call('exportProfile', { profileId, format: 'culvert' })
    expect(exported.kind === 'made' && exported.file.text).toContain('-----BEGIN CERTIFICATE-----')
    await call('deleteProfiles', { profileIds: [profileId] })
    await call('removeCertificate', { certificateId: certificateIds[0] ?? '' })
    expect(await kept()).toEqual([])
  })

  it('come with their key, which a bundle takes along', async () => {
    await expect(call('addCertificates', { files: files(pki.pkcs12) })).rejects.toMatchObject({
      code: 'secret-missing',
    })
    const { certificateIds } = await call('addCertificates', { files: files(pki.pkcs12), password: 'secret' })
    const key = { from: 'store', id: keptCertificateName(certificateIds[0] ?? '') }
    await call('saveProfile', {
      profile: sampleProfile({ local: { authentication: { method: 'certificate', certificates: [], key } } }),
      secrets: [],
    })
    const { file } = await call('exportBundle', { profileId, password: 'long enough' })
    await call('deleteProfiles', { profileIds: [profileId] })
    const locked = await call('previewImport', { files: [{ name: file.name, base64: base64(file.text) }] })
    const preview = await call('previewAgain', { id: locked.id, password: 'long enough' })
    expect(preview.profiles[0]?.brings).toEqual(['key'])
  }, 30_000)

  it('need a password for their key where there is no keyring', async () => {
    await desktop.close()
    desktop = await open({ keyringState: 'none' })
    const both = files(pki.client, pki.clientKey)
    await expect(call('addCertificates', { files: both })).rejects.toMatchObject({
      details: { reason: 'unprotected-key' },
    })
    await call('addCertificates', { files: both, protectWith: 'long enough' })
    const written = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
      .join('\n')
    const body = textOf(pki.clientKey).split('\n')[1] ?? ''
    expect(written).toContain('ENCRYPTED PRIVATE KEY')
    expect(written).not.toContain(body)
    expect(written).not.toContain('long enough')
  })
})

describe('secrets', () => {
  it('are in nothing that the window or the disk sees: slices, report, log, files', async () => {
    const { keyPem, secrets } = {
      keyPem: textOf(pki.clientKey),
      secrets: {
        'the password': 'correct horse "battery" stäple',
        'the shared key': 'a shared key, 2f9c41d0',
        'the password of the container': 'secret of the container',
        'the password of the bundle': 'of the bundle, 90ab',
      },
    }
    const ids = ['00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000a2'] as const
    await call('saveProfile', {
      profile: sampleProfile({ id: ids[0] }),
      secrets: [{ kind: 'password', secret: secrets['the password'] }],
    })
    const psk = { method: 'psk', secret: { from: 'prompt' } }
    await call('saveProfile', {
      profile: sampleProfile({ id: ids[1], local: { authentication: psk }, remote: { authentication: psk } }),
      secrets: [{ kind: 'psk', secret: secrets['the shared key'] }],
    })
    await call('addCertificates', {
      files: [pki.client, pki.clientKey].map((bytes, index) => ({ name: `${index}`, base64: base64(bytes) })),
    })
    await expect(
      call('addCertificates', {
        files: [{ name: 'x.p12', base64: base64(pki.pkcs12) }],
        password: secrets['the password of the container'],
      }),
    ).rejects.toThrow()
    for (const id of ids) await call('connect', { profileId: id })
    const { file } = await call('exportBundle', {
      profileId: ids[0],
      password: secrets['the password of the bundle'],
    })
    const locked = await call('previewImport', { files: [{ name: file.name, base64: base64(file.text) }] })
    const opened = await call('previewAgain', {
      id: locked.id,
      password: secrets['the password of the bundle'],
    })
    const seen = new Map<string, Buffer>([
      ['the report', Buffer.from((await call('makeReport', {})).text)],
      ['the bundle', Buffer.from(file.text)],
      ['the preview', Buffer.from(JSON.stringify(opened))],
    ])
    for (const name of [
      'connections',
      'log',
      'exchanges',
      'library',
      'settings',
      'notices',
      'certificates',
      'about',
    ] as const)
      seen.set(`the slice ${name}`, Buffer.from(JSON.stringify(await desktop.bridge.snapshot(name))))
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) seen.set(entry.name, readFileSync(join(entry.parentPath, entry.name)))
    expect(seen.size).toBeGreaterThan(13)
    expect(findSecrets(seen, { ...secrets, ...pemLines('the private key', keyPem) })).toEqual([])
  }, 30_000)
})
