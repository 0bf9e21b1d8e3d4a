import { createCipheriv, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { cmac } from '@noble/ciphers/aes.js'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import { prfOf } from '../../../src-main/ike/mac.ts'
import { integrities } from '../../../src-main/ike/suites.ts'
import type { AhIntegrityName, CipherMacName, PrfName } from '../../../src-shared/algorithms.ts'
import macVectors from '../../vectors/aes-mac.json' with { type: 'json' }
import prfVectors from '../../vectors/aes-prf.json' with { type: 'json' }
import { ascii, hex, toHex } from './bytes.ts'

const crypto = createCrypto()
const packetCrypto = createPacketCrypto()

interface MacVector {
  readonly note: string
  readonly mac: CipherMacName
  readonly key: string
  readonly message: string
  readonly result: string
}
interface PrfVector {
  readonly note: string
  readonly prf: PrfName
  readonly key: string
  readonly message: string
  readonly result: string
}

describe.each(macVectors as readonly MacVector[])('$note', ({ mac, key, message, result }) => {
  const bytes = hex(message)
  it('is what the MAC gives, in parts as in one', () => {
    expect(toHex(crypto.cipherMac(mac, hex(key), bytes))).toBe(result)
    expect(toHex(crypto.cipherMac(mac, hex(key), bytes.subarray(0, 3), bytes.subarray(3)))).toBe(result)
  })

  it('is cut to 96 bits as integrity', () => {
    const name = mac === 'aes-xcbc' ? 'aes-xcbc-96' : 'aes-cmac-96'
    const integrity = packetCrypto.integrity({ integrity: name, key: hex(key) })
    const icv = new Uint8Array(20).fill(0x55)
    integrity.compute(bytes, 0, bytes.length, 0, false, icv, 4)
    expect(toHex(icv)).toBe(`55555555${result.slice(0, 24)}55555555`)
  })
})

describe.each(prfVectors as readonly PrfVector[])('$note', ({ prf, key, message, result }) => {
  it('is what the prf gives', () => {
    const bytes = hex(message)
    expect(toHex(prfOf(crypto, prf)(hex(key), bytes))).toBe(result)
    expect(toHex(prfOf(crypto, prf)(hex(key), bytes.subarray(0, 7), bytes.subarray(7)))).toBe(result)
  })
})

describe('AES-CMAC', () => {
  it('agrees with another implementation for every length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ maxLength: 200 }),
        (key, message) => {
          expect(crypto.cipherMac('aes-cmac', key, message)).toEqual(cmac(message, key))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes messages longer than a packet', () => {
    const [key, message] = [new Uint8Array(16).fill(3), new Uint8Array(9001).fill(7)]
    expect(crypto.cipherMac('aes-cmac', key, message)).toEqual(cmac(message, key))
  })
})

// RFC 2202 sections 2 and 3, case 1; RFC 4231 section 4.2; cut as RFC 2403, RFC 2404 and RFC 4868 say.
describe('HMAC as integrity', () => {
  it.each([
    ['hmac-md5-96', 16, '9294727a3638bb1c13f48ef8'],
    ['hmac-sha1-96', 20, 'b617318655057264e28bc0b6'],
    ['hmac-sha256-128', 20, 'b0344c61d8db38535ca8afceaf0bf12b'],
    ['hmac-sha384-192', 20, 'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec6'],
    ['hmac-sha512-256', 20, '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde'],
  ] as const)('%s agrees with its RFC', (name, keyLength, expected) => {
    const integrity = packetCrypto.integrity({ integrity: name, key: new Uint8Array(keyLength).fill(0x0b) })
    const text = ascii('Hi There')
    const icv = new Uint8Array(integrity.icvLength)
    integrity.compute(text, 0, text.length, 0, false, icv, 0)
    expect(toHex(icv)).toBe(expected)
    expect(integrities[name].icvLength).toBe(integrity.icvLength)
  })
})

const keyLengths: Readonly<Record<AhIntegrityName, number>> = {
  'hmac-md5-96': 16,
  'hmac-sha1-96': 20,
  'hmac-sha256-128': 32,
  'hmac-sha384-192': 48,
  'hmac-sha512-256': 64,
  'aes-xcbc-96': 16,
  'aes-cmac-96': 16,
  'aes-128-gmac': 20,
  'aes-192-gmac': 28,
  'aes-256-gmac': 36,
}
const names = Object.keys(keyLengths) as readonly AhIntegrityName[]
const integrityOf = (name: AhIntegrityName) =>
  packetCrypto.integrity({ integrity: name, key: new Uint8Array(keyLengths[name]).fill(9) })

describe.each(names)('%s over packets', (name) => {
  const packet = Uint8Array.from({ length: 90 }, (_, index) => index * 7)

  it('verifies in place what it computed, and nothing that was changed', () => {
    const [sender, receiver] = [integrityOf(name), integrityOf(name)]
    const buffer = new Uint8Array(200)
    buffer.set(packet, 10)
    sender.compute(buffer, 10, 90, 5, true, buffer, 120)
    expect(receiver.verify(buffer, 10, 90, 5, true, buffer, 120)).toBe(true)
    expect(receiver.verify(buffer, 10, 90, 6, true, buffer, 120)).toBe(false)
    expect(receiver.verify(buffer, 10, 90, 5, false, buffer, 120)).toBe(false)
    expect(receiver.verify(buffer, 10, 89, 5, true, buffer, 120)).toBe(false)
    for (let index = 0; index < sender.icvLength; index += 1) {
      const changed = buffer.slice()
      changed[120 + index] = (changed[120 + index] ?? 0) ^ 1
      expect(receiver.verify(changed, 10, 90, 5, true, changed, 120)).toBe(false)
    }
    for (let index = 10; index < 100; index += 1) {
      const changed = buffer.slice()
      changed[index] = (changed[index] ?? 0) ^ 0x80
      expect(receiver.verify(changed, 10, 90, 5, true, changed, 120)).toBe(false)
    }
    expect(buffer.subarray(10, 100)).toEqual(packet)
  })

  it('takes the high half as if it stood behind the packet', () => {
    const behind = Uint8Array.of(...packet, 0, 0, 0, 5)
    const [one, other] = [integrityOf(name), integrityOf(name)]
    const [first, second] = [new Uint8Array(one.icvLength), new Uint8Array(one.icvLength)]
    one.compute(packet, 0, packet.length, 5, true, first, 0)
    other.compute(behind, 0, behind.length, 0, false, second, 0)
    expect(first).toEqual(second)
  })

  it('is nothing any more once it is destroyed', () => {
    const integrity = integrityOf(name)
    const icv = new Uint8Array(integrity.icvLength)
    integrity.compute(packet, 0, packet.length, 0, false, icv, 0)
    integrity.destroy()
    expect(integrity.verify(packet, 0, packet.length, 0, false, icv, 0)).toBe(false)
  })

  it('keeps a key of its own', () => {
    const key = new Uint8Array(keyLengths[name]).fill(9)
    const integrity = packetCrypto.integrity({ integrity: name, key })
    key.fill(0)
    const [icv, expected] = [new Uint8Array(integrity.icvLength), new Uint8Array(integrity.icvLength)]
    integrity.compute(packet, 0, packet.length, 0, false, icv, 0)
    integrityOf(name).compute(packet, 0, packet.length, 0, false, expected, 0)
    expect(icv).toEqual(expected)
  })
})

describe('GMAC in AH', () => {
  it('is the IV and the tag that GCM gives for associated data alone, each IV once', () => {
    const key = Uint8Array.from({ length: 36 }, (_, index) => index)
    const integrity = packetCrypto.integrity({ integrity: 'aes-256-gmac', key })
    const ivs = [0, 1, 2].map((count) => {
      const icv = new Uint8Array(24)
      integrity.compute(ascii('packet'), 0, 6, 0, false, icv, 0)
      const nonce = Uint8Array.of(...key.subarray(32), ...icv.subarray(0, 8))
      const cipher = createCipheriv('aes-256-gcm', key.subarray(0, 32), nonce)
      cipher.setAAD(ascii('packet')).final()
      expect(toHex(icv.subarray(8))).toBe(cipher.getAuthTag().toString('hex'))
      return [toHex(icv.subarray(0, 8)), count]
    })
    expect(new Set(ivs.map(([iv]) => iv)).size).toBe(3)
  })
})

describe('keys of a wrong length', () => {
  it.each([
    ['aes-xcbc-96', 15],
    ['aes-cmac-96', 24],
    ['aes-128-gmac', 16],
    ['aes-256-gmac', 20],
  ] as const)('are refused by %s', (integrity, length) => {
    expect(() => packetCrypto.integrity({ integrity, key: new Uint8Array(length) })).toThrow(RangeError)
  })

  it('do not exist for an HMAC', () => {
    const integrity = packetCrypto.integrity({ integrity: 'hmac-sha1-96', key: new Uint8Array(70) })
    const icv = new Uint8Array(12)
    integrity.compute(ascii('x'), 0, 1, 0, false, icv, 0)
    const expected = createHmac('sha1', new Uint8Array(70)).update('x').digest().subarray(0, 12)
    expect(toHex(icv)).toBe(expected.toString('hex'))
  })
})
