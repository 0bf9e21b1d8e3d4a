import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCrypto } from '../../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import type { PacketCipher } from '../../../src-main/ports.ts'
import type { EncryptionName, IntegrityName } from '../../../src-shared/algorithms.ts'
import espVectors from '../../vectors/esp.json' with { type: 'json' }
import { hex, toHex } from './bytes.ts'

const packetCrypto = createPacketCrypto()

interface Vector {
  readonly note: string
  readonly encryption: EncryptionName
  readonly encryptionKey: string
  readonly integrity?: IntegrityName
  readonly integrityKey?: string
  readonly plain: string
  readonly sealed: string
  readonly sequenceHigh?: number
}

const vectors = espVectors as readonly Vector[]

const cipherOf = (vector: Vector): PacketCipher =>
  packetCrypto.cipher({
    encryption: vector.encryption,
    encryptionKey: hex(vector.encryptionKey),
    ...(vector.integrity === undefined ? {} : { integrity: vector.integrity }),
    ...(vector.integrityKey === undefined ? {} : { integrityKey: hex(vector.integrityKey) }),
  })

/** A packet somewhere in the middle of a slot. */
function slot(packet: Uint8Array): { buffer: Uint8Array; offset: number } {
  const buffer = new Uint8Array(packet.length + 128).fill(0x55)
  buffer.set(packet, 40)
  return { buffer, offset: 40 }
}

describe.each(vectors)('$note', (vector) => {
  const plain = hex(vector.plain)
  const sealed = hex(vector.sealed)
  const high = vector.sequenceHigh ?? 0
  const extended = vector.sequenceHigh !== undefined

  it('opens in place and touches nothing else', () => {
    const { buffer, offset } = slot(sealed)
    const cipher = cipherOf(vector)
    expect(cipher.open(buffer, offset, sealed.length, high, extended)).toBe(true)
    expect(toHex(buffer.subarray(offset, offset + plain.length))).toBe(toHex(plain))
    expect(buffer.subarray(0, offset).every((byte) => byte === 0x55)).toBe(true)
    expect(buffer.subarray(offset + sealed.length).every((byte) => byte === 0x55)).toBe(true)
  })

  it('refuses it with any byte changed, and leaves it as it was', () => {
    const cipher = cipherOf(vector)
    for (let index = 0; index < sealed.length; index += Math.max(1, Math.floor(sealed.length / 40))) {
      const changed = sealed.slice()
      changed[index] = (changed[index] ?? 0) ^ 0x80
      const { buffer, offset } = slot(changed)
      const before = buffer.slice()
      expect(cipher.open(buffer, offset, changed.length, high, extended)).toBe(false)
      expect(buffer).toEqual(before)
    }
  })

  it('refuses it with another high half, and with or without one', () => {
    const cipher = cipherOf(vector)
    const opens = (sequenceHigh: number, isExtended: boolean): boolean => {
      const { buffer, offset } = slot(sealed)
      return cipher.open(buffer, offset, sealed.length, sequenceHigh, isExtended)
    }
    expect(opens(high, !extended)).toBe(false)
    if (extended) expect(opens(high ^ 1, true)).toBe(false)
    else expect(opens(7, false)).toBe(true)
  })

  it('refuses it at every shorter length', () => {
    const cipher = cipherOf(vector)
    for (let length = 0; length < sealed.length; length += 1) {
      const { buffer, offset } = slot(sealed)
      expect(cipher.open(buffer, offset, length, high, extended)).toBe(false)
    }
  })

  it('seals in place what opens again', () => {
    const cipher = cipherOf(vector)
    const { buffer, offset } = slot(plain)
    cipher.seal(buffer, offset, plain.length, high, extended)
    const length = plain.length + cipher.icvLength
    const packet = buffer.slice(offset, offset + length)
    expect(packet.subarray(0, 8)).toEqual(plain.subarray(0, 8))
    expect(buffer.subarray(0, offset).every((byte) => byte === 0x55)).toBe(true)
    expect(buffer.subarray(offset + length).every((byte) => byte === 0x55)).toBe(true)
    expect(cipherOf(vector).open(buffer, offset, length, high, extended)).toBe(true)
    const start = 8 + cipher.ivLength
    expect(buffer.subarray(offset + start, offset + plain.length)).toEqual(plain.subarray(start))
    // The counter of a fresh combined-mode cipher begins at zero, so these vectors hold for sealing as well.
    if (vector.encryption !== 'aes-cbc' && vector.plain.slice(16, 32) === '00'.repeat(8)) {
      expect(toHex(packet)).toBe(vector.sealed)
    }
  })
})

