/** Every suite that ESP may have, sealed and opened in place; what is under the check value and what is not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPacketCrypto } from '../../../src-main/host/crypto/packet-crypto.ts'
import { encryptions } from '../../../src-main/ike/encryptions.ts'
import { integrities, keyLengths } from '../../../src-main/ike/suites.ts'
import { espLengths } from '../../../src-main/ipsec/overhead.ts'
import type { IntegrityName, Protection } from '../../../src-shared/algorithms.ts'
import ctrVectors from '../../vectors/ctr.json' with { type: 'json' }
import { hex, toHex } from './bytes.ts'

const packetCrypto = createPacketCrypto()
const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): readonly Name[] => {
  const names: Name[] = []
  for (const name in table) names.push(name)
  return names
}

/** Each cipher with each length of its key, and each integrity algorithm once beside a cipher that needs one. */
const protections: readonly Protection[] = [
  ...namesOf(encryptions).flatMap((encryption) =>
    encryptions[encryption].keyBits.map((keyBits): Protection =>
      encryptions[encryption].isCombined
        ? { encryption, keyBits }
        : { encryption, keyBits, integrity: 'hmac-sha256-128' },
    ),
  ),
  ...namesOf(integrities).flatMap((integrity): Protection[] => [
    { encryption: 'null', keyBits: 0, integrity },
    { encryption: 'aes-ctr', keyBits: 128, integrity },
  ]),
]
const wordsOf = ({ encryption, keyBits, integrity }: Protection): string =>
  [encryption, keyBits, integrity ?? ''].join(' ').trim()

const cipherOf = (protection: Protection, fill = 5) => {
  const lengths = keyLengths(protection)
  return packetCrypto.cipher({
    encryption: protection.encryption,
    encryptionKey: Uint8Array.from({ length: lengths.encryption }, (_, index) => fill + index * 3),
    ...(protection.integrity === undefined
      ? {}
      : { integrity: protection.integrity, integrityKey: new Uint8Array(lengths.integrity).fill(fill) }),
  })
}

describe.each(protections.map((protection) => [wordsOf(protection), protection] as const))(
  'ESP with %s',
  (_, protection) => {
    it('has the lengths that the tables say', () => {
      const cipher = cipherOf(protection)
      const row = encryptions[protection.encryption]
      expect(cipher).toMatchObject(espLengths({ ...protection, extendedSequenceNumbers: false }))
      expect(cipher).toMatchObject({ ivLength: row.ivLength, blockLength: row.blockLength })
    })

    it('opens what it sealed, in place, and touches nothing else', () => {
      const [sender, receiver] = [cipherOf(protection), cipherOf(protection)]
      fc.assert(
        fc.property(fc.integer({ min: 1, max: 12 }), fc.boolean(), fc.nat(), (blocks, extended, high) => {
          const { ivLength, icvLength, blockLength } = sender
          const length = 8 + ivLength + blocks * blockLength
          const buffer = new Uint8Array(length + icvLength + 64).fill(0x55)
          const text = Uint8Array.from({ length: length - 8 - ivLength }, (_, index) => index * 5)
          buffer.set(text, 32 + 8 + ivLength)
          sender.seal(buffer, 32, length, high, extended)
          const sealed = buffer.slice()
          if (receiver.open(buffer, 32, length + icvLength, high ^ 1, extended)) expect(extended).toBe(false)
          buffer.set(sealed)
          expect(receiver.open(buffer, 32, length + icvLength, high, extended)).toBe(true)
          expect(buffer.subarray(32 + 8 + ivLength, 32 + length)).toEqual(text)
          expect(buffer.subarray(0, 32 + 8 + ivLength)).toEqual(sealed.subarray(0, 32 + 8 + ivLength))
          expect(buffer.subarray(32 + length)).toEqual(sealed.subarray(32 + length))
        }),
        { numRuns: 12 },
      )
    })

    it('refuses it with any byte changed, cut or under another key, and leaves it as it was', () => {
      const [sender, receiver, stranger] = [
        cipherOf(protection),
        cipherOf(protection),
        cipherOf(protection, 6),
      ]
      const length = 8 + sender.ivLength + 2 * sender.blockLength
      const sealed = new Uint8Array(length + sender.icvLength)
      sender.seal(sealed, 0, length, 3, true)
      for (let index = 0; index < sealed.length; index += 1) {
        const changed = sealed.slice()
        changed[index] = (changed[index] ?? 0) ^ 0x10
        const before = changed.slice()
        expect(receiver.open(changed, 0, changed.length, 3, true)).toBe(false)
        expect(changed).toEqual(before)
        expect(receiver.open(sealed.slice(), 0, index, 3, true)).toBe(false)
      }
      expect(receiver.open(sealed.slice(), 0, sealed.length, 3, false)).toBe(false)
      expect(stranger.open(sealed.slice(), 0, sealed.length, 3, true)).toBe(false)
      expect(receiver.open(sealed.slice(), 0, sealed.length, 3, true)).toBe(true)
    })

    it('never takes an IV twice', () => {
      const cipher = cipherOf(protection)
      if (cipher.ivLength === 0) return
      const ivs = Array.from({ length: 50 }, () => {
        const buffer = new Uint8Array(200)
        cipher.seal(buffer, 0, 8 + cipher.ivLength + 16, 0, false)
        return toHex(buffer.subarray(8, 8 + cipher.ivLength))
      })
      expect(new Set(ivs).size).toBe(50)
    })

    it('opens nothing once it is destroyed', () => {
      const cipher = cipherOf(protection)
      const length = 8 + cipher.ivLength + 2 * cipher.blockLength
      const buffer = new Uint8Array(length + cipher.icvLength)
      cipher.seal(buffer, 0, length, 0, false)
      cipher.destroy()
      expect(cipher.open(buffer, 0, buffer.length, 0, false)).toBe(false)
    })
  },
)

