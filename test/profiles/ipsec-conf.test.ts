import { beforeAll, describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { problemList } from '../../src-main/profiles/import/importer.ts'
import { parseIpsecSecrets, secretFor } from '../../src-main/profiles/import/ipsec-secrets.ts'
import { fixture, fixtureText } from './fixture.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

type Files = Readonly<Record<string, Uint8Array>>
const read = (text: string, files: Files = {}, name = 'ipsec.conf') =>
  importProfile({ name, bytes: bytesOf(text), files: new Map(Object.entries(files)) })
const told = ({ problems }: ReturnType<typeof read>) =>
  problems.map(({ level, where }) => `${level} ${where}`)
const errors = ({ problems }: ReturnType<typeof read>) =>
  problems.filter(({ level }) => level === 'error').map(({ problem }) => problem)

const strongswan = fixtureText('strongswan.ipsec.conf')
const etc = (): Files => ({
  'ipsec.secrets': fixture('strongswan.ipsec.secrets'),
  'ipsec.d/cacerts/office-ca.pem': pki.authority,
  'ipsec.d/certs/client.pem': pki.client,
  'ipsec.d/private/client.key': pki.clientKeyEncrypted,
})

describe('import of ipsec.conf', () => {
  it("reads strongSwan's, with also=, %default, a ca and the secrets beside it", () => {
    const result = read(strongswan, etc())
    expect(result.format).toBe('ipsec.conf')
    expect(errors(result)).toEqual([])
    expect(result.profiles.map(({ name }) => name)).toEqual(['office', 'office-certificate'])
    const shared = {
      gateway: { address: 'vpn.example.org' },
      remote: { identity: 'vpn.example.org', authentication: { authorities: [textOf(pki.authority)] } },
      proposals: { ike: ['aes256gcm16-prfsha384-ecp384'], esp: ['aes256gcm16-ecp384', 'aes128-sha256'] },
      traffic: { remote: ['10.0.0.0/8', 'fd00::/8'] },
      lifetimes: { ikeSeconds: 28_800, childSeconds: 3600 },
      livenessSeconds: 20,
    }
    expect(result.profiles[0]).toMatchObject({
      ...shared,
      local: { authentication: { method: 'eap', username: 'maria', allow: ['mschapv2'] } },
      virtualAddress: { ipv4: true, ipv6: true },
    })
    expect(result.profiles[1]).toMatchObject({
      ...shared,
      local: { identity: 'CN=maria', authentication: { certificates: [textOf(pki.client)] } },
      virtualAddress: { ipv4: true, ipv6: false },
    })
    expect(result.secrets.map(({ kind, value }) => [kind, value.length])).toEqual([
      ['password', 7],
      ['key', pki.clientKeyEncrypted.length],
      ['key-password', 11],
    ])
  })

  it('reports scripts and files it does not read', () => {
    const result = read(strongswan, etc())
    expect(told(result)).toContain('warning conn office leftupdown (line 34)')
    expect(told(result)).toContain('warning conn office leftfirewall (line 33)')
    expect(told(result)).toContain('warning ipsec.secrets line 8')
    expect(told(read(`include /etc/ipsec.d/*.conf\n${strongswan}`, etc()))).toContain('warning line 1')
  })

  it("reads Libreswan's, written from the gateway's side", () => {
    const files = { 'branch.secrets': fixture('libreswan.secrets') }
    const result = read(fixtureText('libreswan.conf'), files, 'branch.conf')
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      name: 'branch',
      gateway: { address: '198.51.100.7' },
      local: { identity: 'branch.example.org', authentication: { method: 'psk' } },
      remote: { identity: 'vpn.example.org', authentication: { method: 'psk' } },
      proposals: {
        ike: ['aes256gcm16-prfsha512-ecp256', 'aes256-sha256-modp2048'],
        esp: ['aes256gcm16', 'aes256-sha256'],
      },
      traffic: { remote: ['10.0.0.0/8'], local: ['172.16.5.0/24'] },
      virtualAddress: { ipv4: false, ipv6: false },
      forceEncapsulation: true,
    })
    expect(result.secrets.map(({ value }) => textOf(value.reveal()))).toEqual(['a shared key'])
  })

  it('reads IKEv1 with XAUTH', () => {
    const secrets = bytesOf('@staff vpn.example.org : PSK "group secret"\nmaria : XAUTH "hunter2"\n')
    const result = read(fixtureText('libreswan-xauth.conf'), { 'ipsec.secrets': secrets })
    expect(errors(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      ikeVersion: 1,
      ikev1: { mode: 'aggressive' },
      local: { authentication: { method: 'eap', username: 'maria' } },
      remote: { identity: 'vpn.example.org', authentication: { method: 'psk' } },
      proposals: { ike: ['aes256-sha1-modp1024'] },
      traffic: { remote: ['0.0.0.0/0'] },
    })
    expect(result.secrets.map(({ kind, value }) => [kind, textOf(value.reveal())])).toEqual([
      ['password', 'hunter2'],
      ['psk', 'group secret'],
    ])
  })

  it('never falls back to trusting everyone when a named authority is not there', () => {
    const { 'ipsec.d/cacerts/office-ca.pem': _authority, ...rest } = etc()
    const result = read(strongswan, rest)
    expect(result.profiles).toEqual([])
    expect(result.secrets).toEqual([])
    expect(told(result)).toContain('error ca office cacert (line 8)')
  })

  const simple = (more: string) => `conn x\n  right=vpn.example.org\n  leftauth=psk\n  rightauth=psk\n${more}`

  it.each([
    ['a gateway side', simple('  right=%any\n'), /names no gateway/],
    ['transport mode', simple('  type=transport\n'), /mode "transport"/],
    ['AH', simple('  ah=sha256\n'), /AH is not supported/],
    ['two rounds', simple('  leftauth2=pubkey\n'), /several rounds/],
    [
      'a missing section',
      simple('  also=elsewhere\n').replace('right=vpn.example.org', ''),
      /not in the file/,
    ],
    [
      'a circle',
      'conn x\n  also=y\n  right=a.example\n  leftauth=psk\n  rightauth=psk\nconn y\n  also=x\n',
      /takes itself in/,
    ],
    ['EAP-SIM', simple('  leftauth=eap-sim\n'), /"eap-sim" is not supported/],
    ['mutual EAP', simple('  rightauth=eap\n'), /would prove itself by "eap"/],
    ['an NSS certificate', simple('  leftauth=pubkey\n  leftcert=branch\n'), /NSS database/],
    ['a missing authority', simple('  rightauth=pubkey\n  rightcert=gw.pem\n'), /certificate cannot be read/],
    ['no connection', 'config setup\n  uniqueids=no\n', /no connection in the file/],
  ])('tells of %s', (_what, text, problem) => {
    const result = read(text)
    expect(errors(result).join()).toMatch(problem)
  })

  it('names the line of broken lines, double keys and unknown keys', () => {
    const result = read(`${simple('')}  colour=red\n  left=%any\n  left=10.0.0.1\n???\n`)
    expect(told(result)).toEqual([
      'warning line 8',
      'warning conn x left (line 7)',
      'warning conn x rightsubnet',
      'note conn x colour (line 5)',
    ])
    expect(result.profiles).toHaveLength(1)
  })

  it('does not follow also= without end', () => {
    const chain = Array.from({ length: 400 }, (_, index) => `conn c${index}\n  also=c${index + 1}\n`).join('')
    const result = read(`conn x\n  right=a.example\n  leftauth=psk\n  rightauth=psk\n  also=c0\n${chain}`)
    expect(errors(result).join()).toMatch(/takes itself in|not in the file/)
  })
})

