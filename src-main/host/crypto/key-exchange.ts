/**
 * Diffie-Hellman in the groups of IKEv2 over node:crypto. Public values are checked as RFC 6989 says; shared secrets have the
 * length that the group's RFC says.
 */
import {
  createDiffieHellman,
  createECDH,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  getDiffieHellman,
  randomFillSync,
} from 'node:crypto'
import type { DiffieHellman, KeyObject } from 'node:crypto'
import type { GroupName } from '../../../src-shared/algorithms.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type { Result } from '../../../src-shared/result.ts'
import type { KeyExchange, KeyExchangeOffer } from '../../ports.ts'
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
  readonly nodeName: string
  readonly length: number
  /** RFC 3526 section 8: the longer of its two estimates, twice the strength of the group. */
  readonly exponentLength: number
}

const modpRows = {
  // RFC 2409 section 6; RFC 3526 gives no estimate for these.
  modp768: { nodeName: 'modp1', length: 96, exponentLength: 32 },
  modp1024: { nodeName: 'modp2', length: 128, exponentLength: 32 },
  modp1536: { nodeName: 'modp5', length: 192, exponentLength: 32 },
  modp2048: { nodeName: 'modp14', length: 256, exponentLength: 40 },
  modp3072: { nodeName: 'modp15', length: 384, exponentLength: 53 },
  modp4096: { nodeName: 'modp16', length: 512, exponentLength: 60 },
  modp6144: { nodeName: 'modp17', length: 768, exponentLength: 68 },
  modp8192: { nodeName: 'modp18', length: 1024, exponentLength: 78 },
} as const satisfies Partial<Record<GroupName, ModpRow>>

interface ModpGroup {
  readonly diffieHellman: DiffieHellman
  readonly mostPublicValue: Uint8Array
}

/**
 * One object a group for the life of the process: BoringSSL tests the prime for seconds whenever one is made. Each use sets the
 * private value it needs.
 */
const modpGroups = new Map<string, ModpGroup>()

function modpGroup(nodeName: string): ModpGroup {
  const known = modpGroups.get(nodeName)
  if (known !== undefined) return known
  const prime = getDiffieHellman(nodeName).getPrime()
  // p is odd, so p - 2 differs from it in the last byte only; all these primes end in 64 one bits.
  const mostPublicValue = Uint8Array.from(prime)
  mostPublicValue.set([0xfd], prime.length - 1)
  const made = { diffieHellman: createDiffieHellman(prime, 2), mostPublicValue }
  modpGroups.set(nodeName, made)
  return made
}

/** RFC 6989 section 2.1: 1 < y < p - 1. The group's prime is safe, so that nothing else need be tested. */
function isModpValue(value: Uint8Array, { mostPublicValue }: ModpGroup, length: number): boolean {
  // RFC 7296 section 3.4: as long as the prime, zeros in front where need be.
  if (value.length !== length) return false
  const isAboveOne = value.subarray(0, length - 1).some((byte) => byte !== 0) || (value.at(-1) ?? 0) > 1
  return isAboveOne && Buffer.compare(value, mostPublicValue) <= 0
}

function modp({ nodeName, length, exponentLength }: ModpRow, privateValue?: Uint8Array): KeyPair {
  const group = modpGroup(nodeName)
  const { diffieHellman: dh } = group
  const exponent = privateValue?.slice() ?? randomFillSync(new Uint8Array(exponentLength))
  dh.setPrivateKey(exponent)
  const publicValue = leftPadded(dh.generateKeys(), length)
  return {
    publicValue,
    sharedSecret: (peerValue) => {
      if (!isModpValue(peerValue, group, length)) return undefined
      dh.setPrivateKey(exponent)
      // RFC 7296 section 2.14: g^ir has the length of the modulus.
      return leftPadded(dh.computeSecret(peerValue), length)
    },
    erase: () => exponent.fill(0),
  }
}

function leftPadded(value: Uint8Array, length: number): Uint8Array {
  if (value.length === length) return plain(value)
  const padded = new Uint8Array(length)
  padded.set(value, length - value.length)
  value.fill(0)
  return padded
}

// ---------------------------------------------------------------- ECP (RFC 5903)

const UNCOMPRESSED = 0x04

function ecp(curve: string, coordinateLength: number, privateValue?: Uint8Array): KeyPair {
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

// ---------------------------------------------------------------- Curve25519 (RFC 8031)

const X25519_LENGTH = 32
/** PKCS #8 of an X25519 key up to its 32 bytes (RFC 8410 section 7). */
const X25519_PRIVATE_PREFIX = Uint8Array.of(
  ...[0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20],
)

function x25519Key(privateValue: Uint8Array): KeyObject {
  const pkcs8 = Buffer.concat([X25519_PRIVATE_PREFIX, privateValue])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  pkcs8.fill(0)
  return key
}

/**
 * Public values go in and out as JWK (RFC 8037): OpenSSL's DER decoder takes 100 µs for 32 bytes, more than the arithmetic.
 */
function curve25519(privateValue?: Uint8Array): KeyPair {
  const { privateKey, publicKey } =
    privateValue === undefined ? generateKeyPairSync('x25519') : fromPrivate(x25519Key(privateValue))
  return {
    publicValue: Uint8Array.from(Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')),
    sharedSecret: (peerValue) => {
      if (peerValue.length !== X25519_LENGTH) return undefined
      const x = Buffer.from(peerValue).toString('base64url')
      try {
        const peerKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
        const secret = plain(diffieHellman({ privateKey, publicKey: peerKey }))
        // RFC 8031 section 3.1: an all-zero result is refused; OpenSSL does so itself, others may not.
        return secret.some((byte) => byte !== 0) ? secret : undefined
      } catch {
        return undefined
      }
    },
    // As above.
    erase: () => undefined,
  }
}

const fromPrivate = (privateKey: KeyObject): { privateKey: KeyObject; publicKey: KeyObject } => ({
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
  ecp256: (privateValue) => ecp('prime256v1', 32, privateValue),
  ecp384: (privateValue) => ecp('secp384r1', 48, privateValue),
  ecp521: (privateValue) => ecp('secp521r1', 66, privateValue),
  curve25519,
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
