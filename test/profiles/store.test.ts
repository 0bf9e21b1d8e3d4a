import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProfileStore } from '../../src-main/profiles/store.ts'
import type { ProfileStore } from '../../src-main/profiles/store.ts'
import { sampleProfile } from './sample-profile.ts'

let root: string
let store: ProfileStore

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'culvert-store-'))
  store = createProfileStore(join(root, 'culvert', 'profiles'))
})
afterEach(() => rmSync(root, { recursive: true }))

const idOf = (n: number) => `6f1b2c3d-0000-4000-8000-00000000000${n}`

describe('profile store', () => {
  it('is empty before anything is saved', async () => {
    expect(await store.list()).toEqual({ profiles: [], broken: [] })
  })

  it('keeps profiles for their owner alone, and nothing else beside them', async () => {
    await store.save(sampleProfile())
    await store.save(sampleProfile({ mtu: 1400 }))
    expect(await store.list()).toEqual({ profiles: [sampleProfile({ mtu: 1400 })], broken: [] })
    expect(readdirSync(store.directory)).toEqual([`${idOf(1)}.json`])
    expect(statSync(store.directory).mode & 0o777).toBe(0o700)
    expect(statSync(join(store.directory, `${idOf(1)}.json`)).mode & 0o777).toBe(0o600)
  })

  it('finds by id, by name, and by a name in other letters', async () => {
    await store.save(sampleProfile())
    await store.save(sampleProfile({ id: idOf(2), name: 'office' }))
    expect((await store.find(idOf(2))).name).toBe('office')
    expect((await store.find('Office')).id).toBe(idOf(1))
    await expect(store.find('OFFICE')).rejects.toMatchObject({ code: 'usage' })
    await expect(store.find('home')).rejects.toMatchObject({
      code: 'profile-not-found',
      details: { profile: 'home' },
    })
  })

  it('tells of a broken file and still lists the others', async () => {
    await store.save(sampleProfile())
    writeFileSync(join(store.directory, `${idOf(2)}.json`), '{ "version": 1')
    writeFileSync(
      join(store.directory, `${idOf(3)}.json`),
      JSON.stringify({ ...sampleProfile(), colour: 'red' }),
    )
    writeFileSync(join(store.directory, `${idOf(4)}.json`), JSON.stringify(sampleProfile()))
    writeFileSync(join(store.directory, `${idOf(5)}.json`), 'x'.repeat(1_048_577))
    writeFileSync(join(store.directory, 'notes.txt'), 'not ours')
    const { profiles, broken } = await store.list()
    expect(profiles).toHaveLength(1)
    expect(broken.map(({ where, problem }) => `${where}: ${problem}`)).toEqual([
      expect.stringMatching(/^: This is not JSON/),
      'colour: This field is not known',
      'id: it must be the same as the file name',
      ': it is larger than 1024 KiB',
    ])
    await expect(store.find(idOf(3))).rejects.toMatchObject({
      code: 'profile-invalid',
      details: { problem: 'colour: This field is not known' },
    })
  })

  it('does not write outside its directory', async () => {
    await expect(store.remove('../../etc/passwd')).rejects.toMatchObject({ code: 'profile-invalid' })
  })

  it('removes', async () => {
    await store.save(sampleProfile())
    await store.remove(idOf(1))
    expect((await store.list()).profiles).toEqual([])
  })
})
