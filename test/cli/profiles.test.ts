import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { ThrowawayPki } from '../profiles/throwaway-pki.ts'
import { makeThrowawayPki } from '../profiles/throwaway-pki.ts'
import type { FakeWorld } from './fake-world.ts'
import { fakeWorld } from './fake-world.ts'

let pki: ThrowawayPki
let world: FakeWorld
beforeAll(() => {
  pki = makeThrowawayPki()
})
beforeEach(() => {
  world = fakeWorld()
})
afterEach(() => world.dispose())

const write = (name: string, content: string | Uint8Array) => {
  const path = join(world.root, name)
  writeFileSync(path, content)
  return path
}
const sswan = (local: object, type = 'ikev2-eap') =>
  JSON.stringify({
    uuid: 'b0d4e2a6-1111-4222-8333-444455556666',
    name: 'Office',
    type,
    remote: { addr: 'vpn.example.org' },
    local,
  })
const storedFiles = (directory: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
    : []

describe('culvert import', () => {
  it('imports, lists, shows and removes; the password in the file is on no disk', async () => {
    const file = write('office.sswan', sswan({ eap_id: 'maria', shared_secret: 'hunter2' }))
    expect(await world.culvert('import', file)).toBe(0)
    const imported = world.read()
    expect(imported.out).toContain(`✓ Imported Office (${file}, strongSwan profile (.sswan))`)
    expect(imported.out).toContain(
      'The password is not kept, as there is no keyring here; it is asked for when you connect.',
    )
    expect(imported.out + imported.err).not.toContain('hunter2')
    const files = [...storedFiles(join(world.root, 'config')), ...storedFiles(join(world.root, 'data'))]
    expect(files).toHaveLength(1)
    expect(files.map((path) => readFileSync(path, 'utf8')).join()).not.toContain('hunter2')

    expect(await world.culvert('list')).toBe(0)
    expect(world.read().out).toBe('Office  vpn.example.org  password (maria)  not connected\n')
    expect(await world.culvert('show', 'office')).toBe(0)
    expect(world.read().out).toContain('  Gateway             vpn.example.org:500\n')
    expect(await world.culvert('import', file)).toBe(0)
    expect(world.read().out).toContain('✓ Updated Office')
    expect(await world.culvert('remove', 'Office')).toBe(0)
    world.read()
    expect(await world.culvert('list')).toBe(0)
    expect(world.read().out).toBe('There are no profiles yet. `culvert import FILE` adds one.\n')
  })

  it('keeps a PKCS#12 file as it came, for its owner alone', async () => {
    const file = write('cert.sswan', sswan({ p12: Buffer.from(pki.pkcs12).toString('base64') }, 'ikev2-cert'))
    expect(await world.culvert('import', file)).toBe(0)
    expect(world.read().out).toContain('The certificate and key is kept, encrypted as it came')
    const [key, ...more] = storedFiles(join(world.root, 'data'))
    expect(more).toEqual([])
    expect(new Uint8Array(readFileSync(key!))).toEqual(pki.pkcs12)
    expect(statSync(key!).mode & 0o777).toBe(0o600)
  })

  it('does not keep a PKCS#12 file that has the empty password', async () => {
    const file = write(
      'cert.sswan',
      sswan({ p12: Buffer.from(pki.pkcs12Open).toString('base64') }, 'ikev2-cert'),
    )
    expect(await world.culvert('import', file)).toBe(0)
    expect(world.read().out).toContain('has no password that protects it, so it is not kept')
    expect(storedFiles(join(world.root, 'data'))).toEqual([])
  })

  it('leaves an unencrypted key where it is, and copies it nowhere', async () => {
    mkdirSync(join(world.root, 'private'))
    write('private/me.key', pki.clientKey)
    write('me.pem', pki.client)
    write('ca.pem', pki.authority)
    const file = write(
      'swanctl.conf',
      `
connections { home { remote_addrs = gw.example.org
    local { certs = me.pem }
    remote { cacerts = ca.pem }
    children { all { remote_ts = 0.0.0.0/0 } } } }
secrets { private { file = me.key
 } }`,
    )
    expect(await world.culvert('import', file)).toBe(0)
    world.read()
    await world.culvert('show', 'home', '--json')
    const profile = JSON.parse(world.read().out) as ReturnType<typeof sampleProfile>
    expect(profile.local.authentication).toMatchObject({
      key: { from: 'file', path: join(world.root, 'private/me.key') },
    })
    expect(storedFiles(join(world.root, 'data'))).toEqual([])
  })

  it('does not follow a link out of the directory', async () => {
    mkdirSync(join(world.root, 'conf'))
    write('secret.pem', pki.authority)
    symlinkSync(join(world.root, 'secret.pem'), join(world.root, 'conf', 'ca.pem'))
    const file = write(
      'conf/swanctl.conf',
      `
connections { home { remote_addrs = gw.example.org
    local { auth = eap
      eap_id = maria }
    remote { cacerts = ca.pem }
    children { all { remote_ts = 0.0.0.0/0 } } } }`,
    )
    expect(await world.culvert('import', file)).toBe(3)
    expect(world.read().out).toContain('is not beside the imported one')
  })

  it('changes nothing in a dry run', async () => {
    const file = write('office.sswan', sswan({ eap_id: 'maria', shared_secret: 'hunter2' }))
    expect(await world.culvert('import', '--dry-run', file)).toBe(0)
    expect(world.read().out).toContain('Would import Office')
    expect(storedFiles(join(world.root, 'config'))).toEqual([])
  })

  it('tells each file and each problem with its place, as text and as JSON', async () => {
    const good = write('a.sswan', sswan({ eap_id: 'maria' }))
    expect(await world.culvert('import', good, '/nowhere', '--json')).toBe(3)
    const reports = JSON.parse(world.read().out) as { file: string; problems: object[] }[]
    expect(reports.map(({ file }) => file)).toEqual([good, '/nowhere'])
    expect(reports[1]!.problems).toEqual([
      {
        level: 'error',
        where: '/nowhere',
        problem: 'The file cannot be imported: there is no such file',
        advice: 'Check its name and place.',
      },
    ])
    expect(await world.culvert('import', write('b', 'hello'))).toBe(3)
    expect(world.read().out).toMatch(/✗ Nothing imported.*\n {2}✗ b: The format is not recognised\.\n/)
  })

  it("forgets the old profile's secrets when another takes its place", async () => {
    const p12 = Buffer.from(pki.pkcs12).toString('base64')
    await world.culvert('import', write('a.sswan', sswan({ p12 }, 'ikev2-cert')))
    expect(storedFiles(join(world.root, 'data'))).toHaveLength(1)
    await world.culvert('import', write('b.sswan', sswan({ eap_id: 'maria' })))
    expect(storedFiles(join(world.root, 'data'))).toEqual([])
  })
})

describe('culvert list and show', () => {
  it('names a broken profile and lists the others', async () => {
    await world.culvert('import', write('own.json', JSON.stringify(sampleProfile())))
    writeFileSync(join(world.root, 'config/culvert/profiles/6f1b2c3d-0000-4000-8000-000000000009.json'), '{')
    world.read()
    expect(await world.culvert('list')).toBe(0)
    const { out, err } = world.read()
    expect(out).toContain('Office')
    expect(err).toMatch(/! 6f1b2c3d-0000-4000-8000-000000000009\.json cannot be used: This is not JSON/)
  })

  it.each([
    [
      ['show', 'nothing'],
      3,
      '✗ There is no profile called nothing.\n  `culvert list` shows the profiles; `culvert import FILE` adds one.\n',
    ],
    [['down'], 12, '✗ Nothing is connected.\n  `culvert up NAME` connects.\n'],
    [['bogus'], 2, "error: unknown command 'bogus'\n`culvert help` shows the commands.\n"],
    [['show'], 2, "error: missing required argument 'name'\n`culvert help` shows the commands.\n"],
    [['help', 'bogus'], 2, '✗ There is no command called bogus.\n  See `culvert help` for the commands.\n'],
    [
      ['log', '--level', 'loud'],
      2,
      '✗ The level must be one of error, warn, info, debug.\n  See `culvert help` for the commands.\n',
    ],
  ])('%j ends with %d and one clear sentence', async (argv, code, err) => {
    expect(await world.culvert(...argv)).toBe(code)
    expect(world.read()).toEqual({ out: '', err })
  })

  it('says its version and how to use it', async () => {
    expect(await world.culvert('--version')).toBe(0)
    expect(world.read().out).toBe('1.2.3\n')
    expect(await world.culvert('--help')).toBe(0)
    expect(world.read().out).toContain('Usage: culvert [options] [command]')
    expect(await world.culvert('help', 'exit-codes')).toBe(0)
    expect(world.read().out).toContain('   7  the gateway refused')
    expect(await world.culvert('help', 'up')).toBe(0)
    const { out } = world.read()
    expect(out).toContain('--password-file <file>')
    expect(out).not.toContain('background')
  })
})

describe('culvert doctor', () => {
  it('says what to mend, here and on the way', async () => {
    world.checks = {
      checkMachine: () => Promise.resolve([{ name: 'tun', status: 'ok', text: 'fine' }]),
      checkPath: () =>
        Promise.resolve({
          kind: 'found',
          addresses: ['203.0.113.1'],
          ports: [
            {
              address: '203.0.113.1',
              port: 500,
              outcome: { kind: 'answered', afterMs: 12, detail: 'an IKEv2 gateway' },
            },
            { address: '203.0.113.1', port: 4500, outcome: { kind: 'silent' } },
          ],
        }),
    }
    expect(await world.culvert('doctor', 'vpn.example.org')).toBe(0)
    const { out } = world.read()
    expect(out).toContain('  ✓ udp-500   203.0.113.1:500 answers after 12 ms: an IKEv2 gateway\n')
    expect(out).toContain('  ! udp-4500  203.0.113.1:4500 does not answer\n')
  })

  it('fails with its own code', async () => {
    world.checks = {
      ...world.checks,
      checkMachine: () => Promise.resolve([{ name: 'tun', status: 'fail', text: 'no', advice: 'load it' }]),
    }
    expect(await world.culvert('doctor')).toBe(13)
    expect(world.read().out).toContain('load it')
    expect(await world.culvert('doctor', 'nowhere.example', '--json')).toBe(13)
    expect(JSON.parse(world.read().out)).toMatchObject({ path: [{ name: 'name', status: 'fail' }] })
  })
})
