/** PKCS#12 files (RFC 7292): the private key and the certificates of a person in one file under one password. */
import { createHmac, createPublicKey, timingSafeEqual } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { fail, ok } from '../../src-shared/result.ts'
import type { Result } from '../../src-shared/result.ts'
import { createSigningKey } from '../host/crypto/signatures.ts'
import type { SigningKey } from '../ports.ts'
import { DecodeError, decode } from '../wire/codec.ts'
import type { Decoded } from '../wire/codec.ts'
import { derFromBer } from './ber.ts'
import { parseCertificate } from './certificate.ts'
import { openEncryptedKey, readPlainKey } from './keys.ts'
import {
  KeyPurpose,
  PBMAC1,
  bmpPassword,
  createIterationBudget,
  decryptByPassword,
  pbmac1,
  pkcs12Key,
  spendIterations,
} from './password-encryption.ts'
import type { DecryptionFailure, DigestName, IterationBudget, Passwords } from './password-encryption.ts'
import {
  EncryptedContentTag,
  Pkcs12Id,
  authenticatedSafe,
  certificateBag,
  encryptedData,
  octetString,
  personalInformation,
  pieces,
  safeContents,
} from './pkcs12-format.ts'

export type Pkcs12Failure = DecryptionFailure | 'unsupported-key'

export interface Pkcs12Content {
  /** Undefined when the file holds certificates alone. */
  readonly key: SigningKey | undefined
  /** DER; the key's own first, then the others in the order of the file. */
  readonly certificates: readonly Uint8Array[]
}

const MOST_BYTES = 1_048_576

const digests: ReadonlyMap<string, DigestName> = new Map([
  ['2b0e03021a', 'sha1'],
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
])

type Mac = NonNullable<Decoded<typeof personalInformation>['mac']>

/**
 * RFC 7292 section 5.1 step 1. Gives the passwords that were right: an empty one is two zero bytes to some and nothing to
 * others.
 */
function passwordsByMac(
  mac: Mac,
  content: Uint8Array,
  password: Uint8Array,
  budget: IterationBudget,
): Result<Passwords, Pkcs12Failure> {
  const { algorithm, parameters } = mac.mac.algorithm
  if (algorithm === PBMAC1) return passwordsByPbmac1(mac, parameters, content, password, budget)
  const hash = digests.get(algorithm)
  if (hash === undefined) return fail('unsupported-encryption')
  const { digest } = mac.mac
  const iterations = mac.iterations ?? 1
  const forms = password.length === 0 ? [bmpPassword(password), Buffer.alloc(0)] : [bmpPassword(password)]
  for (const bmp of forms) {
    if (!spendIterations(budget, iterations)) return fail('too-many-iterations')
    const key = pkcs12Key(
      hash,
      bmp,
      mac.salt,
      iterations,
      KeyPurpose.MAC,
      createHmac(hash, '').digest().length,
    )
    const expected = createHmac(hash, key).update(content).digest()
    if (expected.length === digest.length && timingSafeEqual(expected, digest))
      return ok({ utf8: password, bmp })
  }
  return fail('wrong-password')
}

/** RFC 9579 section 4: the password is UTF-8; salt and iterations of the old place have no meaning. */
function passwordsByPbmac1(
  { mac: { digest } }: Mac,
  parameters: Uint8Array,
  content: Uint8Array,
  password: Uint8Array,
  budget: IterationBudget,
): Result<Passwords, Pkcs12Failure> {
  const expected = pbmac1(parameters, content, password, budget)
  if (!expected.ok) return expected
  return expected.value.length === digest.length && timingSafeEqual(expected.value, digest)
    ? ok({ utf8: password, bmp: bmpPassword(password) })
    : fail('wrong-password')
}

interface Opening {
  readonly passwords: Passwords
  readonly budget: IterationBudget
  readonly certificates: Uint8Array[]
  readonly keys: KeyObject[]
}