describe('ipsec.secrets', () => {
  const parse = (text: string) => parseIpsecSecrets(text, 'ipsec.secrets', problemList())

  it('reads quoted, hexadecimal, base64 and continued secrets', () => {
    const secrets = parse(`%any @gw.example.org : PSK 0s${Buffer.from('binary').toString('base64')}
10.0.0.1 10.0.0.2: PSK 0x00ff
user@example.org : EAP 'it"s'
otto : XAUTH
  "on the next line"
: P12 me.p12 "pw"
"C=CH, CN=maria" : RSA key.pem
`)
    expect(secrets.map(({ type, selectors, file }) => [type, selectors.join('|'), file])).toEqual([
      ['psk', '%any|@gw.example.org', undefined],
      ['psk', '10.0.0.1|10.0.0.2', undefined],
      ['eap', 'user@example.org', undefined],
      ['xauth', 'otto', undefined],
      ['p12', '', 'me.p12'],
      ['key', 'C=CH, CN=maria', 'key.pem'],
    ])
    expect(secrets.map((secret) => Buffer.from(secret.bytes() ?? []).toString('latin1'))).toEqual([
      'binary',
      '\x00\xff',
      'it"s',
      'on the next line',
      'pw',
      '',
    ])
  })

  it('takes the one that names most of both ends, never one for others', () => {
    const secrets = parse('a : PSK "1"\na gw : PSK "2"\n: PSK "3"\nelse : PSK "4"\n')
    const found = (...names: string[]) =>
      Buffer.from(secretFor(secrets, ['psk'], names)?.bytes() ?? []).toString()
    expect(found('a', 'gw')).toBe('2')
    expect(found('@a')).toBe('1')
    expect(found('b')).toBe('3')
    expect(secretFor(parse('else : PSK "4"'), ['psk'], ['b'])).toBeUndefined()
  })
})
