/**
 * Key exchange, nonce and identity under public keys (RFC 2409 sections 5.2 and 5.3). Who can open them is who they are for, and
 * proves it by HASH_I or HASH_R, whose key is made of the nonces.
 *
 *     original:  KE, <ID_b>PubKey, <N_b>PubKey [, NAT-D …]
 *     revised:   <N_b>PubKey, <KE_b>Ke, <ID_b>Ke [, <NAT-D_b>Ke …]
 *
 * Only bodies are encrypted; the generic headers stay in clear. What cannot be opened is replaced by random bytes and fails with
 * the proof, in the same words as any other wrong proof: whoever asks learns nothing of our key (Bleichenbacher's oracle).
 */
import type { IkeSpi } from '../../../../src-shared/brands.ts'
import { VpnError } from '../../../../src-shared/errors.ts'
import type { Crypto, EncryptionKey } from '../../../ports.ts'
import { encryptions } from '../../encryptions.ts'
import { PayloadNumber } from '../code-points.ts'
import type { ExchangePorts, Sealing } from '../configuration.ts'
import { encryptionKey, prfOf } from '../keys.ts'
import type { Message } from '../message.ts'
import { payloadFrom } from '../payloads.ts'
import type { Payload, ReadPayload } from '../payloads.ts'
import type { Phase1Suite } from '../suites.ts'
import { cookieBytes, nonceLength } from './phase1.ts'

/** What one end says of itself in one message. */
export interface KeyStatement {
  /** g^x */
  readonly value: Uint8Array
  readonly nonce: Uint8Array
  /** The body of the ID payload. */
  readonly identity: Uint8Array
  readonly natDetection: readonly Payload[]
}

/** `cookie`: of the end that says it. */
export function seal(
  { crypto }: Pick<ExchangePorts, 'crypto'>,
  suite: Phase1Suite,
  { revised }: Sealing,
  key: EncryptionKey,
  cookie: IkeSpi,
  { value, nonce, identity, natDetection }: KeyStatement,
): readonly Payload[] {
  const sealedNonce: Payload = { type: 'nonce', data: encrypted(key, nonce) }
  const id = (data: Uint8Array): Payload => ({ type: 'unknown', number: PayloadNumber.ID, data })
  if (!revised)
    return [{ type: 'ke', data: value }, id(encrypted(key, identity)), sealedNonce, ...natDetection]
  const chain = ephemeralChain(crypto, suite, nonce, cookie)
  return [
    sealedNonce,
    { type: 'ke', data: chain.hide(value) },
    id(chain.hide(identity)),
    // Section 5.3: all payloads behind the nonce.
    ...natDetection.map((one): Payload =>
      one.type === 'nat-d' || one.type === 'nat-d-draft' ? { ...one, data: chain.hide(one.data) } : one,
    ),
  ]
}

function encrypted(key: EncryptionKey, plaintext: Uint8Array): Uint8Array {
  try {
    return key.encrypt(plaintext)
  } catch (error) {
    if (error instanceof RangeError)
      throw new VpnError('profile-invalid', {
        where: 'local.identity',
        problem: 'it is too long for the other end\u2019s public key; the revised method has no such limit',
      })
    throw error
  }
}

/**
 * The message with the bodies that were sealed in clear; in the revised method those behind the nonce, but for the proof. What
 * could not be opened is random, and nothing tells.
 */
export function open(
  { crypto, random }: Pick<ExchangePorts, 'crypto' | 'random'>,
  suite: Phase1Suite,
  { revised, own }: Sealing,
  cookie: IkeSpi,
  message: Message,
): Message {
  const at = message.payloads.findIndex(({ payload }) => payload.type === 'nonce')
  const sealedNonce = message.payloads[at]?.body ?? new Uint8Array()
  const nonce = nonceOf(own.decrypt(sealedNonce, random.bytes(nonceLength)), random.bytes(nonceLength))
  const chain = ephemeralChain(crypto, suite, nonce, cookie)
  const opened = message.payloads.map((one, index): ReadPayload => {
    const { type } = one.payload
    if (type === 'nonce') return reread(one, PayloadNumber.NONCE, nonce)
    if (!revised)
      return type === 'id' ? reread(one, PayloadNumber.ID, own.decrypt(one.body, random.bytes(16))) : one
    if (index < at) return one
    const number = sealedTypes.get(type)
    return number === undefined ? one : reread(one, number, chain.reveal(one.body))
  })
  return { ...message, payloads: opened }
}

/** What stands behind the nonce under the ephemeral key; the proof of aggressive mode does not. */
const sealedTypes: ReadonlyMap<string, number> = new Map([
  ['ke', PayloadNumber.KE],
  ['id', PayloadNumber.ID],
  ['nat-d', PayloadNumber.NAT_D],
  ['nat-d-draft', PayloadNumber.NAT_D_DRAFT],
])

/** RFC 2409 section 5: 8 to 256 bytes; what has another length is as good as not opened. */
const nonceOf = (opened: Uint8Array, substitute: Uint8Array): Uint8Array =>
  opened.length >= 8 && opened.length <= 256 ? opened : substitute

/** The payload with another body. A body that is none of its type keeps its bytes, and means nothing. */
function reread({ payload }: ReadPayload, number: number, body: Uint8Array): ReadPayload {
  const again = payloadFrom(number, body)
  if (again !== undefined) return { payload: again, body }
  return payload.type === 'id'
    ? { payload: { type: 'id', kind: 0, protocol: 0, port: 0, data: body }, body }
    : { payload, body }
}

interface Chain {
  hide(body: Uint8Array): Uint8Array
  reveal(body: Uint8Array): Uint8Array
}

/**
 * Section 5.3: Ne = prf(N_b, CKY), and of it Ke as appendix B makes keys; CBC with an IV of zeros for the first payload, then the
 * last block of the one before.
 */
function ephemeralChain(
  crypto: Pick<Crypto, 'hmac' | 'cbc'>,
  suite: Phase1Suite,
  nonce: Uint8Array,
  cookie: IkeSpi,
): Chain {
  const prf = prfOf(crypto, suite.hash)
  const seed = prf(nonce, cookieBytes(cookie))
  const key = encryptionKey(prf, seed, suite.keyBits / 8)
  const cipher = crypto.cbc(suite.encryption, key)
  key.fill(0)
  seed.fill(0)
  const { blockLength } = encryptions[suite.encryption]
  let iv: Uint8Array = new Uint8Array(blockLength)
  return {
    hide(body) {
      const ciphertext = cipher.encrypt(iv, padded(body, blockLength))
      iv = ciphertext.slice(ciphertext.length - blockLength)
      return ciphertext
    },
    reveal(body) {
      if (body.length === 0 || body.length % blockLength !== 0) return new Uint8Array()
      const text = cipher.decrypt(iv, body)
      iv = body.slice(body.length - blockLength)
      return text.subarray(0, Math.max(0, text.length - 1 - (text.at(-1) ?? 0)))
    },
  }
}

/** Section 5.3: zeros, and at the end how many there are before it; there is always some. */
function padded(body: Uint8Array, blockLength: number): Uint8Array {
  const whole = new Uint8Array(body.length + blockLength - (body.length % blockLength))
  whole.set(body)
  whole.set([whole.length - body.length - 1], whole.length - 1)
  return whole
}
