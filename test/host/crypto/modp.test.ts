import { getDiffieHellman, randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { byBigInt, bytesOf, modpArithmetic, modpPrime } from '../../../src-main/host/crypto/modp.ts'

const groups = {
  modp1: 768,
  modp2: 1024,
  modp5: 1536,
  modp14: 2048,
  modp15: 3072,
  modp16: 4096,
  modp17: 6144,
  modp18: 8192,
}

describe('the MODP groups', () => {
  it.each(Object.entries(groups))("has OpenSSL's prime of %s", (name, bits) => {
    expect(Buffer.from(bytesOf(modpPrime(bits), bits / 8)).toString('hex')).toBe(
      getDiffieHellman(name).getPrime('hex'),
    )
  })

  it('has no group of another size', () => {
    expect(() => modpPrime(1280)).toThrow('no MODP group of 1280 bits')
  })

  it.each([768, 2048, 4096])('gives the same by BigInt as by OpenSSL in %i bits', (bits) => {
    const exponent = new Uint8Array(randomBytes(40))
    const peerValue = modpArithmetic(bits).publicValue(new Uint8Array(randomBytes(40)))
    const [bigInt, openSsl] = [byBigInt(bits), modpArithmetic(bits)]
    expect(bigInt.publicValue(exponent)).toEqual(openSsl.publicValue(exponent))
    expect(bigInt.sharedSecret(exponent, peerValue)).toEqual(openSsl.sharedSecret(exponent, peerValue))
  })

  it('gives values the length of the prime, zeros in front', () => {
    expect(byBigInt(768).publicValue(Uint8Array.of(1))).toEqual(bytesOf(2n, 96))
  })
})
