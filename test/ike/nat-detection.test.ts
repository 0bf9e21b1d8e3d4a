import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { natDetectionHash } from '../../src-main/ike/nat-detection.ts'
import { toHex } from '../../src-main/wire/text.ts'
import { ikeSpi } from '../../src-shared/brands.ts'
import { nodeCrypto } from './v2/node-crypto.ts'

const sha1 = (hex: string) => createHash('sha1').update(Buffer.from(hex, 'hex')).digest('hex')
const hash = (address: string, port: number) =>
  toHex(natDetectionHash(nodeCrypto, ikeSpi(0x0102030405060708n), ikeSpi(0n), { address, port }))

describe('NAT detection', () => {
  it('hashes SPIs, address and port as RFC 7296 section 2.23 lays them out', () => {
    expect(hash('192.0.2.1', 500)).toBe(sha1('0102030405060708' + '0000000000000000' + 'c0000201' + '01f4'))
    expect(hash('2001:db8::1', 4500)).toBe(
      sha1('0102030405060708' + '0000000000000000' + '20010db8000000000000000000000001' + '1194'),
    )
  })

  it('is a bug of the caller with anything but an address', () => {
    expect(() => hash('vpn.example.org', 500)).toThrow(TypeError)
  })
})
