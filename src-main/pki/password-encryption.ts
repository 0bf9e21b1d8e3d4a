/** Decryption by password: PBES2 (RFC 8018) and the older schemes of PKCS#12 (RFC 7292 appendices B and C). */
import * as nodeCrypto from 'node:crypto'
import { createDecipheriv, createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { DecodeError, decode, struct } from '../wire/codec.ts'
import { element } from '../wire/der.ts'
import { rest } from '../wire/sequences.ts'
import { INTEGER, OCTET_STRING, countContent, optional, sequence } from './asn1.ts'
import { algorithmIdentifier } from './certificate-format.ts'
import { rc2CbcDecrypt } from './rc2.ts'

export type DecryptionFailure =
  'wrong-password' | 'unsupported-encryption' | 'too-many-iterations' | 'malformed'

/**
 * How many rounds of hashing a whole file may cost: its author chooses them, and they are ours to wait for. A round of PKCS#12's
 * derivation takes about a microsecond; Firefox's files have 600,000 of them, its old format five times as many.
 */
export interface IterationBudget {
  left: number
}
export const createIterationBudget = (): IterationBudget => ({ left: 4_000_000 })

/** False when the budget is spent. */
export function spendIterations(budget: IterationBudget, iterations: number): boolean {
  budget.left -= iterations
  return iterations > 0 && budget.left >= 0
}

// ---------------------------------------------------------------- PKCS#12's own derivation

export type DigestName = 'sha1' | 'sha256' | 'sha384' | 'sha512'

const hashShapes: Readonly<Record<DigestName, { readonly block: number; readonly size: number }>> = {
  sha1: { block: 64, size: 20 },
  sha256: { block: 64, size: 32 },
  sha384: { block: 128, size: 48 },
  sha512: { block: 128, size: 64 },
}

/** RFC 7292 appendix B.3: what the derived bytes are for. */
export const KeyPurpose = { KEY: 1, IV: 2, MAC: 3 } as const

/** The pattern over and over, up to a whole number of blocks. */
const fillBlocks = (pattern: Uint8Array, block: number): Buffer =>
  pattern.length === 0 ? Buffer.alloc(0) : Buffer.alloc(Math.ceil(pattern.length / block) * block, pattern)

/** Adds `addend` + 1 to the big-endian number of the same length, without the carry out of it. */
function addPlusOne(number: Buffer, addend: Buffer): void {
  let carry = 1
  for (let index = number.length - 1; index >= 0; index -= 1) {
    carry += number.readUInt8(index) + addend.readUInt8(index)
    number.writeUInt8(carry & 0xff, index)
    carry >>= 8
  }
}

/** RFC 7292 appendix B.2. `password`: a BMPString with its two zero bytes. */
export function pkcs12Key(
  hash: DigestName,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  purpose: number,
  length: number,
): Buffer {
  const { block, size } = hashShapes[hash]
  // A file may want a million rounds: at once where Node can (20.12), in three steps in the Node 18 of an older Electron.
  const digestOf = (data: Buffer): Buffer =>
    'hash' in nodeCrypto ? nodeCrypto.hash(hash, data, 'buffer') : createHash(hash).update(data).digest()
  const diversifier = Buffer.alloc(block, purpose)
  const input = Buffer.concat([fillBlocks(salt, block), fillBlocks(password, block)])
  const derived: Buffer[] = []
  for (let have = 0; have < length; have += size) {
    let digest = digestOf(Buffer.concat([diversifier, input]))
    for (let round = 1; round < iterations; round += 1) digest = digestOf(digest)
    derived.push(digest)
    const addend = Buffer.alloc(block, digest)
    for (let at = 0; at < input.length; at += block) addPlusOne(input.subarray(at, at + block), addend)
  }
  return Buffer.concat(derived).subarray(0, length)
}

/** RFC 7292 appendix B.1: UTF-16, big-endian, with two zero bytes behind it. */
export function bmpPassword(password: Uint8Array): Buffer {
  const text = Buffer.from(`${Buffer.from(password).toString('utf8')}\0`, 'utf16le')
  return text.swap16()
}

// ---------------------------------------------------------------- schemes

export interface Passwords {
  /** As typed, in UTF-8: what PBES2 takes. */
  readonly utf8: Uint8Array
  /** What PKCS#12's own schemes take. */
  readonly bmp: Uint8Array
}

type Decrypt = (key: Uint8Array, iv: Uint8Array, data: Uint8Array) => Uint8Array

const throughNode =
  (cipher: string): Decrypt =>
  (key, iv, data) => {
    const decipher = createDecipheriv(cipher, key, iv).setAutoPadding(false)
    return Buffer.concat([decipher.update(data), decipher.final()])
  }

/** PKCS#7 padding off; undefined when it is not there, which mostly means the wrong key. */
function withoutPadding(plaintext: Uint8Array, block: number): Uint8Array | undefined {
  const count = plaintext.at(-1) ?? 0
  if (count === 0 || count > block || count > plaintext.length) return undefined
  const padding = plaintext.subarray(plaintext.length - count)
  return padding.every((byte) => byte === count) ? plaintext.subarray(0, plaintext.length - count) : undefined
}

interface Cipher {
  readonly decrypt: Decrypt
  readonly keyLength: number
  readonly block: number
}

function run(
  cipher: Cipher,
  key: Uint8Array,
  iv: Uint8Array,
  data: Uint8Array,
): Result<Uint8Array, DecryptionFailure> {
  if (iv.length !== cipher.block || data.length === 0 || data.length % cipher.block !== 0)
    return fail('malformed')
  const plaintext = withoutPadding(cipher.decrypt(key, iv, data), cipher.block)
  key.fill(0)
  return plaintext === undefined ? fail('wrong-password') : ok(plaintext)
}

/** Schemes of RFC 7292 appendix C, by object identifier in hexadecimal digits; RC4 is not supported. */
const oldSchemes: ReadonlyMap<string, Cipher> = new Map([
  ['2a864886f70d010c0103', { decrypt: throughNode('des-ede3-cbc'), keyLength: 24, block: 8 }],
  [
    '2a864886f70d010c0105',
    { decrypt: (key, iv, data) => rc2CbcDecrypt(key, 128, iv, data), keyLength: 16, block: 8 },
  ],
  [
    '2a864886f70d010c0106',
    { decrypt: (key, iv, data) => rc2CbcDecrypt(key, 40, iv, data), keyLength: 5, block: 8 },
  ],
])

/** pkcs-12PbeParams ::= SEQUENCE { salt OCTET STRING, iterations INTEGER } */
const oldParameters = sequence(
  struct({ salt: element(OCTET_STRING, rest), iterations: element(INTEGER, countContent) }),
)

const PBES2 = '2a864886f70d01050d'
const PBKDF2 = '2a864886f70d01050c'

/** PBES2-params ::= SEQUENCE { keyDerivationFunc, encryptionScheme } (RFC 8018 appendix A.4) */
const pbes2Parameters = sequence(struct({ derivation: algorithmIdentifier, encryption: algorithmIdentifier }))
/** PBKDF2-params ::= SEQUENCE { salt, iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1 } (appendix A.2) */
const pbkdf2Parameters = sequence(
  struct({
    salt: element(OCTET_STRING, rest),
    iterations: element(INTEGER, countContent),
    keyLength: optional(INTEGER, countContent),
    prf: rest,
  }),
)

const prfs: ReadonlyMap<string, DigestName> = new Map([
  ['2a864886f70d0207', 'sha1'],
  ['2a864886f70d0209', 'sha256'],
  ['2a864886f70d020a', 'sha384'],
  ['2a864886f70d020b', 'sha512'],
])

const ciphers: ReadonlyMap<string, Cipher> = new Map([
  ['608648016503040102', { decrypt: throughNode('aes-128-cbc'), keyLength: 16, block: 16 }],
  ['608648016503040116', { decrypt: throughNode('aes-192-cbc'), keyLength: 24, block: 16 }],
  ['60864801650304012a', { decrypt: throughNode('aes-256-cbc'), keyLength: 32, block: 16 }],
  ['2a864886f70d0307', { decrypt: throughNode('des-ede3-cbc'), keyLength: 24, block: 8 }],
])

interface Derivation {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly keyLength: number | undefined
  readonly hash: DigestName
}

/** PBKDF2 as an AlgorithmIdentifier says it; undefined for other functions and digests. Throws DecodeError. */
function derivationOf({
  algorithm,
  parameters,
}: {
  readonly algorithm: string
  readonly parameters: Uint8Array
}): Derivation | undefined {
  // scrypt (RFC 7914) is left out: no common tool writes it without being told to.
  if (algorithm !== PBKDF2) return undefined
  const { salt, iterations, keyLength, prf } = decode(pbkdf2Parameters, parameters)
  const hash = prf.length === 0 ? 'sha1' : prfs.get(decode(algorithmIdentifier, prf).algorithm)
  return hash === undefined ? undefined : { salt, iterations, keyLength, hash }
}

/** PBMAC1 (RFC 8018 section 7.1) as PKCS#12 files have it (RFC 9579 section 4). */
export const PBMAC1 = '2a864886f70d01050e'

/** PBMAC1-params ::= SEQUENCE { keyDerivationFunc, messageAuthScheme } (RFC 8018 appendix A.5) */
const pbmac1Parameters = sequence(struct({ derivation: algorithmIdentifier, mac: algorithmIdentifier }))

/** The MAC of the content. Throws DecodeError. */
export function pbmac1(
  parameters: Uint8Array,
  content: Uint8Array,
  password: Uint8Array,
  budget: IterationBudget,
): Result<Uint8Array, DecryptionFailure> {
  const { derivation: given, mac } = decode(pbmac1Parameters, parameters)
  const derivation = derivationOf(given)
  const hash = prfs.get(mac.algorithm)
  if (derivation === undefined || hash === undefined) return fail('unsupported-encryption')
  const { salt, iterations, keyLength } = derivation
  // RFC 9579 section 4: the length has to be there, and at least 20 bytes.
  if (keyLength === undefined || keyLength < 20 || keyLength > 64) return fail('malformed')
  if (!spendIterations(budget, iterations)) return fail('too-many-iterations')
  const key = pbkdf2Sync(password, salt, iterations, keyLength, derivation.hash)
  const digest = createHmac(hash, key).update(content).digest()
  key.fill(0)
  return ok(digest)
}

function decryptPbes2(
  parameters: Uint8Array,
  data: Uint8Array,
  password: Uint8Array,
  budget: IterationBudget,
): Result<Uint8Array, DecryptionFailure> {
  const { derivation, encryption } = decode(pbes2Parameters, parameters)
  const cipher = ciphers.get(encryption.algorithm)
  const derived = derivationOf(derivation)
  if (derived === undefined || cipher === undefined) return fail('unsupported-encryption')
  const { salt, iterations, hash } = derived
  if (!spendIterations(budget, iterations)) return fail('too-many-iterations')
  const iv = decode(element(OCTET_STRING, rest), encryption.parameters)
  return run(cipher, pbkdf2Sync(password, salt, iterations, cipher.keyLength, hash), iv, data)
}

/**
 * What an AlgorithmIdentifier of encryption by password has hidden. A wrong password is mostly, not always, noticed here; the
 * caller finds out by what comes out. `algorithm`: the object identifier in hexadecimal digits.
 */
export function decryptByPassword(
  { algorithm, parameters }: { readonly algorithm: string; readonly parameters: Uint8Array },
  data: Uint8Array,
  passwords: Passwords,
  budget: IterationBudget,
): Result<Uint8Array, DecryptionFailure> {
  try {
    if (algorithm === PBES2) return decryptPbes2(parameters, data, passwords.utf8, budget)
    const cipher = oldSchemes.get(algorithm)
    if (cipher === undefined) return fail('unsupported-encryption')
    const { salt, iterations } = decode(oldParameters, parameters)
    if (!spendIterations(budget, iterations * 2)) return fail('too-many-iterations')
    const derive = (purpose: number, length: number) =>
      pkcs12Key('sha1', passwords.bmp, salt, iterations, purpose, length)
    return run(cipher, derive(KeyPurpose.KEY, cipher.keyLength), derive(KeyPurpose.IV, cipher.block), data)
  } catch (error) {
    if (error instanceof DecodeError) return fail('malformed')
    throw error
  }
}
