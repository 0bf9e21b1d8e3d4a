/**
 * PacketCrypto that keeps nothing secret and yet fails as a real one does: everything under the ICV counts, the high half of
 * the sequence number too. Lengths are those of the real suites.
 */
import { createHash } from 'node:crypto'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import type { PacketCipher, PacketCrypto } from '../../src-main/ports.ts'
import { espLengths } from '../../src-main/ipsec/overhead.ts'

export interface FakePacketCrypto extends PacketCrypto {
  readonly ciphers: (PacketCipher & { destroyed: boolean })[]
}

export function createFakePacketCrypto(): FakePacketCrypto {
  const ciphers: (PacketCipher & { destroyed: boolean })[] = []
  return {
    ciphers,
    integrity: (parameters) => createPacketCrypto().integrity(parameters),
    cipher({ encryption, encryptionKey, integrity, integrityKey }) {
      const lengths = espLengths({
        encryption,
        keyBits: 256,
        extendedSequenceNumbers: false,
        ...(integrity === undefined || integrity === 'none' ? {} : { integrity }),
      })
      const key = Buffer.concat([encryptionKey, integrityKey ?? new Uint8Array()])
      const made = { ...createCipher(lengths, key), destroyed: false }
      made.destroy = () => {
        made.destroyed = true
        key.fill(0)
      }
      ciphers.push(made)
      return made
    },
  }
}

function createCipher(lengths: ReturnType<typeof espLengths>, key: Uint8Array): PacketCipher {
  const { ivLength, icvLength, blockLength } = lengths
  let counter = 0
  const mask = key[0] ?? 0
  const toggle = (buffer: Uint8Array, from: number, to: number) => {
    for (let at = from; at < to; at += 1) buffer[at] = (buffer[at] ?? 0) ^ mask ^ 0x55
  }
  const icv = (buffer: Uint8Array, offset: number, length: number, high: number, extended: boolean) =>
    createHash('sha512')
      .update(key)
      .update(buffer.subarray(offset, offset + length))
      .update(extended ? `high ${high}` : 'short')
      .digest()
      .subarray(0, icvLength)
  return {
    ivLength,
    icvLength,
    blockLength,
    seal(buffer, offset, length, high, extended) {
      buffer.fill(0, offset + 8, offset + 8 + ivLength)
      counter += 1
      if (ivLength > 0) buffer[offset + 8 + ivLength - 1] = counter
      toggle(buffer, offset + 8 + ivLength, offset + length)
      buffer.set(icv(buffer, offset, length, high, extended), offset + length)
    },
    open(buffer, offset, length, high, extended) {
      const end = length - icvLength
      const expected = icv(buffer, offset, end, high, extended)
      if (!expected.equals(buffer.subarray(offset + end, offset + length))) return false
      toggle(buffer, offset + 8 + ivLength, offset + end)
      return true
    },
    destroy() {
      key.fill(0)
    },
  }
}
