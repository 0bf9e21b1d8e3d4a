import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createTrust } from '../../src-main/pki/trust.ts'
import type { TrustOptions } from '../../src-main/pki/trust.ts'
import { parseCertificate } from '../../src-main/pki/certificate.ts'
import type { Identity } from '../../src-main/ports.ts'
import { epochMillis } from '../../src-shared/brands.ts'
import {
  AUTHORITY,
  CLIENT_AUTH,
  CODE_SIGNING,
  IPSEC_IKE,
  NOW,
  SERVER_AUTH,
  authority,
  constraints,
  directory,
  dns,
  email,
  gateway,
  ip,
  issue,
  issuerKeyId,
  keyId,
  limits,
  nameDer,
  newKey,
  pem,
  purposes,
  san,
  unknownExtension,
  uri,
  usage,
} from '../fakes/certificates.ts'
import type { GeneralName } from '../../src-main/pki/certificate-format.ts'
import type { Holder } from '../fakes/certificates.ts'

const vpn: Identity = { kind: 'fqdn', name: 'vpn.example.org' }
const root = authority('CN=Example Root')
const between = authority('CN=Example Intermediate', { by: root })

interface Case extends Partial<TrustOptions> {
  readonly identity?: Identity
  readonly role?: 'gateway' | 'client'
  readonly at?: number
  /** Configured; the root unless given. */
  readonly trusted?: readonly Holder[]
}

async function verify(chain: readonly (Holder | Uint8Array)[], options: Case = {}) {
  const { identity = vpn, role = 'gateway', at = NOW, trusted = [root], ...others } = options
  const trust = await createTrust({ authorities: trusted.map(({ der }) => der), ...others })
  const certificates = chain.map((one) => ('der' in one ? one.der : one))
  return trust.verify({ certificates, identity, role, at: epochMillis(at) })
}
const failureOf = async (chain: readonly (Holder | Uint8Array)[], options?: Case) => {
  const result = await verify(chain, options)
  return result.ok ? 'trusted' : `${result.error.code}: ${result.error.details['check'] ?? ''}`
}
const of = (extensions: Parameters<typeof gateway>[1]) => gateway(root, extensions)
const withNames = (...names: readonly GeneralName[]) => of({ extensions: [san(...names)] })

