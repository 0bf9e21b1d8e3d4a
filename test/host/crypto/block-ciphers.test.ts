/** The block ciphers in TypeScript against their published vectors and, where OpenSSL has the same one, against OpenSSL. */
import { createCipheriv } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cryptCtr, decryptCbc, encryptCbc } from '../../../src-main/host/crypto/block/block-cipher.ts'
import type { BlockCipher } from '../../../src-main/host/crypto/block/block-cipher.ts'
import { blowfish } from '../../../src-main/host/crypto/block/blowfish.ts'
import { camellia } from '../../../src-main/host/crypto/block/camellia.ts'
import { cast } from '../../../src-main/host/crypto/block/cast.ts'
import { idea } from '../../../src-main/host/crypto/block/idea.ts'
import { rc5 } from '../../../src-main/host/crypto/block/rc5.ts'
import { libraryHas } from '../../../src-main/host/crypto/cbc-cipher.ts'
import cbcVectors from '../../vectors/cbc.json' with { type: 'json' }
import ctrVectors from '../../vectors/ctr.json' with { type: 'json' }
import { hex, toHex } from './bytes.ts'

const ciphers: ReadonlyMap<string, (key: Uint8Array) => BlockCipher> = new Map([
  ['camellia-cbc', camellia],
  ['camellia-ctr', camellia],
  ['blowfish-cbc', blowfish],
  ['idea-cbc', idea],
  ['cast-cbc', cast],
  // NESSIE's vectors are of twelve rounds.
  ['rc5-cbc', (key: Uint8Array) => rc5(key, 12)],
])
const cipherOf = (name: string, key: Uint8Array): BlockCipher => {
  const make = ciphers.get(name)
  if (make === undefined) throw new Error(`no cipher ${name}`)
  return make(key)
}

describe('block ciphers in TypeScript', () => {
  it.each(cbcVectors.filter(({ name }) => ciphers.has(name)).map((vector) => [vector.note, vector] as const))(
    'agree with %s',
    (_, { name, key, iv, plain, cipher }) => {
      const block = cipherOf(name, hex(key))
      const start = hex(iv).slice(0, block.blockLength)
      expect(toHex(encryptCbc(block, start, hex(plain)))).toBe(cipher)
      expect(toHex(decryptCbc(block, start, hex(cipher)))).toBe(plain)
    },
  )

  it.each(
    ctrVectors.filter(({ name }) => name === 'camellia-ctr').map((vector) => [vector.note, vector] as const),
  )('agree with %s', (_, { key, nonce, iv, plain, cipher }) => {
    const block = hex(`${nonce}${iv}00000001`)
    expect(toHex(cryptCtr(camellia(hex(key)), block, hex(plain)))).toBe(cipher)
    expect(toHex(block)).toBe(`${nonce}${iv}00000001`)
  })

  it.each([
    [16, 128],
    [24, 192],
    [32, 256],
  ])('agree with OpenSSL: Camellia with keys of %i bytes', (length, bits) => {
    if (!libraryHas(`camellia-${bits}-cbc`, length, 16)) return
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 1, maxLength: 100 }),
        (key, iv, data) => {
          const text = new Uint8Array(Math.ceil(data.length / 16) * 16)
          text.set(data)
          const reference = createCipheriv(`camellia-${bits}-cbc`, key, iv).setAutoPadding(false)
          const expected = toHex(reference.update(text))
          const cipher = camellia(key)
          expect(toHex(encryptCbc(cipher, iv, text))).toBe(expected)
          expect(toHex(decryptCbc(cipher, iv, encryptCbc(cipher, iv, text)))).toBe(toHex(text))
          const low = iv.slice()
          low.fill(0, 12)
          const counted = createCipheriv(`camellia-${bits}-ctr`, key, low).update(data)
          expect(toHex(cryptCtr(cipher, low, data))).toBe(toHex(counted))
        },
      ),
      { numRuns: 40 },
    )
  })

  it.each([
    ['camellia', camellia, 16],
    ['blowfish', blowfish, 16],
    ['idea', idea, 16],
    ['cast', cast, 16],
    ['rc5', rc5, 16],
  ] as const)('decrypt what they encrypted: %s', (_, make, keyLength) => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: keyLength, maxLength: keyLength }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        (key, data) => {
          const cipher = make(key)
          const view = new DataView(data.slice().buffer)
          cipher.encrypt(view, 0)
          expect(new Uint8Array(view.buffer)).not.toEqual(data)
          cipher.decrypt(view, 0)
          expect(new Uint8Array(view.buffer)).toEqual(data)
        },
      ),
      { numRuns: 20 },
    )
  })
})

// OpenSSL has them among its legacy ciphers, BoringSSL has Blowfish: where the runtime loads them, they must agree.
describe.each([
  ['bf-cbc', blowfish],
  ['cast5-cbc', cast],
  ['idea-cbc', idea],
] as const)('%s of the library', (algorithm, make) => {
  it('gives the same, where it is there', () => {
    if (!libraryHas(algorithm, 16, 8)) return
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        fc.uint8Array({ minLength: 64, maxLength: 64 }),
        (key, iv, text) => {
          const reference = createCipheriv(algorithm, key, iv).setAutoPadding(false).update(text)
          expect(toHex(encryptCbc(make(key), iv, text))).toBe(toHex(reference))
          expect(decryptCbc(make(key), iv, reference)).toEqual(text)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe("node's buffers, whose slice shares memory,", () => {
  it('are read and left as they were', () => {
    const [cipher, iv, text] = [camellia(new Uint8Array(16)), Buffer.alloc(16, 5), Buffer.alloc(64, 7)]
    const sealed = Buffer.from(encryptCbc(cipher, iv, text))
    expect(text).toEqual(Buffer.alloc(64, 7))
    expect(Buffer.from(decryptCbc(cipher, iv, sealed))).toEqual(text)
    cryptCtr(cipher, iv, text)
    expect([text, iv]).toEqual([Buffer.alloc(64, 7), Buffer.alloc(16, 5)])
  })
})

// Known answers of Blowfish by Eric Young, with a key of eight bytes.
describe('Blowfish', () => {
  it.each([
    ['0000000000000000', '0000000000000000', '4ef997456198dd78'],
    ['ffffffffffffffff', 'ffffffffffffffff', '51866fd5b85ecb8a'],
    ['3000000000000000', '1000000000000001', '7d856f9a613063f2'],
  ])('under %s', (key, plain, cipher) => {
    expect(toHex(encryptCbc(blowfish(hex(key)), new Uint8Array(8), hex(plain)))).toBe(cipher)
  })
})
