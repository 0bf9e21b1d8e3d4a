/**
 * Diffie-Hellman in the groups of IKEv2 over node:crypto. Public values are checked as RFC 6989 says; shared secrets have the
 * length that the group's RFC says.
 */
import {
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  getCurves,
  randomFillSync,
} from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { GroupName } from '../../../src-shared/algorithms.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import type { KeyExchange, KeyExchangeOffer } from '../../ports.ts'
import { ellipticPair, isFallbackCurve, x448Pair } from './elliptic-fallback.ts'
import { bytesOf, leftPadded, modpArithmetic, modpPrime } from './modp.ts'
import { plain } from './plain.ts'

/** One side's key pair. */
interface KeyPair {
  readonly publicValue: Uint8Array
  /** Undefined for a public value that must be refused. */
  readonly sharedSecret: (peerValue: Uint8Array) => Uint8Array | undefined
  readonly erase: () => void
}

/** `privateValue`: instead of a fresh one. */
type Group = (privateValue?: Uint8Array) => KeyPair

// ---------------------------------------------------------------- MODP (RFC 3526)

interface ModpRow {
  readonly bits: number
  /** RFC 3526 section 8: the longer of its two estimates, twice the strength of the group. Bytes. */
  readonly exponentLength: number
}

const modpRows = {
  // RFC 2409 section 6; RFC 3526 gives no estimate for these.
  modp768: { bits: 768, exponentLength: 32 },
  modp1024: { bits: 1024, exponentLength: 32 },
  modp1536: { bits: 1536, exponentLength: 32 },
  modp2048: { bits: 2048, exponentLength: 40 },
  modp3072: { bits: 3072, exponentLength: 53 },
  modp4096: { bits: 4096, exponentLength: 60 },
  modp6144: { bits: 6144, exponentLength: 68 },
  modp8192: { bits: 8192, exponentLength: 78 },
} as const satisfies Partial<Record<GroupName, ModpRow>>

/** p - 2, by group. */
const mostPublicValues = new Map<number, Uint8Array>()

function mostPublicValue(bits: number): Uint8Array {
  const known = mostPublicValues.get(bits)
  if (known !== undefined) return known
  const value = bytesOf(modpPrime(bits) - 2n, bits / 8)
  mostPublicValues.set(bits, value)
  return value
}

/** RFC 6989 section 2.1: 1 < y < p - 1. The group's prime is safe, so that nothing else need be tested. */
function isModpValue(value: Uint8Array, bits: number): boolean {
  // RFC 7296 section 3.4: as long as the prime, zeros in front where need be.
  if (value.length !== bits / 8) return false
  const isAboveOne = value.subarray(0, -1).some((byte) => byte !== 0) || (value.at(-1) ?? 0) > 1
  return isAboveOne && Buffer.compare(value, mostPublicValue(bits)) <= 0
}

function modp({ bits, exponentLength }: ModpRow, privateValue?: Uint8Array): KeyPair {
  const arithmetic = modpArithmetic(bits)
  const exponent = privateValue?.slice() ?? randomFillSync(new Uint8Array(exponentLength))
  return {
    publicValue: arithmetic.publicValue(exponent),
    sharedSecret: (peerValue) =>
      isModpValue(peerValue, bits) ? arithmetic.sharedSecret(exponent, peerValue) : undefined,
    erase: () => exponent.fill(0),
  }
}

// ---------------------------------------------------------------- ECP (RFC 5903, RFC 5114, RFC 6954)

const UNCOMPRESSED = 0x04
const libraryCurves = getCurves()

function ecp(curve: string, coordinateLength: number, privateValue?: Uint8Array): KeyPair {
  if (!libraryCurves.includes(curve) && isFallbackCurve(curve)) return ellipticPair(curve, privateValue)
  const ecdh = createECDH(curve)
  if (privateValue === undefined) ecdh.generateKeys()
  else ecdh.setPrivateKey(privateValue)
  // RFC 5903 section 7: x and y side by side, without the byte that SEC 1 puts in front.
  const publicValue = Uint8Array.from(ecdh.getPublicKey().subarray(1))
  return {
    publicValue,
    sharedSecret: (peerValue) => {
      if (peerValue.length !== 2 * coordinateLength) return undefined
      const point = new Uint8Array(1 + peerValue.length)
      point.set([UNCOMPRESSED])
      point.set(peerValue, 1)
      try {
        // RFC 6989 section 2.3: OpenSSL refuses points that are not on the curve; x alone is the secret.
        return leftPadded(ecdh.computeSecret(point), coordinateLength)
      } catch {
        return undefined
      }
    },
    // Node gives no access to it; OpenSSL clears it when the object is collected.
    erase: () => undefined,
  }
}

// ---------------------------------------------------------------- Curve25519 and Curve448 (RFC 8031)

interface MontgomeryCurve {
  readonly type: 'x25519' | 'x448'
  /** RFC 8037 section 2. */
  readonly jwk: 'X25519' | 'X448'
  readonly length: number
  /** PKCS #8 of a key up to its bytes (RFC 8410 section 7). */
  readonly prefix: Uint8Array
}

