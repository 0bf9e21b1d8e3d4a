/** Keying material (RFC 7296 sections 2.13 to 2.18). */
import type { EspSuite, IkeSuite, PrfName, Protection } from '../../../src-shared/algorithms.ts'
import type { IkeSpi } from '../../../src-shared/brands.ts'
import type { Crypto } from '../../ports.ts'
import type { Prf } from '../auth/psk.ts'
import { encryptionRow, integrityRow, prfRow } from '../suites.ts'

/** Keys of one IKE SA, named as in RFC 7296 section 2.14; encryption keys with their salt behind them. */
export interface IkeKeys {
  readonly d: Uint8Array
  /** Absent with combined-mode ciphers. */
  readonly ai: Uint8Array | undefined
  readonly ar: Uint8Array | undefined
  readonly ei: Uint8Array
  readonly er: Uint8Array
  readonly pi: Uint8Array
  readonly pr: Uint8Array
}

/** Keys of one direction of an SA. */
export interface DirectionKeys {
  readonly encryptionKey: Uint8Array
  readonly integrityKey?: Uint8Array
}

export interface NoncePair {
  readonly initiator: Uint8Array
  readonly responder: Uint8Array
}

export interface KeyAgreement {
  readonly nonces: NoncePair
  readonly sharedSecret: Uint8Array
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
}

/** RFC 7296 section 2.13: the counter of prf+ is one byte. */
const mostBlocks = 255

export function prfOf(crypto: Pick<Crypto, 'hmac'>, name: PrfName): Prf {
  const { hash } = prfRow(name)
  return (key, ...data) => crypto.hmac(hash, key, ...data)
}

/** prf+ (K, S) = T1 | T2 | …, T1 = prf (K, S | 0x01), Tn = prf (K, Tn-1 | S | n): `length` bytes of it. */
export function prfPlus(
  prf: Prf,
  key: Uint8Array,
  length: number,
  ...seed: readonly Uint8Array[]
): Uint8Array {
  const output = new Uint8Array(length)
  let block: Uint8Array = new Uint8Array()
  let position = 0
  for (let counter = 1; position < length; counter += 1) {
    if (counter > mostBlocks) throw new RangeError('prf+ gives 255 blocks at most')
    block = prf(key, block, ...seed, Uint8Array.of(counter))
    output.set(block.subarray(0, length - position), position)
    position += block.length
  }
  return output
}

/** SKEYSEED = prf(Ni | Nr, g^ir), and what follows from it (section 2.14). */
export function deriveIkeKeys(crypto: Crypto, suite: IkeSuite, agreement: KeyAgreement): IkeKeys {
  const { initiator, responder } = agreement.nonces
  const seed = prfOf(crypto, suite.prf)(concat(initiator, responder), agreement.sharedSecret)
  return expand(crypto, suite, seed, agreement)
}

/** SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr) with the old SA's PRF (section 2.18); the rest is the new suite's. */
export function rekeyIkeKeys(
  crypto: Crypto,
  oldPrf: PrfName,
  oldD: Uint8Array,
  suite: IkeSuite,
  agreement: KeyAgreement,
): IkeKeys {
  const { initiator, responder } = agreement.nonces
  const seed = prfOf(crypto, oldPrf)(oldD, agreement.sharedSecret, initiator, responder)
  return expand(crypto, suite, seed, agreement)
}

/** {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+ (SKEYSEED, Ni | Nr | SPIi | SPIr). Wipes the seed. */
function expand(crypto: Crypto, suite: IkeSuite, seed: Uint8Array, agreement: KeyAgreement): IkeKeys {
  const prfLength = prfRow(suite.prf).length
  const { encryption, integrity } = keyLengths(suite)
  const material = prfPlus(
    prfOf(crypto, suite.prf),
    seed,
    3 * prfLength + 2 * (encryption + integrity),
    agreement.nonces.initiator,
    agreement.nonces.responder,
    spiPair(agreement),
  )
  seed.fill(0)
  const take = taker(material)
  const d = take(prfLength)
  const ai = take(integrity)
  const ar = take(integrity)
  const keys = { ei: take(encryption), er: take(encryption), pi: take(prfLength), pr: take(prfLength) }
  material.fill(0)
  return { d, ai: integrity === 0 ? undefined : ai, ar: integrity === 0 ? undefined : ar, ...keys }
}

/**
 * KEYMAT = prf+ (SK_d, [g^ir |] Ni | Nr) (section 2.17): the initiator's direction first, in each the encryption key before the
 * integrity key. `initiator` means the one that began this exchange.
 */
export function deriveChildKeys(
  crypto: Crypto,
  prf: PrfName,
  d: Uint8Array,
  suite: EspSuite,
  nonces: NoncePair,
  sharedSecret: Uint8Array = new Uint8Array(),
): { readonly initiator: DirectionKeys; readonly responder: DirectionKeys } {
  const { encryption, integrity } = keyLengths(suite)
  const length = 2 * (encryption + integrity)
  const material = prfPlus(prfOf(crypto, prf), d, length, sharedSecret, nonces.initiator, nonces.responder)
  const take = taker(material)
  const direction = (): DirectionKeys => ({
    encryptionKey: take(encryption),
    ...(integrity === 0 ? {} : { integrityKey: take(integrity) }),
  })
  const keys = { initiator: direction(), responder: direction() }
  material.fill(0)
  return keys
}

/** What one side signs: its first message, the other's nonce, prf(SK_p, its ID payload's body) (section 2.15). */
export function signedOctets(
  crypto: Crypto,
  prf: PrfName,
  firstMessage: Uint8Array,
  peerNonce: Uint8Array,
  skP: Uint8Array,
  identityBody: Uint8Array,
): Uint8Array {
  return concat(firstMessage, peerNonce, prfOf(crypto, prf)(skP, identityBody))
}

export function wipeIkeKeys(keys: IkeKeys): void {
  for (const key of [keys.d, keys.ai, keys.ar, keys.ei, keys.er, keys.pi, keys.pr]) key?.fill(0)
}

/** Bytes of one direction's keys, the salt counted with the encryption key. */
function keyLengths(protection: Protection): { readonly encryption: number; readonly integrity: number } {
  return {
    encryption: protection.keyBits / 8 + encryptionRow(protection.encryption).saltLength,
    integrity: protection.integrity === undefined ? 0 : integrityRow(protection.integrity).keyLength,
  }
}

/** Cuts copies off the front, one after another. */
function taker(material: Uint8Array): (length: number) => Uint8Array {
  let position = 0
  return (length) => material.slice(position, (position += length))
}

function spiPair({ initiatorSpi, responderSpi }: KeyAgreement): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, initiatorSpi)
  view.setBigUint64(8, responderSpi)
  return bytes
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}
