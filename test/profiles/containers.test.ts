/** Archives, folders, bundles under a password, and links. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openBundle, sealBundle } from '../../src-main/profiles/bundle.ts'
import { LINK_LENGTH_LIMIT, makeDeepLink, parseDeepLink } from '../../src-main/profiles/import/deep-link.ts'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { importBytes, importFolder } from '../../src-main/profiles/import/import-source.ts'
import { fixture } from './fixture.ts'
import { sampleProfile } from './sample-profile.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from './throwaway-pki.ts'

let pki: ThrowawayPki
let root: string
beforeAll(() => {
  pki = makeThrowawayPki()
})
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'culvert-folder-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (name: string, content: Uint8Array | string) => {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), content)
}
const office = () => {
  put('etc/ipsec.conf', fixture('strongswan.ipsec.conf'))
  put('etc/ipsec.secrets', fixture('strongswan.ipsec.secrets'))
  put('etc/ipsec.d/cacerts/office-ca.pem', pki.authority)
  put('etc/ipsec.d/certs/client.pem', pki.client)
  put('etc/ipsec.d/private/client.key', pki.clientKeyEncrypted)
  put('apple/eap.mobileconfig', fixture('eap-binary.mobileconfig'))
  put('readme.txt', 'How to set up the VPN\n')
  put('.DS_Store', 'x')
}
const zip = (...argv: string[]): Uint8Array => {
  rmSync(join(root, 'all.zip'), { force: true })
  execFileSync('zip', ['-q', '-r', ...argv, 'all.zip', '.'], { cwd: root })
  return new Uint8Array(readFileSync(join(root, 'all.zip')))
}

describe('folders and archives', () => {
  it('are taken whole: every profile with what lies beside it', async () => {
    office()
    const result = await importFolder(root)
    if (!result.ok) throw new Error(result.error)
    expect(result.value.profiles.map(({ name }) => name)).toEqual([
      'Büro Zürich',
      'office',
      'office-certificate',
    ])
    expect(result.value.format).toBe('Apple configuration profile (.mobileconfig), ipsec.conf')
    expect(result.value.secrets.find(({ kind }) => kind === 'key')?.origin).toBe(
      'etc/ipsec.d/private/client.key',
    )
    expect(result.value.problems).toContainEqual(
      expect.objectContaining({ level: 'note', where: 'readme.txt' }),
    )
    expect(result.value.problems.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('give the same from a zip, without places on this disk', async () => {
    office()
    const result = await importBytes({ name: 'all.zip', bytes: zip() })
    expect(result.profiles.map(({ name }) => name).sort()).toEqual([
      'Büro Zürich',
      'office',
      'office-certificate',
    ])
    expect(result.secrets.every(({ origin }) => origin === undefined)).toBe(true)
  })

  it('do not follow links out of a folder', async () => {
    symlinkSync('/etc/hostname', join(root, 'link.conf'))
    const result = await importFolder(root)
    expect(result.ok && result.value.problems.map(({ problem }) => problem)).toEqual([
      'There is no profile in it',
    ])
  })

  it('say of a damaged or encrypted archive what is wrong', async () => {
    office()
    const bytes = zip()
    const cut = await importBytes({ name: 'all.zip', bytes: bytes.subarray(0, bytes.length - 30) })
    expect(cut.problems[0]?.problem).toMatch(/The archive cannot be read: it is damaged/)
    const locked = await importBytes({ name: 'all.zip', bytes: zip('-P', 'x') })
    expect(locked.problems[0]?.problem).toMatch(/encrypted/)
  })

  it('stop at what is larger than any profile, and at a lie about the size', async () => {
    put('bomb.json', Buffer.alloc(50_000_000, 0x20))
    const honest = zip()
    expect(honest.length).toBeLessThan(100_000)
    expect((await importBytes({ name: 'x.zip', bytes: honest })).profiles).toEqual([])
    // The central directory and the local header say 1000 bytes.
    const view = Buffer.from(honest)
    for (const [signature, offset] of [
      ['PK\x01\x02', 24],
      ['PK\x03\x04', 22],
    ] as const) {
      view.writeUInt32LE(1000, view.indexOf(signature, 0, 'latin1') + offset)
    }
    const lying = await importBytes({ name: 'x.zip', bytes: new Uint8Array(view) })
    expect(lying.problems[0]?.problem).toMatch(/damaged/)
  })

  it('stop at names that lead out of an archive', async () => {
    put('aa/x.json', '{}')
    const bytes = Buffer.from(zip())
    for (let at = bytes.indexOf('aa/x'); at >= 0; at = bytes.indexOf('aa/x', at + 1)) bytes.write('../x', at)
    const result = await importBytes({ name: 'x.zip', bytes: new Uint8Array(bytes) })
    expect(result.problems[0]?.problem).toMatch(/damaged/)
  })
})

describe('bundles under a password', () => {
  const profile = sampleProfile({
    local: {
      authentication: {
        method: 'eap',
        username: 'maria',
        password: { from: 'store', id: '11111111-2222-4333-8444-555555555555' },
      },
    },
  })
  /** The least that Culvert opens: the machine that tests may be busy. */
  const cheap = { n: 16_384, r: 8, p: 1 }
  const seal = (secrets: Parameters<typeof sealBundle>[1], password: string) =>
    sealBundle([profile], secrets, bytesOf(password), cheap)
  const secret = () => ({
    id: '11111111-2222-4333-8444-555555555555',
    profileId: profile.id,
    kind: 'password' as const,
    encrypted: false,
    value: bytesOf('hunter2'),
  })
  const read = (text: string, password?: string) =>
    importProfile({
      name: 'office.json',
      bytes: bytesOf(text),
      ...(password === undefined ? {} : { password: bytesOf(password) }),
    })

  it('hold profiles and secrets, and show neither', () => {
    const text = seal([secret()], 'geheim')
    expect(text).not.toMatch(/hunter2|maria|vpn\.example/)
    const result = read(text, 'geheim')
    expect(result.profiles).toEqual([profile])
    expect(textOf(result.secrets[0]!.value.reveal())).toBe('hunter2')
    expect(seal([secret()], 'geheim')).not.toBe(text)
  })

  it('ask for the password, and say when it is wrong or something was changed', () => {
    const text = seal([secret()], 'geheim')
    expect(read(text)).toMatchObject({ needsPassword: true, profiles: [], secrets: [] })
    expect(read(text, 'falsch')).toMatchObject({ needsPassword: true, profiles: [], secrets: [] })
    const json = JSON.parse(text) as { kdf: { salt: string; n: number }; data: string }
    const opened = (change: object) => openBundle({ ...json, ...change }, bytesOf('geheim'))
    expect(opened({ data: `A${json.data.slice(1)}` })).toEqual({ ok: false, error: 'wrong-password' })
    expect(opened({ kdf: { ...json.kdf, n: 32_768 } })).toEqual({ ok: false, error: 'wrong-password' })
  })

  it('cannot make us work for ever', () => {
    const json = JSON.parse(seal([], 'geheim')) as { kdf: object }
    for (const kdf of [{ n: 2 ** 30 }, { r: 1024 }, { p: 1000 }, { n: 100_000 }, { n: 2 }]) {
      const changed = { ...json, kdf: { ...json.kdf, ...kdf } }
      expect(openBundle(changed, bytesOf('geheim'))).toEqual({ ok: false, error: 'damaged' })
    }
  })

  it('give no secret of another profile', () => {
    const text = seal([{ ...secret(), profileId: '99999999-2222-4333-8444-555555555555' }], 'x')
    const result = read(text, 'x')
    expect(result.secrets).toEqual([])
    expect(result.profiles[0]!.local.authentication).toMatchObject({ password: { from: 'prompt' } })
  })
})