const x25519: MontgomeryCurve = {
  type: 'x25519',
  jwk: 'X25519',
  length: 32,
  prefix: Uint8Array.of(
    ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20],
  ),
}
const x448: MontgomeryCurve = {
  type: 'x448',
  jwk: 'X448',
  length: 56,
  prefix: Uint8Array.of(
    ...[0x30, 0x46, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6f, 0x04, 0x3a, 0x04, 0x38],
  ),
}

function montgomeryKey({ prefix }: MontgomeryCurve, privateValue: Uint8Array): KeyObject {
  const pkcs8 = Buffer.concat([prefix, privateValue])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  pkcs8.fill(0)
  return key
}

/** The overloads of node's types know one name each. */
const generateMontgomery = ({ type }: MontgomeryCurve): Pair =>
  type === 'x25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('x448')

/**
 * Public values go in and out as JWK (RFC 8037): OpenSSL's DER decoder takes 100 µs for 32 bytes, more than the arithmetic.
 */
function montgomery(curve: MontgomeryCurve, privateValue?: Uint8Array): KeyPair {
  const { privateKey, publicKey } =
    privateValue === undefined ? generateMontgomery(curve) : fromPrivate(montgomeryKey(curve, privateValue))
  return {
    publicValue: Uint8Array.from(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')),
    sharedSecret: (peerValue) => {
      if (peerValue.length !== curve.length) return undefined
      const x = Buffer.from(peerValue).toString('base64url')
      try {
        const peerKey = createPublicKey({ key: { kty: 'OKP', crv: curve.jwk, x }, format: 'jwk' })
        const secret = plain(diffieHellman({ privateKey, publicKey: peerKey }))
        // RFC 8031 section 3.2: an all-zero result is refused; OpenSSL does so itself, others may not.
        return secret.some((byte) => byte !== 0) ? secret : undefined
      } catch {
        return undefined
      }
    },
    // As above.
    erase: () => undefined,
  }
}

let libraryHasX448: boolean | undefined

function curve448(privateValue?: Uint8Array): KeyPair {
  if (libraryHasX448 === undefined) {
    try {
      generateMontgomery(x448)
      libraryHasX448 = true
    } catch {
      // BoringSSL has none.
      libraryHasX448 = false
    }
  }
  return libraryHasX448 ? montgomery(x448, privateValue) : x448Pair(privateValue)
}

interface Pair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const fromPrivate = (privateKey: KeyObject): Pair => ({
  privateKey,
  publicKey: createPublicKey(privateKey),
})

// ---------------------------------------------------------------- the port

const groups: Readonly<Record<GroupName, Group>> = {
  modp768: (privateValue) => modp(modpRows.modp768, privateValue),
  modp1024: (privateValue) => modp(modpRows.modp1024, privateValue),
  modp1536: (privateValue) => modp(modpRows.modp1536, privateValue),
  modp2048: (privateValue) => modp(modpRows.modp2048, privateValue),
  modp3072: (privateValue) => modp(modpRows.modp3072, privateValue),
  modp4096: (privateValue) => modp(modpRows.modp4096, privateValue),
  modp6144: (privateValue) => modp(modpRows.modp6144, privateValue),
  modp8192: (privateValue) => modp(modpRows.modp8192, privateValue),
  ecp192: (privateValue) => ecp('prime192v1', 24, privateValue),
  ecp224: (privateValue) => ecp('secp224r1', 28, privateValue),
  ecp256: (privateValue) => ecp('prime256v1', 32, privateValue),
  ecp384: (privateValue) => ecp('secp384r1', 48, privateValue),
  ecp521: (privateValue) => ecp('secp521r1', 66, privateValue),
  ecp224bp: (privateValue) => ecp('brainpoolP224r1', 28, privateValue),
  ecp256bp: (privateValue) => ecp('brainpoolP256r1', 32, privateValue),
  ecp384bp: (privateValue) => ecp('brainpoolP384r1', 48, privateValue),
  ecp512bp: (privateValue) => ecp('brainpoolP512r1', 64, privateValue),
  curve25519: (privateValue) => montgomery(x25519, privateValue),
  curve448,
}

function offerOf(pair: KeyPair): KeyExchangeOffer {
  let held: KeyPair | undefined = pair
  const discard = (): void => {
    held?.erase()
    held = undefined
  }
  return {
    publicValue: pair.publicValue,
    complete: (responderValue): Result<Uint8Array, 'invalid-public-value'> => {
      if (held === undefined) throw new Error('a key exchange is completed once')
      const secret = held.sharedSecret(responderValue)
      discard()
      return secret === undefined ? fail('invalid-public-value') : ok(secret)
    },
    discard,
  }
}

/** `privateValue` is there for published test vectors; without it, each use has a fresh one. */
export function createKeyExchange(group: GroupName, privateValue?: Uint8Array): KeyExchange {
  const generate = groups[group]
  return {
    initiate: () => offerOf(generate(privateValue)),
    respond: (initiatorValue) => {
      const pair = generate(privateValue)
      const sharedSecret = pair.sharedSecret(initiatorValue)
      pair.erase()
      if (sharedSecret === undefined) return fail('invalid-public-value')
      return ok({ publicValue: pair.publicValue, sharedSecret })
    },
  }
}
