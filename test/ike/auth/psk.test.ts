import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { pskAuthentication, verifyPskAuthentication } from '../../../src-main/ike/auth/psk.ts'
import type { Prf } from '../../../src-main/ike/auth/psk.ts'

const crypto = createCrypto()
const prf: Prf = (key, ...data) => crypto.hmac('sha256', key, ...data)
const secret = Buffer.from('correct horse battery staple')
const octets = Buffer.from('signed octets of one side')

describe('authentication by a shared secret', () => {
  it('is prf(prf(secret, "Key Pad for IKEv2"), octets), RFC 7296 section 2.15', () => {
    const padded = createHmac('sha256', secret).update('Key Pad for IKEv2', 'ascii').digest()
    const expected = createHmac('sha256', padded).update(octets).digest('hex')
    expect(Buffer.from(pskAuthentication(prf, secret, octets)).toString('hex')).toBe(expected)
  })

  it('accepts the right secret and nothing else', () => {
    const data = pskAuthentication(prf, secret, octets)
    const check = (key: Uint8Array, over: Uint8Array, given: Uint8Array) =>
      verifyPskAuthentication(crypto, prf, key, over, given)
    expect(check(secret, octets, data)).toBe(true)
    expect(check(Buffer.from('another secret'), octets, data)).toBe(false)
    expect(check(secret, Buffer.from('octets of the other side'), data)).toBe(false)
    for (const wrong of [
      data.subarray(1),
      new Uint8Array(0),
      new Uint8Array(32),
      Buffer.concat([data, data]),
    ]) {
      expect(check(secret, octets, wrong)).toBe(false)
    }
    const flipped = data.slice()
    flipped[31] = (flipped[31] ?? 0) ^ 1
    expect(check(secret, octets, flipped)).toBe(false)
  })
})
