/** What a format can hold survives export and import; what it cannot is told. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { exportProfile, exporters, isExportFormat } from '../../src-main/profiles/export/export-profile.ts'
import type { ExportFormat } from '../../src-main/profiles/export/export-profile.ts'
import { parseDeepLink } from '../../src-main/profiles/import/deep-link.ts'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { sampleProfile } from './sample-profile.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

// ---------------------------------------------------------------- profiles

const word = fc.stringMatching(/^[A-Za-z][\w .&<>"'\\;#=éß€-]{0,30}[A-Za-z0-9]$/)
const identity = fc.constantFrom(
  'maria@example.org',
  'gw.example.org',
  '10.0.0.1',
  'CN=maria, O=Example',
  'keyid:0a0b',
)
const network = fc.constantFrom('10.0.0.0/8', '172.16.0.0/12', '192.168.7.0/24', 'fd00::/8', '203.0.113.9/32')
const ikeProposal = fc.constantFrom(
  ...[
    'aes256gcm16-prfsha384-ecp384',
    'aes256-sha256-modp2048',
    'aes128-sha1-modp2048',
    'aes128gcm16-prfsha256-ecp256',
  ],
  ...[
    'chacha20poly1305-prfsha512-x25519',
    'aes256-sha384-prfsha256-modp4096',
    'aes192-sha512-ecp521-modp3072',
  ],
)
const espProposal = fc.constantFrom(
  ...[
    'aes256gcm16',
    'aes256gcm16-ecp384',
    'aes256-sha256',
    'aes128-sha1-modp2048',
    'chacha20poly1305',
    'aes256-sha256-esn',
  ],
)
const few = <Value>(one: fc.Arbitrary<Value>) => fc.uniqueArray(one, { maxLength: 3 })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })

const prompt = { from: 'prompt' } as const
const authentications = fc.oneof(
  fc.record({
    local: fc.record({
      method: fc.constant('eap' as const),
      username: word,
      password: fc.constant(prompt),
      allow: fc.constantFrom(['mschapv2', 'gtc'], ['mschapv2'], ['gtc']),
    }),
    remote: fc.constantFrom('system', 'named', 'pinned'),
  }),
  fc.record({
    local: fc
      .record({
        username: word,
        inner: fc.constantFrom('pap' as const, 'eap-mschapv2' as const, 'gtc' as const),
        anonymousIdentity: maybe(word),
        server: maybe(fc.constant('radius.example.org')),
      })
      .map(({ username, inner, anonymousIdentity, server }) => ({
        method: 'eap' as const,
        username,
        password: prompt,
        allow: ['ttls' as const],
        inner,
        ...(anonymousIdentity === undefined ? {} : { anonymousIdentity }),
        ...(server === undefined ? {} : { server: { identity: server } }),
      })),
    remote: fc.constantFrom('system', 'named'),
  }),
  fc.record({ local: fc.constant({ method: 'psk' as const, secret: prompt }), remote: fc.constant('psk') }),
)

const profiles: fc.Arbitrary<Profile> = fc
  .record({
    authentication: authentications,
    revocation: maybe(fc.constantFrom('strict', 'when-reachable', 'off')),
    name: word,
    port: fc.constantFrom(500, 500, 4500, 65_535),
    address: fc.constantFrom('vpn.example.org', '198.51.100.7', '2001:db8::7'),
    localIdentity: maybe(identity),
    remoteIdentity: maybe(identity),
    ike: few(ikeProposal),
    esp: few(espProposal),
    remote: few(network),
    local: few(network),
    virtualAddress: fc.record({ ipv4: fc.boolean(), ipv6: fc.boolean() }),
    servers: few(fc.constantFrom('10.0.0.53', '192.168.1.1', 'fd00::53')),
    domains: few(fc.constantFrom('corp.example.org', 'example.test', 'intern')),
    ikeSeconds: maybe(fc.integer({ min: 60, max: 100_000 }).map((value) => value - (value % 60))),
    childSeconds: maybe(fc.integer({ min: 60, max: 100_000 })),
    childBytes: maybe(fc.integer({ min: 1, max: 1e11 })),
    livenessSeconds: fc.constantFrom(0, 30, 60, 600, 1800, 77),
    natKeepaliveSeconds: fc.constantFrom(0, 20, 25, 200),
    forceEncapsulation: fc.boolean(),
    fragmentation: fc.boolean(),
    replayWindow: fc.constantFrom(64, 32, 1024),
    mtu: maybe(fc.constantFrom(1280, 1400, 1450, 9000)),
    reconnect: fc.boolean(),
  })
  .map((drawn) =>
    sampleProfile({
      name: drawn.name,
      gateway: { address: drawn.address, port: drawn.port },
      local: {
        authentication: drawn.authentication.local,
        ...(drawn.localIdentity === undefined ? {} : { identity: drawn.localIdentity }),
      },
      remote: {
        authentication:
          drawn.authentication.remote === 'psk'
            ? { method: 'psk', secret: prompt }
            : {
                method: 'certificate',
                authorities: drawn.authentication.remote === 'system' ? [] : [textOf(pki.authority)],
                ...(drawn.authentication.remote === 'pinned' ? { pin: `${'A'.repeat(43)}=` } : {}),
                ...(drawn.revocation === undefined ? {} : { revocation: drawn.revocation }),
              },
        ...(drawn.remoteIdentity === undefined ? {} : { identity: drawn.remoteIdentity }),
      },
      proposals: { ike: drawn.ike, esp: drawn.esp },
      traffic: {
        remote: drawn.remote.length === 0 ? ['0.0.0.0/0', '::/0'] : drawn.remote,
        local: drawn.local,
      },
      virtualAddress: drawn.virtualAddress,
      dns: { servers: drawn.servers, domains: drawn.domains },
      lifetimes: {
        ...(drawn.ikeSeconds === undefined ? {} : { ikeSeconds: drawn.ikeSeconds }),
        ...(drawn.childSeconds === undefined ? {} : { childSeconds: drawn.childSeconds }),
        ...(drawn.childBytes === undefined ? {} : { childBytes: drawn.childBytes }),
      },
      livenessSeconds: drawn.livenessSeconds,
      natKeepaliveSeconds: drawn.natKeepaliveSeconds,
      forceEncapsulation: drawn.forceEncapsulation,
      fragmentation: drawn.fragmentation,
      replayWindow: drawn.replayWindow,
      ...(drawn.mtu === undefined ? {} : { mtu: drawn.mtu }),
      reconnect: drawn.reconnect,
    }),
  )

// ---------------------------------------------------------------- the property

/** Every setting by its path; sets as sets, and the gateway's identity as what it means. */
function settingsOf(profile: Profile): ReadonlyMap<string, unknown> {
  const { local, remote } = profile
  return new Map<string, unknown>([
    ['name', profile.name],
    ['gateway.address', profile.gateway.address],
    ['gateway.port', profile.gateway.port],
    ['local.identity', local.identity],
    ['local.authentication.method', local.authentication.method],
    [
      'local.authentication.username',
      local.authentication.method === 'eap' ? local.authentication.username : '',
    ],
    ['local.authentication.allow', local.authentication.method === 'eap' ? local.authentication.allow : []],
    ['remote.identity', remote.identity ?? profile.gateway.address],
    ['remote.authentication.method', remote.authentication.method],
    [
      'remote.authentication.authorities',
      remote.authentication.method === 'certificate' ? remote.authentication.authorities : [],
    ],
    [
      'remote.authentication.pin',
      remote.authentication.method === 'certificate' ? remote.authentication.pin : undefined,
    ],
    ['proposals.ike', profile.proposals.ike],
    ['proposals.esp', profile.proposals.esp],
    ['traffic.remote', profile.traffic.remote],
    ['traffic.local', profile.traffic.local],
    ['virtualAddress', profile.virtualAddress],
    ['dns.servers', [...profile.dns.servers].sort()],
    ['dns.domains', profile.dns.domains],
    ...Object.entries(profile.lifetimes).map(([key, value]) => [`lifetimes.${key}`, value] as const),
    ['livenessSeconds', profile.livenessSeconds],
    ['natKeepaliveSeconds', profile.natKeepaliveSeconds],
    ['forceEncapsulation', profile.forceEncapsulation],
    ['fragmentation', profile.fragmentation],
    ['replayWindow', profile.replayWindow],
    ['mtu', profile.mtu],
    ['reconnect', profile.reconnect],
  ])
}

