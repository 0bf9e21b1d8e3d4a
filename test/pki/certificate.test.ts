/** What OpenSSL makes, what is broken, and what is not DER. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { defaultIdentity, parseCertificate, readCertificates } from '../../src-main/pki/certificate.ts'
import type { Certificate } from '../../src-main/pki/certificate.ts'
import type { GeneralName } from '../../src-main/pki/certificate-format.ts'
import { readPublicKey } from '../../src-main/pki/public-key.ts'
import { createTrust } from '../../src-main/pki/trust.ts'
import { epochMillis } from '../../src-shared/brands.ts'
import { authority, dns, email, gateway, issue, pem, san } from '../fakes/certificates.ts'

const root = authority('CN=Example Root')
const good = gateway(root).der

function parsed(der: Uint8Array): Certificate {
  const result = parseCertificate(der)
  if (!result.ok) throw new Error(result.error)
  return result.value
}

describe('what OpenSSL makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-pki-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const openssl = (...argv: readonly string[]) =>
    execFileSync('openssl', argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString()
  const extensions = `basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature,keyEncipherment
extendedKeyUsage=serverAuth,1.3.6.1.5.5.7.3.17
subjectKeyIdentifier=hash
subjectAltName=DNS:vpn.example.org,DNS:*.example.org,IP:198.51.100.1,IP:fd00::1,email:a@example.org,dirName:alias,URI:https://example.org/,otherName:1.2.3.4;UTF8:x
certificatePolicies=1.2.3.4
crlDistributionPoints=URI:http://example.org/crl
authorityInfoAccess=OCSP;URI:http://example.org/ocsp
[alias]
CN=alias
`
  const authorityConfiguration = `[req]
distinguished_name=dn
x509_extensions=ca
[dn]
[ca]
basicConstraints=critical,CA:TRUE,pathlen:1
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
nameConstraints=critical,permitted;DNS:example.org,permitted;IP:198.51.100.0/255.255.255.0,permitted;IP:fd00::/ff00::,permitted;email:example.org,permitted;dirName:limit,permitted;dirName:limit2
[limit]
C=CH
O=Example
[limit2]
CN=alias
`
  const make = (key: readonly string[], sign: readonly string[] = []) => {
    writeFileSync(join(folder, 'extensions'), extensions)
    writeFileSync(join(folder, 'ca.cnf'), authorityConfiguration)
    openssl(
      'req',
      '-x509',
      '-config',
      'ca.cnf',
      '-newkey',
      ...key,
      '-nodes',
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/C=CH/O=Example/CN=Root',
      '-days',
      '10',
      ...sign,
    )
    openssl(
      'req',
      '-config',
      'ca.cnf',
      '-newkey',
      ...key,
      '-nodes',
      '-keyout',
      'gw.key',
      '-out',
      'gw.csr',
      '-subj',
      '/C=CH/O=Example/CN=gateway Zürich',
      '-utf8',
    )
    openssl(
      'x509',
      '-req',
      '-in',
      'gw.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'gw.pem',
      '-days',
      '5',
      '-extfile',
      'extensions',
      ...sign,
    )
    return {
      ca: readFileSync(join(folder, 'ca.pem'), 'utf8'),
      gw: readFileSync(join(folder, 'gw.pem'), 'utf8'),
    }
  }

  it.skipIf(!existsSync('/usr/bin/openssl')).each([
    ['ECDSA P-256', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], []],
    ['Ed25519', ['ed25519'], []],
    ['RSA', ['rsa:2048'], ['-sha512']],
    ['RSA-PSS with the longest salt', ['rsa:2048'], ['-sigopt', 'rsa_padding_mode:pss']],
    [
      'RSA-PSS with the usual salt',
      ['rsa:2048'],
      ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest', '-sha384'],
    ],
  ])('is read and trusted: %s', async (_name, key, sign) => {
    const { ca, gw } = make(key, sign)
    const [der] = (() => {
      const read = readCertificates(gw)
      return read.ok ? read.value : []
    })()
    const certificate = parsed(der ?? new Uint8Array(0))
    expect(certificate.subject).toBe('C=CH, O=Example, CN=gateway Zürich')
    expect(certificate.names).toMatchObject({
      dns: ['vpn.example.org', '*.example.org'],
      ip: ['198.51.100.1', 'fd00::1'],
      email: ['a@example.org'],
    })
    expect(certificate.names.dn.length).toBe(1)
    expect(certificate.keyUsage).toEqual(new Set([0, 2]))
    expect(certificate.extendedKeyUsage).toEqual(['2b06010505070301', '2b06010505070311'])
    expect(certificate.basicConstraints).toEqual({ isAuthority: false, pathLength: undefined })
    expect(certificate.unknownCritical).toEqual([])
    expect(readPublicKey(certificate.spki).ok).toBe(true)
    const trust = await createTrust({ authorities: [ca], pin: certificate.pin })
    const result = await trust.verify({
      certificates: [certificate.der],
      identity: { kind: 'fqdn', name: 'vpn.example.org' },
      role: 'gateway',
      at: epochMillis(Date.now()),
    })
    // The limits allow no URI at all to be judged only where they speak of URIs, which these do not.
    expect(result).toMatchObject({ ok: true })
  })

  it.skipIf(!existsSync('/usr/bin/openssl'))('has the pin and the key hash that OpenSSL computes', () => {
    const { gw } = make(['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'])
    const read = readCertificates(gw)
    const certificate = parsed(read.ok ? (read.value[0] ?? good) : good)
    const pin = execFileSync(
      'sh',
      [
        '-c',
        'openssl x509 -in gw.pem -pubkey -noout | openssl pkey -pubin -outform DER | openssl dgst -sha256 -binary | base64',
      ],
      { cwd: folder },
    )
    expect(certificate.pin).toBe(pin.toString().trim())
    expect(certificate.keyHash.length).toBe(20)
  })
})

describe('PEM and DER', () => {
  it('are told apart, and each gives its certificates', () => {
    const text = pem(good)
    for (const input of [
      text,
      Buffer.from(text),
      good,
      Buffer.from(`\uFEFF junk\n${text}`),
      text.replaceAll('\n', '\r\n'),
    ]) {
      const read = readCertificates(input)
      expect(read.ok && read.value.map((der) => Buffer.compare(der, good))).toEqual([0])
    }
    const two = readCertificates(`${text}\n# comment\n${pem(root.der)}`)
    expect(two.ok && two.value.length).toBe(2)
  })

  it.each([
    '',
    'x',
    '-----BEGIN CERTIFICATE-----',
    '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----',
  ])('without a certificate are refused: %j', (text) => {
    expect(readCertificates(text).ok).toBe(false)
  })

  it('cannot be slow', () => {
    const from = performance.now()
    readCertificates('-----BEGIN CERTIFICATE-----\n'.repeat(40_000))
    readCertificates(`-----BEGIN CERTIFICATE-----${'A'.repeat(1_000_000)}`)
    expect(performance.now() - from).toBeLessThan(5000)
  })
})

describe('what is not a certificate', () => {
  it('is refused when cut short or continued', () => {
    for (let length = 0; length < good.length; length += 1)
      expect(parseCertificate(good.subarray(0, length)).ok).toBe(false)
    expect(parseCertificate(Buffer.concat([good, Buffer.of(0)])).ok).toBe(false)
    expect(parseCertificate(new Uint8Array(70_000)).ok).toBe(false)
  })

  it('is refused in other encodings than DER', () => {
    const indefinite = Buffer.concat([Buffer.of(0x30, 0x80), good.subarray(4), Buffer.of(0, 0)])
    const length = good.length - 4
    const long = Buffer.concat([Buffer.of(0x30, 0x83, 0, length >> 8, length & 255), good.subarray(4)])
    expect(parseCertificate(indefinite).ok).toBe(false)
    expect(parseCertificate(long).ok).toBe(false)
  })

  it('is refused with a name that only makes work', () => {
    const long = Array.from({ length: 60 }, (_, index) => `OU=${'x'.repeat(100)}${index}`).join(', ')
    expect(parseCertificate(issue({ subject: long }).der)).toEqual({
      ok: false,
      error: 'it has a name that is too long',
    })
  })

  it('never throws and is never trusted', async () => {
    const trust = await createTrust({ authorities: [root.der] })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4, minLength: 1 }),
        async (changes) => {
          const changed = good.slice()
          for (const [at, value] of changes) changed[at] = value
          const result = await trust.verify({
            certificates: [changed],
            identity: { kind: 'fqdn', name: 'vpn.example.org' },
            role: 'gateway',
            at: epochMillis(Date.UTC(2026, 10, 23)),
          })
          expect(result.ok).toBe(Buffer.compare(changed, good) === 0)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('times', () => {
  it.each([
    Date.UTC(1970, 0, 1),
    Date.UTC(2049, 11, 31, 23, 59, 59),
    Date.UTC(2050, 0, 1),
    Date.UTC(9999, 11, 31, 23, 59, 59),
  ])('are read to the second: %i', (until) => {
    expect(parsed(gateway(root, { from: 0, until }).der).notAfter).toBe(until)
  })

  it.each([
    '20260230000000Z',
    '20261301000000Z',
    '20260101240000Z',
    '20260101006000Z',
    '2026010100000Z ',
    '20260101000000z',
    '202601010000+0Z',
  ])('that do not exist are refused: %s', (text) => {
    const der = Buffer.from(gateway(root, { from: 0, until: Date.UTC(2026, 0, 1) }).der)
    const at = der.indexOf('20260101000000Z')
    der.write(text, at, 'latin1')
    expect(parseCertificate(der).ok).toBe(false)
  })
})

describe('the identity of a certificate', () => {
  it('is its subject, or else an alternative name', () => {
    expect(defaultIdentity(parsed(good))).toMatchObject({ kind: 'dn' })
    const nameless = (...names: readonly GeneralName[]) =>
      defaultIdentity(parsed(issue({ subject: '', by: root, extensions: [san(...names)] }).der))
    expect(nameless(dns('a.example.org'), email('a@example.org'))).toEqual({
      kind: 'email',
      name: 'a@example.org',
    })
    expect(nameless(dns('a.example.org'))).toEqual({ kind: 'fqdn', name: 'a.example.org' })
  })
})
