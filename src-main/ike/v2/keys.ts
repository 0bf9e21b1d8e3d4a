/** IKEv2's keys: prf+, the IKE SA's seven keys and Child SAs' keying material (RFC 7296 sections 2.13 to 2.18). */
import type { IkeSuite, PrfName, Protection } from '../../../src-shared/algorithms.ts'
import type { IkeSpi } from '../../../src-shared/brands.ts'
import type { Prf } from '../auth/psk.ts'
import type { DirectionKeys } from '../child-sa.ts'
import { nonceKeyLength, prfOf } from '../mac.ts'
import type { MacPorts } from '../mac.ts'
import { keyLengths, prfs } from '../suites.ts'

/** Bytes of our nonces: enough for every PRF that we have (RFC 7296 section 2.10). */
export const nonceLength = 32

/** The nonces of an exchange, by who sent the exchange's request. */
export interface ExchangeNonces {
  readonly initiator: Uint8Array
  readonly responder: Uint8Array
}

/**
 * SK_d, SK_ai, SK_ar, SK_ei, SK_er, SK_pi, SK_pr (RFC 7296 section 2.14). `ai` and `ar` are absent with combined modes;
 * `ei` and `er` have the salt behind the key. Whoever holds it wipes it with `wipeIkeKeys`.
 */
export interface IkeKeys {
  readonly d: Uint8Array
  readonly ai?: Uint8Array
  readonly ar?: Uint8Array
  readonly ei: Uint8Array
  readonly er: Uint8Array
  readonly pi: Uint8Array
  readonly pr: Uint8Array
}

/** What an exchange brings to the keys of the IKE SA that it makes. */
export interface IkeKeySources {
  readonly nonces: ExchangeNonces
  /** g^ir; stays the caller's, who wipes it. */
  readonly sharedSecret: Uint8Array
  /** The SPIs of the new IKE SA. */
  readonly initiatorSpi: IkeSpi
  readonly responderSpi: IkeSpi
}

/** RFC 7296 section 2.13: the counter is one byte and begins at 1. */
const MOST_BLOCKS = 255

/** `length` bytes of prf+ (RFC 7296 section 2.13): T1 = prf(K, S | 0x01), T2 = prf(K, T1 | S | 0x02), … */
export function prfPlus(prf: Prf, key: Uint8Array, seed: readonly Uint8Array[], length: number): Uint8Array {
  const stream = new Uint8Array(length)
  let block: Uint8Array = new Uint8Array()
  let filled = 0
  for (let counter = 1; filled < length; counter += 1) {
    if (counter > MOST_BLOCKS) throw new RangeError(`prf+ gives at most ${MOST_BLOCKS} blocks`)
    const next = prf(key, block, ...seed, Uint8Array.of(counter))
    block.fill(0)
    block = next
    stream.set(block.subarray(0, length - filled), filled)
    filled += block.length
  }
  block.fill(0)
  return stream
}

/** Hands out the stream's parts in order, each in memory of its own. */
function cutter(stream: Uint8Array): (length: number) => Uint8Array {
  let position = 0
  return (length) => stream.slice(position, (position += length))
}

function spiBytes({ initiatorSpi, responderSpi }: IkeKeySources): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, initiatorSpi)
  view.setBigUint64(8, responderSpi)
  return bytes
}

/** RFC 7296 section 2.14: {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr) */
function expand(crypto: MacPorts, suite: IkeSuite, seed: Uint8Array, sources: IkeKeySources): IkeKeys {
  const { encryption, integrity } = keyLengths(suite)
  const prfLength = prfs[suite.prf].length
  const stream = prfPlus(
    prfOf(crypto, suite.prf),
    seed,
    [sources.nonces.initiator, sources.nonces.responder, spiBytes(sources)],
    3 * prfLength + 2 * (integrity + encryption),
  )
  const cut = cutter(stream)
  const d = cut(prfLength)
  const integrityKeys = integrity === 0 ? {} : { ai: cut(integrity), ar: cut(integrity) }
  const keys = {
    d,
    ...integrityKeys,
    ei: cut(encryption),
    er: cut(encryption),
    pi: cut(prfLength),
    pr: cut(prfLength),
  }
  stream.fill(0)
  seed.fill(0)
  return keys
}