function roundTrip(profile: Profile, format: ExportFormat) {
  const exported = exportProfile(profile, format)
  if (!exported.ok) return undefined
  const { text, beside, lost } = exported.value
  const link = format === 'link' ? parseDeepLink(text.trim()) : undefined
  const bytes = link?.ok === true ? link.value.bytes : bytesOf(text)
  const imported = importProfile({
    name: `x${exporters[format].extension}`,
    bytes,
    files: new Map(beside.map((file) => [file.name, bytesOf(file.text)])),
    username: 'somebody',
  })
  return { text, imported, lost: new Set(lost.map(({ where }) => where)) }
}

const roundTrips = Object.keys(exporters)
  .filter(isExportFormat)
  .filter((format) => format !== 'powershell')

describe('export and import', () => {
  it.each(roundTrips)('keep what is not told as lost: %s', (format) => {
    let exported = 0
    fc.assert(
      fc.property(profiles, (profile) => {
        const result = roundTrip(profile, format)
        if (result === undefined) return
        exported += 1
        const [found] = result.imported.profiles
        if (found === undefined)
          throw new Error(`${JSON.stringify(result.imported.problems)}\n${result.text}`)
        const now = settingsOf(found)
        for (const [where, value] of settingsOf(profile)) {
          if (!result.lost.has(where)) expect(now.get(where), `${where}\n${result.text}`).toEqual(value)
        }
      }),
      { numRuns: 150 },
    )
    expect(exported).toBeGreaterThan(5)
  })

  it('lose nothing in Culvert’s own format but the secrets', () => {
    fc.assert(
      fc.property(profiles, (profile) => {
        expect(roundTrip(profile, 'culvert')?.imported.profiles).toEqual([profile])
      }),
      { numRuns: 50 },
    )
  })

  it('never write a secret, nor where one lies', () => {
    const profile = sampleProfile({
      local: {
        authentication: {
          method: 'eap',
          username: 'maria',
          password: { from: 'file', path: '/home/maria/pw' },
        },
      },
    })
    for (const format of Object.keys(exporters).filter(isExportFormat)) {
      const exported = exportProfile(profile, format)
      expect(exported.ok && exported.value.text).not.toContain('/home/maria')
    }
  })

  it('say why a format cannot hold a connection', () => {
    const psk = sampleProfile({
      local: { authentication: { method: 'psk', secret: prompt } },
      remote: { authentication: { method: 'psk', secret: prompt } },
    })
    const refused = exportProfile(psk, 'sswan')
    expect(refused.ok ? '' : refused.error).toContain('no pre-shared keys')
    expect(exportProfile(psk, 'profilexml')).toMatchObject({ ok: false })
    expect(exportProfile(psk, 'powershell')).toMatchObject({ ok: false })
  })

  it('name certificates that have to lie beside the file', () => {
    const profile = sampleProfile({
      local: { authentication: { method: 'certificate', certificates: [textOf(pki.client)], key: prompt } },
      remote: { authentication: { method: 'certificate', authorities: [textOf(pki.authority)] } },
    })
    const exported = exportProfile(profile, 'swanctl')
    expect(exported.ok && exported.value.beside.map(({ name }) => name)).toEqual([
      'x509/office-1.pem',
      'x509ca/office-ca-1.pem',
    ])
    expect(exported.ok && exported.value.lost.map(({ where }) => where)).toContain('local.authentication.key')
  })
})

