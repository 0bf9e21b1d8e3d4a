/** IKEv1's keys: SKEYID and what follows from it, IVs, KEYMAT (RFC 2409 sections 5, 5.5 and appendix B). */
import type { EspSuite, HashName } from '../../../src-shared/algorithms.ts'
import type { IkeSpi, MessageId } from '../../../src-shared/brands.ts'
import type { Crypto } from '../../ports.ts'
import type { DirectionKeys } from '../child-sa.ts'
import { encryptions } from '../encryptions.ts'
import { keyLengths } from '../suites.ts'
import type { MessageCipher } from './message.ts'
import type { Phase1Suite } from './suites.ts'

/** prf(key, parts…): the HMAC of the negotiated hash, its parts taken as one string (RFC 2409 section 4). */
export type Prf = (key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array

export const prfOf =
  (crypto: Pick<Crypto, 'hmac'>, hash: HashName): Prf =>
  (key, ...parts) =>
    crypto.hmac(hash, key, ...parts)

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}

/** CKY-I | CKY-R. */
export function cookies(sa: { readonly initiatorSpi: IkeSpi; readonly responderSpi: IkeSpi }): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, sa.initiatorSpi)
  view.setBigUint64(8, sa.responderSpi)
  return bytes
}

/** M-ID, four bytes. */
export function messageIdBytes(id: MessageId): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, id)
  return bytes
}

/** Ni_b and Nr_b: the bodies of the nonce payloads, in clear. */
export interface Nonces {
  readonly initiator: Uint8Array
  readonly responder: Uint8Array
}

/** SKEYID by the way of authentication (RFC 2409 section 5). */
export const skeyid = {
  /** prf(Ni_b | Nr_b, g^xy) */
  signatures: (prf: Prf, nonces: Nonces, sharedSecret: Uint8Array): Uint8Array =>
    prf(concat(nonces.initiator, nonces.responder), sharedSecret),
  /** prf(hash(Ni_b | Nr_b), CKY-I | CKY-R) */
  publicKeyEncryption: (
    prf: Prf,
    crypto: Pick<Crypto, 'hash'>,
    hash: HashName,
    nonces: Nonces,
    cookies: Uint8Array,
  ): Uint8Array => prf(crypto.hash(hash, nonces.initiator, nonces.responder), cookies),
  /** prf(pre-shared-key, Ni_b | Nr_b) */
  preSharedKey: (prf: Prf, secret: Uint8Array, nonces: Nonces): Uint8Array =>
    prf(secret, nonces.initiator, nonces.responder),
} as const

/** The keys of an ISAKMP SA. Whoever holds them wipes them with `wipeKeys`. */
export interface Phase1Keys {
  readonly skeyid: Uint8Array
  readonly d: Uint8Array
  readonly a: Uint8Array
  readonly e: Uint8Array
}

/**
 * SKEYID_d = prf(SKEYID, g^xy | CKY-I | CKY-R | 0), SKEYID_a = prf(SKEYID, SKEYID_d | g^xy | CKY-I | CKY-R | 1),
 * SKEYID_e = prf(SKEYID, SKEYID_a | g^xy | CKY-I | CKY-R | 2) (RFC 2409 section 5).
 */
export function phase1Keys(
  prf: Prf,
  skeyid: Uint8Array,
  sharedSecret: Uint8Array,
  cookies: Uint8Array,
): Phase1Keys {
  const d = prf(skeyid, sharedSecret, cookies, Uint8Array.of(0))
  const a = prf(skeyid, d, sharedSecret, cookies, Uint8Array.of(1))
  const e = prf(skeyid, a, sharedSecret, cookies, Uint8Array.of(2))
  return { skeyid, d, a, e }
}

export function wipeKeys({ skeyid, d, a, e }: Phase1Keys): void {
  for (const key of [skeyid, d, a, e]) key.fill(0)
}

