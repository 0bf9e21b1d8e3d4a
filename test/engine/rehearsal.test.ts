import { describe, expect, it } from 'vitest'
import { rehearse } from '../../src-main/engine/rehearsal.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import { createRandom } from '../../src-main/host/crypto/random.ts'
import { createClock } from '../../src-main/host/clock.ts'
import { eapProfile, pskProfile } from './world.ts'

const ports = {
  clock: createClock(),
  random: createRandom(),
  crypto: createCrypto(),
  packetCrypto: createPacketCrypto(),
}

describe('a rehearsal', () => {
  it.each([
    ['the recommended proposals', pskProfile()],
    ['a password profile', eapProfile()],
    ['old proposals', pskProfile({ proposals: { ike: ['aes128-sha256-modp2048'], esp: ['aes128-sha256'] } })],
    [
      'another curve',
      pskProfile({ proposals: { ike: ['aes256gcm16-prfsha384-ecp384'], esp: ['chacha20poly1305'] } }),
    ],
  ])('with %s passes packets, quickly', async (_name, profile) => {
    const begun = performance.now()
    await rehearse(ports, profile)
    expect(performance.now() - begun).toBeLessThan(1_000)
  })

  it.each<[string, Partial<typeof ports>]>([
    [
      'a cipher that does not open',
      {
        crypto: {
          ...ports.crypto,
          aead: (algorithm, key) => ({ ...ports.crypto.aead(algorithm, key), open: () => undefined }),
        },
      },
    ],
    [
      'a cipher for packets that does not open',
      {
        packetCrypto: {
          cipher: (parameters) => ({ ...ports.packetCrypto.cipher(parameters), open: () => false }),
        },
      },
    ],
    [
      'a key exchange that gives nonsense',
      {
        crypto: {
          ...ports.crypto,
          keyExchange: () => ({
            initiate: () => ({
              publicValue: new Uint8Array(32),
              complete: () => ({ ok: false, error: 'invalid-public-value' }),
              discard: () => undefined,
            }),
            respond: () => ({ ok: false, error: 'invalid-public-value' }),
          }),
        },
      },
    ],
  ])('with %s fails', async (_name, broken) => {
    await expect(rehearse({ ...ports, ...broken }, pskProfile())).rejects.toMatchObject({ code: 'internal' })
  })
})