describe('a chain to the configured authority', () => {
  it('gives the key and the name of the end entity', async () => {
    const holder = gateway(root)
    const result = await verify([holder])
    expect(result).toMatchObject({
      ok: true,
      value: { subject: 'O=Example, CN=gateway', key: { type: 'ecdsa-p256' } },
    })
  })

  it('leads over intermediates, in any order, among others that are of no use', async () => {
    const deeper = authority('CN=Deeper', { by: between })
    const holder = gateway(deeper)
    const stranger = authority('CN=Stranger')
    expect(await failureOf([holder, deeper, between])).toBe('trusted')
    expect(await failureOf([holder, stranger, between, deeper, Buffer.from('no certificate')])).toBe(
      'trusted',
    )
    expect(await failureOf([holder, between])).toBe('certificate-untrusted: its authority is not trusted')
  })

  it('may begin at an intermediate that is configured', async () => {
    expect(await failureOf([gateway(between)], { trusted: [between] })).toBe('trusted')
  })

  it.each([
    ['ed25519', generateKeyPairSync('ed25519').privateKey],
    ['rsa', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
    ['ecdsa-p384', newKey('P-384')],
    ['ecdsa-p521', newKey('P-521')],
  ])('has keys of the type %s', async (type, key) => {
    const signer = authority('CN=Other root', { key })
    const result = await verify([gateway(signer, { key })], { trusted: [signer] })
    expect(result).toMatchObject({ ok: true, value: { key: { type } } })
  })

  it('picks the issuer among authorities of one name', async () => {
    const sameName = authority('CN=Example Root')
    expect(await failureOf([gateway(root)], { trusted: [sameName, root] })).toBe('trusted')
    expect(await failureOf([gateway(root)], { trusted: [sameName] })).toBe(
      'certificate-untrusted: its authority is not trusted',
    )
  })

  it('compares names as RFC 5280 does, not byte by byte', async () => {
    const upper = { ...root, subject: 'CN=EXAMPLE  Root' }
    expect(await failureOf([gateway(upper)])).toBe('trusted')
  })

  it('heeds key identifiers', async () => {
    const marked = authority('CN=Marked', { extensions: [...AUTHORITY, keyId('one')] })
    const right = gateway(marked, { extensions: [san(dns('vpn.example.org')), issuerKeyId('one')] })
    const wrong = gateway(marked, { extensions: [san(dns('vpn.example.org')), issuerKeyId('two')] })
    expect(await failureOf([right], { trusted: [marked] })).toBe('trusted')
    expect(await failureOf([wrong], { trusted: [marked] })).toMatch('certificate-untrusted')
  })

  it('may be the end entity itself when that is configured', async () => {
    const self = issue({ subject: 'CN=gateway', extensions: [san(dns('vpn.example.org'))] })
    expect(await failureOf([self], { trusted: [self] })).toBe('trusted')
    expect(await failureOf([gateway(root)], { trusted: [gateway(root)] })).toMatch('certificate-untrusted')
    const leaf = gateway(root)
    expect(await failureOf([leaf], { trusted: [leaf] })).toBe('trusted')
    // It is then trusted for itself and for nothing it has signed.
    const child = gateway(self)
    expect(await failureOf([child], { trusted: [self] })).toBe(
      'certificate-unsuitable: it is not an authority',
    )
    // And it still has to be in date and to name the gateway.
    expect(await failureOf([self], { trusted: [self], at: NOW + 10 * 86_400_000 })).toMatch(
      'certificate-expired',
    )
    expect(await failureOf([self], { trusted: [self], identity: { kind: 'fqdn', name: 'other' } })).toMatch(
      'wrong-name',
    )
  })
})

describe('nobody is trusted', () => {
  it('without a certificate or with one that cannot be read', async () => {
    expect(await failureOf([])).toBe('certificate-untrusted: no certificate was sent')
    expect(await failureOf([Buffer.from('30033001', 'hex')])).toMatch(
      'certificate-unsuitable: it is not a certificate',
    )
  })

  it('who signed themselves', async () => {
    const self = issue({ subject: 'CN=gateway', extensions: [san(dns('vpn.example.org'))] })
    expect(await failureOf([self])).toBe('certificate-untrusted: it is self-signed and not trusted itself')
    const selfMade = authority('CN=Own Root')
    expect(await failureOf([gateway(selfMade), selfMade])).toMatch('certificate-untrusted')
  })

  it('whose authority is unknown; the failure names it', async () => {
    const other = authority('CN=Other Root')
    const result = await verify([gateway(other)])
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: 'certificate-untrusted',
        details: { certificate: 'O=Example, CN=gateway', issuer: 'CN=Other Root' },
      },
    })
  })

  it("whose signature is not the authority's", async () => {
    const impostor = { ...authority('CN=Example Root'), subject: 'CN=Example Root' }
    expect(await failureOf([gateway(impostor)])).toMatch('certificate-untrusted')
    const holder = gateway(root)
    const forged = holder.der.slice()
    // One bit of the name in the signed part.
    const at = Buffer.from(forged).indexOf('vpn.example.org')
    forged[at] = (forged[at] ?? 0) ^ 1
    expect(await failureOf([forged])).toMatch('certificate-untrusted')
  })

  it('whose certificate names one algorithm outside and another inside', async () => {
    expect(await failureOf([of({ innerAlgorithm: 'ed25519' })])).toMatch(
      'its two signature algorithms differ',
    )
  })

  it('whose certificate is signed with SHA-1 or MD5', async () => {
    expect(await failureOf([of({ algorithm: 'ec-sha1' })])).toBe(
      'certificate-unsuitable: it is signed with SHA-1',
    )
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const old = authority('CN=Old Root', { key: privateKey, algorithm: 'rsa-sha1' })
    // An anchor's signature of itself says nothing, so it may be of any kind.
    expect(await failureOf([gateway(old)], { trusted: [old] })).toBe('trusted')
    expect(await failureOf([gateway(old, { algorithm: 'rsa-sha1' })], { trusted: [old] })).toMatch('SHA-1')
    expect(await failureOf([gateway(old, { algorithm: 'rsa-md5' })], { trusted: [old] })).toMatch(
      'not supported',
    )
  })

  it('who is only in a circle of authorities', async () => {
    const one = newKey()
    const two = newKey()
    const first = { der: new Uint8Array(0), key: one, subject: 'CN=One' }
    const second = { der: new Uint8Array(0), key: two, subject: 'CN=Two' }
    const oneByTwo = authority('CN=One', { key: one, by: second })
    const twoByOne = authority('CN=Two', { key: two, by: first })
    expect(await failureOf([gateway(first), oneByTwo, twoByOne])).toMatch('certificate-untrusted')
  })

  it('in reasonable time, however the certificates are entangled', async () => {
    const names = ['CN=A', 'CN=B', 'CN=C', 'CN=D']
    const key = newKey()
    const tangle = names.flatMap((subject) =>
      names.map((by) => authority(subject, { key, by: { der: new Uint8Array(0), key, subject: by } })),
    )
    const from = performance.now()
    expect(await failureOf([gateway({ der: new Uint8Array(0), key, subject: 'CN=A' }), ...tangle])).toMatch(
      'certificate-untrusted',
    )
    expect(performance.now() - from).toBeLessThan(5000)
  })

  it('over more than eight certificates', async () => {
    const chain = [root]
    for (let depth = 0; depth < 7; depth += 1)
      chain.unshift(authority(`CN=Level ${depth}`, { by: chain[0] ?? root }))
    expect(await failureOf([gateway(chain[1] ?? root), ...chain.slice(1, -1)])).toBe('trusted')
    expect(await failureOf([gateway(chain[0] ?? root), ...chain.slice(0, -1)])).toMatch(
      'certificate-untrusted',
    )
  })
})