describe('sealing', () => {
  const seal = (cipher: PacketCipher, times: number): readonly string[] =>
    Array.from({ length: times }, () => {
      const buffer = new Uint8Array(200)
      cipher.seal(buffer, 0, 8 + cipher.ivLength + 48, 0, false)
      return toHex(buffer.slice(8, 8 + cipher.ivLength)) ?? ''
    })

  it('counts the IV of a combined mode up', () => {
    const cipher = packetCrypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: new Uint8Array(20) })
    const ivs = seal(cipher, 300)
    expect(ivs[0]).toBe('0000000000000000')
    expect(ivs[299]).toBe('000000000000012b')
    expect(new Set(ivs).size).toBe(300)
  })

  it('keeps opening from moving the counter', () => {
    const cipher = packetCrypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: new Uint8Array(20) })
    const [first] = seal(cipher, 1)
    cipher.open(new Uint8Array(200).fill(9), 0, 100, 0, false)
    const [second] = seal(cipher, 1)
    expect([first, second]).toEqual(['0000000000000000', '0000000000000001'])
  })

  it('takes a fresh random IV for each CBC packet', () => {
    const cipher = packetCrypto.cipher({
      encryption: 'aes-cbc',
      encryptionKey: new Uint8Array(16),
      integrity: 'hmac-sha256-128',
      integrityKey: new Uint8Array(32),
    })
    expect(new Set(seal(cipher, 1000)).size).toBe(1000)
  })

  it('makes CBC packets that the plain algorithms read', () => {
    const crypto = createCrypto()
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 20 }),
        fc.constantFrom(16, 24, 32),
        fc.nat(),
        (content, keyLength, high) => {
          const encryptionKey = new Uint8Array(keyLength).fill(3)
          const integrityKey = new Uint8Array(48).fill(4)
          const cipher = packetCrypto.cipher({
            encryption: 'aes-cbc',
            encryptionKey,
            integrity: 'hmac-sha384-192',
            integrityKey,
          })
          const text = new Uint8Array(32)
          text.set(content)
          const { buffer, offset } = slot(new Uint8Array(24 + 32 + 24))
          buffer.set(text, offset + 24)
          cipher.seal(buffer, offset, 24 + 32, high, true)
          const packet = buffer.slice(offset, offset + 24 + 32)
          const highBytes = new Uint8Array(4)
          new DataView(highBytes.buffer).setUint32(0, high)
          const icv = crypto.hmac('sha384', integrityKey, packet, highBytes).slice(0, 24)
          expect(buffer.slice(offset + 56, offset + 80)).toEqual(icv)
          const iv = packet.slice(8, 24)
          expect(crypto.cbc('aes-cbc', encryptionKey).decrypt(iv, packet.slice(24))).toEqual(text)
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('a cipher', () => {
  it('keeps keys of its own', () => {
    const given = new Uint8Array(36).fill(1)
    const cipher = packetCrypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: given })
    const other = packetCrypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: given.slice() })
    given.fill(0)
    const { buffer, offset } = slot(new Uint8Array(100))
    cipher.seal(buffer, offset, 80, 0, false)
    expect(other.open(buffer, offset, 96, 0, false)).toBe(true)
  })

  it('speaks no more once it is destroyed', () => {
    const key = new Uint8Array(36).fill(1)
    const cipher = packetCrypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: key })
    const { buffer, offset } = slot(new Uint8Array(100))
    cipher.seal(buffer, offset, 80, 0, false)
    cipher.destroy()
    expect(cipher.open(buffer, offset, 96, 0, false)).toBe(false)
  })

  it('is refused without integrity where the cipher has none, and with it where it does', () => {
    const key = new Uint8Array(16)
    expect(() => packetCrypto.cipher({ encryption: 'aes-cbc', encryptionKey: key })).toThrow(TypeError)
    expect(() =>
      packetCrypto.cipher({
        encryption: 'aes-gcm-16',
        encryptionKey: new Uint8Array(20),
        integrity: 'hmac-sha256-128',
        integrityKey: new Uint8Array(32),
      }),
    ).toThrow(TypeError)
  })
})