/** The keys of an IKE SA made by IKE_SA_INIT (RFC 7296 section 2.14). */
export function deriveIkeKeys(crypto: MacPorts, suite: IkeSuite, sources: IkeKeySources): IkeKeys {
  const { initiator, responder } = sources.nonces
  // SKEYSEED = prf(Ni | Nr, g^ir)
  const part = nonceKeyLength(suite.prf)
  const [first, second] = [initiator.subarray(0, part), responder.subarray(0, part)]
  const key = new Uint8Array(first.length + second.length)
  key.set(first)
  key.set(second, first.length)
  return expand(crypto, suite, prfOf(crypto, suite.prf)(key, sources.sharedSecret), sources)
}

/**
 * The keys of an IKE SA that replaces another (RFC 7296 section 2.18). SKEYSEED comes from the old SA's prf and SK_d, all
 * else from the new suite.
 */
export function rekeyIkeKeys(
  crypto: MacPorts,
  oldPrf: PrfName,
  oldD: Uint8Array,
  suite: IkeSuite,
  sources: IkeKeySources,
): IkeKeys {
  const { initiator, responder } = sources.nonces
  // SKEYSEED = prf(SK_d (old), g^ir (new) | Ni | Nr)
  const seed = prfOf(crypto, oldPrf)(oldD, sources.sharedSecret, initiator, responder)
  return expand(crypto, suite, seed, sources)
}

/** The keys of a Child SA, by who sent the request of the exchange that makes it. */
export interface ChildKeyPair {
  readonly initiator: DirectionKeys
  readonly responder: DirectionKeys
}

/** How much keying material a Child SA takes. */
export function childKeyLength(protection: Protection): number {
  const { encryption, integrity } = keyLengths(protection)
  return 2 * (encryption + integrity)
}

/**
 * KEYMAT = prf+(SK_d, [ g^ir (new) | ] Ni | Nr), RFC 7296 section 2.17; a longer one begins with the shorter one. The caller
 * wipes it. `sharedSecret`: g^ir of the exchange's own Diffie-Hellman, where there was one.
 */
export function childKeyMaterial(
  crypto: MacPorts,
  prf: PrfName,
  d: Uint8Array,
  nonces: ExchangeNonces,
  sharedSecret: Uint8Array | undefined,
  length: number,
): Uint8Array {
  const seed = [...(sharedSecret === undefined ? [] : [sharedSecret]), nonces.initiator, nonces.responder]
  return prfPlus(prfOf(crypto, prf), d, seed, length)
}

/** Cuts a Child SA's keys from its keying material, each into memory of its own. */
export function cutChildKeys(protection: Protection, material: Uint8Array): ChildKeyPair {
  const { encryption, integrity } = keyLengths(protection)
  const cut = cutter(material)
  // All keys of the initiator's direction first; in each direction encryption before integrity.
  const direction = (): DirectionKeys => {
    const encryptionKey = cut(encryption)
    return integrity === 0 ? { encryptionKey } : { encryptionKey, integrityKey: cut(integrity) }
  }
  return { initiator: direction(), responder: direction() }
}

/** A Child SA's keys (RFC 7296 section 2.17); `sharedSecret` as for `childKeyMaterial`. */
export function deriveChildKeys(
  crypto: MacPorts,
  prf: PrfName,
  d: Uint8Array,
  protection: Protection,
  nonces: ExchangeNonces,
  sharedSecret?: Uint8Array,
): ChildKeyPair {
  const material = childKeyMaterial(crypto, prf, d, nonces, sharedSecret, childKeyLength(protection))
  const keys = cutChildKeys(protection, material)
  material.fill(0)
  return keys
}

/**
 * What one side signs or MACs in its AUTH payload (RFC 7296 section 2.15): its own first message as it was on the wire
 * (without non-ESP marker), the other side's nonce, and prf(SK_p, ID payload body), `identityBody` being all of its
 * identification payload behind the generic header.
 */
export function signedOctets(
  crypto: MacPorts,
  prf: PrfName,
  message: Uint8Array,
  nonce: Uint8Array,
  skP: Uint8Array,
  identityBody: Uint8Array,
): Uint8Array {
  const identity = prfOf(crypto, prf)(skP, identityBody)
  const octets = new Uint8Array(message.length + nonce.length + identity.length)
  octets.set(message)
  octets.set(nonce, message.length)
  octets.set(identity, message.length + nonce.length)
  return octets
}

/** Overwrites the keys; whoever still uses them gets zeros. */
export function wipeIkeKeys({ d, ai, ar, ei, er, pi, pr }: IkeKeys): void {
  for (const key of [d, ai, ar, ei, er, pi, pr]) key?.fill(0)
}

export function wipeDirectionKeys({ encryptionKey, integrityKey }: DirectionKeys): void {
  encryptionKey.fill(0)
  integrityKey?.fill(0)
}
