import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatAddress,
  parseAddress,
  readAddress,
  readPort,
  writeSocketAddress,
} from '../src/socket-address.ts'

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

describe('addresses as text', () => {
  // RFC 5952 section 4: lower case, no leading zeros, the longest run of zeros once, the first of equals, never one group.
  it.each([
    ['2001:0DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['::', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is written %s', (text, canonical) => {
    const bytes = parseAddress(6, text)
    expect(bytes).toBeDefined()
    expect(bytes && formatAddress(viewOf(bytes), 0, 6)).toBe(canonical)
  })

  it.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '1:2', ':::', 'localhost', '1::2::3'])(
    '%j is no address',
    (text) => {
      expect(parseAddress(4, text)).toBeUndefined()
      expect(parseAddress(6, text)).toBeUndefined()
    },
  )

  it.each([4, 6] as const)('goes through a socket address unchanged (IPv%i)', (family) => {
    const length = family === 4 ? 4 : 16
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: length, maxLength: length }),
        fc.integer({ min: 0, max: 65_535 }),
        (bytes, port) => {
          const text = formatAddress(viewOf(bytes), 0, family)
          expect(parseAddress(family, text)).toEqual(bytes)
          const view = new DataView(new ArrayBuffer(32))
          expect(writeSocketAddress(view, 2, family, text, port)).toBe(family === 4 ? 16 : 28)
          expect([readAddress(view, 2, family), readPort(view, 2)]).toEqual([text, port])
        },
      ),
    )
  })
})
