import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GivenFile } from '../../src-main/app/import-desk.ts'
import { createImportDesk } from '../../src-main/app/import-desk.ts'
import { createSecretStore } from '../../src-main/app/secret-store.ts'
import { createProfileStore } from '../../src-main/profiles/store.ts'
import type { ThrowawayPki } from '../profiles/throwaway-pki.ts'
import { bytesOf, makeThrowawayPki } from '../profiles/throwaway-pki.ts'
import type { MemoryKeyring } from './memory-keyring.ts'
import { memoryKeyring } from './memory-keyring.ts'

const withPassword = `connections { office
  { remote_addrs = vpn.example.org
    local { auth = eap-mschapv2
      eap_id = maria }
    remote { auth = pubkey
      cacerts = ca.pem }
    children { net { remote_ts = 10.0.0.0/8 } } } }
secrets { eap-maria { id = maria
  secret = hunter2 } }
`
const withKey = `connections { office
  { remote_addrs = vpn.example.org
    local { auth = pubkey
      certs = me.pem }
    remote { auth = pubkey
      cacerts = ca.pem }
    children { net { remote_ts = 10.0.0.0/8 } } } }
secrets { private-me { file = me.key } }
`

let pki: ThrowawayPki
let root: string
let keyring: MemoryKeyring
beforeAll(() => {
  pki = makeThrowawayPki()
})
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'culvert-import-'))
  keyring = memoryKeyring()
})
afterEach(() => rmSync(root, { recursive: true }))

const profiles = () => createProfileStore(join(root, 'profiles'))
const desk = (hasKeyring = true) =>
  createImportDesk({
    profiles: profiles(),
    secretStore: createSecretStore(join(root, 'keys'), hasKeyring ? keyring : undefined),
    keepsSecrets: hasKeyring ? { yes: true } : { yes: false, reason: 'There is no keyring.' },
  })
const file = (name: string, bytes: Uint8Array | string): GivenFile => ({
  name,
  bytes: typeof bytes === 'string' ? bytesOf(bytes) : bytes,
})
const office = () => [file('swanctl.conf', withPassword), file('ca.pem', pki.authority)]

describe('an import that is looked at first', () => {
  it('shows profiles, formats and what secrets there are, and stores nothing', async () => {
    const preview = await desk().preview(office())
    expect(preview.files).toMatchObject([
      { name: 'swanctl.conf', format: 'strongSwan swanctl.conf' },
      { name: 'ca.pem', format: 'Used by swanctl.conf', problems: [] },
    ])
    expect(preview.profiles).toMatchObject([
      { profile: { name: 'office' }, replaces: false, brings: ['password'], missing: [] },
    ])
    expect(existsSync(join(root, 'profiles'))).toBe(false)
    expect(keyring.held.size).toBe(0)
  })

  it('keeps what is chosen, its secrets in the keyring', async () => {
    const at = desk()
    const preview = await at.preview(office())
    const [id = ''] = preview.profiles.map(({ profile }) => profile.id)
    expect(await at.keep(preview.id, [id])).toEqual([id])
    const stored = await profiles().find(id)
    expect(stored.local.authentication).toMatchObject({ password: { from: 'store' } })
    expect([...keyring.held.values()]).toEqual(['hunter2'])
    await expect(at.keep(preview.id, [id])).rejects.toThrow(/no longer open/)
    const [again] = (await at.preview([file('office.json', JSON.stringify(stored))])).profiles
    expect(again).toMatchObject({ replaces: true })
  })

  it('keeps nothing of what is not chosen', async () => {
    const at = desk()
    const { id } = await at.preview(office())
    expect(await at.keep(id, [])).toEqual([])
    expect((await profiles().list()).profiles).toEqual([])
    expect(keyring.held.size).toBe(0)
  })

  it('says what will be asked for where there is no keyring', async () => {
    const at = desk(false)
    const preview = await at.preview(office())
    expect(preview.profiles).toMatchObject([{ brings: ['password'], missing: ['password'] }])
    const [id = ''] = await at.keep(preview.id, [preview.profiles[0]?.profile.id ?? ''])
    expect((await profiles().find(id)).local.authentication).toMatchObject({ password: { from: 'prompt' } })
  })

  it('takes the user name where the file leaves it open', async () => {
    const text = withPassword.replace('eap_id = maria', '').replace(/secrets .*/s, '')
    const [seen] = (
      await desk().preview([file('a.conf', text), file('ca.pem', pki.authority)], { username: 'otto' })
    ).profiles
    expect(seen?.profile.local.authentication).toMatchObject({ username: 'otto' })
    expect(seen?.missing).toEqual(['password'])
  })
})

const keyFiles = (key: Uint8Array) => [
  file('swanctl.conf', withKey),
  file('ca.pem', pki.authority),
  file('me.pem', pki.client),
  file('me.key', key),
]

describe('imported keys', () => {
  it('are kept encrypted as they came, and their passphrase is asked for', async () => {
    const at = desk(false)
    const preview = await at.preview(keyFiles(pki.clientKeyEncrypted))
    expect(preview.profiles).toMatchObject([{ brings: ['key'], missing: ['key-password'] }])
    const [id = ''] = await at.keep(preview.id, [preview.profiles[0]?.profile.id ?? ''])
    expect((await profiles().find(id)).local.authentication).toMatchObject({ key: { from: 'store' } })
  })

  it('that nothing protects are told about where nothing safe takes them', async () => {
    const withRing = await desk().preview(keyFiles(pki.clientKey))
    expect(withRing.profiles).toMatchObject([{ brings: ['key'], missing: [] }])
    expect(withRing.files[0]?.problems.filter(({ level }) => level === 'error')).toEqual([])
    const without = await desk(false).preview(keyFiles(pki.clientKey))
    expect(without.files[0]?.problems.map(({ problem }) => problem)).toContain(
      'Its private key is not protected, and there is no keyring here that could keep it',
    )
  })

  it('are read beside an opened file, and stay there when nothing protects them', async () => {
    const directory = join(root, 'from-the-administrator')
    mkdirSync(directory)
    for (const { name, bytes } of keyFiles(pki.clientKey)) writeFileSync(join(directory, name), bytes)
    const at = desk(false)
    const preview = await at.preview([{ ...file('swanctl.conf', withKey), directory }])
    const [id = ''] = await at.keep(preview.id, [preview.profiles[0]?.profile.id ?? ''])
    expect((await profiles().find(id)).local.authentication).toMatchObject({
      key: { from: 'file', path: join(directory, 'me.key') },
    })
  })
})

describe('files from outside the window', () => {
  it('wait until they are kept or dropped; the next ones take their place', async () => {
    const at = desk()
    const seen: (number | undefined)[] = []
    at.incoming.subscribe((value) => seen.push(value?.id))
    await at.receive(office())
    await at.receive([file('notes.txt', 'nothing of ours')])
    const waiting = at.incoming.read()
    expect(waiting?.files[0]?.problems[0]?.level).toBe('error')
    at.discard(waiting?.id ?? 0)
    expect(at.incoming.read()).toBeNull()
    await expect(at.keep(1, [])).rejects.toThrow(/no longer open/)
    expect(seen).toEqual([1, 2, undefined])
  })

  it('are forgotten, the oldest first, when nobody decides', async () => {
    const at = desk()
    for (let count = 0; count < 9; count++) await at.preview([file('x', 'x')])
    await expect(at.keep(1, [])).rejects.toThrow(/no longer open/)
    expect(await at.keep(2, [])).toEqual([])
  })
})