/** The cipher's key from SKEYID_e: its first bytes, or K1 | K2 | … where it is too short (RFC 2409 appendix B). */
export function encryptionKey(prf: Prf, e: Uint8Array, length: number): Uint8Array {
  if (e.length >= length) return e.slice(0, length)
  // K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), …
  const key = new Uint8Array(length)
  let block = prf(e, Uint8Array.of(0))
  for (let filled = 0; filled < length; filled += block.length, block = prf(e, block))
    key.set(block.subarray(0, length - filled), filled)
  block.fill(0)
  return key
}

/** The cipher that protects all messages of an ISAKMP SA, both ways. */
export function messageCipher(
  crypto: Pick<Crypto, 'cbc' | 'hmac'>,
  suite: Phase1Suite,
  e: Uint8Array,
): MessageCipher {
  const key = encryptionKey(prfOf(crypto, suite.hash), e, suite.keyBits / 8)
  const cipher = crypto.cbc(suite.encryption, key)
  key.fill(0)
  return { blockLength: encryptions[suite.encryption].blockLength, ...cipher }
}

/** The first IV of phase 1: hash(g^xi | g^xr), cut to a block (RFC 2409 appendix B). */
export const phase1Iv = (
  crypto: Pick<Crypto, 'hash'>,
  suite: Phase1Suite,
  initiatorValue: Uint8Array,
  responderValue: Uint8Array,
): Uint8Array =>
  crypto.hash(suite.hash, initiatorValue, responderValue).slice(0, encryptions[suite.encryption].blockLength)

/** The first IV of any later exchange: hash(the last block of phase 1 | M-ID) (RFC 2409 appendix B). */
export const phase2Iv = (
  crypto: Pick<Crypto, 'hash'>,
  suite: Phase1Suite,
  lastBlock: Uint8Array,
  id: MessageId,
): Uint8Array =>
  crypto.hash(suite.hash, lastBlock, messageIdBytes(id)).slice(0, encryptions[suite.encryption].blockLength)

/** What quick mode brings to the keys. */
export interface KeymatSources {
  /** As in `Protocol`. */
  readonly protocol: number
  /** Of the SA whose keys these are: the one its receiver chose. */
  readonly spi: Uint8Array
  readonly nonces: Nonces
  /** g(qm)^xy with perfect forward secrecy. */
  readonly sharedSecret?: Uint8Array
}

/**
 * `length` bytes of KEYMAT (RFC 2409 section 5.5): K1 = prf(SKEYID_d, [g(qm)^xy |] protocol | SPI | Ni_b | Nr_b),
 * K2 = prf(SKEYID_d, K1 | [g(qm)^xy |] protocol | …), and so on.
 */
export function keymat(prf: Prf, d: Uint8Array, sources: KeymatSources, length: number): Uint8Array {
  const { protocol, spi, nonces, sharedSecret } = sources
  const seed = [
    ...(sharedSecret === undefined ? [] : [sharedSecret]),
    Uint8Array.of(protocol),
    spi,
    nonces.initiator,
    nonces.responder,
  ]
  const stream = new Uint8Array(length)
  let block: Uint8Array = new Uint8Array()
  for (let filled = 0; filled < length; filled += block.length) {
    const next = prf(d, block, ...seed)
    block.fill(0)
    block = next
    stream.set(block.subarray(0, length - filled), filled)
  }
  block.fill(0)
  return stream
}

/** The keys of one direction of an ESP SA: the cipher's first, with its salt, then the integrity algorithm's (RFC 2407 section 4.5). */
export function espKeys(prf: Prf, d: Uint8Array, suite: EspSuite, sources: KeymatSources): DirectionKeys {
  const lengths = keyLengths(suite)
  const stream = keymat(prf, d, sources, lengths.encryption + lengths.integrity)
  const keys = {
    encryptionKey: stream.slice(0, lengths.encryption),
    ...(lengths.integrity === 0 ? {} : { integrityKey: stream.slice(lengths.encryption) }),
  }
  stream.fill(0)
  return keys
}
