import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { prfOf } from '../../../src-main/ike/mac.ts'
import {
  deriveChildKeys,
  deriveIkeKeys,
  prfPlus,
  rekeyIkeKeys,
  signedOctets,
  wipeDirectionKeys,
  wipeIkeKeys,
} from '../../../src-main/ike/v2/keys.ts'
import type { IkeKeys, IkeKeySources } from '../../../src-main/ike/v2/keys.ts'
import type { IkeSuite } from '../../../src-shared/algorithms.ts'
import { ikeSpi } from '../../../src-shared/brands.ts'
import cavp from '../../vectors/ikev2-keys-cavp.json' with { type: 'json' }
import recomputed from '../../vectors/ikev2-keys.json' with { type: 'json' }
import { ascii, hex, toHex } from '../../host/crypto/bytes.ts'

const crypto = createCrypto()

interface WrittenSources {
  readonly initiatorNonce: string
  readonly responderNonce: string
  readonly initiatorSpi: string
  readonly responderSpi: string
  readonly sharedSecret: string
}

const noncesOf = (written: Pick<WrittenSources, 'initiatorNonce' | 'responderNonce'>) => ({
  initiator: hex(written.initiatorNonce),
  responder: hex(written.responderNonce),
})

const sourcesOf = (written: WrittenSources): IkeKeySources => ({
  nonces: noncesOf(written),
  sharedSecret: hex(written.sharedSecret),
  initiatorSpi: ikeSpi(BigInt(`0x${written.initiatorSpi}`)),
  responderSpi: ikeSpi(BigInt(`0x${written.responderSpi}`)),
})

const inHex = (keys: object): unknown =>
  Object.fromEntries(
    Object.entries(keys).map(([name, value]) => [
      name,
      value instanceof Uint8Array ? toHex(value) : inHex(value as object),
    ]),
  )

/** The seven keys side by side, as prf+ gave them. */
const joined = ({ d, ai, ar, ei, er, pi, pr }: IkeKeys): string =>
  [d, ai, ar, ei, er, pi, pr].map((key) => toHex(key) ?? '').join('')

describe('against NIST', () => {
  // 132 bytes: SK_d, SK_ai, SK_ar, SK_pi, SK_pr of 20 bytes and SK_ei, SK_er of 16 (the division is ours, NIST gives one string).
  const suite: IkeSuite = {
    encryption: 'aes-cbc',
    keyBits: 128,
    integrity: 'hmac-sha1-96',
    prf: 'hmac-sha1',
    group: 'modp2048',
  }
  const keys = deriveIkeKeys(crypto, suite, sourcesOf(cavp))

  it('derives the keying material of an IKE SA', () => {
    expect(joined(keys)).toBe(cavp.keyingMaterial)
    expect([keys.d, keys.ai, keys.ar, keys.ei, keys.er, keys.pi, keys.pr].map((key) => key?.length)).toEqual([
      20, 20, 20, 16, 16, 20, 20,
    ])
  })

  it('derives SKEYSEED when the IKE SA is rekeyed', () => {
    const { initiator, responder } = noncesOf(cavp)
    const seed = hex(cavp.rekeyedSkeyseed)
    const rekeyed = rekeyIkeKeys(crypto, 'hmac-sha1', keys.d, suite, {
      ...sourcesOf(cavp),
      sharedSecret: hex(cavp.newSharedSecret),
    })
    const spis = hex(cavp.initiatorSpi + cavp.responderSpi)
    expect(joined(rekeyed)).toBe(
      toHex(prfPlus(prfOf(crypto, 'hmac-sha1'), seed, [initiator, responder, spis], 132)),
    )
  })
})

describe.each(recomputed)('against a recomputation: $suite', (vector) => {
  const suite = vector.suite as IkeSuite
  const keys = deriveIkeKeys(crypto, suite, sourcesOf(vector))

  it('derives the keys of an IKE SA', () => {
    expect(inHex(keys)).toEqual(vector.ike)
  })

  it('derives the keys of the first Child SA', () => {
    expect(inHex(deriveChildKeys(crypto, suite.prf, keys.d, suite, noncesOf(vector)))).toEqual(vector.child)
  })

  it('derives the keys of a Child SA with a key exchange of its own', () => {
    const { rekeyed } = vector
    const made = deriveChildKeys(
      crypto,
      suite.prf,
      keys.d,
      suite,
      noncesOf(rekeyed),
      hex(rekeyed.sharedSecret),
    )
    expect(inHex(made)).toEqual(vector.childWithSharedSecret)
  })

  it('derives the keys of the IKE SA that replaces it, under another suite', () => {
    const { rekeyed } = vector
    const made = rekeyIkeKeys(crypto, suite.prf, keys.d, rekeyed.suite as IkeSuite, sourcesOf(rekeyed))
    expect(inHex(made)).toEqual(rekeyed.ike)
  })

  it('makes the octets that AUTH covers', () => {
    const { auth } = vector
    const octets = signedOctets(
      crypto,
      suite.prf,
      hex(auth.message),
      hex(vector.responderNonce),
      keys.pi,
      hex(auth.identityBody),
    )
    expect(toHex(octets)).toBe(auth.initiatorOctets)
  })
})

describe('prf+', () => {
  const prf = prfOf(crypto, 'hmac-sha256')

  it('gives the same stream at every length', () => {
    const whole = toHex(prfPlus(prf, ascii('key'), [ascii('seed')], 255 * 32))
    for (const length of [0, 1, 31, 32, 33, 64, 100]) {
      expect(toHex(prfPlus(prf, ascii('key'), [ascii('se'), ascii('ed')], length))).toBe(
        whole?.slice(0, 2 * length),
      )
    }
  })

  it('ends at 255 blocks', () => {
    expect(() => prfPlus(prf, ascii('key'), [], 255 * 32 + 1)).toThrow(RangeError)
  })
})

describe('wiping', () => {
  it('leaves zeros', () => {
    for (const vector of recomputed) {
      const suite = vector.suite as IkeSuite
      const keys = deriveIkeKeys(crypto, suite, sourcesOf(vector))
      const child = deriveChildKeys(crypto, suite.prf, keys.d, suite, noncesOf(vector))
      wipeIkeKeys(keys)
      wipeDirectionKeys(child.initiator)
      wipeDirectionKeys(child.responder)
      expect(joined(keys)).toMatch(/^0+$/)
      expect(JSON.stringify(inHex(child)).replaceAll(/[^0-9a-f"]/g, '')).not.toMatch(
        /"[0-9a-f]*[1-9a-f][0-9a-f]{20,}"/,
      )
    }
  })

  it('leaves what the caller gave', () => {
    const vector = recomputed[0]
    if (vector === undefined) throw new Error('no vector')
    const sources = sourcesOf(vector)
    deriveIkeKeys(crypto, vector.suite as IkeSuite, sources)
    expect(sources).toEqual(sourcesOf(vector))
  })
})
