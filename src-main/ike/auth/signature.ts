/** Authentication by a signature: RFC 7427's method 14 and the older methods 1 (RFC 7296) and 9 to 11 (RFC 4754). */
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import type { KeyType, SignatureScheme, SigningKey, VerifyingKey } from '../../ports.ts'
import { decode, encode, struct } from '../../wire/codec.ts'
import { u16, u8 } from '../../wire/integers.ts'
import { lengthPrefixed, list, rest } from '../../wire/sequences.ts'
import { HashNumber, signatureAlgorithms } from './signature-algorithms.ts'
import type { SignatureAlgorithm } from './signature-algorithms.ts'

const DIGITAL_SIGNATURE = 14

/** The hashes we announce in SIGNATURE_HASH_ALGORITHMS and accept in method 14; SHA-1 (1) is not among them (RFC 8247 section 4.2). */
export const signatureHashAlgorithms: readonly number[] = [
  HashNumber.SHA2_256,
  HashNumber.SHA2_384,
  HashNumber.SHA2_512,
  HashNumber.IDENTITY,
]
const acceptedByDefault: ReadonlySet<number> = new Set(signatureHashAlgorithms)

/*
 * Notification data of SIGNATURE_HASH_ALGORITHMS (RFC 7427 section 4): 16-bit hash numbers.
 */
const hashList = list(u16, 256)

/** The content of our SIGNATURE_HASH_ALGORITHMS notify. */
export const encodeHashAlgorithms = (numbers: readonly number[]): Uint8Array => encode(hashList, numbers)

/** What a peer's SIGNATURE_HASH_ALGORITHMS notify holds. Throws DecodeError. */
export const decodeHashAlgorithms = (data: Uint8Array): ReadonlySet<number> => new Set(decode(hashList, data))

/*
 * Authentication data of method 14 (RFC 7427 section 3)
 * | ASN.1 Length  | AlgorithmIdentifier ASN.1 object              ~
 * |                      Signature Value                          ~
 */
const digitalSignature = struct({ identifier: lengthPrefixed(u8, rest), signature: rest })

interface OlderMethod {
  readonly method: number
  readonly keyType: KeyType
  readonly scheme: SignatureScheme
}

/** Methods whose number says all: RSA with SHA-1 (RFC 7296 section 3.8), ECDSA with r and s side by side (RFC 4754 section 3). */
const olderMethods: readonly OlderMethod[] = [
  { method: 1, keyType: 'rsa', scheme: { kind: 'rsa-pkcs1', hash: 'sha1' } },
  { method: 9, keyType: 'ecdsa-p256', scheme: { kind: 'ecdsa', hash: 'sha256', encoding: 'raw' } },
  { method: 10, keyType: 'ecdsa-p384', scheme: { kind: 'ecdsa', hash: 'sha384', encoding: 'raw' } },
  { method: 11, keyType: 'ecdsa-p521', scheme: { kind: 'ecdsa', hash: 'sha512', encoding: 'raw' } },
]

/** The hash as strong as the key, then the other ones. */
const preferredHashes: Readonly<Record<KeyType, readonly number[]>> = {
  rsa: [HashNumber.SHA2_256, HashNumber.SHA2_384, HashNumber.SHA2_512],
  'ecdsa-p256': [HashNumber.SHA2_256, HashNumber.SHA2_384, HashNumber.SHA2_512],
  'ecdsa-p384': [HashNumber.SHA2_384, HashNumber.SHA2_512, HashNumber.SHA2_256],
  'ecdsa-p521': [HashNumber.SHA2_512, HashNumber.SHA2_384, HashNumber.SHA2_256],
  ed25519: [HashNumber.IDENTITY],
}

export type RsaPadding = 'pss' | 'pkcs1'

function chooseAlgorithm(
  key: SigningKey,
  peerHashes: ReadonlySet<number>,
  rsaPadding: RsaPadding,
): SignatureAlgorithm | undefined {
  const unwanted = rsaPadding === 'pss' ? 'rsa-pkcs1' : 'rsa-pss'
  const fitting = signatureAlgorithms.filter(
    ({ keyTypes, scheme }) => keyTypes.includes(key.type) && scheme.kind !== unwanted,
  )
  const hash = preferredHashes[key.type].find((number) => peerHashes.has(number))
  return fitting.find((algorithm) => algorithm.hash === hash)
}

/** How an AUTH payload proves the possession of a private key. */
export interface SignatureAuthentication {
  /** The payload's Auth Method. */
  readonly method: number
  /** The payload's Authentication Data. */
  readonly data: Uint8Array
}

/**
 * Signs our octets in the best way that the peer understands.
 * `peerHashes`: what its SIGNATURE_HASH_ALGORITHMS notify held, undefined when it sent none.
 * `rsaPadding`: RSASSA-PSS unless a peer is known not to understand it (RFC 8247 section 4.2: PSS MUST, PKCS#1 v1.5 MAY).
 */
export function createSignatureAuth(
  key: SigningKey,
  peerHashes: ReadonlySet<number> | undefined,
  octets: Uint8Array,
  rsaPadding: RsaPadding = 'pss',
): Result<SignatureAuthentication, 'no-common-signature'> {
  // RFC 7427 section 4: method 14 only towards a peer that has announced its hashes.
  const algorithm = peerHashes && chooseAlgorithm(key, peerHashes, rsaPadding)
  const identifier = algorithm?.identifiers[0]
  if (algorithm && identifier) {
    const signature = key.sign(algorithm.scheme, octets)
    return ok({ method: DIGITAL_SIGNATURE, data: encode(digitalSignature, { identifier, signature }) })
  }
  const older = olderMethods.find(({ keyType }) => keyType === key.type)
  // RFC 8247 section 4.1: SHA-1 (method 1) is for peers that know nothing else; one that has announced hashes does.
  if (older === undefined || (peerHashes !== undefined && older.scheme.kind === 'rsa-pkcs1')) {
    return fail('no-common-signature')
  }
  return ok({ method: older.method, data: key.sign(older.scheme, octets) })
}

const equalBytes = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

/** Gives undefined for data that is no digital signature of RFC 7427. */
function readDigitalSignature(data: Uint8Array) {
  try {
    return decode(digitalSignature, data)
  } catch {
    // The one thing it throws is DecodeError, and its reason is of no use to anyone: the signature is not valid.
    return undefined
  }
}

/**
 * Whether the AUTH payload's data is the signature of the peer's octets with this key.
 * False as well for unknown methods, methods that do not fit the key, and hashes that are not accepted.
 * `acceptedHashes` bounds method 14; methods 1 and 9 to 11 imply their hash.
 */
export function verifySignatureAuth(
  method: number,
  data: Uint8Array,
  key: VerifyingKey,
  octets: Uint8Array,
  acceptedHashes: ReadonlySet<number> = acceptedByDefault,
): boolean {
  if (method !== DIGITAL_SIGNATURE) {
    const older = olderMethods.find((row) => row.method === method)
    return older !== undefined && older.keyType === key.type && key.verify(older.scheme, octets, data)
  }
  const parts = readDigitalSignature(data)
  if (parts === undefined) return false
  const algorithm = signatureAlgorithms.find(({ identifiers }) =>
    identifiers.some((identifier) => equalBytes(identifier, parts.identifier)),
  )
  return (
    algorithm !== undefined &&
    algorithm.keyTypes.includes(key.type) &&
    acceptedHashes.has(algorithm.hash) &&
    key.verify(algorithm.scheme, octets, parts.signature)
  )
}
