import { beforeAll, describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { libreswanProposals } from '../../src-main/profiles/import/libreswan-proposals.ts'
import { fixtureText } from './fixture.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

const read = (text: string, files: Readonly<Record<string, Uint8Array>> = {}) =>
  importProfile({ name: 'x.nmconnection', bytes: bytesOf(text), files: new Map(Object.entries(files)) })
const told = ({ problems }: ReturnType<typeof read>) =>
  problems.map(({ level, where }) => `${level} ${where}`)

describe('import of .nmconnection', () => {
  it('reads the plugin strongswan with EAP; the authority lies beside the file', () => {
    const text = fixtureText('strongswan-eap.nmconnection')
    const result = read(text, { 'office-ca.pem': pki.authority })
    expect(result.format).toBe('NetworkManager connection (.nmconnection)')
    expect(told(result)).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      id: '4d3b1c22-8f06-4a6c-9b19-0f2c8c1f3a77',
      name: 'Office',
      gateway: { address: 'vpn.example.org', port: 4500 },
      local: { identity: 'maria@example.org', authentication: { method: 'eap', username: 'maria' } },
      remote: { identity: 'vpn.example.org', authentication: { authorities: [textOf(pki.authority)] } },
      proposals: {
        ike: ['aes256gcm16-prfsha384-ecp384', 'aes256-sha256-modp2048'],
        esp: ['aes256gcm16-ecp384', 'aes256-sha256-modp2048'],
      },
      traffic: { remote: ['10.0.0.0/8', 'fd00::/8'], local: [] },
      dns: { servers: ['10.0.0.53'], domains: ['corp.example.org'] },
      virtualAddress: { ipv4: true, ipv6: true },
    })
    expect(textOf(result.secrets[0]!.value.reveal())).toBe('open sesame; \\o/')
  })

  it('never falls back to trusting everyone when the authority is not there', () => {
    const result = read(fixtureText('strongswan-eap.nmconnection'))
    expect(result.profiles).toEqual([])
    expect(result.secrets).toEqual([])
    expect(told(result)).toEqual(['error [vpn] certificate (line 11)'])
  })

  it('reads the plugin strongswan with a certificate', () => {
    const files = { 'ca.pem': pki.authority, 'client.pem': pki.client, 'client.key': pki.clientKeyEncrypted }
    const result = read(fixtureText('strongswan-certificate.nmconnection'), files)
    expect(result.profiles[0]!.local.authentication).toMatchObject({
      method: 'certificate',
      certificates: [textOf(pki.client)],
      keyPassword: { from: 'prompt' },
    })
    expect(result.secrets).toMatchObject([{ kind: 'key', encrypted: true, origin: 'client.key' }])
    expect(result.profiles[0]).toMatchObject({ forceEncapsulation: true, proposals: { ike: [], esp: [] } })
    expect(told(result)).toEqual([
      'warning [vpn] ipcomp (line 11)',
      'warning [ipv4] never-default (line 21)',
      'warning [ipv4] route1 (line 22)',
    ])
  })

  it('reads the plugin libreswan with IKEv2', () => {
    const result = read(fixtureText('libreswan-ikev2.nmconnection'))
    expect(result.problems.filter(({ level }) => level !== 'note')).toEqual([])
    expect(result.profiles[0]).toMatchObject({
      gateway: { address: '198.51.100.7' },
      local: { identity: 'branch.example.org', authentication: { method: 'psk' } },
      remote: { identity: 'vpn.example.org', authentication: { method: 'psk' } },
      proposals: {
        ike: ['aes256gcm16-prfsha512-ecp256', 'aes256-sha256-modp2048'],
        esp: ['aes256gcm16', 'aes256-sha256-modp2048'],
      },
      lifetimes: { ikeSeconds: 28_800, childSeconds: 3600 },
      traffic: { remote: ['10.0.0.0/8'] },
    })
    expect(result.secrets.map(({ value }) => textOf(value.reveal()))).toEqual(['a shared key'])
  })

  it.each([
    ['libreswan-xauth.nmconnection', 'keyid:staff', 'maria'],
    ['vpnc.nmconnection', 'keyid:students', 'EXAMPLE\\maria'],
  ])('reads %s as IKEv1 with XAUTH', (name, identity, username) => {
    const result = read(fixtureText(name))
    expect(result.profiles[0]).toMatchObject({
      ikeVersion: 1,
      ikev1: { mode: 'aggressive' },
      local: { identity, authentication: { method: 'eap', username, password: { from: 'prompt' } } },
      remote: { authentication: { method: 'psk' } },
    })
    expect(result.secrets.map(({ kind, value }) => [kind, textOf(value.reveal())])).toEqual([
      ['psk', 'group secret'],
    ])
  })

  it('flags the single DES of vpnc', () => {
    expect(told(read(fixtureText('vpnc.nmconnection')))).toContain('warning [vpn] Enable Single DES (line 9)')
  })

  it.each([
    ['a smart card', 'method=eap', 'method=smartcard', 'error [vpn] method (line 17)'],
    [
      'another VPN',
      'NetworkManager.strongswan',
      'NetworkManager.openvpn',
      'error [vpn] service-type (line 25)',
    ],
    ['no VPN', /\[vpn\][^[]*/, '', 'error [vpn]'],
    ['no gateway', 'address=vpn', 'adress=vpn', 'error [vpn] address'],
  ])('makes no profile of %s and says why', (_what, from, to, expected) => {
    const text = fixtureText('strongswan-eap.nmconnection').replace(from, to)
    const result = read(text, { 'office-ca.pem': pki.authority })
    expect(result.profiles).toEqual([])
    expect(told(result)).toContain(expected)
  })

  it('reports unknown keys, keys that stand twice, broken lines, each with its line', () => {
    const text = fixtureText('strongswan-eap.nmconnection').replace(
      'encap=no',
      'colour=red\nencap=no\nencap=yes\n???',
    )
    const result = read(text, { 'office-ca.pem': pki.authority })
    expect(told(result)).toEqual([
      'warning line 15',
      'warning [vpn] encap (line 14)',
      'note [vpn] colour (line 12)',
    ])
    expect(result.profiles[0]!.forceEncapsulation).toBe(true)
  })

  it('reads CRLF and a byte order mark', () => {
    const text = `\ufeff${fixtureText('strongswan-eap.nmconnection').replaceAll('\n', '\r\n')}`
    expect(read(text, { 'office-ca.pem': pki.authority }).profiles).toHaveLength(1)
  })
})

