/** Private keys from files: PKCS#8, PKCS#1 and SEC 1, in PEM or DER, also encrypted. */
import { createPrivateKey } from 'node:crypto'
import type { KeyObject, PrivateKeyInput } from 'node:crypto'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { createSigningKey } from '../host/crypto/signatures.ts'
import type { SigningKey } from '../ports.ts'
import { DecodeError, decode, struct } from '../wire/codec.ts'
import { element } from '../wire/der.ts'
import { rest } from '../wire/sequences.ts'
import { latin1Text } from '../wire/text.ts'
import { OCTET_STRING, sequence } from './asn1.ts'
import { algorithmIdentifier } from './certificate-format.ts'
import { bmpPassword, createIterationBudget, decryptByPassword } from './password-encryption.ts'
import type { IterationBudget } from './password-encryption.ts'

export type KeyFailure =
  | 'wrong-password'
  | 'password-needed'
  | 'unsupported-encryption'
  | 'unsupported-key'
  | 'too-many-iterations'
  | 'malformed'

const MOST_BYTES = 262_144

/** EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm, encryptedData OCTET STRING } (RFC 5958 section 3) */
const encryptedKey = sequence(struct({ encryption: algorithmIdentifier, data: element(OCTET_STRING, rest) }))

/** What node reads; undefined when it cannot. Its own words may quote the input and go nowhere. */
function tryToRead(input: PrivateKeyInput): KeyObject | undefined {
  try {
    return createPrivateKey(input)
  } catch {
    return undefined
  }
}

function signingKeyOf(key: KeyObject | undefined): Result<SigningKey, KeyFailure> {
  if (key === undefined) return fail('malformed')
  const signing = createSigningKey(key)
  return signing === undefined ? fail('unsupported-key') : ok(signing)
}

/** A key in DER, not encrypted, of whichever of the three forms. */
export function readPlainKey(der: Uint8Array): KeyObject | undefined {
  const key = Buffer.from(der)
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const found = tryToRead({ key, format: 'der', type })
    if (found !== undefined) return found
  }
  return undefined
}

/** An EncryptedPrivateKeyInfo opened. */
export function openEncryptedKey(
  der: Uint8Array,
  passwords: { readonly utf8: Uint8Array; readonly bmp: Uint8Array },
  budget: IterationBudget,
): Result<KeyObject, Exclude<KeyFailure, 'password-needed' | 'unsupported-key'>> {
  try {
    const { encryption, data } = decode(encryptedKey, der)
    const plain = decryptByPassword(encryption, data, passwords, budget)
    if (!plain.ok) return plain
    const key = readPlainKey(plain.value)
    plain.value.fill(0)
    // Padding that is right by chance: what came out is no key.
    return key === undefined ? fail('wrong-password') : ok(key)
  } catch (error) {
    if (error instanceof DecodeError) return fail('malformed')
    throw error
  }
}

function openWithPassword(der: Uint8Array, password: Uint8Array): Result<SigningKey, KeyFailure> {
  const bmp = bmpPassword(password)
  const key = openEncryptedKey(der, { utf8: password, bmp }, createIterationBudget())
  bmp.fill(0)
  return key.ok ? signingKeyOf(key.value) : key
}

/** DER whose first field is a SEQUENCE is an EncryptedPrivateKeyInfo; all others begin with a version. */
function isEncrypted(der: Uint8Array): boolean {
  const length = der[1] ?? 0
  return der[length < 0x80 ? 2 : 2 + (length & 0x7f)] === 0x30
}

const pemBlock = /-----BEGIN ((?:ENCRYPTED |RSA |EC )?PRIVATE KEY)-----([^-]*(?:-[^-]+)*?)-----END \1-----/

function loadPem(text: string, password: Uint8Array | undefined): Result<SigningKey, KeyFailure> {
  const [block, label, body = ''] = pemBlock.exec(text) ?? []
  if (block === undefined) return fail('malformed')
  if (label === 'ENCRYPTED PRIVATE KEY') {
    if (password === undefined) return fail('password-needed')
    return openWithPassword(Buffer.from(body, 'base64'), password)
  }
  if (!body.includes('Proc-Type: 4,ENCRYPTED')) return signingKeyOf(tryToRead({ key: block, format: 'pem' }))
  // OpenSSL's old form has a single round of MD5, so there is nothing to count.
  if (password === undefined) return fail('password-needed')
  const key = tryToRead({ key: block, format: 'pem', passphrase: Buffer.from(password) })
  return key === undefined ? fail('wrong-password') : signingKeyOf(key)
}

/** A key without a password, in PEM or DER, as PKCS#8 in PEM under this one (PBES2 with AES-256). */
export function protectKey(input: Uint8Array, password: Uint8Array): Result<Uint8Array, KeyFailure> {
  const text = input[0] === 0x30 ? undefined : latin1Text(input)
  const [block] = text === undefined ? [] : (pemBlock.exec(text) ?? [])
  const key = text === undefined ? readPlainKey(input) : tryToRead({ key: block ?? '', format: 'pem' })
  if (key === undefined) return fail('malformed')
  const passphrase = Buffer.from(password)
  const sealed = key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase })
  passphrase.fill(0)
  return ok(new TextEncoder().encode(sealed.toString()))
}

/**
 * The private key of a file's content. PEM may have other blocks and text around it; the first key counts.
 * `password`: UTF-8; the caller wipes it. Without one, an encrypted key is `password-needed`.
 */
export function loadSigningKey(
  input: string | Uint8Array,
  password?: Uint8Array,
): Result<SigningKey, KeyFailure> {
  if (input.length > MOST_BYTES) return fail('malformed')
  if (typeof input === 'string') return loadPem(input, password)
  if (input[0] !== 0x30) return loadPem(latin1Text(input), password)
  if (!isEncrypted(input)) return signingKeyOf(readPlainKey(input))
  return password === undefined ? fail('password-needed') : openWithPassword(input, password)
}
