/**
 * The table of RFC 7427's digital signatures: a signature scheme and the DER encodings of its AlgorithmIdentifier
 * (appendix A; Ed25519: RFC 8420). Encodings are compared as whole byte strings, so nothing of them is parsed.
 */
import type { HashName } from '../../../src-shared/algorithms.ts'
import type { KeyType, SignatureScheme } from '../../ports.ts'

/** The numbers of IANA's "IKEv2 Hash Algorithms" registry; IDENTITY: the scheme hashes by itself (RFC 8420 section 2). */
export const HashNumber = { SHA1: 1, SHA2_256: 2, SHA2_384: 3, SHA2_512: 4, IDENTITY: 5 } as const

export interface SignatureAlgorithm {
  readonly scheme: SignatureScheme
  readonly keyTypes: readonly KeyType[]
  /** IANA hash number. */
  readonly hash: number
  /** The first is what we send; all are accepted. */
  readonly identifiers: readonly Uint8Array[]
}

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** DER with a one-byte length, which suffices here: every AlgorithmIdentifier of the table is shorter than 128 bytes. */
const der = (tag: string, ...contents: readonly string[]): string => {
  const content = contents.join('')
  return tag + (content.length / 2).toString(16).padStart(2, '0') + content
}
const sequence = (...contents: readonly string[]) => der('30', ...contents)

const NULL = '0500'
const objectIdentifier = {
  rsaPss: '06092a864886f70d01010a',
  mgf1: '06092a864886f70d010108',
  ed25519: '06032b6570',
}

const ANY_CURVE: readonly KeyType[] = ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521']

interface HashRow {
  readonly name: HashName
  readonly number: number
  readonly length: number
  readonly hashOid: string
  readonly rsaOid: string
  readonly ecdsaOid: string
}

const hashes: readonly HashRow[] = [
  {
    name: 'sha256',
    number: HashNumber.SHA2_256,
    length: 32,
    hashOid: '0609608648016503040201',
    rsaOid: '06092a864886f70d01010b',
    ecdsaOid: '06082a8648ce3d040302',
  },
  {
    name: 'sha384',
    number: HashNumber.SHA2_384,
    length: 48,
    hashOid: '0609608648016503040202',
    rsaOid: '06092a864886f70d01010c',
    ecdsaOid: '06082a8648ce3d040303',
  },
  {
    name: 'sha512',
    number: HashNumber.SHA2_512,
    length: 64,
    hashOid: '0609608648016503040203',
    rsaOid: '06092a864886f70d01010d',
    ecdsaOid: '06082a8648ce3d040304',
  },
  {
    name: 'sha1',
    number: HashNumber.SHA1,
    length: 20,
    hashOid: '06052b0e03021a',
    rsaOid: '06092a864886f70d010105',
    ecdsaOid: '06072a8648ce3d0401',
  },
]

/*
 * RSASSA-PSS-params (RFC 4055 section 3.1): the hash, MGF1 with the same hash, a salt as long as the hash, trailer 0xbc left
 * out as the default it is. A hash's parameters may be NULL or absent; both are accepted (RFC 4055 section 2.1).
 * SHA-1 would be all defaults, an empty SEQUENCE: RFC 8247 section 4.2 forbids it.
 */
const pssIdentifier = ({ hashOid, length }: HashRow, parameters: string) => {
  const hash = sequence(hashOid, parameters)
  return sequence(
    objectIdentifier.rsaPss,
    sequence(
      der('a0', hash),
      der('a1', sequence(objectIdentifier.mgf1, hash)),
      der('a2', der('02', length.toString(16).padStart(2, '0'))),
    ),
  )
}

const rsaPss = (row: HashRow): SignatureAlgorithm => ({
  scheme: { kind: 'rsa-pss', hash: row.name, saltLength: row.length },
  keyTypes: ['rsa'],
  hash: row.number,
  identifiers: [hex(pssIdentifier(row, NULL)), hex(pssIdentifier(row, ''))],
})

const rsaPkcs1 = (row: HashRow): SignatureAlgorithm => ({
  scheme: { kind: 'rsa-pkcs1', hash: row.name },
  keyTypes: ['rsa'],
  hash: row.number,
  // RFC 4055 section 5: parameters are NULL, and absent ones have to be accepted.
  identifiers: [hex(sequence(row.rsaOid, NULL)), hex(sequence(row.rsaOid))],
})

const ecdsa = (row: HashRow): SignatureAlgorithm => ({
  scheme: { kind: 'ecdsa', hash: row.name, encoding: 'der' },
  keyTypes: ANY_CURVE,
  hash: row.number,
  identifiers: [hex(sequence(row.ecdsaOid))],
})

const ed25519: SignatureAlgorithm = {
  scheme: { kind: 'ed25519' },
  keyTypes: ['ed25519'],
  hash: HashNumber.IDENTITY,
  identifiers: [hex(sequence(objectIdentifier.ed25519))],
}

/** Every digital signature of RFC 7427 that we know. */
export const signatureAlgorithms: readonly SignatureAlgorithm[] = [
  ed25519,
  ...hashes.map(ecdsa),
  ...hashes.filter(({ name }) => name !== 'sha1').map(rsaPss),
  ...hashes.map(rsaPkcs1),
]
