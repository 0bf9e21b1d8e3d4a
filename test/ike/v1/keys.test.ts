/** RFC 2409's formulas once more, by hand: HMACs of node:crypto over concatenated bytes, from the text of the RFC alone. */
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { hash1, hash2, hash3, hashI, hashR } from '../../../src-main/ike/v1/hashes.ts'
import {
  cookies,
  encryptionKey,
  espKeys,
  keymat,
  phase1Iv,
  phase1Keys,
  phase2Iv,
  prfOf,
  skeyid,
} from '../../../src-main/ike/v1/keys.ts'
import type { Phase1Suite } from '../../../src-main/ike/v1/suites.ts'
import { ikeSpi, messageId } from '../../../src-shared/brands.ts'

const crypto = createCrypto()
const prf = prfOf(crypto, 'sha1')
const mac = (key: Uint8Array, ...parts: readonly (Uint8Array | number)[]): Buffer =>
  createHmac('sha1', key)
    .update(Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : part))))
    .digest()
const sha1 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha1').update(Buffer.concat(parts)).digest()
const sample = (length: number, fill: number) =>
  Uint8Array.from({ length }, (_, index) => (fill + index * 7) & 0xff)
const hex = (value: Uint8Array) => Buffer.from(value).toString('hex')

const Ni = sample(32, 1)
const Nr = sample(20, 2)
const gxy = sample(128, 3)
const gxi = sample(128, 4)
const gxr = sample(128, 5)
const CKYI = Buffer.from('0102030405060708', 'hex')
const CKYR = Buffer.from('1112131415161718', 'hex')
const sa = { initiatorSpi: ikeSpi(0x0102030405060708n), responderSpi: ikeSpi(0x1112131415161718n) }
const SAi = sample(60, 6)
const ID = sample(12, 7)
const mid = messageId(0xcafebabe)
const MID = Buffer.from('cafebabe', 'hex')
const nonces = { initiator: Ni, responder: Nr }

describe('SKEYID and its kin (RFC 2409 section 5)', () => {
  it('are made as the RFC says for signatures, public-key encryption and shared keys', () => {
    expect(hex(skeyid.signatures(prf, nonces, gxy))).toBe(hex(mac(Buffer.concat([Ni, Nr]), gxy)))
    expect(hex(skeyid.publicKeyEncryption(prf, crypto, 'sha1', nonces, cookies(sa)))).toBe(
      hex(mac(sha1(Ni, Nr), CKYI, CKYR)),
    )
    const key = Buffer.from('mekmitasdigoat')
    expect(hex(skeyid.preSharedKey(prf, key, nonces))).toBe(hex(mac(key, Ni, Nr)))
  })

  it('give SKEYID_d, _a and _e, each from the one before', () => {
    const root = sample(20, 9)
    const d = mac(root, gxy, CKYI, CKYR, 0)
    const a = mac(root, d, gxy, CKYI, CKYR, 1)
    const e = mac(root, a, gxy, CKYI, CKYR, 2)
    const keys = phase1Keys(prf, root, gxy, cookies(sa))
    expect([keys.d, keys.a, keys.e].map(hex)).toEqual([d, a, e].map(hex))
  })

  it('give HASH_I and HASH_R, which differ by who speaks', () => {
    const root = sample(20, 9)
    const transcript = {
      initiatorValue: gxi,
      responderValue: gxr,
      initiatorCookie: CKYI,
      responderCookie: CKYR,
      offer: SAi,
    }
    expect(hex(hashI(prf, root, transcript, ID))).toBe(hex(mac(root, gxi, gxr, CKYI, CKYR, SAi, ID)))
    expect(hex(hashR(prf, root, transcript, ID))).toBe(hex(mac(root, gxr, gxi, CKYR, CKYI, SAi, ID)))
  })
})