describe('time', () => {
  const holder = gateway(root)
  it('is checked to the second', async () => {
    const { notBefore, notAfter } = (() => {
      const read = parseCertificate(holder.der)
      if (!read.ok) throw new Error(read.error)
      return read.value
    })()
    expect(await failureOf([holder], { at: notBefore })).toBe('trusted')
    expect(await failureOf([holder], { at: notAfter })).toBe('trusted')
    expect(await failureOf([holder], { at: notBefore - 1 })).toBe(
      'certificate-expired: it is valid only from 2026-11-22T00:00:00Z',
    )
    expect(await failureOf([holder], { at: notAfter + 1 })).toBe(
      'certificate-expired: it was valid until 2026-11-24T00:00:00Z',
    )
  })

  it('is checked of every certificate, also of the authority', async () => {
    const oldBetween = authority('CN=Old Intermediate', { by: root, until: NOW - 1000 })
    const result = await verify([gateway(oldBetween), oldBetween])
    expect(result).toMatchObject({
      ok: false,
      error: { code: 'certificate-expired', details: { certificate: 'CN=Old Intermediate' } },
    })
    const oldRoot = authority('CN=Old Root', { until: NOW - 1000 })
    expect(await failureOf([gateway(oldRoot)], { trusted: [oldRoot] })).toMatch('certificate-expired')
  })
})

describe('authorities', () => {
  const names = san(dns('vpn.example.org'))
  it.each([
    ['without basic constraints', [usage(5)]],
    ['that are none', [constraints(false), usage(5)]],
  ])('%s issue nothing', async (_name, extensions) => {
    const bad = issue({ subject: 'CN=Bad', by: root, extensions })
    expect(await failureOf([gateway(bad), bad])).toBe(
      'certificate-unsuitable: it is not an authority and has issued a certificate',
    )
    const badRoot = issue({ subject: 'CN=Bad Root', extensions })
    expect(await failureOf([gateway(badRoot)], { trusted: [badRoot] })).toBe(
      'certificate-unsuitable: it is not an authority',
    )
  })

  it('need keyCertSign when they have a key usage', async () => {
    const bad = issue({ subject: 'CN=Bad', by: root, extensions: [constraints(true), usage(0, 6)] })
    expect(await failureOf([gateway(bad), bad])).toBe(
      'certificate-unsuitable: its key usage does not allow signing certificates',
    )
    const none = issue({ subject: 'CN=Plain', by: root, extensions: [constraints(true)] })
    expect(await failureOf([gateway(none), none])).toBe('trusted')
  })

  it('bound the number of authorities below them', async () => {
    const short = authority('CN=Short Root', { extensions: [constraints(true, 0), usage(5)] })
    const one = authority('CN=One', { by: short })
    expect(await failureOf([gateway(short)], { trusted: [short] })).toBe('trusted')
    expect(await failureOf([gateway(one), one], { trusted: [short] })).toBe(
      'certificate-unsuitable: it allows 0 authorities below it, not 1',
    )
    const longer = authority('CN=Longer Root', { extensions: [constraints(true, 1), usage(5)] })
    const first = authority('CN=First', { by: longer, extensions: [constraints(true, 0), usage(5)] })
    const second = authority('CN=Second', { by: first })
    expect(await failureOf([gateway(first), first], { trusted: [longer] })).toBe('trusted')
    expect(await failureOf([gateway(second), second, first], { trusted: [longer] })).toMatch(
      'it allows 0 authorities',
    )
  })

  it('pass on no purposes they do not have, unless the person has chosen them', async () => {
    const mail = authority('CN=Mail', { by: root, extensions: [...AUTHORITY, purposes('2b06010505070304')] })
    expect(await failureOf([gateway(mail), mail])).toBe(
      'certificate-unsuitable: its extended key usage does not allow this',
    )
    expect(await failureOf([gateway(mail)], { trusted: [mail] })).toBe('trusted')
  })

  it('and end entities with critical extensions that we do not know are refused', async () => {
    const strange = of({ extensions: [names, unknownExtension(true)] })
    expect(await failureOf([strange])).toMatch(
      'certificate-unsuitable: it demands an extension that is not supported',
    )
    expect(await failureOf([of({ extensions: [names, unknownExtension(false)] })])).toBe('trusted')
    const odd = authority('CN=Odd', { by: root, extensions: [...AUTHORITY, unknownExtension(true)] })
    expect(await failureOf([gateway(odd), odd])).toMatch('not supported')
  })

  it('and end entities with an extension twice are refused', async () => {
    expect(await failureOf([of({ extensions: [names, san(dns('other.example.org'))] })])).toMatch(
      'an extension twice',
    )
    expect(await failureOf([of({ extensions: [names], version: 0 })])).toMatch('without being of version 3')
  })
})

