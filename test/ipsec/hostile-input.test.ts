import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { espInput } from '../fuzz/esp-input.ts'
import { innerPacket } from '../fuzz/inner-packet.ts'
import { gcm, installTunnel, suites } from '../contracts/data-plane.contract.ts'
import { createFakePacketCrypto } from '../fakes/fake-packet-crypto.ts'
import { ipPacket, tcpPacket } from '../fakes/packets.ts'
import { openPortablePair } from './portable-pair.ts'

describe.each([innerPacket, espInput])('$name', (target) => {
  it('takes random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void target.run(bytes)),
      { numRuns: 1000 },
    )
  })
})

describe('inner packets', () => {
  it('arrive as they left, whatever they carry', () => {
    const payload = fc.uint8Array({ minLength: 1, maxLength: 1300 })
    const protocol = fc.nat(255).filter((number) => ![0, 43, 44, 51, 60, 139, 140].includes(number))
    for (const [, suite] of [...suites, ['again', gcm] as const]) {
      const pair = openPortablePair(createFakePacketCrypto())
      installTunnel(pair, { suite, left: ['0.0.0.0/0', '::/0'] })
      fc.assert(
        fc.property(payload, protocol, fc.boolean(), fc.nat(255), (bytes, number, isIpv6, trafficClass) => {
          const addresses = isIpv6
            ? { from: 'fd00:9::2', to: '2001:db8::1' }
            : { from: '10.9.0.2', to: '192.0.2.1' }
          const packet = ipPacket(number, bytes, { ...addresses, trafficClass })
          // TCP is the one thing that may be changed; it has a test of its own.
          if (number === 6) return
          pair.right.received.length = 0
          pair.left.inject(packet)
          pair.network.deliver()
          expect(pair.right.received).toEqual([packet])
        }),
        { numRuns: 30 },
      )
    }
  })

  it('arrive as they left when they are TCP without SYN', () => {
    const pair = openPortablePair(createFakePacketCrypto())
    installTunnel(pair)
    const packet = tcpPacket({
      from: '10.9.0.2',
      to: '192.0.2.1',
      flags: 0x18,
      tcpOptions: Uint8Array.of(2, 4, 5, 0xb4),
    })
    pair.left.inject(packet)
    pair.network.deliver()
    expect(pair.right.received).toEqual([packet])
  })
})
