import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_PAYLOADS } from '../../../src-main/ike/payload-chain.ts'
import {
  decodePayloads,
  identificationBytes,
  payloadsOf,
  writePlainPayloads,
} from '../../../src-main/ike/v2/payloads.ts'
import type { Payload } from '../../../src-main/ike/v2/payloads.ts'
import { UNUSABLE_TRANSFORM } from '../../../src-main/ike/v2/proposal-format.ts'
import { parseSelector } from '../../../src-main/ip/traffic-selector.ts'
import { DecodeError, EncodeError, createWriter, written } from '../../../src-main/wire/codec.ts'
import { fromHex, toHex } from '../../../src-main/wire/text.ts'
import { anyPayload, octets } from './arbitrary-payloads.ts'

const hex = (text: string): Uint8Array => {
  const value = fromHex(text.replaceAll(/\s/g, ''))
  if (value === undefined) throw new Error(`no hex: ${text}`)
  return value
}

function encodeAll(payloads: readonly Payload[]): { readonly first: number; readonly wire: Uint8Array } {
  const writer = createWriter()
  const first = writePlainPayloads(writer, payloads)
  return { first, wire: written(writer).slice() }
}

const reasonOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof DecodeError) return error.reason
    throw error
  }
  return 'none'
}

const selector = (text: string) => {
  const value = parseSelector(text)
  if (value === undefined) throw new Error(text)
  return value
}

/** Layouts by hand from the figures of RFC 7296 section 3; the generic header is before each. */
const layouts: readonly (readonly [payload: Payload, number: number, wire: string])[] = [
  [
    {
      type: 'sa',
      proposals: [
        {
          number: 1,
          protocol: 1,
          spi: new Uint8Array(0),
          transforms: [
            { type: 1, id: 12, keyBits: 256 },
            { type: 2, id: 5 },
          ],
        },
        { number: 2, protocol: 3, spi: hex('01020304'), transforms: [{ type: 5, id: 0 }] },
      ],
    },
    33,
    `00000034
     0200001c 01010002 0300000c 0100000c 800e0100 00000008 02000005
     00000014 02030401 01020304 00000008 05000000`,
  ],
  [{ type: 'ke', group: 31, data: hex('aabbccdd') }, 34, '0000000c 001f0000 aabbccdd'],
  [{ type: 'id-initiator', kind: 2, data: hex('61') }, 35, '00000009 02000000 61'],
  [{ type: 'id-responder', kind: 2, data: hex('61') }, 36, '00000009 02000000 61'],
  [{ type: 'certificate', encoding: 4, data: hex('3000') }, 37, '00000007 04 3000'],
  [{ type: 'certificate-request', encoding: 4, data: hex('3000') }, 38, '00000007 04 3000'],
  [{ type: 'authentication', method: 14, data: hex('0102') }, 39, '0000000a 0e000000 0102'],
  [
    { type: 'nonce', data: hex('00112233445566778899aabbccddeeff') },
    40,
    '00000014 00112233445566778899aabbccddeeff',
  ],
  [
    { type: 'notify', protocol: 3, spi: hex('01020304'), notify: 16393, data: hex('05') },
    41,
    '0000000d 03044009 01020304 05',
  ],
  [
    { type: 'delete', protocol: 3, spis: [hex('01020304'), hex('05060708')] },
    42,
    '00000010 03040002 01020304 05060708',
  ],
  [{ type: 'delete', protocol: 1, spis: [] }, 42, '00000008 01000000'],
  [{ type: 'vendor-id', data: hex('ff') }, 43, '00000005 ff'],
  [
    { type: 'ts-initiator', selectors: [selector('10.0.0.0/8[tcp/80]')] },
    44,
    '00000018 01000000 07060010 00500050 0a000000 0affffff',
  ],
  [
    { type: 'ts-responder', selectors: [selector('fd00::/8')] },
    45,
    `00000030 01000000 08000028 0000ffff
     fd000000000000000000000000000000 fdffffffffffffffffffffffffffffff`,
  ],
  [
    {
      type: 'configuration',
      kind: 1,
      attributes: [
        { attribute: 1, value: new Uint8Array(0) },
        { attribute: 3, value: hex('0a000001') },
      ],
    },
    47,
    '00000014 01000000 00010000 00030004 0a000001',
  ],
  [{ type: 'eap', data: hex('03010004') }, 48, '00000008 03010004'],
  [{ type: 'unknown', number: 200, critical: true, data: hex('0102') }, 200, '00800006 0102'],
]

