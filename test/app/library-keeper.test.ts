import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { LibraryKeeper } from '../../src-main/app/library-keeper.ts'
import { openLibrary } from '../../src-main/app/library-keeper.ts'
import { createLog } from '../../src-main/app/log.ts'
import { createSecretStore } from '../../src-main/app/secret-store.ts'
import { createProfileStore } from '../../src-main/profiles/store.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { MemoryKeyring } from './memory-keyring.ts'
import { memoryKeyring } from './memory-keyring.ts'

const idOf = (number: number) => `6f1b2c3d-0000-4000-8000-00000000000${number}`
const named = (number: number, name: string, more: Readonly<Record<string, unknown>> = {}) =>
  sampleProfile({ id: idOf(number), name, ...more })

/** Waits as long as a busy machine may take. */
const soon = (look: () => void): Promise<void> => vi.waitFor(look, { timeout: 8000, interval: 10 })

let root: string
let keyring: MemoryKeyring
let library: LibraryKeeper
const profiles = () => createProfileStore(join(root, 'profiles'))
const open = (ring: MemoryKeyring | 'none' = keyring) =>
  openLibrary({
    profiles: profiles(),
    secretStore: createSecretStore(join(root, 'keys'), ring === 'none' ? undefined : ring),
    file: join(root, 'library.json'),
    keepsSecrets: ring === 'none' ? { yes: false, reason: 'There is no keyring.' } : { yes: true },
    log: createLog({}).log,
  })
const names = () => library.slice.read().entries.map(({ profile }) => profile.name)
const entry = (id: string) => library.slice.read().entries.find(({ profile }) => profile.id === id)
const save = async (...all: readonly Profile[]) => {
  for (const profile of all) await library.save(profile, [])
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'culvert-library-'))
  keyring = memoryKeyring()
  library = await open()
})
afterEach(async () => {
  await library.close()
  rmSync(root, { recursive: true })
})

describe('the library', () => {
  it('is empty at first, and then by name', async () => {
    expect(library.slice.read()).toEqual({
      entries: [],
      folders: [],
      unreadable: [],
      keepsSecrets: { yes: true },
    })
    await save(named(1, 'Works'), named(2, 'Home'))
    expect(names()).toEqual(['Home', 'Works'])
    expect(entry(idOf(1))).toMatchObject({ favourite: false, secrets: { password: 'asked' } })
  })

  it('keeps order, folders and favourites over a restart, new ones at the end', async () => {
    await save(named(1, 'A'), named(2, 'B'), named(3, 'C'))
    await library.arrange([
      { profileId: idOf(3), folder: 'Customers', favourite: true },
      { profileId: idOf(1), favourite: false },
    ])
    expect(names()).toEqual(['C', 'A', 'B'])
    await library.close()
    library = await open()
    expect(names()).toEqual(['C', 'A', 'B'])
    expect(entry(idOf(3))).toMatchObject({ folder: 'Customers', favourite: true })
    expect(library.slice.read().folders).toEqual(['Customers'])
    await save(named(4, 'AA'))
    expect(names()).toEqual(['C', 'A', 'AA', 'B'])
    expect(statSync(join(root, 'library.json')).mode & 0o777).toBe(0o600)
  })

  it('remembers when each last connected, and moves none by it', async () => {
    await save(named(1, 'A'), named(2, 'B'))
    await library.connected(idOf(2), 1234)
    await library.connected('6f1b2c3d-0000-4000-8000-00000000dead', 1)
    expect(names()).toEqual(['A', 'B'])
    expect(entry(idOf(2))?.lastConnectedAt).toBe(1234)
    await library.arrange([{ profileId: idOf(2), favourite: true }])
    expect(entry(idOf(2))?.lastConnectedAt).toBe(1234)
  })

  it('shows what a terminal adds, changes and removes, and what cannot be read', async () => {
    const heard: number[] = []
    library.slice.subscribe(({ entries }) => heard.push(entries.length))
    const terminal = profiles()
    await terminal.save(named(1, 'From a terminal'))
    await soon(() => expect(names()).toEqual(['From a terminal']))
    await terminal.remove(idOf(1))
    await soon(() => expect(names()).toEqual([]))
    writeFileSync(join(root, 'profiles', `${idOf(2)}.json`), '{}')
    await soon(() => expect(library.slice.read().unreadable).toHaveLength(1))
    expect(library.slice.read().unreadable[0]?.file).toBe(`${idOf(2)}.json`)
    expect(heard.slice(0, 2)).toEqual([1, 0])
  })

  it('starts anew where its own file is broken, without touching a profile', async () => {
    await save(named(1, 'A'))
    await library.close()
    writeFileSync(join(root, 'library.json'), '{"version":1,')
    library = await open()
    expect(names()).toEqual(['A'])
  })
})