describe('what a key may be used for', () => {
  const names = san(dns('vpn.example.org'))
  it.each([
    ['serverAuth', [SERVER_AUTH], 'trusted', 'client'],
    ['clientAuth', [CLIENT_AUTH], 'server', 'trusted'],
    ['ipsecIKE', [IPSEC_IKE], 'trusted', 'trusted'],
    ['any', ['551d2500'], 'trusted', 'trusted'],
    ['iKEIntermediate', ['2b06010505080202'], 'trusted', 'trusted'],
    ['code signing', [CODE_SIGNING], 'server', 'client'],
    ['code signing and serverAuth', [CODE_SIGNING, SERVER_AUTH], 'trusted', 'client'],
  ] as const)('by extended key usage: %s', async (_name, oids, asGateway, asClient) => {
    const holder = of({ extensions: [names, purposes(...oids)] })
    const words = (what: string) =>
      what === 'trusted'
        ? what
        : `certificate-unsuitable: its extended key usage does not allow ${what} authentication`
    expect(await failureOf([holder])).toBe(words(asGateway))
    expect(await failureOf([holder], { role: 'client' })).toBe(words(asClient))
  })

  it('by key usage', async () => {
    for (const bits of [[0], [1], [0, 2]])
      expect(await failureOf([of({ extensions: [names, usage(...bits)] })])).toBe('trusted')
    for (const bits of [[2], [4], [5, 6], []]) {
      expect(await failureOf([of({ extensions: [names, usage(...bits)] })])).toBe(
        'certificate-unsuitable: its key usage does not allow signatures',
      )
    }
    expect(await failureOf([of({ extensions: [names] })])).toBe('trusted')
  })
})

