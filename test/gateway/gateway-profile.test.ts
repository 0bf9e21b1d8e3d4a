import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadGatewayCredentials, readGatewayProfile } from '../../src-main/app/gateway-run.ts'
import { makePki } from '../../src-main/demo/certificates.ts'
import { GatewayProfile } from '../../src-main/gateway/gateway-profile.ts'
import { parseIdentity } from '../../src-main/ike/identity.ts'

const least = {
  version: 1,
  identity: 'vpn.office.test',
  authentication: { method: 'psk' },
  clients: { psk: [{ identity: '%any', secretFile: 'secret' }] },
  pools: { ipv4: '10.30.0.0/24' },
  networks: ['10.20.0.0/24'],
}
const problemsOf = (value: unknown): readonly string[] => {
  const parsed = v.safeParse(GatewayProfile, value)
  return parsed.success ? [] : parsed.issues.map((issue) => v.getDotPath(issue) ?? '')
}

describe("the gateway's file", () => {
  it('needs little, and has sane defaults', () => {
    const profile = v.parse(GatewayProfile, least)
    expect(profile.listen).toEqual({ addresses: [], ikePort: 500, natPort: 4500 })
    expect(profile.cookies).toBe('auto')
    expect(profile.limits).toEqual({ clients: 256, halfOpen: 256, halfOpenPerAddress: 16 })
  })

  it('is documented with an example that is one', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/gateway.md'), 'utf8')
    const example = /```json\n(.*?)```/s.exec(text)?.[1] ?? ''
    expect(problemsOf(JSON.parse(example))).toEqual([])
  })

  it.each([
    ['an unknown field', { ...least, secret: 'hunter2' }, 'secret'],
    ['no pool', { ...least, pools: {} }, 'pools'],
    ['no network', { ...least, networks: [] }, 'networks'],
    ['nobody with a secret, and no certificate', { ...least, clients: {} }, 'clients.psk'],
    [
      'passwords without a certificate',
      { ...least, clients: { ...least.clients, eap: { users: [] } } },
      'clients.eap',
    ],
    ['an address that is none', { ...least, dns: { servers: ['dns.office.test'] } }, 'dns.servers.0'],
  ])('refuses %s, and says where', (_what, value, where) => {
    expect(problemsOf(value)).toContain(where)
  })
})

describe('the files it names', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'culvert-gateway-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (name: string, content: string | object): string => {
    const path = join(folder, name)
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
    return path
  }
  const quiet = () => undefined

  it('are read: certificate, key, authority, secrets', async () => {
    const pki = makePki('vpn.office.test')
    write('gateway.pem', pki.gateway + pki.authority)
    write('gateway.key', pki.gatewayKey)
    write('authority.pem', pki.authority)
    write('printer.secret', 'open sesame\n')
    write('maria.password', 'correct horse')
    const profile = await readGatewayProfile(
      write('gateway.json', {
        ...least,
        authentication: { method: 'certificate', certificateFile: 'gateway.pem', keyFile: 'gateway.key' },
        clients: {
          psk: [{ identity: 'printer@office.test', secretFile: 'printer.secret' }],
          certificate: { authorityFiles: ['authority.pem'] },
          eap: { users: [{ name: 'maria', passwordFile: 'maria.password' }] },
        },
      }),
    )
    const { own, users, trust } = await loadGatewayCredentials(profile, folder, quiet)
    expect(own.method === 'signature' && own.certificates.length).toBe(2)
    expect(trust?.authorityKeyHashes()).toHaveLength(1)
    const printer = parseIdentity('printer@office.test')
    const other = parseIdentity('other@office.test')
    if (printer === undefined || other === undefined) throw new Error('identities')
    expect(Buffer.from(users.psk(printer) ?? []).toString()).toBe('open sesame')
    expect(users.psk(other)).toBeUndefined()
    expect(Buffer.from(users.password('maria') ?? []).toString()).toBe('correct horse')
    expect(users.password('eve')).toBeUndefined()
    users.close()
    expect(users.password('maria')).toBeUndefined()
  })

  it.each([
    ['a file that is missing', undefined, { code: 'profile-not-found' }],
    ['a file that is no JSON', '{', { code: 'profile-invalid' }],
    ['a file of another kind', { version: 7 }, { code: 'profile-invalid' }],
  ])('tells of %s', async (_what, content, failure) => {
    const path = content === undefined ? join(folder, 'nothing.json') : write('gateway.json', content)
    await expect(readGatewayProfile(path)).rejects.toMatchObject(failure)
  })

  it('tells which secret is missing, and not what stands in the others', async () => {
    write('secret', 'two\nlines\n')
    const profile = v.parse(GatewayProfile, least)
    const trouble = await loadGatewayCredentials(profile, folder, quiet).catch((error: unknown) => error)
    expect(trouble).toMatchObject({ code: 'secret-missing' })
    expect(String(trouble)).not.toContain('lines\\n')
    expect(String(trouble)).toContain('secret')
  })

  it('tells of a key that is not that of the certificate', async () => {
    write('gateway.pem', makePki('vpn.office.test').gateway)
    write('gateway.key', makePki('vpn.office.test').gatewayKey)
    const profile = v.parse(GatewayProfile, {
      ...least,
      authentication: { method: 'certificate', certificateFile: 'gateway.pem', keyFile: 'gateway.key' },
    })
    await expect(loadGatewayCredentials(profile, folder, quiet)).rejects.toMatchObject({
      code: 'profile-invalid',
      details: { problem: 'the private key is not that of the certificate' },
    })
  })

  it('tells of a key that does not fit its purpose', async () => {
    const pki = makePki('vpn.office.test')
    write('gateway.pem', pki.gateway)
    write('gateway.key', 'not a key')
    const profile = v.parse(GatewayProfile, {
      ...least,
      authentication: { method: 'certificate', certificateFile: 'gateway.pem', keyFile: 'gateway.key' },
    })
    await expect(loadGatewayCredentials(profile, folder, quiet)).rejects.toMatchObject({
      code: 'profile-invalid',
      details: { where: 'authentication' },
    })
  })
})
