import { beforeAll, describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

const base = {
  uuid: 'B0D4E2A6-1111-4222-8333-444455556666',
  name: 'Office',
  type: 'ikev2-eap',
  remote: { addr: 'vpn.example.org' },
  local: { eap_id: 'maria' },
}

const read = (file: unknown, extra: { username?: string } = {}) =>
  importProfile({ name: 'office.sswan', bytes: bytesOf(JSON.stringify(file)), ...extra })
const told = (result: ReturnType<typeof read>) =>
  result.problems.map(({ level, where }) => `${level} ${where}`)
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

describe('import of .sswan', () => {
  it('reads the smallest file', () => {
    const result = read(base)
    expect(result.format).toBe('strongSwan profile (.sswan)')
    expect(result.profiles).toEqual([
      expect.objectContaining({
        id: 'b0d4e2a6-1111-4222-8333-444455556666',
        name: 'Office',
        gateway: { address: 'vpn.example.org', port: 500 },
        local: {
          authentication: {
            method: 'eap',
            username: 'maria',
            password: { from: 'prompt' },
            allow: ['mschapv2', 'gtc'],
          },
        },
        remote: { authentication: { method: 'certificate', authorities: [] } },
      }),
    ])
    expect(told(result)).toEqual(['note remote.cert'])
  })

  it('reads all that is supported', () => {
    const result = read({
      ...base,
      remote: {
        addr: 'vpn.example.org',
        port: 4500,
        id: 'gw.example.org',
        cert: base64(pki.authorityDer),
        certreq: true,
      },
      local: { eap_id: 'maria', id: 'maria@example.org', shared_secret: 'hunter2' },
      'ike-proposal': 'aes256gcm16-prfsha384-ecp384',
      'esp-proposal': 'aes256gcm16-ecp384',
      'dns-servers': '10.0.0.53 10.0.0.54',
      mtu: 1400,
      'nat-keepalive': 45,
      'split-tunneling': { subnets: ['10.0.0.0/8', '192.168.1.0-192.168.1.255'] },
    })
    expect(told(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      gateway: { port: 4500 },
      local: { identity: 'maria@example.org' },
      remote: { identity: 'gw.example.org' },
      proposals: { ike: ['aes256gcm16-prfsha384-ecp384'], esp: ['aes256gcm16-ecp384'] },
      dns: { servers: ['10.0.0.53', '10.0.0.54'], domains: [] },
      mtu: 1400,
      natKeepaliveSeconds: 45,
      traffic: { remote: ['10.0.0.0/8', '192.168.1.0/24'] },
    })
    expect(textOf(result.secrets[0]!.value.reveal())).toBe('hunter2')
    expect(result.profiles[0]!.local.authentication).toMatchObject({
      password: { from: 'store', id: result.secrets[0]!.id },
    })
    expect(JSON.stringify(result.profiles) + JSON.stringify(result.problems)).not.toContain('hunter2')
  })

  it('tolerates what generators write: booleans as text, line breaks in base64, unknown keys', () => {
    const broken = base64(pki.authorityDer).replace(/.{60}/g, '$&\n')
    const result = read({
      ...base,
      type: 'ikev2-cert',
      remote: { addr: 'vpn.example.org', cert: broken, certreq: 'false' },
      local: { p12: base64(pki.pkcs12).replace(/.{70}/g, '$&\\n'), 'rsa-pss': 'true', password: 'ignored' },
    })
    expect(result.profiles[0]!.local.authentication).toMatchObject({
      method: 'certificate',
      certificates: [],
    })
    expect(result.profiles[0]!.remote.authentication).toMatchObject({ authorities: [textOf(pki.authority)] })
    expect(result.secrets).toMatchObject([{ kind: 'pkcs12', encrypted: true }])
    expect(result.secrets[0]!.value.reveal()).toEqual(pki.pkcs12)
    expect(told(result)).toEqual(['note local.rsa-pss', 'note local.password'])
  })

  it('reports what it cannot follow, each with its place', () => {
    const result = read({
      ...base,
      remote: { addr: 'vpn.example.org', port: 99999, revocation: { strict: true } },
      mtu: 900,
      proxy: { host: '10.0.0.1' },
      apps: ['org.example.app'],
      'split-tunneling': { excluded: '10.1.0.0/16', 'block-ipv6': true, subnets: '10.0.0.0/8 nonsense' },
    })
    expect(told(result)).toEqual([
      'note remote.cert',
      'warning remote.port',
      'warning proxy',
      'warning apps',
      'warning mtu',
      'warning split-tunneling.excluded',
      'warning split-tunneling.block-ipv6',
      'error split-tunneling.subnets',
    ])
    expect(result.profiles[0]).toMatchObject({
      gateway: { port: 500 },
      traffic: { remote: ['10.0.0.0/8'] },
      remote: { authentication: { revocation: 'strict' } },
    })
  })

  it('flags weak and missing algorithms and does not offer them', () => {
    const result = read({
      ...base,
      'ike-proposal': 'des-md5_128-modp768',
      'esp-proposal': 'aes256-sha1-serpent128',
    })
    expect(result.profiles[0]!.proposals).toEqual({ ike: [], esp: ['aes256-sha1'] })
    expect(told(result).filter((line) => line !== 'note remote.cert')).toEqual([
      'warning ike-proposal',
      'warning ike-proposal',
      'warning ike-proposal',
      'warning ike-proposal',
      'error ike-proposal',
      'warning esp-proposal',
      'warning esp-proposal',
    ])
  })

  it('never falls back to trusting everyone when the named authority cannot be read', () => {
    const result = read({ ...base, remote: { addr: 'vpn.example.org', cert: 'bm90IGEgY2VydGlmaWNhdGU=' } })
    expect(result.profiles).toEqual([])
    expect(told(result)).toEqual(['error remote.cert'])
  })

  it.each(['ikev2-something'])('says that %s is not supported', (type) => {
    const result = read({ ...base, type })
    expect(result.profiles).toEqual([])
    expect(told(result)).toContain('error type')
  })

  it('asks for the user name where the file leaves it open', () => {
    const open = { ...base, local: {} }
    expect(told(read(open))).toContain('error local.eap_id')
    expect(read(open, { username: 'maria' }).profiles[0]!.local.authentication).toMatchObject({
      username: 'maria',
    })
  })

  it('updates instead of doubling when imported twice without an id', () => {
    const file = { ...base, uuid: undefined }
    expect(read(file).profiles[0]!.id).toBe(read(file).profiles[0]!.id)
  })
})