describe('payloads', () => {
  it.each(layouts)('has the layout of the RFC: $type', (payload, number, text) => {
    const { first, wire } = encodeAll([payload])
    expect(toHex(wire)).toBe(toHex(hex(text)))
    expect(first).toBe(number)
    expect(decodePayloads(number, hex(text))).toEqual([payload])
  })

  it('gives every chain back', () => {
    fc.assert(
      fc.property(fc.array(anyPayload, { maxLength: 8 }), (payloads) => {
        const { first, wire } = encodeAll(payloads)
        expect(decodePayloads(first, wire)).toEqual(payloads)
      }),
      { numRuns: 300 },
    )
  })

  it('throws nothing but DecodeError, whatever the bytes', () => {
    const number = fc.integer({ min: 0, max: 60 })
    fc.assert(
      fc.property(number, octets(0, 120), (first, wire) => {
        reasonOf(() => decodePayloads(first, wire))
      }),
      { numRuns: 2000 },
    )
  })

  it('reads the reserved bytes that AUTH covers, and never sends any', () => {
    const wire = hex('00000009 02010203 61')
    const [payload] = decodePayloads(35, wire)
    expect(payload).toEqual({ type: 'id-initiator', kind: 2, data: hex('61'), reserved: 0x010203 })
    if (payload?.type !== 'id-initiator') throw new Error('no ID')
    expect(identificationBytes(payload)).toEqual(wire.subarray(4))
    expect(toHex(encodeAll([payload]).wire)).toBe('000000090200000061')
  })

  it('ignores reserved bits and bytes everywhere else', () => {
    expect(decodePayloads(34, hex('007f000a 001fffff aabb'))).toEqual([
      { type: 'ke', group: 31, data: hex('aabb') },
    ])
    expect(decodePayloads(47, hex('0000000c 01ffffff 80010000'))).toEqual([
      { type: 'configuration', kind: 1, attributes: [{ attribute: 1, value: new Uint8Array(0) }] },
    ])
  })

  it('ignores the critical bit of payloads it knows', () => {
    expect(decodePayloads(43, hex('00800005 ff'))).toEqual([{ type: 'vendor-id', data: hex('ff') }])
  })

  it.each([
    ['an unknown attribute', '00000004 8001 0002'],
    ['a key length in the long form', '00000004 000e 0002 0100'],
    ['two key lengths', '00000004 800e 0080 800e 0100'],
    ['an unknown attribute behind a key length', '00000004 800e 0080 0063 0001 ff'],
  ])('makes a transform with %s unusable, and keeps the proposal', (_, attributes) => {
    const transform = hex(`0100000c${attributes.replaceAll(' ', '').slice(8)}`)
    const length = (transform.length + 4).toString(16).padStart(4, '0')
    const proposalLength = transform.length + 4 + 8
    const wire = hex(
      `0000${(proposalLength + 4).toString(16).padStart(4, '0')}` +
        `0000${proposalLength.toString(16).padStart(4, '0')} 01010001 0000${length}${toHex(transform)}`,
    )
    expect(decodePayloads(33, wire)).toEqual([
      {
        type: 'sa',
        proposals: [
          {
            number: 1,
            protocol: 1,
            spi: new Uint8Array(0),
            transforms: [{ type: 1, id: UNUSABLE_TRANSFORM }],
          },
        ],
      },
    ])
    const again = decodePayloads(33, wire)
    expect(() => encodeAll(again)).toThrow(EncodeError)
  })

  it('passes over traffic selectors of unknown types and says so', () => {
    const wire = hex(
      '0000001e 02000000 0a000006 ffff 07000010 0000ffff 0a000000 0affffff'.replaceAll(' ', ''),
    )
    expect(decodePayloads(44, wire)).toEqual([
      { type: 'ts-initiator', selectors: [selector('10.0.0.0/8')], unknownSelectors: 1 },
    ])
  })

  it.each([
    ['a nonce of 15 bytes', 40, '00000013 00112233445566778899aabbccddee', 'bad-length'],
    ['a nonce of 257 bytes', 40, `00000105 ${'00'.repeat(257)}`, 'bad-length'],
    ['a payload shorter than its header', 43, '00000003 ff', 'bad-length'],
    ['a payload of length zero', 43, '2b000000', 'bad-length'],
    ['a payload longer than the message', 43, '00000006 ff', 'truncated'],
    ['bytes behind the last payload', 43, '00000005 ff 00', 'trailing-bytes'],
    ['a chain that goes on behind the end', 43, '2b000005 ff', 'truncated'],
    ['an SPI longer than its payload', 41, '00000008 03ff4009', 'truncated'],
    ['65,535 SPIs of no bytes', 42, '00000008 0100ffff', 'too-many'],
    [
      'a selector that runs backwards',
      44,
      '00000018 01000000 07000010 0000ffff 0affffff 0a000000',
      'bad-value',
    ],
    ['ports that run backwards', 44, '00000018 01000000 07000010 00500040 0a000000 0affffff', 'bad-value'],
    [
      'an IPv4 selector with IPv6 addresses',
      44,
      `00000030 01000000 07000028 0000ffff ${'00'.repeat(32)}`,
      'trailing-bytes',
    ],
    ['fewer transforms than announced', 33, '00000014 00000010 01010002 00000008 02000005', 'bad-length'],
    ['a proposal mark of neither 0 nor 2', 33, '00000014 01000010 01010001 00000008 02000005', 'bad-value'],
    ['no proposals', 33, '00000004', 'truncated'],
  ])('refuses %s', (_, number, text, reason) => {
    expect(reasonOf(() => decodePayloads(number, hex(text)))).toBe(reason)
  })

  it('stops at the cap, however many payloads a datagram has', () => {
    const payloads = new Uint8Array(65_532)
    for (let at = 0; at < payloads.length; at += 4) payloads.set([43, 0, 0, 4], at)
    expect(reasonOf(() => decodePayloads(43, payloads))).toBe('too-many')
    const most = payloads.slice(0, MOST_PAYLOADS * 4)
    most.set([0], most.length - 4)
    expect(decodePayloads(43, most)).toHaveLength(MOST_PAYLOADS)
  })

  it('finds payloads by type', () => {
    const payloads: readonly Payload[] = [
      { type: 'vendor-id', data: hex('01') },
      { type: 'ke', group: 31, data: hex('02') },
      { type: 'vendor-id', data: hex('03') },
    ]
    expect(payloadsOf({ payloads }, 'vendor-id').map(({ data }) => toHex(data))).toEqual(['01', '03'])
    expect(payloadsOf({ payloads }, 'eap')).toEqual([])
  })
})
