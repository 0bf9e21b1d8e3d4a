/** A certificate authority, a client certificate and its keys, made by openssl once for these tests. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface ThrowawayPki {
  readonly authority: Uint8Array
  readonly authorityDer: Uint8Array
  readonly client: Uint8Array
  readonly clientKey: Uint8Array
  /** PKCS#8, passphrase `open sesame`. */
  readonly clientKeyEncrypted: Uint8Array
  readonly otherKey: Uint8Array
  /** PKCS#12, password `secret`. */
  readonly pkcs12: Uint8Array
  /** The same with the empty password. */
  readonly pkcs12Open: Uint8Array
}

export function makeThrowawayPki(): ThrowawayPki {
  const directory = mkdtempSync(join(tmpdir(), 'culvert-pki-'))
  const openssl = (...argv: string[]) => execFileSync('openssl', argv, { cwd: directory, stdio: 'pipe' })
  const read = (name: string) => new Uint8Array(readFileSync(join(directory, name)))
  try {
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    openssl(
      'req',
      '-x509',
      ...ec,
      '-keyout',
      'ca.key',
      '-out',
      'ca.pem',
      '-subj',
      '/CN=Test CA',
      '-days',
      '3650',
    )
    openssl('req', '-new', ...ec, '-keyout', 'client.key', '-out', 'client.csr', '-subj', '/CN=maria')
    openssl(
      'x509',
      '-req',
      '-in',
      'client.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
      '-out',
      'client.pem',
      '-days',
      '3650',
    )
    openssl('x509', '-in', 'ca.pem', '-outform', 'DER', '-out', 'ca.der')
    openssl(
      'pkcs8',
      '-topk8',
      '-in',
      'client.key',
      '-out',
      'client-encrypted.key',
      '-passout',
      'pass:open sesame',
    )
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', 'other.key')
    openssl(
      'pkcs12',
      '-export',
      '-in',
      'client.pem',
      '-inkey',
      'client.key',
      '-certfile',
      'ca.pem',
      '-out',
      'client.p12',
      '-passout',
      'pass:secret',
    )
    openssl(
      ...['pkcs12', '-export', '-in', 'client.pem', '-inkey', 'client.key'],
      ...['-out', 'open.p12', '-passout', 'pass:'],
    )
    return {
      authority: read('ca.pem'),
      authorityDer: read('ca.der'),
      client: read('client.pem'),
      clientKey: read('client.key'),
      clientKeyEncrypted: read('client-encrypted.key'),
      otherKey: read('other.key'),
      pkcs12: read('client.p12'),
      pkcs12Open: read('open.p12'),
    }
  } finally {
    rmSync(directory, { recursive: true })
  }
}

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