describe('SKEYID and its kin as NIST publishes them', () => {
  it('fit a vector of the validation programme for SP 800-135 (ikev1_dsa: signatures, SHA-1, nonces of 64 bits)', () => {
    const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
    const both = { initiator: bytes('ced5635da6796075'), responder: bytes('6244b427712fb776') }
    const secret = bytes(
      '2a2e0bbe8da3657a83f3d35826e49e2d38e557e912a1b9e6c30c63577b3eab715466202862027f2c26f3090743555579' +
        '611771db0b92bef93834432a3a7762fc8a0f4889fd281d6082770d10a40d7bad61e832f041e620d6787e7f62ab2861dd' +
        'fbe272e0d9d3cdec5f1bbf750e24b8b32d6d714968ad69ce5086c32ad2742ebc',
    )
    const root = skeyid.signatures(prf, both, secret)
    expect(hex(root)).toBe('dc37ac99de6dcfbd1ee74af7fb36f9b4b0a7829d')
    expect(phase1Keys(prf, root, secret, bytes('382e5c8b0a3fa307ba4b7616700a2413'))).toEqual({
      skeyid: root,
      d: bytes('486293ed547adb562cefdaf43d3d8457b196f2b6'),
      a: bytes('f4053b5ca07e59bb41b8f401037ca90b72b3917e'),
      e: bytes('49a1d53a80fb77e663552964fbbcb45092021473'),
    })
  })
})

describe('keys and IVs (RFC 2409 appendix B)', () => {
  it('are the first bytes of SKEYID_e, or K1 | K2 … where it is too short', () => {
    const e = sample(20, 11)
    expect(hex(encryptionKey(prf, e, 16))).toBe(hex(e.subarray(0, 16)))
    const k1 = mac(e, 0)
    const k2 = mac(e, k1)
    expect(hex(encryptionKey(prf, e, 32))).toBe(hex(Buffer.concat([k1, k2]).subarray(0, 32)))
  })

  it('begin with hash(g^xi | g^xr), and later exchanges with hash(last block | M-ID)', () => {
    const suite: Phase1Suite = {
      encryption: '3des-cbc',
      keyBits: 192,
      hash: 'sha1',
      group: 'modp1024',
      authentication: 1,
      lifetimeSeconds: 3600,
    }
    expect(hex(phase1Iv(crypto, suite, gxi, gxr))).toBe(hex(sha1(gxi, gxr).subarray(0, 8)))
    const last = sample(8, 13)
    expect(hex(phase2Iv(crypto, suite, last, mid))).toBe(hex(sha1(last, MID).subarray(0, 8)))
  })
})

describe('quick mode (RFC 2409 section 5.5)', () => {
  const a = sample(20, 15)
  const following = sample(100, 17)

  it('hashes its three messages', () => {
    expect(hex(hash1(prf, a, mid, following))).toBe(hex(mac(a, MID, following)))
    expect(hex(hash2(prf, a, mid, Ni, following))).toBe(hex(mac(a, MID, Ni, following)))
    expect(hex(hash3(prf, a, mid, nonces))).toBe(hex(mac(a, 0, MID, Ni, Nr)))
  })

  it('makes KEYMAT in blocks that each begin with the one before, with and without forward secrecy', () => {
    const d = sample(20, 19)
    const spi = Buffer.from('c0ffee01', 'hex')
    const expand = (...shared: readonly Uint8Array[]): Buffer => {
      const k1 = mac(d, ...shared, 3, spi, Ni, Nr)
      const k2 = mac(d, k1, ...shared, 3, spi, Ni, Nr)
      const k3 = mac(d, k2, ...shared, 3, spi, Ni, Nr)
      return Buffer.concat([k1, k2, k3])
    }
    const sources = { protocol: 3, spi, nonces }
    expect(hex(keymat(prf, d, sources, 52))).toBe(hex(expand().subarray(0, 52)))
    const keys = espKeys(
      prf,
      d,
      { encryption: 'aes-cbc', keyBits: 256, integrity: 'hmac-sha1-96', extendedSequenceNumbers: false },
      { ...sources, sharedSecret: gxy },
    )
    const stream = expand(gxy)
    expect(hex(keys.encryptionKey)).toBe(hex(stream.subarray(0, 32)))
    expect(hex(keys.integrityKey ?? new Uint8Array())).toBe(hex(stream.subarray(32, 52)))
  })
})