describe('the identity', () => {
  it.each<readonly [string, Identity, string]>([
    ['a DNS name', { kind: 'fqdn', name: 'vpn.example.org' }, 'trusted'],
    ['a DNS name in other case', { kind: 'fqdn', name: 'VPN.Example.ORG' }, 'trusted'],
    ['another DNS name', { kind: 'fqdn', name: 'vpn.example.com' }, 'wrong'],
    ['a name below', { kind: 'fqdn', name: 'a.vpn.example.org' }, 'wrong'],
    ['the common name', { kind: 'fqdn', name: 'gateway' }, 'wrong'],
    ['an address as a DNS name', { kind: 'fqdn', name: '198.51.100.1' }, 'wrong'],
    ['an IPv4 address', { kind: 'ipv4', address: '198.51.100.1' }, 'trusted'],
    ['another IPv4 address', { kind: 'ipv4', address: '198.51.100.2' }, 'wrong'],
    ['an IPv6 address', { kind: 'ipv6', address: 'FD00:0::1' }, 'trusted'],
    ['another IPv6 address', { kind: 'ipv6', address: 'fd00::2' }, 'wrong'],
    ['an email address', { kind: 'email', name: 'admin@example.org' }, 'trusted'],
    ['a DNS name as an email address', { kind: 'email', name: 'vpn.example.org' }, 'wrong'],
    ['the subject', { kind: 'dn', der: nameDer('O=Example, CN=gateway') }, 'trusted'],
    ['the subject in other case', { kind: 'dn', der: nameDer('O=EXAMPLE, CN=Gateway') }, 'trusted'],
    ['a part of the subject', { kind: 'dn', der: nameDer('CN=gateway') }, 'wrong'],
    ['a directory name', { kind: 'dn', der: nameDer('CN=alias') }, 'trusted'],
    ['a key ID', { kind: 'key-id', data: Buffer.from('vpn.example.org') }, 'wrong'],
    ['an empty name', { kind: 'fqdn', name: '' }, 'wrong'],
  ])('is %s', async (_name, identity, expected) => {
    const address6 = ip(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
    const holder = withNames(
      dns('vpn.example.org'),
      ip(198, 51, 100, 1),
      address6,
      email('admin@example.org'),
      directory('CN=alias'),
    )
    const words = expected === 'trusted' ? expected : 'certificate-wrong-name: it does not name this identity'
    expect(await failureOf([holder], { identity })).toBe(words)
  })

  it('may match a wildcard by one whole label', async () => {
    const holder = withNames(dns('*.example.org'))
    const matches = async (name: string, one = holder) =>
      (await failureOf([one], { identity: { kind: 'fqdn', name } })) === 'trusted'
    expect(await matches('vpn.example.org')).toBe(true)
    expect(await matches('example.org')).toBe(false)
    expect(await matches('a.vpn.example.org')).toBe(false)
    expect(await matches('.example.org')).toBe(false)
    expect(await matches('*.example.org')).toBe(false)
    expect(await matches('vpn.example.org', withNames(dns('v*.example.org')))).toBe(false)
    expect(await matches('vpn.example.org', withNames(dns('vpn.*.org')))).toBe(false)
    expect(await matches('example.org', withNames(dns('*.org')))).toBe(false)
    expect(await matches('org', withNames(dns('*')))).toBe(false)
  })

  it('is not found in a name with a zero byte (CVE-2009-2408)', async () => {
    const holder = withNames(dns('vpn.example.org\0.evil.example'), dns('x'))
    expect(await failureOf([holder])).toMatch('wrong-name')
  })

  it('that is wrong is said with the right ones', async () => {
    const result = await verify([gateway(root)], { identity: { kind: 'fqdn', name: 'vpn.example.com' } })
    expect(result).toMatchObject({
      ok: false,
      error: {
        details: {
          expected: 'vpn.example.com',
          names: 'O=Example, CN=gateway, vpn.example.org, 198.51.100.1, admin@example.org',
        },
      },
    })
  })
})

describe('name constraints', () => {
  const under = (permitted: readonly GeneralName[], excluded: readonly GeneralName[] = []) =>
    authority('CN=Limited', { by: root, extensions: [...AUTHORITY, limits(permitted, excluded)] })
  const check = async (ca: Holder, ...names: readonly GeneralName[]) => {
    const holder = gateway(ca, { extensions: [san(...names)] })
    const [first] = names
    const text = Buffer.from(first?.content ?? []).toString('latin1')
    const identities: Readonly<Record<number, Identity>> = {
      0x82: { kind: 'fqdn', name: text.replace('*', 'any') },
      0x81: { kind: 'email', name: text },
      0x87: { kind: 'ipv4', address: [...(first?.content ?? [])].join('.') },
      0xa4: { kind: 'dn', der: first?.content ?? new Uint8Array(0) },
    }
    const result = await failureOf([holder, ca], { identity: identities[first?.tag ?? 0] ?? vpn })
    return result === 'trusted' ? true : result.includes('its names are outside') ? false : result
  }

  it.each([
    ['vpn.example.org', true],
    ['example.org', true],
    ['EXAMPLE.org', true],
    ['badexample.org', false],
    ['example.org.evil.example', false],
    ['*.example.org', true],
  ])('permit DNS names at and below example.org: %s', async (name, expected) => {
    expect(await check(under([dns('example.org')]), dns(name))).toBe(expected)
  })

  it('look at every name', async () => {
    expect(await check(under([dns('example.org')]), dns('vpn.example.org'), dns('vpn.example.com'))).toBe(
      false,
    )
  })

  it('exclude DNS names, also behind a wildcard', async () => {
    const ca = under([dns('example.org')], [dns('secret.example.org')])
    expect(await check(ca, dns('vpn.example.org'))).toBe(true)
    expect(await check(ca, dns('secret.example.org'))).toBe(false)
    expect(await check(ca, dns('a.secret.example.org'))).toBe(false)
    expect(await check(ca, dns('*.example.org'))).toBe(false)
    expect(await check(under([], [dns('')]), dns('vpn.example.org'))).toBe(false)
    expect(await check(under([dns('.example.org')]), dns('vpn.example.org'))).toBe(true)
    expect(await check(under([dns('.example.org')]), dns('example.org'))).toBe(false)
  })

  it('of one type leave names of others alone', async () => {
    expect(await check(under([dns('example.org')]), email('a@example.com'))).toBe(true)
  })

  it('permit and exclude addresses by mask', async () => {
    const ca = under([ip(10, 0, 0, 0, 255, 0, 0, 0)], [ip(10, 9, 0, 0, 255, 255, 0, 0)])
    expect(await check(ca, ip(10, 1, 2, 3))).toBe(true)
    expect(await check(ca, ip(11, 1, 2, 3))).toBe(false)
    expect(await check(ca, ip(10, 9, 2, 3))).toBe(false)
    // Cannot be judged: neither permitted nor safe.
    expect(await check(under([ip(10, 0, 0, 0)]), ip(10, 1, 2, 3))).toBe(false)
    expect(await check(under([], [ip(10, 0, 0)]), ip(10, 1, 2, 3))).toBe(false)
  })

  it('permit and exclude mailboxes and hosts', async () => {
    expect(await check(under([email('example.org')]), email('a@example.org'))).toBe(true)
    expect(await check(under([email('example.org')]), email('a@mail.example.org'))).toBe(false)
    expect(await check(under([email('.example.org')]), email('a@mail.example.org'))).toBe(true)
    expect(await check(under([email('a@example.org')]), email('b@example.org'))).toBe(false)
    expect(await check(under([], [email('b@example.org')]), email('B@example.org'))).toBe(false)
  })

  it('permit and exclude distinguished names by their beginning', async () => {
    const holder = (subject: string, ca: Holder) =>
      gateway(ca, { subject, extensions: [san(dns('vpn.example.org'))] })
    const ca = under([directory('C=CH, O=Example')], [directory('C=CH, O=Example, OU=Secret')])
    expect(await failureOf([holder('C=CH, O=Example, CN=gateway', ca), ca])).toBe('trusted')
    expect(await failureOf([holder('C=ch, O=EXAMPLE, CN=gateway', ca), ca])).toBe('trusted')
    expect(await failureOf([holder('C=CH, O=Other, CN=gateway', ca), ca])).toMatch('its names are outside')
    expect(await failureOf([holder('C=CH', ca), ca])).toMatch('its names are outside')
    expect(await failureOf([holder('C=CH, O=Example, OU=Secret, CN=x', ca), ca])).toMatch(
      'its names are outside',
    )
  })

  it('count email addresses in the subject', async () => {
    const ca = under([email('example.org')])
    const subject = 'CN=gateway, E=admin@example.com'
    const old = gateway(ca, { subject, extensions: [san(dns('vpn.example.org'))] })
    expect(await failureOf([old, ca])).toMatch('its names are outside')
  })

  it('on names of a type that we cannot judge refuse those names and no others', async () => {
    const ca = under([uri('.example.org')])
    const plain = gateway(ca)
    const withUri = gateway(ca, {
      extensions: [san(dns('vpn.example.org'), uri('https://vpn.example.org/'))],
    })
    expect(await failureOf([plain, ca])).toBe('trusted')
    expect(await failureOf([withUri, ca])).toMatch('its names are outside')
  })

  it('bind authorities below too, and hold from the anchor on', async () => {
    const limited = authority('CN=Limited Root', { extensions: [...AUTHORITY, limits([dns('example.org')])] })
    const middle = authority('CN=Middle', { by: limited })
    const widened = authority('CN=Middle', {
      by: limited,
      extensions: [...AUTHORITY, limits([dns('example.com')])],
    })
    const other = (by: Holder) => gateway(by, { extensions: [san(dns('vpn.example.com'))] })
    const identity: Identity = { kind: 'fqdn', name: 'vpn.example.com' }
    expect(await failureOf([gateway(middle), middle], { trusted: [limited] })).toBe('trusted')
    for (const one of [middle, widened]) {
      expect(await failureOf([other(one), one], { trusted: [limited], identity })).toMatch(
        'its names are outside',
      )
    }
  })
})

describe('keys that are refused', () => {
  const names = { extensions: [san(dns('vpn.example.org'))] }
  it.each([
    [
      'RSA with the exponent 3',
      generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).privateKey,
      'the exponent 3',
    ],
    ['RSA of 1024 bits', generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, '1024 bits'],
    ['Brainpool', newKey('brainpoolP256r1'), 'elliptic curve that is not supported'],
    ['secp256k1', newKey('secp256k1'), 'elliptic curve that is not supported'],
    ['Ed448', generateKeyPairSync('ed448').privateKey, 'type that is not supported'],
    [
      'DSA',
      generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey,
      'type that is not supported',
    ],
    [
      'RSA-PSS alone',
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey,
      'type that is not supported',
    ],
  ])('as the gateway: %s', async (_name, key, words) => {
    const result = await failureOf([of({ ...names, key })])
    expect(result).toMatch('certificate-unsuitable: it has')
    expect(result).toMatch(words)
  })

  it('as an authority', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const weak = authority('CN=Weak', { by: root, key: privateKey })
    expect(await failureOf([gateway(weak), weak])).toMatch('1024 bits')
    expect(await failureOf([gateway(weak)], { trusted: [weak] })).toMatch('1024 bits')
  })

  it('that are damaged', async () => {
    const point = Buffer.from(spki())
    point[point.length - 1] = (point.at(-1) ?? 0) ^ 1
    expect(await failureOf([of({ ...names, spki: point })])).toMatch('a damaged key')
    expect(await failureOf([of({ ...names, spki: Buffer.from('3000', 'hex') })])).toMatch('a damaged key')
  })
  const spki = () => {
    const read = parseCertificate(gateway(root).der)
    if (!read.ok) throw new Error(read.error)
    return read.value.spki
  }
})