describe('deleting', () => {
  it('can be undone with place, folder and secrets, until the app ends', async () => {
    await library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])
    await save(named(2, 'B'))
    await library.arrange([
      { profileId: idOf(2), favourite: false },
      { profileId: idOf(1), folder: 'Work', favourite: true },
    ])
    await library.delete([idOf(1), idOf(2)])
    expect(names()).toEqual([])
    expect(existsSync(join(root, 'profiles', `${idOf(1)}.json`))).toBe(false)
    await library.restore([idOf(1)])
    await library.restore([idOf(2)])
    expect(names()).toEqual(['B', 'A'])
    expect(entry(idOf(1))).toMatchObject({ folder: 'Work', favourite: true, secrets: { password: 'kept' } })
    expect([...keyring.held.values()]).toEqual(['hunter2'])
    await library.close()
    expect(keyring.held.size).toBe(1)
  })

  it('forgets the secrets when the app ends', async () => {
    await library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])
    await library.delete([idOf(1)])
    await expect(library.restore([idOf(2)])).rejects.toThrow(/profile-not-found/)
    await library.close()
    expect(keyring.held.size).toBe(0)
  })

  it('forgets them at the next start when the app was killed', async () => {
    await library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])
    await library.delete([idOf(1)])
    const next = await open()
    await soon(() => expect(keyring.held.size).toBe(0))
    await soon(() => expect(readFileSync(join(root, 'library.json'), 'utf8')).not.toContain(idOf(1)))
    await next.close()
  })

  it('is refused as a whole for a profile that is not there', async () => {
    await save(named(1, 'A'))
    await expect(library.delete([idOf(1), idOf(2)])).rejects.toThrow(/profile-not-found/)
    expect(names()).toEqual(['A'])
  })
})

const pskBoth = {
  local: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
  remote: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
}

describe('saving secrets', () => {
  it('hands them to the keyring and never to a file', async () => {
    await library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])
    expect(entry(idOf(1))?.secrets).toEqual({ password: 'kept' })
    expect(readFileSync(join(root, 'profiles', `${idOf(1)}.json`), 'utf8')).not.toContain('hunter2')
    const stored = await profiles().find(idOf(1))
    await library.save(stored, [{ kind: 'password', secret: 'better' }])
    expect([...keyring.held.values()]).toEqual(['better'])
  })

  it('keeps one key for both sides where both sides have the same', async () => {
    await library.save(named(1, 'A', pskBoth), [{ kind: 'psk', secret: 'shared' }])
    expect(entry(idOf(1))?.secrets).toEqual({ psk: 'kept', 'gateway-psk': 'kept' })
    expect(keyring.held.size).toBe(1)
  })

  it('refuses them where there is no keyring, says why, and saves nothing', async () => {
    await library.close()
    library = await open('none')
    await expect(library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])).rejects.toThrow(
      /It cannot be kept safely. There is no keyring./,
    )
    expect(names()).toEqual([])
  })

  it('refuses one that the profile has no use for', async () => {
    await expect(library.save(named(1, 'A'), [{ kind: 'psk', secret: 'x' }])).rejects.toThrow(
      /This profile has no pre-shared key/,
    )
  })

  it('forgets what the changed profile no longer uses', async () => {
    await library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])
    await save(named(1, 'A', pskBoth))
    expect(keyring.held.size).toBe(0)
  })

  it('forgets what can be typed again when asked to, and then asks', async () => {
    await library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])
    await library.forgetSecrets(idOf(1))
    expect(keyring.held.size).toBe(0)
    expect(entry(idOf(1))?.secrets).toEqual({ password: 'asked' })
  })
})

describe('duplicating', () => {
  it('makes a profile of its own behind the first, with secrets of its own', async () => {
    await library.save(named(1, 'A'), [{ kind: 'password', secret: 'hunter2' }])
    await save(named(2, 'B'))
    await library.arrange([{ profileId: idOf(1), folder: 'Work', favourite: true }])
    const id = await library.duplicate(idOf(1))
    await library.duplicate(idOf(1))
    expect(names()).toEqual(['A', 'A (copy 2)', 'A (copy)', 'B'])
    expect(entry(id)).toMatchObject({ folder: 'Work', favourite: false, secrets: { password: 'kept' } })
    await library.delete([idOf(1)])
    await library.close()
    expect([...keyring.held]).toHaveLength(2)
    expect([...keyring.held.keys()].some((name) => name.startsWith(id))).toBe(true)
  })
})
