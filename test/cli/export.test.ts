import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sampleProfile } from '../profiles/sample-profile.ts'
import type { ThrowawayPki } from '../profiles/throwaway-pki.ts'
import { makeThrowawayPki, textOf } from '../profiles/throwaway-pki.ts'
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
const importSample = async (changes: Readonly<Record<string, unknown>> = {}) => {
  const file = write('sample.json', JSON.stringify(sampleProfile(changes)))
  expect(await world.culvert('import', file)).toBe(0)
  world.read()
}

describe('culvert export', () => {
  it("writes Culvert's own format to standard output", async () => {
    await importSample()
    expect(await world.culvert('export', 'Office')).toBe(0)
    expect(JSON.parse(world.read().out)).toEqual(sampleProfile())
  })

  it('writes other formats with what lies beside them, and says what is lost', async () => {
    await importSample({
      mtu: 1400,
      remote: { authentication: { method: 'certificate', authorities: [textOf(pki.authority)] } },
    })
    const file = join(world.root, 'office.conf')
    expect(await world.culvert('export', 'Office', '--format', 'swanctl', '--output', file)).toBe(0)
    expect(world.read()).toEqual({
      out: '',
      err: '! name: A section is named by simple words.\n! mtu: The format has no place for it.\n',
    })
    expect(readFileSync(join(world.root, 'x509ca/office-ca-1.pem'), 'utf8')).toBe(textOf(pki.authority))
    expect(await world.culvert('import', '--dry-run', file)).toBe(0)
    expect(world.read().out).toContain('✓ Would import office')
  })

  it('refuses formats that there are not, or that cannot hold it', async () => {
    await importSample({ gateway: { address: 'vpn.example.org', port: 4500 } })
    expect(await world.culvert('export', 'Office', '--format', 'docx')).toBe(2)
    expect(world.read().err).toContain('There is no format called docx')
    expect(await world.culvert('export', 'Office', '--format', 'profilexml')).toBe(2)
    expect(world.read().err).toContain('Windows calls port 500 alone')
    expect(await world.culvert('export', 'Office', '--format', 'sswan', '--with-secrets')).toBe(2)
    expect(world.read().err).toContain('under a password')
  })

  it('takes secrets along under a password, and gives them back', async () => {
    const password = write('password', 'hunter2\n')
    await importSample({
      local: {
        authentication: { method: 'eap', username: 'maria', password: { from: 'file', path: password } },
      },
    })
    const file = join(world.root, 'office.culvert')
    world.typing = ['geheim', 'geheim']
    expect(await world.culvert('export', 'Office', '--with-secrets', '--output', file)).toBe(0)
    expect(world.asked).toEqual(['Password for the exported file', 'The same once more'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toMatch(/hunter2|maria/)
    world.read()

    // Each attempt costs scrypt's 128 MiB.
    world.typing = ['falsch', 'geheim']
    expect(await world.culvert('import', file)).toBe(0)
    expect(world.read().out).toContain('Updated Office')
    expect(world.asked.slice(2)).toEqual(['Password of office.culvert', 'Password of office.culvert'])

    const given = write('given', 'geheim\n')
    expect(await world.culvert('import', '--dry-run', '--json', '--password-file', given, file)).toBe(0)
    expect(JSON.parse(world.read().out)).toMatchObject([
      { profiles: [{ name: 'Office', askedFor: [] }], problems: [] },
    ])
  }, 60_000)

  it('does not write a bundle when the passwords differ or are empty', async () => {
    await importSample()
    const file = join(world.root, 'office.culvert')
    for (const typed of [
      ['one', 'two'],
      ['', ''],
    ]) {
      world.typing = typed
      expect(await world.culvert('export', 'Office', '--with-secrets', '--output', file)).toBe(2)
    }
    world.typing = undefined
    expect(await world.culvert('export', 'Office', '--with-secrets', '--output', file)).toBe(2)
    expect(world.read().err).toContain('There is no terminal')
    expect(existsSync(file)).toBe(false)
  })
})

describe('culvert import of more than a file', () => {
  it('takes a folder, and says before what will be asked for', async () => {
    const folder = join(world.root, 'office')
    mkdirSync(join(folder, 'cacerts'), { recursive: true })
    write('office/cacerts/ca.pem', pki.authority)
    write(
      'office/home.conf',
      'conn home\n  right=vpn.example.org\n  rightsubnet=10.0.0.0/8\n  leftauth=eap-mschapv2\n  rightauth=pubkey\n  eap_identity=maria\n',
    )
    expect(await world.culvert('import', '--dry-run', folder)).toBe(0)
    const { out } = world.read()
    expect(out).toContain('✓ Would import home')
    expect(out).toContain('  Gateway vpn.example.org\n  The password is asked for when you connect.')
    expect(await world.culvert('list')).toBe(0)
    expect(world.read().out).toContain('There are no profiles yet')
    expect(await world.culvert('import', folder)).toBe(0)
    world.read()
    expect(await world.culvert('show', 'home', '--json')).toBe(0)
    expect(JSON.parse(world.read().out)).toMatchObject({
      remote: { authentication: { authorities: [textOf(pki.authority)] } },
    })
  })

  it('leaves an unencrypted key of a folder where it lies', async () => {
    const folder = join(world.root, 'etc')
    mkdirSync(folder)
    write('etc/ca.pem', pki.authority)
    write('etc/me.pem', pki.client)
    write('etc/me.key', pki.clientKey)
    write(
      'etc/x.nmconnection',
      '[connection]\nid=x\ntype=vpn\n[vpn]\naddress=vpn.example.org\nmethod=cert\ncertificate=/a/ca.pem\nusercert=/a/me.pem\nuserkey=/a/me.key\nservice-type=org.freedesktop.NetworkManager.strongswan\n',
    )
    expect(await world.culvert('import', folder)).toBe(0)
    world.read()
    expect(await world.culvert('show', 'x', '--json')).toBe(0)
    expect(JSON.parse(world.read().out)).toMatchObject({
      local: { authentication: { key: { from: 'file', path: join(folder, 'me.key') } } },
    })
  })
})