/** The bytes of one safe, its encryption taken off; undefined for what is not in safes by password. Throws DecodeError. */
function openSafe(
  { type, content }: Decoded<typeof authenticatedSafe>[number],
  { passwords, budget }: Opening,
): Result<Uint8Array, Pkcs12Failure> {
  if (type === Pkcs12Id.DATA) return ok(decode(octetString, content))
  // Safes for a recipient's public key (EnvelopedData) are not for passwords.
  if (type !== Pkcs12Id.ENCRYPTED_DATA) return fail('unsupported-encryption')
  const { encrypted } = decode(encryptedData, content)
  const { tag, content: hidden } = encrypted.content
  if (tag === EncryptedContentTag.WHOLE)
    return decryptByPassword(encrypted.encryption, hidden, passwords, budget)
  if (tag !== EncryptedContentTag.PIECES) return fail('malformed')
  return decryptByPassword(encrypted.encryption, Buffer.concat(decode(pieces, hidden)), passwords, budget)
}

type Bag = Decoded<typeof safeContents>[number]

/** Takes a key or certificate out of its bag; other bags (CRLs, secrets) are passed over. Throws DecodeError. */
function openBag({ type, value }: Bag, opening: Opening): Pkcs12Failure | undefined {
  if (type === Pkcs12Id.CERTIFICATE_BAG) {
    const bag = decode(certificateBag, value)
    if (bag.type === Pkcs12Id.X509_CERTIFICATE) opening.certificates.push(bag.value.slice())
  }
  if (type === Pkcs12Id.KEY_BAG) {
    const key = readPlainKey(value)
    if (key === undefined) return 'unsupported-key'
    opening.keys.push(key)
  }
  if (type === Pkcs12Id.SHROUDED_KEY_BAG) {
    const key = openEncryptedKey(value, opening.passwords, opening.budget)
    if (!key.ok) return key.error
    opening.keys.push(key.value)
  }
  return undefined
}

/** Which certificate is the key's: the one with its public key, whatever the file's own marks say. */
function ownFirst(key: KeyObject, certificates: readonly Uint8Array[]): readonly Uint8Array[] {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  const own = certificates.find((der) => {
    const certificate = parseCertificate(der)
    return certificate.ok && Buffer.compare(certificate.value.spki, spki) === 0
  })
  return own === undefined ? certificates : [own, ...certificates.filter((one) => one !== own)]
}

/** Throws DecodeError. */
function open(bytes: Uint8Array, password: Uint8Array): Result<Pkcs12Content, Pkcs12Failure> {
  const file = decode(personalInformation, derFromBer(bytes))
  // Files that are signed instead of having a MAC carry SignedData here.
  if (file.safe.type !== Pkcs12Id.DATA) return fail('unsupported-encryption')
  const content = decode(octetString, file.safe.content)
  const budget = createIterationBudget()
  const passwords: Result<Passwords, Pkcs12Failure> = file.mac
    ? passwordsByMac(file.mac, content, password, budget)
    : ok({ utf8: password, bmp: bmpPassword(password) })
  if (!passwords.ok) return passwords

  const opening: Opening = { passwords: passwords.value, budget, certificates: [], keys: [] }
  for (const info of decode(authenticatedSafe, derFromBer(content))) {
    const safe = openSafe(info, opening)
    if (!safe.ok) return safe
    for (const bag of decode(safeContents, derFromBer(safe.value))) {
      const failure = openBag(bag, opening)
      if (failure !== undefined) return fail(failure)
    }
  }
  const [key] = opening.keys
  if (key === undefined) return ok({ key: undefined, certificates: opening.certificates })
  const signing = createSigningKey(key)
  if (signing === undefined) return fail('unsupported-key')
  return ok({ key: signing, certificates: ownFirst(key, opening.certificates) })
}

/**
 * The key and the certificates of a PKCS#12 file. `password`: UTF-8, perhaps empty; the caller wipes it.
 * Nothing of the file is believed before its MAC is right, when it has one.
 */
export function readPkcs12(bytes: Uint8Array, password: Uint8Array): Result<Pkcs12Content, Pkcs12Failure> {
  if (bytes.length > MOST_BYTES) return fail('malformed')
  try {
    return open(bytes, password)
  } catch (error) {
    if (error instanceof DecodeError) return fail('malformed')
    throw error
  }
}