describe('links', () => {
  const link = (query: string) => parseDeepLink(`culvert://import?${query}`)
  const problemOf = (result: ReturnType<typeof parseDeepLink>) => (result.ok ? '' : result.error.problem)

  it('carry any bytes and a name', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), (bytes) => {
        const found = parseDeepLink(makeDeepLink(bytes, 'büro.json') ?? '')
        expect(found).toEqual({
          ok: true,
          value: { kind: 'file', name: 'büro.json', bytes: Uint8Array.from(bytes) },
        })
      }),
    )
  })

  it('are taken as different programs hand them over', () => {
    for (const text of [
      'culvert://import?data=e30',
      'culvert://import/?data=e30',
      'culvert:import?data=e30',
      'CULVERT://import?data=e30==',
    ]) {
      expect(parseDeepLink(text)).toMatchObject({ ok: true, value: { name: 'link' } })
    }
  })

  it.each([
    ['url=https://evil.example/x.json', /asks to fetch/],
    ['data=e30&url=https://evil.example', /asks to fetch/],
    ['data=e30&data=e30', /one profile/],
    ['', /one profile/],
    ['data=%00', /damaged/],
    ['data=<script>', /damaged/],
  ])('%s is refused', (query, problem) => {
    expect(problemOf(link(query))).toMatch(problem)
  })

  it('name no place and steer no terminal', () => {
    const named = (name: string) => {
      const found = link(`data=e30&name=${encodeURIComponent(name)}`)
      return found.ok ? found.value.name : ''
    }
    expect(named('../../etc/passwd')).toBe('passwd')
    expect(named('C:\\x\\office.json')).toBe('office.json')
    expect(named('..')).toBe('link')
    expect(named('a\u001b[2Jb\u202ec')).toBe('a[2Jbc')
  })

  it('are refused when they are too long or of another kind', () => {
    expect(problemOf(link(`data=${'A'.repeat(LINK_LENGTH_LIMIT)}`))).toMatch(/longer/)
    expect(problemOf(parseDeepLink('https://import?data=e30'))).toMatch(/no link for Culvert/)
    expect(problemOf(parseDeepLink('culvert://connect?name=x'))).toMatch(/does not know "connect"/)
    expect(problemOf(parseDeepLink('not a link'))).toMatch(/no link/)
    expect(makeDeepLink(new Uint8Array(LINK_LENGTH_LIMIT), 'x')).toBeUndefined()
  })
})
