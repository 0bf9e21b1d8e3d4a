/** Every cipher behind the Crypto port against published vectors, and the modes of our own against the library's. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ccmCipher, ccmDecipher } from '../../../src-main/host/crypto/ccm.ts'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { encryptions } from '../../../src-main/ike/encryptions.ts'
import type { AeadName, CbcName, CtrName } from '../../../src-shared/algorithms.ts'
import cbcVectors from '../../vectors/cbc.json' with { type: 'json' }
import ccmVectors from '../../vectors/ccm.json' with { type: 'json' }
import ctrVectors from '../../vectors/ctr.json' with { type: 'json' }
import { ascii, hex, toHex } from './bytes.ts'

const crypto = createCrypto()
const titled = <Vector extends { readonly note: string }>(vectors: readonly Vector[]) =>
  vectors.map((vector) => [vector.note, vector] as const)

interface CbcVector {
  readonly note: string
  readonly name: CbcName
  readonly key: string
  readonly iv: string
  readonly plain: string
  readonly cipher: string
}
// ESP's RC5 has another number of rounds.
const cbcHere = (cbcVectors as readonly CbcVector[]).filter(({ name }) => name !== 'rc5-cbc')

describe('CBC', () => {
  it.each(titled(cbcHere))('agrees with %s', (_, { name, key, iv, plain, cipher }) => {
    const cbc = crypto.cbc(name, hex(key))
    const start = hex(iv).slice(0, encryptions[name].ivLength)
    expect(toHex(cbc.encrypt(start, hex(plain)))).toBe(cipher)
    expect(toHex(cbc.decrypt(start, hex(cipher)))).toBe(plain)
  })

  it.each(['camellia-cbc', 'blowfish-cbc', 'cast-cbc', 'idea-cbc', 'rc5-cbc'] as const)(
    'of %s refuses keys of other lengths',
    (name) => {
      expect(() => crypto.cbc(name, new Uint8Array(15))).toThrow(RangeError)
    },
  )
})

interface CtrVector {
  readonly note: string
  readonly name: CtrName
  readonly key: string
  readonly nonce: string
  readonly iv: string
  readonly plain: string
  readonly cipher: string
}

describe('counter mode', () => {
  it.each(titled(ctrVectors as readonly CtrVector[]))('agrees with %s', (_, vector) => {
    const ctr = crypto.ctr(vector.name, hex(vector.key))
    const block = hex(`${vector.nonce}${vector.iv}00000001`)
    expect(toHex(ctr.crypt(block, hex(vector.plain)))).toBe(vector.cipher)
    expect(toHex(ctr.crypt(block, hex(vector.cipher)))).toBe(vector.plain)
  })

  it('refuses keys of other lengths', () => {
    expect(() => crypto.ctr('aes-ctr', new Uint8Array(20))).toThrow(RangeError)
  })
})

interface CcmVector {
  readonly note: string
  readonly name: AeadName
  readonly key: string
  readonly nonce: string
  readonly associated: string
  readonly plain: string
  readonly sealed: string
}

describe('CCM', () => {
  it.each(titled(ccmVectors as readonly CcmVector[]))('agrees with %s', (_, vector) => {
    const aead = crypto.aead(vector.name, hex(vector.key))
    const [nonce, associated] = [hex(vector.nonce), hex(vector.associated)]
    expect(toHex(aead.seal(nonce, associated, hex(vector.plain)))).toBe(vector.sealed)
    expect(toHex(aead.open(nonce, associated, hex(vector.sealed)))).toBe(vector.plain)
  })

  it.each(titled(ccmVectors as readonly CcmVector[]))('made of CBC and CTR agrees with %s', (_, vector) => {
    const parameters = {
      family: vector.name.startsWith('aes') ? 'aes' : 'camellia',
      key: hex(vector.key),
      nonce: hex(vector.nonce),
      tagLength: encryptions[vector.name].icvLength,
    } as const
    const plain = hex(vector.plain)
    const length = { plaintextLength: plain.length }
    const cipher = ccmCipher(parameters)
    cipher.setAAD(hex(vector.associated), length)
    const ciphertext = cipher.update(plain)
    expect(`${toHex(ciphertext)}${toHex(cipher.getAuthTag())}`).toBe(vector.sealed)
    const decipher = ccmDecipher(parameters)
    decipher.setAuthTag(cipher.getAuthTag())
    decipher.setAAD(hex(vector.associated), length)
    expect(toHex(decipher.update(ciphertext))).toBe(vector.plain)
    decipher.final()
    const other = ccmDecipher(parameters)
    other.setAuthTag(cipher.getAuthTag().map((byte) => byte ^ 1))
    other.setAAD(hex(vector.associated), length)
    expect(other.update(ciphertext).every((byte) => byte === 0)).toBe(true)
    expect(() => other.final()).toThrow('tag')
  })

  it('made of CBC and CTR agrees with the library for every length', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(16, 24, 32),
        fc.constantFrom(8 as const, 12 as const, 16 as const),
        fc.uint8Array({ maxLength: 300 }),
        fc.uint8Array({ maxLength: 100 }),
        (keyLength, tagLength, associated, plain) => {
          const [key, nonce] = [new Uint8Array(keyLength).fill(7), new Uint8Array(11).fill(9)]
          const cipher = ccmCipher({ family: 'aes', key, nonce, tagLength })
          cipher.setAAD(associated, { plaintextLength: plain.length })
          const ours = `${toHex(cipher.update(plain))}${toHex(cipher.getAuthTag())}`
          expect(toHex(crypto.aead(`aes-ccm-${tagLength}`, key).seal(nonce, associated, plain))).toBe(ours)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('GCM with shorter check values', () => {
  // NIST SP 800-38D section 7.1, step 6: the leftmost bits.
  it.each([8, 12] as const)('cuts them to %i bytes', (length) => {
    const [key, nonce] = [new Uint8Array(32).fill(1), new Uint8Array(12).fill(2)]
    const whole = crypto.aead('aes-gcm-16', key).seal(nonce, ascii('header'), ascii('some text'))
    const short = crypto.aead(`aes-gcm-${length}`, key)
    expect(short.seal(nonce, ascii('header'), ascii('some text'))).toEqual(whole.slice(0, 9 + length))
    expect(short.open(nonce, ascii('header'), whole.slice(0, 9 + length))).toEqual(ascii('some text'))
    expect(short.open(nonce, ascii('header'), whole)).toBeUndefined()
    expect(short.open(nonce, ascii('header'), whole.slice(0, 8 + length))).toBeUndefined()
  })
})

describe.each([
  'aes-gcm-8',
  'aes-gcm-12',
  'aes-ccm-8',
  'aes-ccm-12',
  'aes-ccm-16',
  'camellia-ccm-8',
  'camellia-ccm-12',
  'camellia-ccm-16',
] as const)('%s', (name) => {
  const { saltLength, ivLength, icvLength } = encryptions[name]
  const aead = crypto.aead(name, new Uint8Array(24).fill(7))
  const nonce = new Uint8Array(saltLength + ivLength)
  const sealed = aead.seal(nonce, ascii('associated'), ascii('text'))

  it('opens nothing that was changed anywhere or cut short', () => {
    expect(sealed).toHaveLength(4 + icvLength)
    expect(aead.open(nonce, ascii('associated'), sealed)).toEqual(ascii('text'))
    for (let index = 0; index < sealed.length; index += 1) {
      const changed = sealed.slice()
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(aead.open(nonce, ascii('associated'), changed)).toBeUndefined()
      expect(aead.open(nonce, ascii('associated'), sealed.subarray(0, index))).toBeUndefined()
    }
    expect(aead.open(nonce, ascii('associateD'), sealed)).toBeUndefined()
    expect(
      aead.open(
        nonce.map(() => 1),
        ascii('associated'),
        sealed,
      ),
    ).toBeUndefined()
  })

  it('seals nothing at all to a tag', () => {
    const tag = aead.seal(nonce, new Uint8Array(), new Uint8Array())
    expect(tag).toHaveLength(icvLength)
    expect(aead.open(nonce, new Uint8Array(), tag)).toEqual(new Uint8Array())
  })
})
