/** Lists and OCSP answers as OpenSSL makes them, and as nobody should. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { parseCertificate, readCertificates } from '../../src-main/pki/certificate.ts'
import type { Certificate } from '../../src-main/pki/certificate.ts'
import { listProblem, parseRevocationList } from '../../src-main/pki/crl.ts'
import { makeOcspRequest, readOcspResponse } from '../../src-main/pki/ocsp.ts'
import { AUTHORITY, NOW, authority, gateway } from '../fakes/certificates.ts'
import { ocspAnswer, revocationList, serialOf } from '../fakes/revocation.ts'

const parsed = (der: Uint8Array): Certificate => {
  const result = parseCertificate(der)
  if (!result.ok) throw new Error(result.error)
  return result.value
}

describe('what OpenSSL makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-crl-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const openssl = (...argv: readonly string[]) =>
    execFileSync('openssl', argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const read = (name: string): Certificate => {
    const found = readCertificates(readFileSync(join(folder, name), 'utf8'))
    if (!found.ok || found.value[0] === undefined) throw new Error('no certificate')
    return parsed(found.value[0])
  }
  writeFileSync(
    join(folder, 'ca.cnf'),
    `[ca]
default_ca=own
[own]
database=index.txt
serial=serial
crlnumber=crlnumber
new_certs_dir=.
certificate=ca.pem
private_key=ca.key
default_md=sha256
default_days=10
default_crl_days=10
policy=any
crl_extensions=crl
[any]
commonName=supplied
[crl]
authorityKeyIdentifier=keyid
[req]
distinguished_name=dn
x509_extensions=root
[dn]
[root]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
subjectKeyIdentifier=hash
[leaf]
basicConstraints=CA:FALSE
crlDistributionPoints=URI:http://ca.example.org/list.crl,URI:ldap://ca.example.org/
freshestCRL=URI:http://ca.example.org/delta.crl
authorityInfoAccess=OCSP;URI:http://ocsp.example.org/,caIssuers;URI:http://ca.example.org/ca.cer
[signer]
keyUsage=digitalSignature
extendedKeyUsage=OCSPSigning
`,
  )
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(join(folder, 'serial'), '8000000000000001\n')
  writeFileSync(join(folder, 'crlnumber'), '01\n')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-config', 'ca.cnf'] as const
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/O=Example/CN=Root',
    '-days',
    '20',
  )
  for (const [name, section] of [
    ['good', 'leaf'],
    ['bad', 'leaf'],
    ['signer', 'signer'],
  ] as const) {
    openssl('req', ...key, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const own = ['-config', 'ca.cnf', '-extensions', section, '-in', `${name}.csr`, '-out', `${name}.pem`]
    openssl('ca', '-batch', '-notext', ...own)
  }
  openssl('ca', '-config', 'ca.cnf', '-revoke', 'bad.pem', '-crl_reason', 'keyCompromise')
  openssl('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'list.pem')
  openssl('crl', '-in', 'list.pem', '-outform', 'DER', '-out', 'list.der')
  const [root, good, bad] = [read('ca.pem'), read('good.pem'), read('bad.pem')]
  const now = Date.now()

  it('names the places to ask', () => {
    expect(good.revocation).toMatchObject({
      ocsp: ['http://ocsp.example.org/'],
      lists: [{ urls: ['http://ca.example.org/list.crl'] }, { urls: ['ldap://ca.example.org/'] }],
      deltas: [{ urls: ['http://ca.example.org/delta.crl'] }],
    })
  })

  it('is a list with its entry', () => {
    const list = parseRevocationList(readFileSync(join(folder, 'list.der')))
    if (!list.ok) throw new Error(list.error)
    expect(list.value).toMatchObject({ number: 1n, base: undefined, scope: undefined })
    expect([...list.value.entries.keys()]).toEqual([bad.serialNumber])
    expect(list.value.entries.get(bad.serialNumber)).toMatchObject({ reason: 1 })
    expect(listProblem(list.value, root, now)).toBeUndefined()
  })

  it.each([
    ['the authority itself', 'ca', []],
    ['one it has appointed', 'signer', []],
    ['one named by its key', 'signer', ['-resp_key_id']],
  ])('is an OCSP answer signed by %s, to our own request', (_name, signer, more) => {
    const nonce = new Uint8Array(32).fill(7)
    for (const [certificate, kind] of [
      [good, 'good'],
      [bad, 'revoked'],
    ] as const) {
      writeFileSync(join(folder, 'request.der'), makeOcspRequest(certificate, root, nonce))
      const seen = openssl('ocsp', '-reqin', 'request.der', '-req_text', '-noverify').toString()
      expect(seen).toContain('OCSP Nonce')
      const who = [
        '-CA',
        'ca.pem',
        '-rsigner',
        `${signer}.pem`,
        '-rkey',
        `${signer}.key`,
        '-ndays',
        '1',
        ...more,
      ]
      openssl('ocsp', '-index', 'index.txt', ...who, '-reqin', 'request.der', '-respout', 'answer.der')
      const answer = readFileSync(join(folder, 'answer.der'))
      expect(readOcspResponse(answer, { certificate, issuer: root, at: now, nonce })).toMatchObject({
        ok: true,
        value: { kind },
      })
      const other = new Uint8Array(32).fill(8)
      expect(readOcspResponse(answer, { certificate, issuer: root, at: now, nonce: other })).toEqual({
        ok: false,
        error: 'it answers another question',
      })
    }
  })

  it('reads the lists that we make, too', () => {
    writeFileSync(
      join(folder, 'ours.der'),
      revocationList({ by: authority('CN=x'), revoked: [{ serial: Uint8Array.of(5), reason: 1 }] }),
    )
    const { stdout } = spawnSync('openssl', ['crl', '-inform', 'DER', '-in', 'ours.der', '-text', '-noout'], {
      cwd: folder,
    })
    expect(stdout.toString()).toMatch(/Serial Number: 05[^]*Key Compromise/)
  })
})

const root = authority('CN=Root', { extensions: AUTHORITY })
const leaf = gateway(root)
const [rootRead, leafRead] = [parsed(root.der), parsed(leaf.der)]
const nonce = new Uint8Array(32).fill(1)
const question = { certificate: leafRead, issuer: rootRead, at: NOW, nonce }
const list = revocationList({
  by: root,
  number: 3,
  scope: { urls: ['http://ca/'], onlyUsers: true },
  revoked: [{ serial: serialOf(leaf), reason: 4 }, { serial: Uint8Array.of(3) }],
})
const answer = ocspAnswer(makeOcspRequest(leafRead, rootRead, nonce), { issuer: root })

describe('whatever the bytes', () => {
  const mutated = (bytes: Uint8Array) =>
    fc
      .array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 6,
      })
      .map((changes) => {
        const copy = bytes.slice()
        for (const [at, value] of changes) copy[at] = value
        return copy
      })

  it('a list is read or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), mutated(list)), (bytes) => {
        const read = parseRevocationList(bytes)
        if (read.ok) listProblem(read.value, rootRead, NOW)
      }),
    )
  })

  it('a changed answer or list never counts', () => {
    fc.assert(
      fc.property(mutated(answer), (bytes) => {
        const read = readOcspResponse(bytes, question)
        // What is not signed (the certificates sent along) may change; what is said may not.
        if (Buffer.compare(bytes, answer) !== 0 && read.ok) expect(read.value).toMatchObject({ kind: 'good' })
      }),
    )
    fc.assert(
      fc.property(mutated(list), (bytes) => {
        const read = parseRevocationList(bytes)
        if (!read.ok || Buffer.compare(bytes, list) === 0) return
        expect(listProblem(read.value, rootRead, NOW)).not.toBeUndefined()
      }),
    )
  })

  it('a list with as many entries as fit is read in time', () => {
    const revoked = Array.from({ length: 30_000 }, (_, index) => ({
      serial: Uint8Array.of(1, index >> 16, (index >> 8) & 255, index & 255, 1, 2, 3, 4),
      reason: 1,
    }))
    const large = revocationList({ by: root, revoked })
    const started = performance.now()
    const read = parseRevocationList(large)
    expect(read.ok && read.value.entries.size).toBe(30_000)
    expect(performance.now() - started).toBeLessThan(1500)
  })
})
