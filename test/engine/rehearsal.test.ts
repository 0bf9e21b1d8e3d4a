import { describe, expect, it } from 'vitest'
import { rehearse } from '../../src-main/engine/rehearsal.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import { createRandom } from '../../src-main/host/crypto/random.ts'
import { millis } from '../../src-shared/brands.ts'
import type { Clock, Datagrams } from '../../src-main/ports.ts'
import { VpnError } from '../../src-shared/errors.ts'
import { createDatagrams } from '../../src-main/host/udp.ts'
import { createClock } from '../../src-main/host/clock.ts'
import { eapProfile, pskProfile } from './world.ts'

const never = new AbortController().signal
const logged: string[] = []
const real = createClock()
/** In a hurry, so that tests do not wait for what never comes. */
const clock: Clock = {
  ...real,
  after: (delay, task) => real.after(delay > 1_000 ? millis(delay / 10) : delay, task),
}
const ports = {
  datagrams: createDatagrams(),
  log: (_level: string, _area: string, message: string) => void logged.push(message),
  clock,
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
  ])('with %s passes packets', async (_name, profile) => {
    await expect(rehearse(ports, profile, AbortSignal.abort())).resolves.toBeUndefined()
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
          ...ports.packetCrypto,
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
    await expect(rehearse({ ...ports, ...broken }, pskProfile(), never)).rejects.toMatchObject({
      code: 'internal',
    })
  })

  it('is repeated over the loopback interface until it is enough, and closes what it opened', async () => {
    const open = new Set<number>()
    let opened = 0
    const datagrams: Datagrams = {
      open(...parameters) {
        const socket = ports.datagrams.open(...parameters)
        opened += 1
        open.add(socket.localPort)
        return {
          ...socket,
          close() {
            open.delete(socket.localPort)
            socket.close()
          },
        }
      },
    }
    await rehearse({ ...ports, datagrams }, pskProfile(), AbortSignal.abort())
    expect(opened).toBe(0)
    // A clock that goes by being looked at: however slow the machine, there is time for a second rehearsal.
    let now = 0
    const patient: Clock = { ...clock, monotonic: () => millis((now += 0.1)) }
    await rehearse({ ...ports, clock: patient, datagrams }, pskProfile(), never)
    expect(opened).toBeGreaterThanOrEqual(2)
    expect(open.size).toBe(0)
  })

  it('minds no trouble of the loopback interface', async () => {
    logged.length = 0
    const datagrams: Datagrams = {
      open() {
        throw new VpnError('no-privilege')
      },
    }
    await rehearse({ ...ports, datagrams }, pskProfile(), never)
    const silent: Datagrams = {
      open: (...parameters) => ({ ...ports.datagrams.open(...parameters), send: () => 'unreachable' }),
    }
    await rehearse({ ...ports, datagrams: silent }, pskProfile(), never)
    expect(logged).toEqual(Array.from({ length: 2 }, () => 'no rehearsal on the loopback interface'))
  })
})
