/** Cipher providers are examined before they see a packet. */
import { createPacketArena } from 'tun-tap'
import { describe, expect, it } from 'vitest'
import { chooseCrypto } from '../../../src-main/host/fast/crypto/choose.ts'
import { openNodeProvider } from '../../../src-main/host/fast/crypto/node.ts'
import { providerNames, serves } from '../../../src-main/host/fast/crypto/provider.ts'
import type { CryptoProvider } from '../../../src-main/host/fast/crypto/provider.ts'
import { examineProvider } from '../../../src-main/host/fast/crypto/self-test.ts'
import type { PacketCipher } from '../../../src-main/ports.ts'
import { keysFor, suites } from '../../contracts/data-plane.contract.ts'

const openArena = () => createPacketArena(2 * 1024 * 1024, { guarded: true })

/** node:crypto with a fault, under the name of a library that serves everything. */
function faulty(change: (cipher: PacketCipher) => Partial<PacketCipher>): CryptoProvider {
  const arena = openArena()
  const { crypto } = openNodeProvider(arena)
  return {
    name: 'libcrypto',
    description: 'a faulty library',
    crypto: {
      cipher(parameters) {
        const cipher = crypto.cipher(parameters)
        return { ...cipher, ...change(cipher) }
      },
    },
  }
}

describe('the examination', () => {
  it.each<[string, (cipher: PacketCipher) => Partial<PacketCipher>]>([
    ['opens what was changed', (cipher) => ({ open: (...parts) => (cipher.open(...parts), true) })],
    ['opens nothing', () => ({ open: () => false })],
    ['does not encrypt', () => ({ seal: () => undefined })],
    [
      'forgets the high half of the sequence number',
      (cipher) => ({
        seal: (buffer, offset, length, _high, extended) => cipher.seal(buffer, offset, length, 0, extended),
        open: (buffer, offset, length, _high, extended) => cipher.open(buffer, offset, length, 0, extended),
      }),
    ],
    [
      'is wrong at one length',
      (cipher) => ({
        seal(buffer, offset, length, high, extended) {
          cipher.seal(buffer, offset, length, high, extended)
          if (length > 128) buffer[offset + 100] = (buffer[offset + 100] ?? 0) ^ 1
        },
      }),
    ],
  ])('refuses a library that %s', (_, change) => {
    expect(() => examineProvider(faulty(change), openArena())).toThrow('a faulty library is wrong about')
  })

  it('passes node:crypto itself', () => {
    expect(() =>
      examineProvider(
        faulty(() => ({})),
        openArena(),
      ),
    ).not.toThrow()
  })

  it.each(providerNames)('says of each provider whether it is used, and why not: %s', (name) => {
    const arena = openArena()
    const chosen = chooseCrypto(arena, [name, 'node'])
    chosen.openAll()
    const reports = chosen.reports()
    expect(reports.map((one) => one.name)).toEqual(name === 'node' ? ['node', 'node'] : [name, 'node'])
    expect(reports.at(-1)?.refused).toBeUndefined()
    arena.checkGuards()
  })
})

describe('ciphers of each provider', () => {
  it.each(providerNames)('stay within their bounds, and their memory does not grow with SAs: %s', (name) => {
    const arena = openArena()
    const { crypto, reports } = chooseCrypto(arena, [name, 'node'])
    if (reports()[0]?.refused !== undefined) return
    const at = arena.region(4096) + 128
    for (const [, suite] of suites.filter(([, one]) => serves(name, one))) {
      // One alone takes two kilobytes; two megabytes would not last for 2,000 that stay.
      for (let count = 0; count < (name === 'node' ? 5 : 2000); count += 1) {
        const cipher = crypto.cipher({
          encryption: suite.encryption,
          ...keysFor(suite, count & 63),
          ...(suite.integrity === undefined ? {} : { integrity: suite.integrity }),
        })
        if (count < 5) {
          const length = 8 + cipher.ivLength + cipher.blockLength * 5
          cipher.seal(arena.bytes, at, length, 1, true)
          expect(cipher.open(arena.bytes, at, length + cipher.icvLength, 1, true)).toBe(true)
        }
        cipher.destroy()
      }
    }
    arena.checkGuards()
  })

  it.each(['ipsec-mb', 'libcrypto'] as const)('refuse a packet that lies elsewhere: %s', (name) => {
    const { crypto, reports } = chooseCrypto(openArena(), [name, 'node'])
    if (reports()[0]?.refused !== undefined) return
    const cipher = crypto.cipher({ encryption: 'aes-gcm-16', encryptionKey: new Uint8Array(36) })
    const elsewhere = new Uint8Array(200)
    expect(() => cipher.seal(elsewhere, 0, 100, 0, false)).toThrow('does not lie in the arena')
    expect(() => cipher.open(elsewhere, 0, 100, 0, false)).toThrow('does not lie in the arena')
    cipher.destroy()
  })
})