describe('counter mode in ESP', () => {
  // RFC 3686 section 4: nonce, IV, and a block counter from one.
  it.each(
    ctrVectors.filter(({ plain }) => plain.length % 8 === 0).map((vector) => [vector.note, vector] as const),
  )('opens %s', (_, { name, key, nonce, iv, plain, cipher }) => {
    const encryption = name === 'aes-ctr' ? 'aes-ctr' : 'camellia-ctr'
    const integrityKey = new Uint8Array(20).fill(1)
    const packet = packetCrypto.cipher({
      encryption,
      encryptionKey: hex(`${key}${nonce}`),
      integrity: 'hmac-sha1-96',
      integrityKey,
    })
    const sealed = hex(`0000000100000002${iv}${cipher}000000000000000000000000`)
    const integrity = packetCrypto.integrity({ integrity: 'hmac-sha1-96', key: integrityKey })
    integrity.compute(sealed, 0, sealed.length - 12, 0, false, sealed, sealed.length - 12)
    expect(packet.open(sealed, 0, sealed.length, 0, false)).toBe(true)
    expect(toHex(sealed.subarray(16, sealed.length - 12))).toBe(plain)
  })
})

describe('what does not go together', () => {
  const integrityKey = new Uint8Array(32)
  const beside = { integrity: 'hmac-sha256-128', integrityKey } as const

  it.each(['aes-gcm-8', 'aes-ccm-16', 'camellia-ccm-12', 'null-aes-gmac'] as const)(
    'is an integrity algorithm beside %s',
    (encryption) => {
      const encryptionKey = new Uint8Array(16 + encryptions[encryption].saltLength)
      expect(() => packetCrypto.cipher({ encryption, encryptionKey, ...beside })).toThrow(TypeError)
    },
  )

  it.each(['null', 'aes-ctr', 'camellia-cbc'] as const)('is %s alone', (encryption) => {
    const encryptionKey = new Uint8Array(encryption === 'null' ? 0 : encryption === 'aes-ctr' ? 20 : 16)
    expect(() => packetCrypto.cipher({ encryption, encryptionKey })).toThrow(TypeError)
  })

  it('is nothing at all', () => {
    const encryptionKey = new Uint8Array(0)
    expect(() => packetCrypto.cipher({ encryption: 'null', encryptionKey, integrity: 'none' })).toThrow(
      TypeError,
    )
  })
})

describe('encryption alone, where keys set by hand ask for it', () => {
  it('checks nothing: a changed bit goes through', () => {
    const make = () =>
      packetCrypto.cipher({
        encryption: 'aes-cbc',
        encryptionKey: new Uint8Array(16).fill(4),
        integrity: 'none',
      })
    const [sender, receiver] = [make(), make()]
    expect(sender.icvLength).toBe(0)
    const packet = new Uint8Array(8 + 16 + 32).fill(9)
    sender.seal(packet, 0, packet.length, 0, false)
    packet[8] = (packet[8] ?? 0) ^ 1
    expect(receiver.open(packet, 0, packet.length, 0, false)).toBe(true)
    expect(packet[24]).toBe(8)
    expect(packet.subarray(25)).toEqual(new Uint8Array(31).fill(9))
  })
})

const legacy: readonly IntegrityName[] = ['hmac-md5-96', 'aes-xcbc-96', 'aes-cmac-96']

describe('NULL with integrity', () => {
  it.each(legacy)('leaves the payload readable under %s (RFC 2410)', (integrity) => {
    const cipher = cipherOf({ encryption: 'null', keyBits: 0, integrity })
    const packet = new Uint8Array(8 + 12 + cipher.icvLength).fill(7)
    cipher.seal(packet, 0, 20, 0, false)
    expect(packet.subarray(0, 20)).toEqual(new Uint8Array(20).fill(7))
  })
})
