import { describe, expect, it } from 'vitest'
import { natDetectionHash } from '../../../src-main/ike/nat-detection.ts'
import { decodeMessage, encodeMessage } from '../../../src-main/ike/v2/message.ts'
import { payloadsOf } from '../../../src-main/ike/v2/payloads.ts'
import { createSkProtection } from '../../../src-main/ike/v2/protection.ts'
import { fromHex, toHex } from '../../../src-main/wire/text.ts'
import { nodeCrypto } from './node-crypto.ts'

const hex = (text: string) => fromHex(text.replaceAll(/\s/g, '')) ?? new Uint8Array(0)

/** The first message of strongSwan 5.9.8 from 198.51.100.1:500 to 198.51.100.2:500, as captured; proposals
 *  aes256gcm16-sha384-x25519-ecp256 and aes128-sha256-modp2048. */
const strongSwan = hex(`
  9627240f7bfbd36b000000000000000021202208000000000000011c2200005c0200002c010100040300000c01000014
  800e01000300000802000006030000080400001f00000008040000130000002c020100040300000c0100000c800e0080
  030000080300000c0300000802000005000000080400000e28000028001f000075b88488af700e6dfbce12275752d1cb
  2eee5c430e4394879ce595b8a72a840529000024b0d51bcb02bbbdca86a3acf9c224679c0eee70faf5cbae023126907c
  9b33deff2900001c00004004c4f97b194cc2e7d7bcae3bba90c1fbb61a9274c92900001c000040058957bdcccd2f90a1
  acc29d9e6f9bf85ebf8e2b05290000080000402e290000100000402f00020003000400050000000800004016
`)

describe('IKE_SA_INIT of strongSwan', () => {
  const decoded = decodeMessage(strongSwan)
  if (decoded.kind !== 'message') throw new Error(decoded.kind)
  const { message } = decoded

  it('is understood as strongSwan logs it', () => {
    expect(
      message.payloads.map((payload) => (payload.type === 'notify' ? payload.notify : payload.type)),
    ).toEqual(['sa', 'ke', 'nonce', 16388, 16389, 16430, 16431, 16406])
    expect(payloadsOf(message, 'sa')[0]?.proposals).toEqual([
      {
        number: 1,
        protocol: 1,
        spi: new Uint8Array(0),
        transforms: [
          { type: 1, id: 20, keyBits: 256 },
          { type: 2, id: 6 },
          { type: 4, id: 31 },
          { type: 4, id: 19 },
        ],
      },
      {
        number: 2,
        protocol: 1,
        spi: new Uint8Array(0),
        transforms: [
          { type: 1, id: 12, keyBits: 128 },
          { type: 3, id: 12 },
          { type: 2, id: 5 },
          { type: 4, id: 14 },
        ],
      },
    ])
  })

  it('has the NAT detection hashes of its addresses', () => {
    const hashes = payloadsOf(message, 'notify').slice(0, 2)
    const { initiatorSpi, responderSpi } = message.header
    const ours = ['198.51.100.1', '198.51.100.2'].map((address) =>
      toHex(natDetectionHash(nodeCrypto, initiatorSpi, responderSpi, { address, port: 500 })),
    )
    expect(hashes.map(({ data }) => toHex(data))).toEqual(ours)
  })

  it('is written again byte by byte', () => {
    expect(encodeMessage(message).map(toHex)).toEqual([toHex(strongSwan)])
  })
})

describe('RFC 7634 appendix B', () => {
  const parameters = {
    crypto: nodeCrypto,
    random: { bytes: (length: number) => new Uint8Array(length) },
    protection: { encryption: 'chacha20-poly1305', keyBits: 256 } as const,
    encryptionKey: hex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f a0a1a2a3'),
  }
  const datagram = hex(`
    c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 2e202500 00000009 00000045
    29000029 1011121314151617
    610394701f8d017f7c12924889 6b71bfe25236efd7cdc67066906315b2
  `)

  it('opens to SET_WINDOW_SIZE 10', () => {
    const decoded = decodeMessage(datagram, createSkProtection(parameters))
    expect(decoded).toMatchObject({
      kind: 'message',
      protected: true,
      message: {
        payloads: [
          { type: 'notify', protocol: 0, spi: new Uint8Array(0), notify: 16385, data: hex('0000000a') },
        ],
      },
    })
  })
})
