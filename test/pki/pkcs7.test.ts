/** CMS messages and PKCS#7 bundles as OpenSSL writes them. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { looksLikeSignedData, readSignedData } from '../../src-main/pki/pkcs7.ts'

let directory: string
const openssl = (...argv: string[]) => execFileSync('openssl', argv, { cwd: directory, stdio: 'pipe' })
const read = (name: string) => new Uint8Array(readFileSync(join(directory, name)))
const content = 'what is signed\n'

const kinds = {
  rsa: ['-newkey', 'rsa:2048'],
  ec: ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'],
} as const

function sign(kind: keyof typeof kinds, ...more: string[]): Uint8Array {
  openssl(
    ...['cms', '-sign', '-binary', '-in', 'content', '-signer', `${kind}.pem`, '-inkey', `${kind}.key`],
    ...['-outform', 'DER', '-out', 'signed'],
    ...more,
  )
  return read('signed')
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'culvert-cms-'))
  writeFileSync(join(directory, 'content'), content)
  for (const [kind, argv] of Object.entries(kinds)) {
    const subject = `/O=Example/CN=${kind} signer`
    openssl(
      'req',
      '-x509',
      ...argv,
      '-nodes',
      '-keyout',
      `${kind}.key`,
      '-out',
      `${kind}.pem`,
      '-subj',
      subject,
    )
  }
})
afterAll(() => rmSync(directory, { recursive: true }))

describe('CMS SignedData', () => {
  it.each([
    ['rsa', []],
    ['rsa', ['-keyid']],
    ['rsa', ['-keyopt', 'rsa_padding_mode:pss', '-md', 'sha256']],
    ['rsa', ['-noattr']],
    ['rsa', ['-stream', '-indef']],
    ['ec', ['-md', 'sha384']],
  ] as const)('is read and its signer found: %s %j', (kind, more) => {
    const message = readSignedData(sign(kind, '-nodetach', ...more))
    if (!message.ok) throw new Error(message.error)
    expect(Buffer.from(message.value.content ?? []).toString()).toBe(content)
    expect(message.value.signers).toMatchObject([
      { standing: 'valid', certificate: { subject: `O=Example, CN=${kind} signer` } },
    ])
  })

  it.each(['rsa', 'ec'] as const)('shows a changed content (%s)', (kind) => {
    const bytes = sign(kind, '-nodetach')
    const at = Buffer.from(bytes).indexOf(content)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    const message = readSignedData(bytes)
    expect(message.ok && message.value.signers[0]?.standing).toBe('invalid')
  })

  it('says that SHA-1 is weak and that the certificate is missing', () => {
    const weak = readSignedData(sign('rsa', '-nodetach', '-md', 'sha1'))
    expect(weak.ok && weak.value.signers[0]?.standing).toBe('weak')
    const missing = readSignedData(sign('rsa', '-nodetach', '-nocerts'))
    expect(missing.ok && missing.value.signers[0]?.standing).toBe('no-certificate')
  })

  it('gives the certificates of a bundle', () => {
    openssl(
      ...['crl2pkcs7', '-nocrl', '-certfile', 'rsa.pem', '-certfile', 'ec.pem'],
      ...['-outform', 'DER', '-out', 'bundle.p7b'],
    )
    const bundle = readSignedData(read('bundle.p7b'))
    expect(bundle.ok && bundle.value.certificates.length).toBe(2)
    expect(bundle.ok && bundle.value.content).toBeUndefined()
    expect(looksLikeSignedData(read('bundle.p7b'))).toBe(true)
    expect(looksLikeSignedData(Buffer.from('0 is no SEQUENCE'))).toBe(false)
  })

  it('never throws, whatever is changed', () => {
    const good = sign('ec', '-nodetach')
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(good.length),
        (at, flip, end) => {
          const bytes = good.slice()
          bytes[at] = (bytes[at] ?? 0) ^ flip
          readSignedData(bytes)
          readSignedData(bytes.subarray(0, end))
        },
      ),
    )
  })
})
