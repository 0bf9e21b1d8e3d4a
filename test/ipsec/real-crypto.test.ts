/** The data plane with the ciphers it has in earnest. */
import { describe, expect, it } from 'vitest'
import { espSpi, millis } from '../../src-shared/brands.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import { espLengths } from '../../src-main/ipsec/overhead.ts'
import { createPortableDataPlane } from '../../src-main/ipsec/portable-data-plane.ts'
import { dataPlaneContract, keysFor, selectorsOf, suites } from '../contracts/data-plane.contract.ts'
import { createFakeNetwork } from '../fakes/fake-network.ts'
import { createFakeTun } from '../fakes/fake-tun.ts'
import { openPortablePair } from './portable-pair.ts'

dataPlaneContract('The portable data plane with real ciphers', () =>
  Promise.resolve(openPortablePair(createPacketCrypto())),
)

describe('PacketCrypto', () => {
  it.each(suites)('has the lengths that the overhead is counted with: %s', (_, suite) => {
    const cipher = createPacketCrypto().cipher({
      encryption: suite.encryption,
      ...keysFor(suite, 1),
      ...(suite.integrity === undefined ? {} : { integrity: suite.integrity }),
    })
    expect(cipher).toMatchObject(espLengths(suite))
    cipher.destroy()
  })
})

describe('RFC 7634 appendix A', () => {
  const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'))
  const key = hex(`
    80 81 82 83 84 85 86 87 88 89 8a 8b 8c 8d 8e 8f 90 91 92 93 94 95 96 97 98 99 9a 9b 9c 9d 9e 9f
    a0 a1 a2 a3`)
  const datagram = hex(`
    01 02 03 04 00 00 00 05 10 11 12 13 14 15 16 17
    24 03 94 28 b9 7f 41 7e 3c 13 75 3a 4f 05 08 7b 67 c3 52 e6 a7 fa b1 b9 82 d4 66 ef 40 7a e5 c6
    14 ee 80 99 d5 28 44 eb 61 aa 95 df ab 4c 02 f7 2a a7 1e 7c 4c 4f 64 c9 be fe 2f ac c6 38 e8 f3
    cb ec 16 3f ac 46 9b 50 27 73 f6 fb 94 e6 64 da 91 65 b8 28 29 f6 41 e0
    76 aa a8 26 6b 7f b0 f7 b1 1b 36 99 07 e1 ad 43`)
  const inner = hex(`
    45 00 00 54 a6 f2 00 00 40 01 e7 78 c6 33 64 05 c0 00 02 05
    08 00 5b 7a 3a 08 00 00 55 3b ec 10 00 07 36 27
    08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 14 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 26 27
    28 29 2a 2b 2c 2d 2e 2f 30 31 32 33 34 35 36 37`)

  it('is opened to the packet it shows', () => {
    const network = createFakeNetwork()
    const socket = network.open(4, '192.0.2.5', 4500)
    const tun = createFakeTun()
    const plane = createPortableDataPlane({
      packetCrypto: createPacketCrypto(),
      clock: { monotonic: () => millis(0) },
      onIke: () => undefined,
      onEvent: () => undefined,
    })
    const endpoint = { address: '198.51.100.5', port: 4500 }
    plane.listen(socket, 'marked')
    plane.useTun(tun)
    const installed = plane.installInbound({
      spi: espSpi(0x01020304),
      suite: { encryption: 'chacha20-poly1305', keyBits: 256, extendedSequenceNumbers: false },
      keys: { encryptionKey: key },
      selectors: { local: selectorsOf(['192.0.2.5']), remote: selectorsOf(['198.51.100.0/24[icmp]']) },
      path: plane.addPath({ socket, endpoint, mtu: 1500, followPeer: false }),
      replayWindow: 64,
    })
    expect(installed.ok).toBe(true)
    network.transmit({ from: endpoint, to: socket.endpoint, bytes: datagram, trafficClass: 0 })
    network.deliver()
    expect(tun.written).toEqual([inner])
    expect(plane.statistics().drops).toEqual({})
    plane.close()
  })
})
