/** What is in files with certificates and keys that a person gives: PEM, DER, PKCS#7, PKCS#8, PKCS#12. */
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { parseCertificate, readCertificates } from '../pki/certificate.ts'
import type { Certificate } from '../pki/certificate.ts'
import { loadSigningKey } from '../pki/keys.ts'
import type { KeyFailure } from '../pki/keys.ts'
import { readPkcs12 } from '../pki/pkcs12.ts'
import { readPublicKey } from '../pki/public-key.ts'
import type { SignatureScheme, SigningKey } from '../ports.ts'
import { certificatesInFile, keyStanding } from '../profiles/import/certificates.ts'

export interface CertificateFile {
  /** Without its directory. */
  readonly name: string
  readonly bytes: Uint8Array
}

/** A private key as it came. */
export interface FoundKey {
  readonly kind: 'key' | 'pkcs12'
  /** A copy, to be wiped by whoever has it. */
  readonly bytes: Uint8Array
  /** Whether the bytes protect themselves. */
  readonly encrypted: boolean
  readonly signing: SigningKey
}

export interface FoundCertificates {
  /** PEM; the key's own first when there is a key. */
  readonly certificates: readonly string[]
  readonly key?: FoundKey
}

/** Why nothing came of it; `password`: it needs another one than was given, if any was. */
export type FilesProblem = { readonly kind: 'password' | 'other'; readonly problem: string }

const words: Readonly<Record<KeyFailure, string>> = {
  'wrong-password': 'the password does not open it',
  'password-needed': 'it is protected by a password',
  'unsupported-encryption': 'it is encrypted in a way that is not supported',
  'unsupported-key': 'its key is of a type that is not supported, or too weak',
  'too-many-iterations': 'opening it would take too long',
  malformed: 'it is damaged',
}

const problemOf = ({ name }: CertificateFile, failure: KeyFailure): FilesProblem => ({
  kind: failure === 'wrong-password' || failure === 'password-needed' ? 'password' : 'other',
  problem: `${name}: ${words[failure]}`,
})

const toPem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${(
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  ).join('\n')}\n-----END CERTIFICATE-----\n`

/** The certificate of a PEM text; undefined for what cannot be used. */
export function certificateOf(pem: string): Certificate | undefined {
  const ders = readCertificates(pem)
  const [der] = ders.ok ? ders.value : []
  const parsed = der === undefined ? undefined : parseCertificate(der)
  return parsed?.ok === true ? parsed.value : undefined
}

type Opened = Result<FoundCertificates, FilesProblem>

function openPkcs12(file: CertificateFile, password: Uint8Array | undefined): Opened {
  const open = readPkcs12(file.bytes, new Uint8Array(0))
  const opened = open.ok || password === undefined ? open : readPkcs12(file.bytes, password)
  if (!opened.ok) {
    const needs = opened.error === 'wrong-password' && password === undefined
    return fail(problemOf(file, needs ? 'password-needed' : opened.error))
  }
  const { key, certificates } = opened.value
  const pems = certificates.map(toPem)
  if (key === undefined) return ok({ certificates: pems })
  const found: FoundKey = { kind: 'pkcs12', bytes: file.bytes.slice(), encrypted: !open.ok, signing: key }
  return ok({ certificates: pems, key: found })
}

function openKey(file: CertificateFile, encrypted: boolean, password: Uint8Array | undefined): Opened {
  const signing = loadSigningKey(file.bytes, password)
  if (!signing.ok) return fail(problemOf(file, signing.error))
  const beside = Buffer.from(file.bytes).includes('-----BEGIN CERTIFICATE-----')
    ? certificatesInFile(file.bytes)
    : ok([])
  if (!beside.ok) return fail({ kind: 'other', problem: `${file.name}: ${beside.error}` })
  return ok({
    certificates: beside.value,
    key: { kind: 'key', bytes: file.bytes.slice(), encrypted, signing: signing.value },
  })
}

function openFile(file: CertificateFile, password: Uint8Array | undefined): Opened {
  const standing = keyStanding(file.bytes)
  // A certificate in DER begins like an encrypted key does.
  const certificates = standing?.kind === 'pkcs12' ? undefined : certificatesInFile(file.bytes)
  const hasKey = Buffer.from(file.bytes).includes('PRIVATE KEY-----')
  if (certificates?.ok === true && !hasKey) return ok({ certificates: certificates.value })
  if (standing?.kind === 'pkcs12') return openPkcs12(file, password)
  if (standing?.kind === 'key') return openKey(file, standing.encrypted, password)
  const problem = certificates?.ok === false ? certificates.error : 'there is no certificate in it'
  return fail({ kind: 'other', problem: `${file.name}: ${problem}` })
}

const schemes: Readonly<Record<SigningKey['type'], SignatureScheme>> = {
  rsa: { kind: 'rsa-pkcs1', hash: 'sha256' },
  'ecdsa-p256': { kind: 'ecdsa', hash: 'sha256', encoding: 'der' },
  'ecdsa-p384': { kind: 'ecdsa', hash: 'sha384', encoding: 'der' },
  'ecdsa-p521': { kind: 'ecdsa', hash: 'sha512', encoding: 'der' },
  ed25519: { kind: 'ed25519' },
}

/** Whether the key is this certificate's: a key cannot be read, but it can sign. */
function belongs(key: SigningKey, pem: string): boolean {
  const certificate = certificateOf(pem)
  const verifying = certificate && readPublicKey(certificate.spki)
  if (verifying?.ok !== true || verifying.value.type !== key.type) return false
  const scheme = schemes[key.type]
  const proof = new TextEncoder().encode('Culvert: whose key this is')
  return verifying.value.verify(scheme, proof, key.sign(scheme, proof))
}

/** All certificates of the files, and the one key among them, if any. `password`: UTF-8, stays the caller's. */
export function readCertificateFiles(
  files: readonly CertificateFile[],
  password?: Uint8Array,
): Result<FoundCertificates, FilesProblem> {
  const keys: FoundKey[] = []
  const pems: string[] = []
  const refuse = (problem: FilesProblem): Opened => {
    for (const { bytes } of keys) bytes.fill(0)
    return fail(problem)
  }
  for (const file of files) {
    const opened = openFile(file, password)
    if (!opened.ok) return refuse(opened.error)
    pems.push(...opened.value.certificates)
    if (opened.value.key !== undefined) keys.push(opened.value.key)
  }
  const unique = [...new Set(pems)]
  const bad = unique.find((pem) => certificateOf(pem) === undefined)
  if (bad !== undefined) return refuse({ kind: 'other', problem: 'A certificate in it cannot be used' })
  if (unique.length === 0) return refuse({ kind: 'other', problem: 'There is no certificate in it' })
  const [key, ...more] = keys
  if (key === undefined) return ok({ certificates: unique })
  if (more.length > 0) return refuse({ kind: 'other', problem: 'There are several private keys in it' })
  const own = unique.find((pem) => belongs(key.signing, pem))
  if (own === undefined)
    return refuse({ kind: 'other', problem: 'The private key belongs to none of the certificates' })
  return ok({ certificates: [own, ...unique.filter((pem) => pem !== own)], key })
}
