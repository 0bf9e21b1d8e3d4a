import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'

const crypto = createCrypto()
const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'))
const text = (value: Uint8Array) => Buffer.from(value).toString('hex')
const zero = new Uint8Array(8)

describe('CBC ciphers with blocks of 64 bits', () => {
  it('encrypt the example of FIPS 81, table C1', () => {
    const des = crypto.cbc('des-cbc', hex('0123456789abcdef'))
    const iv = hex('1234567890abcdef')
    const plaintext = Uint8Array.from(Buffer.from('Now is the time for all '))
    const ciphertext = hex('e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6')
    expect(text(des.encrypt(iv, plaintext))).toBe(text(ciphertext))
    expect(text(des.decrypt(iv, ciphertext))).toBe(text(plaintext))
  })

  it('make 3DES of three DES steps: encrypt, decrypt, encrypt (FIPS 46-3)', () => {
    const keys = ['0123456789abcdef', '23456789abcdef01', '456789abcdef0123'].map(hex)
    const [first, second, third] = keys.map((key) => crypto.cbc('des-cbc', key))
    const block = hex('5468652071756663')
    const once = first?.encrypt(zero, block) ?? zero
    const twice = second?.decrypt(zero, once) ?? zero
    const thrice = third?.encrypt(zero, twice) ?? zero
    expect(text(crypto.cbc('3des-cbc', Uint8Array.from(Buffer.concat(keys))).encrypt(zero, block))).toBe(
      text(thrice),
    )
  })

  it('refuse keys and texts of other lengths', () => {
    expect(() => crypto.cbc('des-cbc', new Uint8Array(7))).toThrow(RangeError)
    expect(() => crypto.cbc('3des-cbc', new Uint8Array(16))).toThrow(RangeError)
    expect(() => crypto.cbc('3des-cbc', new Uint8Array(24)).encrypt(zero, new Uint8Array(12))).toThrow(
      RangeError,
    )
  })
})
