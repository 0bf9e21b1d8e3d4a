/** Signature keys over node:crypto: what they are is found out before OpenSSL reads them, and what is too weak is refused. */
import { constants, createPublicKey, sign, verify } from 'node:crypto'
import type { AsymmetricKeyDetails, KeyObject, SignKeyObjectInput, VerifyKeyObjectInput } from 'node:crypto'
import type { HashName } from '../../../src-shared/algorithms.ts'
import type { KeyType, SignatureScheme, SigningKey, VerifyingKey } from '../../ports.ts'
import { plain } from './plain.ts'
import { signHash, verifyHash } from './unnamed-signatures.ts'
import type { UnnamedSchemeName } from './unnamed-signatures.ts'

/** CVE-2018-16151 and kin: small exponents and short moduli make forging feasible. Long ones only cost time. */
const LEAST_RSA_BITS = 2048
const MOST_RSA_BITS = 16_384
const LEAST_RSA_EXPONENT = 65_537n
const MOST_RSA_EXPONENT = 2n ** 64n

/**
 * AlgorithmIdentifier in DER, byte for byte, of each type of key that we use (RFC 3279 section 2.3.1, RFC 5480, RFC 8410). BoringSSL
 * aborts the process on types that it does not know, so nothing else gets near it.
 */
const algorithms: readonly { readonly type: KeyType; readonly identifier: string }[] = [
  { type: 'rsa', identifier: '300d06092a864886f70d0101010500' },
  { type: 'ecdsa-p256', identifier: '301306072a8648ce3d020106082a8648ce3d030107' },
  { type: 'ecdsa-p384', identifier: '301006072a8648ce3d020106052b81040022' },
  { type: 'ecdsa-p521', identifier: '301006072a8648ce3d020106052b81040023' },
  { type: 'ed25519', identifier: '300506032b6570' },
]

/** The type that a SubjectPublicKeyInfo (RFC 5280 section 4.1) names; undefined for any other, and for what is none. */
export function publicKeyType(spki: Uint8Array): KeyType | undefined {
  if (spki.length < 2) return undefined
  const view = new DataView(spki.buffer, spki.byteOffset, spki.length)
  if (view.getUint8(0) !== 0x30) return undefined
  // DER: a length below 128 stands by itself, else the low bits say how many bytes it has.
  const first = view.getUint8(1)
  const content = 2 + (first < 0x80 ? 0 : first & 0x7f)
  const text = Buffer.from(spki.buffer, spki.byteOffset, spki.length).toString('hex', content, content + 32)
  return algorithms.find(({ identifier }) => text.startsWith(identifier))?.type
}

/** The type of a key that OpenSSL has read; undefined for what we do not sign or verify with, also for RSA that is too weak. */
export function usableKeyType(key: KeyObject): KeyType | undefined {
  const details = key.asymmetricKeyDetails ?? {}
  // Node may know more types than its declarations say, so this is no switch.
  if (key.asymmetricKeyType === 'rsa') return isSoundRsa(details) ? 'rsa' : undefined
  if (key.asymmetricKeyType === 'ec') return curves.get(details.namedCurve ?? '')
  return key.asymmetricKeyType === 'ed25519' ? 'ed25519' : undefined
}

const isSoundRsa = ({
  modulusLength: bits = 0,
  publicExponent: exponent = 0n,
}: AsymmetricKeyDetails): boolean =>
  bits >= LEAST_RSA_BITS &&
  bits <= MOST_RSA_BITS &&
  exponent >= LEAST_RSA_EXPONENT &&
  exponent <= MOST_RSA_EXPONENT &&
  exponent % 2n === 1n

const curves: ReadonlyMap<string, KeyType> = new Map([
  ['prime256v1', 'ecdsa-p256'],
  ['secp384r1', 'ecdsa-p384'],
  ['secp521r1', 'ecdsa-p521'],
])

interface NodeScheme {
  /** Null where the scheme has a hash of its own. */
  readonly hash: HashName | null
  readonly options: Omit<SignKeyObjectInput & VerifyKeyObjectInput, 'key'>
}

type UnnamedScheme = Extract<SignatureScheme, { kind: UnnamedSchemeName }>
type NamedScheme = Exclude<SignatureScheme, UnnamedScheme>

const isUnnamed = (scheme: SignatureScheme): scheme is UnnamedScheme =>
  scheme.kind === 'rsa-pkcs1-unnamed' || scheme.kind === 'ecdsa-prehashed'

/** How node calls the scheme; undefined when it is not one of this type of key. */
function nodeScheme(type: KeyType, scheme: NamedScheme): NodeScheme | undefined {
  switch (scheme.kind) {
    case 'rsa-pkcs1':
      if (type !== 'rsa') return undefined
      return { hash: scheme.hash, options: { padding: constants.RSA_PKCS1_PADDING } }
    case 'rsa-pss':
      if (type !== 'rsa') return undefined
      return {
        hash: scheme.hash,
        options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.saltLength },
      }
    case 'ecdsa':
      if (type === 'rsa' || type === 'ed25519') return undefined
      return {
        hash: scheme.hash,
        options: { dsaEncoding: scheme.encoding === 'raw' ? 'ieee-p1363' : 'der' },
      }
    case 'ed25519':
      return type === 'ed25519' ? { hash: null, options: {} } : undefined
  }
}

/**
 * A key that signs and cannot be read; undefined for a type that we do not use and for RSA that is too weak. Signing throws a
 * TypeError for a scheme of another type of key.
 */
export function createSigningKey(key: KeyObject): SigningKey | undefined {
  const type = key.type === 'private' ? usableKeyType(key) : undefined
  if (type === undefined) return undefined
  const signing: SigningKey = {
    type,
    sign: (scheme, data) => {
      if (isUnnamed(scheme)) return signHash(type, key, scheme.kind, data)
      const how = nodeScheme(type, scheme)
      if (how === undefined) throw new TypeError(`a key of type ${type} makes no ${scheme.kind} signature`)
      return plain(sign(how.hash, data, { key, ...how.options }))
    },
  }
  keyObjects.set(signing, key)
  return signing
}

const keyObjects = new WeakMap<SigningKey, KeyObject>()

/** The runtime's own key behind a signing key that was made here: for the runtime's TLS, which takes no other. */
export const keyObjectOf = (key: SigningKey): KeyObject | undefined => keyObjects.get(key)

/**
 * The key of a SubjectPublicKeyInfo in DER; undefined for a type that we do not use, for what is malformed, and for RSA below
 * 2048 bits or with an exponent below 65537.
 */
export function createVerifyingKey(spki: Uint8Array): VerifyingKey | undefined {
  const named = publicKeyType(spki)
  if (named === undefined) return undefined
  const key = readPublicKey(spki)
  const type = key === undefined ? undefined : usableKeyType(key)
  if (key === undefined || type !== named) return undefined
  const bits = key.asymmetricKeyDetails?.modulusLength
  return {
    type,
    ...(bits === undefined ? {} : { bits }),
    verify: (scheme, data, signature) => {
      if (isUnnamed(scheme)) return verifyHash(type, key, scheme.kind, data, signature)
      const how = nodeScheme(type, scheme)
      // MD5 collides in seconds; no method of IKE allows it in a signature.
      if (how === undefined || how.hash === 'md5') return false
      try {
        return verify(how.hash, data, { key, ...how.options }, signature)
      } catch {
        // Some malformed signatures are an error of OpenSSL's and not a mismatch.
        return false
      }
    },
  }
}

function readPublicKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