describe('PowerShell', () => {
  it('makes the connection, its algorithms and its routes', () => {
    const profile = sampleProfile({
      name: "Maria's office",
      proposals: { ike: ['aes256-sha256-modp2048'], esp: ['aes256gcm16-ecp384'] },
      traffic: { remote: ['10.0.0.0/8'], local: [] },
    })
    const exported = exportProfile(profile, 'powershell')
    expect(exported.ok && exported.value.text.split('\r\n')).toEqual([
      "Add-VpnConnection -Name 'Maria''s office' -ServerAddress 'vpn.example.org' -TunnelType Ikev2 -AuthenticationMethod Eap -EncryptionLevel Required -SplitTunneling -PassThru",
      "Set-VpnConnectionIPsecConfiguration -ConnectionName 'Maria''s office' -AuthenticationTransformConstants GCMAES256 -CipherTransformConstants GCMAES256 -EncryptionMethod AES256 -IntegrityCheckMethod SHA256 -DHGroup Group14 -PfsGroup ECP384 -Force",
      "Add-VpnConnectionRoute -ConnectionName 'Maria''s office' -DestinationPrefix '10.0.0.0/8'",
      '',
    ])
  })

  it('lets no name end its own quotes', () => {
    const exported = exportProfile(sampleProfile({ name: "x'; calc; ’y" }), 'powershell')
    expect(exported.ok && exported.value.text).toContain("-Name 'x''; calc; ’’y' ")
  })
})
