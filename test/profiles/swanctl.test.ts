import { beforeAll, describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

const read = (text: string, files: Readonly<Record<string, Uint8Array>> = {}, username?: string) =>
  importProfile({
    name: 'swanctl.conf',
    bytes: bytesOf(text),
    files: new Map(Object.entries(files)),
    ...(username === undefined ? {} : { username }),
  })
const told = (result: ReturnType<typeof read>) =>
  result.problems.map(({ level, where }) => `${level} ${where}`)

const eap = `
connections {
  office {
    version = 2
    remote_addrs = vpn.example.org
    proposals = aes256-sha256-modp2048
    vips = 0.0.0.0,::
    local {
      auth = eap-mschapv2
      eap_id = maria
    }
    remote {
      auth = pubkey
      id = gw.example.org
      cacerts = ca.pem
    }
    children {
      net {
        remote_ts = 10.0.0.0/8,fd00::/8
        esp_proposals = aes256gcm16-ecp256
        updown = /usr/lib/ipsec/_updown iptables
      }
    }
  }
}
secrets {
  eap-maria { id = maria
    secret = "hunter2" }
  eap-other { id = otto
    secret = geheim }
}
`

describe('import of swanctl.conf', () => {
  it('reads an EAP connection with its password and authority; never runs its script', () => {
    const result = read(eap, { 'x509ca/ca.pem': pki.authority })
    expect(result.format).toBe('strongSwan swanctl.conf')
    expect(result.profiles).toMatchObject([
      {
        name: 'office',
        gateway: { address: 'vpn.example.org', port: 500 },
        local: { authentication: { method: 'eap', username: 'maria', allow: ['mschapv2'] } },
        remote: {
          identity: 'gw.example.org',
          authentication: { method: 'certificate', authorities: [textOf(pki.authority)] },
        },
        proposals: { ike: ['aes256-sha256-modp2048'], esp: ['aes256gcm16-ecp256'] },
        traffic: { remote: ['10.0.0.0/8', 'fd00::/8'], local: [] },
        virtualAddress: { ipv4: true, ipv6: true },
      },
    ])
    expect(result.secrets.map(({ kind, value }) => [kind, textOf(value.reveal())])).toEqual([
      ['password', 'hunter2'],
    ])
    expect(told(result)).toEqual(['warning connections.office.children.net.updown (line 21)'])
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  it('makes no profile when a named authority cannot be read, rather than trusting others', () => {
    const result = read(eap)
    expect(result.profiles).toEqual([])
    expect(result.secrets).toEqual([])
    expect(result.problems[0]).toMatchObject({
      level: 'error',
      where: 'connections.office.remote.cacerts (line 15)',
    })
  })

  it.each(['/etc/ssl/ca.pem', '../ca.pem', 'x/../../ca.pem', '~/ca.pem'])(
    'does not look for the file %s',
    (name) => {
      const anywhere = { get: () => pki.authority }
      const result = importProfile({
        name: 'x',
        bytes: bytesOf(eap.replace('ca.pem', name)),
        files: anywhere,
      })
      expect(result.profiles).toEqual([])
      expect(result.problems[0]?.problem).toMatch(/is not below the imported one/)
    },
  )

  it('chooses the pre-shared key that names both sides', () => {
    const result = read(`
connections { home { remote_addrs = 203.0.113.1
    local { auth = psk
      id = @maria.example.org }
    remote { auth = psk
      id = @#0a0b }
    children { all { } } } }
secrets {
  ike-any { secret = wrong }
  ike-home { id-1 = maria.example.org
    id-2 = @#0a0b
    secret = 0x01FF }
  ike-other { id = somebody
    secret = wrong }
}`)
    expect(result.profiles[0]).toMatchObject({
      local: { identity: 'maria.example.org', authentication: { method: 'psk', secret: { from: 'store' } } },
      remote: { identity: 'keyid:0a0b', authentication: { method: 'psk', secret: { from: 'store' } } },
      traffic: { remote: ['203.0.113.1/32'] },
      virtualAddress: { ipv4: false, ipv6: false },
    })
    expect(result.secrets.map(({ kind, value }) => [kind, value.reveal()])).toEqual([
      ['psk', Uint8Array.of(1, 255)],
    ])
    expect(told(result)).toEqual([])
  })

  const certificate = (secrets: string) => `
connections { home { remote_addrs = gw.example.org
    local { certs = client.pem }
    remote { cacerts = ca.pem }
    children { all { remote_ts = 0.0.0.0/0 } } } }
secrets { ${secrets} }`

  it('finds the key that fits the certificate among several', () => {
    const result = read(certificate('private-a { file = other.key\n}\n private-b { file = mine.key\n}'), {
      'x509/client.pem': pki.client,
      'x509ca/ca.pem': pki.authority,
      'private/other.key': pki.otherKey,
      'private/mine.key': pki.clientKey,
    })
    expect(told(result)).toEqual([])
    expect(result.secrets).toMatchObject([{ kind: 'key', encrypted: false, origin: 'private/mine.key' }])
    expect(result.profiles[0]!.local.authentication).toMatchObject({
      certificates: [textOf(pki.client)],
      key: { from: 'store' },
      keyPassword: { from: 'prompt' },
    })
  })

  it('takes an encrypted key with its passphrase, and one that is only named like the certificate', () => {
    const files = { 'client.pem': pki.client, 'ca.pem': pki.authority }
    const opened = read(certificate('private { file = k.pem\n secret = open sesame\n }'), {
      ...files,
      'private/k.pem': pki.clientKeyEncrypted,
    })
    expect(opened.secrets.map(({ kind, encrypted }) => [kind, encrypted])).toEqual([
      ['key', true],
      ['key-password', false],
    ])
    const unnamed = read(certificate(''), { ...files, 'private/client.pem': pki.clientKeyEncrypted })
    expect(unnamed.secrets.map(({ kind }) => kind)).toEqual(['key'])
  })

  it('reads a PKCS#12 file that holds key and certificate', () => {
    const result = read(
      `
connections { home { remote_addrs = gw.example.org
    local { auth = pubkey }
    remote { cacerts = ca.pem }
    children { all { remote_ts = 0.0.0.0/0 } } } }
secrets { pkcs12 { file = me.p12
  secret = secret } }`,
      { 'pkcs12/me.p12': pki.pkcs12, 'ca.pem': pki.authority },
    )
    expect(result.profiles[0]!.local.authentication).toMatchObject({
      certificates: [],
      keyPassword: { from: 'store' },
    })
    expect(result.secrets.map(({ kind }) => kind)).toEqual(['pkcs12', 'key-password'])
  })

  it('maps the options that have a meaning here', () => {
    const result = read(
      eap
        .replace(
          'version = 2',
          'version = 2\n encap = yes\n dpd_delay = 2m\n fragmentation = no\n rekey_time = 2h\n remote_port = 4500',
        )
        .replace(
          'updown = /usr/lib/ipsec/_updown iptables',
          'rekey_time = 30m\n rekey_bytes = 1g\n replay_window = 128',
        ),
      { 'ca.pem': pki.authority },
    )
    expect(told(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      gateway: { port: 4500 },
      forceEncapsulation: true,
      livenessSeconds: 120,
      fragmentation: false,
      lifetimes: { ikeSeconds: 7200, childSeconds: 1800, childBytes: 1073741824 },
      replayWindow: 128,
    })
  })

  it.each([
    [
      'EAP with IKEv1',
      eap.replace('version = 2', 'version = 1'),
      'The method "eap-mschapv2" is not supported',
    ],
    [
      'a required PPK',
      eap.replace('version = 2', 'ppk_required = yes'),
      'A post-quantum pre-shared key is required and not supported',
    ],
    [
      'two rounds',
      eap.replace('local {', 'local-0 { auth = eap-md5\n }\n local-1 {'),
      'Of several rounds of authentication (RFC 4739), only a password behind a certificate or a shared key is supported',
    ],
    [
      'transport mode',
      eap.replace('updown =', 'mode = transport\n x ='),
      'The mode "transport" is not supported',
    ],
    ['AH', eap.replace('esp_proposals', 'ah_proposals'), 'AH is not supported'],
    ['EAP-SIM', eap.replace('eap-mschapv2', 'eap-sim'), 'EAP-SIM is not supported'],
    [
      'mutual EAP',
      eap.replace('auth = pubkey', 'auth = eap'),
      'The gateway would prove itself by "eap", which is not supported',
    ],
    ['a gateway side', eap.replace('vpn.example.org', '%any'), 'The connection names no gateway to call'],
    [
      'no child',
      eap.replace('children {', 'kids {'),
      'The connection has no child, so nothing would go through it',
    ],
  ])('makes no profile of %s and says why', (_what, text, problem) => {
    const result = read(text, { 'ca.pem': pki.authority })
    expect(result.problems.map((found) => found.problem)).toContain(problem)
    expect(result.profiles).toEqual([])
    expect(result.secrets).toEqual([])
  })

  const xauth = `connections { old { version = 1
    remote_addrs = vpn.example.org
    aggressive = yes
    proposals = aes256-sha1-modp1024
    vips = 0.0.0.0
    local { auth = psk
      id = @#73746166 }
    local-user { auth = xauth
      xauth_id = maria }
    remote { auth = psk }
    children { all { remote_ts = 0.0.0.0/0
        esp_proposals = aes256-sha1 } } } }
secrets { ike { secret = "group secret" }
  xauth { id = maria
    secret = "hunter2" } }`

  it('reads IKEv1 with XAUTH', () => {
    const result = read(xauth)
    expect(result.profiles[0]).toMatchObject({
      ikeVersion: 1,
      ikev1: { mode: 'aggressive' },
      local: { identity: 'keyid:73746166', authentication: { method: 'eap', username: 'maria' } },
      remote: { authentication: { method: 'psk' } },
      proposals: { ike: ['aes256-sha1-modp1024'], esp: ['aes256-sha1'] },
    })
    expect(result.secrets.map(({ kind, value }) => [kind, textOf(value.reveal())]).sort()).toEqual([
      ['password', 'hunter2'],
      ['psk', 'group secret'],
    ])
    expect(told(result)).toContain('warning connections.old.aggressive (line 3)')
  })

  it('makes no profile of a certificate with XAUTH after it', () => {
    const result = read(xauth.replace('auth = psk', 'auth = pubkey'))
    expect(result.profiles).toEqual([])
    expect(result.secrets).toEqual([])
    expect(result.problems.map(({ problem }) => problem).join()).toMatch(/one after the other/)
  })

  it('never falls back to trusting everyone when a named authority is not there', () => {
    const text = eap.replace(/\n *cacerts = [^\n]*/, '') + '\nauthorities { x { cacert = elsewhere.pem } }\n'
    const result = read(text)
    expect(result.profiles).toEqual([])
    expect(told(result).some((line) => line.startsWith('error authorities.x.cacert'))).toBe(true)
  })

  it('reports unknown keys with their line, and says what becomes of limits it cannot hold', () => {
    const result = read(
      eap.replace('version = 2', 'colour = red').replace('10.0.0.0/8,', '10.0.0.0/8[tcp/80],'),
      { 'ca.pem': pki.authority },
    )
    expect(told(result)).toContain('note connections.office.colour (line 4)')
    expect(told(result)).toContain('warning connections.office.children.net.remote_ts (line 19)')
  })
})

describe('recognising formats', () => {
  it.each([
    ['<?xml version="1.0"?><plist version="1.0">', /The property list is damaged: line 1/],
    ['[Interface]\nPrivateKey=x', /WireGuard/],
    ['client\nremote vpn.example.org 1194', /OpenVPN/],
    ['{ "type": "ikev2-eap", ', /not JSON/],
    ['hello', /not recognised/],
    ['', /not recognised/],
  ])('tells what %j is', (text, problem) => {
    const result = read(text)
    expect(result.profiles).toEqual([])
    expect(result.problems[0]?.problem).toMatch(problem)
  })

  it('refuses what is not text or far too large', () => {
    const of = (bytes: Uint8Array) => importProfile({ name: 'x', bytes }).problems[0]?.problem
    expect(of(Uint8Array.of(0x30, 0x82, 0xff, 0xfe))).toBe('The file is not text')
    expect(of(new Uint8Array(2_000_000))).toBe('The file is larger than any profile')
  })
})

describe("import of Culvert's own profiles", () => {
  const own = (authentication: object) =>
    read(
      JSON.stringify({
        version: 1,
        id: '6f1b2c3d-0000-4000-8000-000000000001',
        name: 'Office',
        gateway: { address: 'vpn.example.org' },
        ikeVersion: 2,
        local: { authentication },
        remote: { authentication: { method: 'certificate', authorities: [] } },
      }),
    )

  it("cannot reach another profile's stored secret", () => {
    const result = own({ method: 'psk', secret: { from: 'store', id: 'of another profile' } })
    expect(result.profiles[0]!.local.authentication).toMatchObject({ secret: { from: 'prompt' } })
  })

  it('says aloud that it reads a file', () => {
    const result = own({
      method: 'eap',
      username: 'x',
      password: { from: 'file', path: '/home/maria/diary' },
    })
    expect(told(result)).toEqual(['warning local.authentication.password'])
    expect(result.problems[0]?.problem).toContain('/home/maria/diary')
  })

  it('says which field is wrong', () => {
    expect(told(own({ method: 'psk' }))).toEqual(['error local.authentication.secret'])
  })
})