describe('the pin', () => {
  const holder = gateway(root)
  const read = parseCertificate(holder.der)
  const pin = read.ok ? read.value.pin : ''

  it('is demanded besides the chain', async () => {
    expect(await failureOf([holder], { pin })).toBe('trusted')
    expect(await failureOf([gateway(root)], { pin })).toBe(
      'certificate-pin-mismatch: its key is not the pinned one',
    )
    const self = issue({ subject: 'CN=gateway', key: holder.key, extensions: [san(dns('vpn.example.org'))] })
    expect(await failureOf([self], { pin })).toMatch('certificate-untrusted')
  })
})

describe('the configuration', () => {
  it('takes PEM with several certificates, and DER', async () => {
    const other = authority('CN=Other')
    const trust = await createTrust({ authorities: [`text\n${pem(root.der)}${pem(other.der)}`, between.der] })
    expect(trust.authorityKeyHashes().map((hash) => hash.length)).toEqual([20, 20, 20])
  })

  it.each([
    ['-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----', 'base64'],
    ['nothing', 'no certificate'],
    [pem(Buffer.from('nothing')), 'not a certificate'],
  ])('refuses what it cannot read: %j', async (text, words) => {
    await expect(createTrust({ authorities: [text] })).rejects.toMatchObject({
      code: 'profile-invalid',
      details: { problem: expect.stringContaining(words) as string },
    })
  })

  it("takes the system's authorities when it names none", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'culvert-trust-'))
    const systemStore = join(folder, 'store.crt')
    writeFileSync(systemStore, `${pem(root.der)}${pem(Buffer.from('broken'))}`)
    try {
      const options = { authorities: [], systemStore }
      const trust = await createTrust(options)
      expect(trust.authorityKeyHashes().length).toBe(1)
      expect(await failureOf([gateway(root)], { trusted: [], systemStore })).toBe('trusted')
      expect(await failureOf([gateway(authority('CN=Other'))], { trusted: [], systemStore })).toMatch(
        'certificate-untrusted',
      )
    } finally {
      rmSync(folder, { recursive: true })
    }
    await expect(createTrust({ authorities: [], systemStore })).rejects.toMatchObject({
      code: 'profile-invalid',
    })
  })
})
