/** Certificates and keys as imported files carry them: base64 or PEM, perhaps with line breaks, into PEM that is known to parse. */
import { X509Certificate, createHash } from 'node:crypto'
import type { Result } from '../../../src-shared/result.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import { looksLikeSignedData, readSignedData } from '../../pki/pkcs7.ts'
import { decodeBase64 } from './base64.ts'
import type { ProblemList } from './importer.ts'

const PEM_BLOCK =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----([^-]{1,65536})-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g
const PKCS7_BLOCK = /-----BEGIN (?:PKCS7|CMS)-----([A-Za-z0-9+/=\s]{1,1048576})-----END (?:PKCS7|CMS)-----/
const CERTIFICATES_LIMIT = 16

/** The certificate as PEM in the form OpenSSL writes. */
const toPem = (der: Uint8Array): string => {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function certificateFrom(der: Uint8Array): Result<string, string> {
  try {
    return ok(toPem(new X509Certificate(der).raw))
  } catch {
    return fail('it is not an X.509 certificate')
  }
}

/** The certificates in a file's bytes: PEM with one or several, one DER, or a PKCS#7 bundle. */
export function certificatesInFile(bytes: Uint8Array): Result<readonly string[], string> {
  if (looksLikeSignedData(bytes)) return certificatesInBundle(bytes)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return text.includes('-----BEGIN ') ? certificatesInText(text) : collect([bytes])
}

/** The certificates in a text: PEM, or the base64 of one DER without the PEM lines. */
export function certificatesInText(text: string): Result<readonly string[], string> {
  const bundle = PKCS7_BLOCK.exec(text)?.[1]
  if (bundle !== undefined) return certificatesInBundle(decodeBase64(bundle) ?? new Uint8Array(0))
  const bodies = text.includes('-----BEGIN ')
    ? [...text.matchAll(PEM_BLOCK)].map((match) => match[1] ?? '')
    : [text]
  if (bodies.length === 0) return fail('there is no certificate in it')
  const ders: Uint8Array[] = []
  for (const body of bodies.slice(0, CERTIFICATES_LIMIT)) {
    const der = decodeBase64(body)
    if (der === undefined) return fail('it is neither PEM nor base64')
    // A PEM file in base64, as some generators write it.
    if (Buffer.from(der).toString('latin1').startsWith('-----BEGIN ')) return certificatesInFile(der)
    ders.push(der)
  }
  return collect(ders)
}

function certificatesInBundle(bytes: Uint8Array): Result<readonly string[], string> {
  const bundle = readSignedData(bytes)
  if (!bundle.ok) return fail(bundle.error)
  const { certificates } = bundle.value
  return certificates.length === 0
    ? fail('there is no certificate in it')
    : collect(certificates.slice(0, CERTIFICATES_LIMIT))
}

function collect(ders: readonly Uint8Array[]): Result<readonly string[], string> {
  const found: string[] = []
  for (const der of ders) {
    const certificate = certificateFrom(der)
    if (!certificate.ok) return certificate
    found.push(certificate.value)
  }
  return ok(found)
}

/** Tells of certificates that are out of date or about to be. `at` is in milliseconds since 1970. */
export function noteExpiry(pems: readonly string[], where: string, at: number, problems: ProblemList): void {
  for (const pem of pems) {
    // One that is kept apart from profiles is watched there.
    if (!pem.includes('-----BEGIN ')) continue
    const certificate = new X509Certificate(pem)
    const ends = Date.parse(certificate.validTo)
    const subject = certificate.subject.replaceAll('\n', ', ').slice(0, 120)
    if (ends < at) {
      problems.add(
        'warning',
        where,
        `The certificate of ${subject} ended ${certificate.validTo}`,
        'Ask for a new one; connections with this one fail.',
      )
    } else if (ends < at + 30 * 86_400_000) {
      problems.add(
        'note',
        where,
        `The certificate of ${subject} ends ${certificate.validTo}`,
        'Ask for a new one in time.',
      )
    }
  }
}

/** What kind of private key a file holds, and whether it protects itself. Undefined when it is none. */
export function keyStanding(
  bytes: Uint8Array,
): { readonly kind: 'key' | 'pkcs12'; readonly encrypted: boolean } | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 65_536)).toString(
    'latin1',
  )
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text)) return { kind: 'key', encrypted: true }
  if (/-----BEGIN (?:RSA |EC )?PRIVATE KEY-----/.test(text)) {
    // RFC 1421 section 4.6.1.1: the traditional form says so in a header of its own.
    return { kind: 'key', encrypted: /^Proc-Type: 4,ENCRYPTED\r?$/m.test(text) }
  }
  return bytes[0] === 0x30 ? derStanding(bytes) : undefined
}

/** The first element of the outer SEQUENCE tells: version 3 is PKCS#12, versions 0 and 1 a plain key, a SEQUENCE an encrypted one. */
function derStanding(
  bytes: Uint8Array,
): { readonly kind: 'key' | 'pkcs12'; readonly encrypted: boolean } | undefined {
  const lengthOctet = bytes[1] ?? 0
  const start = 2 + (lengthOctet > 0x80 ? lengthOctet - 0x80 : 0)
  const isVersion = (value: number) =>
    bytes[start] === 0x02 && bytes[start + 1] === 1 && bytes[start + 2] === value
  if (isVersion(3)) return { kind: 'pkcs12', encrypted: true } // RFC 7292 section 4: PFX version v3
  if (isVersion(0) || isVersion(1)) return { kind: 'key', encrypted: false } // RFC 5958 section 2, RFC 5915 section 3
  return bytes[start] === 0x30 ? { kind: 'key', encrypted: true } : undefined // RFC 5958 section 3
}

/** A UUID (version 8, RFC 9562 section 5.8) that is the same whenever the same things are imported, so that a second import updates. */
export function stableId(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