describe("Libreswan's proposals", () => {
  it.each([
    ['ike', 'aes_gcm256-sha2_256;modp2048', ['aes256gcm16-prfsha256-modp2048']],
    ['ike', 'aes128-sha1;dh14', ['aes128-sha1-modp2048']],
    ['ike', 'aes256-sha2-dh20', ['aes256-sha256-ecp384']],
    [
      'ike',
      'aes_gcm',
      ['aes128gcm16-prfsha256-modp2048', 'aes128gcm16-prfsha256-ecp256', 'aes128gcm16-prfsha256-x25519'],
    ],
    ['esp', 'aes_gcm256-null, chacha20_poly1305', ['aes256gcm16', 'chacha20poly1305']],
    ['esp', '3des-md5;dh2', ['3des-md5-modp1024']],
    ['esp', 'aes_ccm_a256, aes_ccm_16_128, aes_gcm_b192', ['aes256ccm8', 'aes128ccm16', 'aes192gcm12']],
    ['esp', 'aes_ctr256-sha1, camellia128-aes_xcbc', ['aes256ctr-sha1', 'camellia128-aesxcbc']],
    ['ike', 'camellia_cbc256-sha2_512;dh28', ['camellia256-sha512-ecp256bp']],
    ['ike', 'aes_ccm_c128-aes_xcbc;dh32', ['aes128ccm16-prfaesxcbc-x448']],
  ] as const)('%s=%s', (protocol, text, expected) => {
    expect(libreswanProposals(protocol, text)).toEqual(expected)
  })
})
