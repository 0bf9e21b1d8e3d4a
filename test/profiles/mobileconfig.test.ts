import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { importProfile } from '../../src-main/profiles/import/import-profile.ts'
import { fixture, fixtureText } from './fixture.ts'
import type { ThrowawayPki } from './throwaway-pki.ts'
import { bytesOf, makeThrowawayPki, textOf } from './throwaway-pki.ts'

let pki: ThrowawayPki
beforeAll(() => {
  pki = makeThrowawayPki()
})

const read = (bytes: Uint8Array | string) =>
  importProfile({ name: 'office.mobileconfig', bytes: typeof bytes === 'string' ? bytesOf(bytes) : bytes })
const told = ({ problems }: ReturnType<typeof read>) =>
  problems.map(({ level, where }) => `${level} ${where}`)
const filled = (name: string) => fixtureText(name, { CA: pki.authorityDer, P12: pki.pkcs12 })

describe('import of .mobileconfig', () => {
  it('reads what Apple Configurator writes: certificate, authority, algorithms', () => {
    const result = read(filled('apple-configurator.mobileconfig'))
    expect(result.format).toBe('Apple configuration profile (.mobileconfig)')
    const [profile] = result.profiles
    expect(profile).toMatchObject({
      id: '2d4c8a55-6d59-4a22-9a4e-31e8b7c5e7a2',
      name: 'Example Office',
      gateway: { address: 'vpn.example.org', port: 500 },
      local: { identity: 'maria@example.org', authentication: { method: 'certificate', certificates: [] } },
      remote: { identity: 'vpn.example.org', authentication: { authorities: [textOf(pki.authority)] } },
      proposals: { ike: ['aes256gcm16-prfsha384-ecp384'], esp: ['aes256gcm16-ecp256'] },
      lifetimes: { ikeSeconds: 86_400, childSeconds: 3600 },
      livenessSeconds: 600,
    })
    expect(result.secrets.map(({ kind, encrypted }) => [kind, encrypted])).toEqual([
      ['pkcs12', true],
      ['key-password', false],
    ])
    expect(result.secrets[0]!.value.reveal()).toEqual(pki.pkcs12)
    expect(textOf(result.secrets[1]!.value.reveal())).toBe('secret')
  })

  it('tells each rule for connecting by itself in words', () => {
    const result = read(filled('apple-configurator.mobileconfig'))
    const rules = result.problems.filter(({ where }) => where.includes('OnDemandRules'))
    expect(rules.map(({ level, problem }) => `${level}: ${problem.split(': ')[1] ?? ''}`)).toEqual([
      'warning: Disconnect in the wireless network Office',
      'warning: EvaluateConnection for corp.example.org on an interface of the kind WiFi',
      'warning: Ignore always',
    ])
    // It is followed: that is what Culvert does by default.
    expect(told(result).filter((line) => line.includes('Revocation'))).toEqual([])
  })

  it('reads what set-up scripts write: integers for booleans, both in one file', () => {
    const result = read(filled('ikev2-setup-script.mobileconfig'))
    expect(result.profiles[0]).toMatchObject({
      gateway: { address: '203.0.113.7' },
      proposals: { ike: ['aes256-sha256-modp2048'], esp: ['aes128gcm16'] },
    })
    // Without a password in the file, it is asked for.
    expect(result.profiles[0]!.local.authentication).toMatchObject({ keyPassword: { from: 'prompt' } })
    expect(result.problems.filter(({ level }) => level === 'error')).toEqual([])
  })

  it('reads a binary property list: EAP, names beyond ASCII, DNS', () => {
    const result = read(fixture('eap-binary.mobileconfig'))
    expect(result.profiles[0]).toMatchObject({
      name: 'Büro Zürich',
      local: { authentication: { method: 'eap', username: 'maria' } },
      remote: { identity: 'vpn.example.org', authentication: { method: 'certificate', authorities: [] } },
      proposals: { ike: ['chacha20poly1305-prfsha256-x25519'], esp: ['chacha20poly1305'] },
      dns: { servers: ['10.0.0.53', 'fd00::53'], domains: ['corp.example.org'] },
      mtu: 1280,
      natKeepaliveSeconds: 25,
      livenessSeconds: 60,
    })
    expect(textOf(result.secrets[0]!.value.reveal())).toBe('hunter2')
    expect(told(result)).toContain('warning PayloadContent[0].IKEv2.DisconnectOnIdle')
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  it('reads Cisco IPSec: IKEv1 with a group, a shared key and XAUTH', () => {
    const result = read(fixture('cisco-ipsec.mobileconfig'))
    expect(result.profiles[0]).toMatchObject({
      name: 'Old office',
      ikeVersion: 1,
      ikev1: { mode: 'aggressive' },
      local: {
        identity: 'keyid:staff',
        authentication: { method: 'eap', username: 'maria', password: { from: 'prompt' } },
      },
      remote: { authentication: { method: 'psk' } },
    })
    expect(result.secrets.map(({ kind, value }) => [kind, textOf(value.reveal())])).toEqual([
      ['psk', 'group secret'],
    ])
    expect(result.problems.map(({ problem }) => problem)).toContain(
      'Aggressive mode with a shared key lets anybody on the way try passwords at home',
    )
  })

  it.each([
    [
      'a missing certificate',
      '11AF86E9-93E4-4B5F-8F4E-3F2B12B8E5B7</string>\n\t\t\t\t<key>Remote',
      'AAAA</string>\n<key>Remote',
      /not in the profile/,
    ],
    ['another kind of VPN', '<string>IKEv2</string>', '<string>L2TP</string>', /of the kind L2TP/],
    ['no gateway', '<key>RemoteAddress</key>', '<key>RemoteHouse</key>', /gateway is missing/],
    [
      'a required PPK',
      '<key>EnablePFS</key>',
      '<key>PPKIdentifier</key><string>q</string><key>EnablePFS</key>',
      /Post-quantum/,
    ],
    [
      'a damaged authority',
      '<string>com.apple.security.root</string>',
      '<string>com.apple.security.root</string><key>PayloadContent</key><data>AAAA</data>',
      /stands twice/,
    ],
  ])('makes no profile of %s and says why', (_what, from, to, problem) => {
    const text = filled('apple-configurator.mobileconfig')
    expect(text).toContain(from)
    const result = read(text.replace(from, to))
    expect(result.profiles).toEqual([])
    expect(result.secrets).toEqual([])
    expect(result.problems.map((found) => found.problem).join()).toMatch(problem)
  })

  it('says of weak algorithms that they are weak', () => {
    const text = filled('apple-configurator.mobileconfig').replaceAll('AES-256-GCM', '3DES')
    const result = read(text)
    expect(result.problems.map(({ problem }) => problem)).toContain('The algorithm 3des is weak')
  })
})

describe('signed profiles', () => {
  const sign = (content: string | Uint8Array, ...more: string[]): Uint8Array => {
    const directory = mkdtempSync(join(tmpdir(), 'culvert-signed-'))
    const openssl = (...argv: string[]) => execFileSync('openssl', argv, { cwd: directory, stdio: 'pipe' })
    try {
      writeFileSync(join(directory, 'plain'), content)
      const subject = '/O=Example Ltd/CN=Administration'
      openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'k', '-out', 'c', '-subj', subject)
      openssl(
        ...['cms', '-sign', '-binary', '-nodetach', '-in', 'plain', '-signer', 'c', '-inkey', 'k'],
        ...['-outform', 'DER', '-out', 'signed', ...more],
      )
      return new Uint8Array(readFileSync(join(directory, 'signed')))
    } finally {
      rmSync(directory, { recursive: true })
    }
  }

  it('are read, and the signer is shown', () => {
    const result = read(sign(filled('apple-configurator.mobileconfig')))
    expect(result.profiles).toHaveLength(1)
    expect(result.problems[0]).toMatchObject({
      level: 'note',
      problem:
        'The file is signed by O=Example Ltd, CN=Administration (vouched for by O=Example Ltd, CN=Administration)',
    })
    expect(read(sign(fixture('eap-binary.mobileconfig'), '-stream', '-indef')).profiles).toHaveLength(1)
  })

  it('count for nothing when they were changed after signing', () => {
    const bytes = sign(filled('apple-configurator.mobileconfig'))
    const at = Buffer.from(bytes).indexOf('vpn.example.org')
    bytes[at] = 'w'.charCodeAt(0)
    const result = read(bytes)
    expect(result.profiles).toEqual([])
    expect(result.problems.at(-1)?.problem).toMatch(/changed after it was signed/)
  })

  it('warn when the signature cannot be relied on', () => {
    const result = read(sign(filled('apple-configurator.mobileconfig'), '-nocerts'))
    expect(result.problems[0]).toMatchObject({ level: 'warning' })
    expect(result.problems[0]?.problem).toMatch(/cannot be checked/)
  })
})
