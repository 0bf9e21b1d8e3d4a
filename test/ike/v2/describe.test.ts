/** What the exchange view says of messages: RFC terms, lengths, and nothing that is secret. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ikeSpi, messageId } from '../../../src-shared/brands.ts'
import type { MessageNode } from '../../../src-shared/exchange-message.ts'
import { Exchange, Notify, PayloadNumber, Protocol } from '../../../src-main/ike/v2/code-points.ts'
import { describeMessage, summaryOf } from '../../../src-main/ike/v2/describe.ts'
import { withoutEapData } from '../../../src-main/ike/v2/describe-eap.ts'
import { certificateSubject } from '../../../src-main/ike/certificate-subject.ts'
import { describePayload } from '../../../src-main/ike/v2/describe-payload.ts'
import type { Message } from '../../../src-main/ike/v2/message.ts'
import type { Payload } from '../../../src-main/ike/v2/payloads.ts'
import { notify } from '../../../src-main/ike/v2/refusal.ts'
import { selectorFromPrefix } from '../../../src-main/ip/traffic-selector.ts'
import { parsePrefix } from '../../../src-main/ip/address.ts'
import { utf8Bytes } from '../../../src-main/wire/text.ts'
import { authority } from '../../fakes/certificates.ts'
import { anyPayload } from './arbitrary-payloads.ts'

const message = (
  exchange: number,
  payloads: readonly Payload[],
  header: Partial<Message['header']> = {},
): Message => ({
  header: {
    initiatorSpi: ikeSpi(1n),
    responderSpi: ikeSpi(2n),
    exchange,
    initiator: true,
    response: false,
    messageId: messageId(3),
    ...header,
  },
  payloads,
})

const plain = { bytes: 300, datagrams: 1, encrypted: false }
const bytes = (length: number, from = 0) => Uint8Array.from({ length }, (_, index) => (from + index) & 255)

/** The tree as lines, two spaces a level. */
const lines = ({ name, value, parts = [] }: MessageNode): readonly string[] => [
  value === undefined ? name : `${name}: ${value}`,
  ...parts.flatMap(lines).map((line) => `  ${line}`),
]
const shown = (payload: Payload, response = false) => lines(describePayload(payload, response))

const selector = (text: string) => {
  const prefix = parsePrefix(text)
  if (prefix === undefined) throw new Error(text)
  return selectorFromPrefix(prefix)
}

describe('each kind of payload', () => {
  it('SA: proposals, transforms, attributes', () => {
    expect(
      shown({
        type: 'sa',
        proposals: [
          {
            number: 1,
            protocol: Protocol.IKE,
            spi: new Uint8Array(),
            transforms: [
              { type: 1, id: 20, keyBits: 256 },
              { type: 2, id: 6 },
              { type: 4, id: 20 },
            ],
          },
        ],
      }),
    ).toEqual([
      'SA: AES-GCM-16 256 · HMAC-SHA2-384 · ECP-384',
      '  Proposal 1: AES-GCM-16 256 · HMAC-SHA2-384 · ECP-384',
      '    Protocol ID: IKE',
      '    Transform ENCR: ENCR_AES_GCM_16',
      '      Key Length: 256 bits',
      '    Transform PRF: PRF_HMAC_SHA2_384',
      '    Transform KE: ECP_384',
    ])
  })

  it('SA of a Child SA: SPI, integrity, extended sequence numbers, what is not known', () => {
    expect(
      shown({
        type: 'sa',
        proposals: [
          {
            number: 2,
            protocol: Protocol.ESP,
            spi: Uint8Array.of(0xc0, 0xff, 0xee, 0x01),
            transforms: [
              { type: 1, id: 12, keyBits: 128 },
              { type: 1, id: 4711 },
              { type: 3, id: 12 },
              { type: 5, id: 1 },
              { type: 1, id: -1, keyBits: 3 },
            ],
          },
        ],
      }),
    ).toEqual([
      'SA: AES-CBC 128 / cipher 4711 · HMAC-SHA2-256-128 · ESN',
      '  Proposal 2: AES-CBC 128 / cipher 4711 · HMAC-SHA2-256-128 · ESN',
      '    Protocol ID: ESP',
      '    SPI: c0ffee01',
      '    Transform ENCR: ENCR_AES_CBC',
      '      Key Length: 128 bits',
      '    Transform ENCR: cipher 4711',
      '    Transform INTEG: AUTH_HMAC_SHA2_256_128',
      '    Transform SN: PARTIAL_64',
      '    Transform ENCR: with an attribute that is not known',
    ])
  })

  it('KE and nonces: group, length and the first bytes, named by who sent them', () => {
    expect(shown({ type: 'ke', group: 31, data: bytes(32, 0xa0) })).toEqual([
      'KEi: CURVE25519, 32 bytes',
      '  Key Exchange Method: CURVE25519',
      '  Key Exchange Data: 32 bytes, a0a1a2a3a4a5a6a7…',
    ])
    expect(shown({ type: 'ke', group: 31, data: bytes(32) }, true)[0]).toBe('KEr: CURVE25519, 32 bytes')
    expect(shown({ type: 'nonce', data: bytes(32, 1) })).toEqual(['Ni: 32 bytes, 0102030405060708…'])
    expect(shown({ type: 'nonce', data: bytes(16, 1) }, true)).toEqual(['Nr: 16 bytes, 0102030405060708…'])
  })

  it('identities', () => {
    expect(shown({ type: 'id-initiator', kind: 3, data: utf8Bytes('maria@example.test') })).toEqual([
      'IDi: maria@example.test',
      '  ID Type: ID_RFC822_ADDR',
      '  Identification Data: maria@example.test',
    ])
    expect(shown({ type: 'id-responder', kind: 1, data: Uint8Array.of(198, 51, 100, 2) })[0]).toBe(
      'IDr: 198.51.100.2',
    )
    // A name with a line break is no name: its length alone.
    expect(shown({ type: 'id-responder', kind: 2, data: utf8Bytes('a\nb') })[0]).toBe('IDr: 3 bytes')
    expect(shown({ type: 'id-initiator', kind: 77, data: bytes(5) })[1]).toBe('  ID Type: ID type 77')
  })

  it('certificates by their subject, requests by their authorities', () => {
    const der = authority('C=CH, O=Example, CN=vpn.example.test').der
    expect(shown({ type: 'certificate', encoding: 4, data: der })).toEqual([
      'CERT: C=CH, O=Example, CN=vpn.example.test',
      '  Cert Encoding: X509_SIGNATURE',
      `  Certificate Data: ${der.length} bytes`,
      '  Subject: C=CH, O=Example, CN=vpn.example.test',
    ])
    expect(shown({ type: 'certificate', encoding: 4, data: bytes(9) })[0]).toBe('CERT: 9 bytes')
    expect(shown({ type: 'certificate-request', encoding: 4, data: bytes(40) })).toEqual([
      'CERTREQ: 2 authorities',
      '  Cert Encoding: X509_SIGNATURE',
      '  Certification Authority: 000102030405060708090a0b0c0d0e0f10111213',
      '  Certification Authority: 1415161718191a1b1c1d1e1f2021222324252627',
    ])
  })

  it('AUTH: method and length, not a byte of it', () => {
    expect(shown({ type: 'authentication', method: 2, data: bytes(32, 0xee) })).toEqual([
      'AUTH: SHARED_KEY_MIC',
      '  Auth Method: SHARED_KEY_MIC',
      '  Authentication Data: 32 bytes',
    ])
  })

  it.each([
    [notify(Notify.COOKIE, bytes(24)), 'N(COOKIE): 24 bytes, 0001020304050607…'],
    [notify(Notify.INVALID_KE_PAYLOAD, Uint8Array.of(0, 20)), 'N(INVALID_KE_PAYLOAD): ECP-384'],
    [
      notify(Notify.SIGNATURE_HASH_ALGORITHMS, Uint8Array.of(0, 2, 0, 5)),
      'N(SIGNATURE_HASH_ALGORITHMS): SHA2_256, IDENTITY',
    ],
    [notify(Notify.AUTH_LIFETIME, Uint8Array.of(0, 0, 14, 16)), 'N(AUTH_LIFETIME): 3600 s'],
    [notify(Notify.SET_WINDOW_SIZE, Uint8Array.of(0, 0, 0, 5)), 'N(SET_WINDOW_SIZE): 5'],
    [notify(Notify.UNSUPPORTED_CRITICAL_PAYLOAD, Uint8Array.of(48)), 'N(UNSUPPORTED_CRITICAL_PAYLOAD): EAP'],
    [
      notify(Notify.ADDITIONAL_IP4_ADDRESS, Uint8Array.of(192, 0, 2, 1)),
      'N(ADDITIONAL_IP4_ADDRESS): 192.0.2.1',
    ],
    // Not in the RFC's form: the length alone.
    [notify(Notify.AUTH_LIFETIME, bytes(3)), 'N(AUTH_LIFETIME): 3 bytes'],
    // A ticket lets whoever has it take up the session again.
    [notify(Notify.TICKET_LT_OPAQUE, bytes(100)), 'N(TICKET_LT_OPAQUE): 100 bytes'],
    [notify(Notify.MOBIKE_SUPPORTED), 'N(MOBIKE_SUPPORTED)'],
    [notify(60_000, bytes(2)), 'N(notify 60000): 2 bytes'],
    [
      { ...notify(Notify.REKEY_SA), protocol: Protocol.ESP, spi: Uint8Array.of(1, 2, 3, 4) },
      'N(REKEY_SA): 01020304',
    ],
  ] as const)('notify: %#', (payload, expected) => {
    expect(shown(payload)[0]).toBe(expected)
  })

  it('Delete, Vendor ID, selectors, configuration', () => {
    expect(shown({ type: 'delete', protocol: Protocol.ESP, spis: [Uint8Array.of(1, 2, 3, 4)] })).toEqual([
      'D: ESP 01020304',
      '  Protocol ID: ESP',
      '  SPI: 01020304',
    ])
    expect(shown({ type: 'vendor-id', data: utf8Bytes('strongSwan') })).toEqual(['V: strongSwan'])
    expect(shown({ type: 'vendor-id', data: bytes(16, 0xf0) })).toEqual(['V: 16 bytes, f0f1f2f3f4f5f6f7…'])
    expect(shown({ type: 'ts-responder', selectors: [selector('10.0.0.0/8')], unknownSelectors: 1 })).toEqual(
      ['TSr: 10.0.0.0/8', '  Traffic Selector: 10.0.0.0/8', '  1 of a type that is not known'],
    )
    expect(
      shown({
        type: 'configuration',
        kind: 2,
        attributes: [
          { attribute: 1, value: Uint8Array.of(10, 9, 0, 2) },
          { attribute: 3, value: new Uint8Array() },
          { attribute: 8, value: Uint8Array.of(0xfd, ...new Uint8Array(14), 9, 64) },
          { attribute: 13, value: Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0) },
          { attribute: 25, value: utf8Bytes('corp.example') },
          { attribute: 999, value: bytes(3) },
        ],
      }),
    ).toEqual([
      'CP: CFG_REPLY',
      '  INTERNAL_IP4_ADDRESS: 10.9.0.2',
      '  INTERNAL_IP4_DNS: any',
      '  INTERNAL_IP6_ADDRESS: fd00::9/64',
      '  INTERNAL_IP4_SUBNET: 10.0.0.0/255.0.0.0',
      '  INTERNAL_DNS_DOMAIN: corp.example',
      '  attribute 999: 3 bytes',
    ])
  })

  it('EAP: code, identifier, method and step', () => {
    expect(shown({ type: 'eap', data: Uint8Array.of(2, 7, 0, 60, 26, 2, 1, 2, 3) })).toEqual([
      'EAP: Response, EAP-MSCHAPv2 Response',
      '  Code: Response',
      '  Identifier: 7',
      '  Length: 60 bytes',
      '  Type: EAP-MSCHAPv2',
      '  OpCode: Response',
    ])
    expect(shown({ type: 'eap', data: Uint8Array.of(3, 7, 0, 4) })[0]).toBe('EAP: Success')
    expect(shown({ type: 'eap', data: bytes(2) })).toEqual(['EAP: 2 bytes'])
  })

  it('payloads that nobody knows', () => {
    expect(shown({ type: 'unknown', number: 200, critical: true, data: bytes(12) })).toEqual([
      'payload 200: 12 bytes, critical',
    ])
    expect(shown({ type: 'unknown', number: PayloadNumber.SKF, critical: false, data: bytes(1) })).toEqual([
      'SKF: 1 byte',
    ])
  })
})

describe('a message', () => {
  it('that is protected shows its payloads inside the encrypted one', () => {
    const { payloads } = describeMessage(message(Exchange.INFORMATIONAL, []), {
      bytes: 80,
      datagrams: 1,
      encrypted: true,
    })
    expect(payloads.flatMap(lines)).toEqual(['SK: Encrypted and Authenticated, 80 bytes'])
    const fragmented = describeMessage(message(Exchange.IKE_AUTH, [{ type: 'nonce', data: bytes(16) }]), {
      bytes: 3_000,
      datagrams: 3,
      encrypted: true,
    })
    expect(fragmented.payloads.flatMap(lines)).toEqual([
      'SKF: Encrypted and Authenticated, 3 fragments',
      '  Ni: 16 bytes, 0001020304050607…',
    ])
  })

  const sa = (protocol: number): Payload => ({
    type: 'sa',
    proposals: [{ number: 1, protocol, spi: new Uint8Array(), transforms: [{ type: 1, id: 20 }] }],
  })
  const auth: Payload = { type: 'authentication', method: 2, data: bytes(32) }
  const idi: Payload = { type: 'id-initiator', kind: 2, data: utf8Bytes('a.test') }
  const idr: Payload = { type: 'id-responder', kind: 2, data: utf8Bytes('b.test') }
  const answer = { response: true }
  it.each([
    [Exchange.IKE_SA_INIT, [sa(1)], {}, 'Offer of suites and key exchange'],
    [
      Exchange.IKE_SA_INIT,
      [notify(Notify.COOKIE, bytes(8)), sa(1)],
      {},
      'Offer of suites and key exchange, with the cookie',
    ],
    [Exchange.IKE_SA_INIT, [sa(1)], answer, 'Choice of suite and key exchange'],
    [
      Exchange.IKE_SA_INIT,
      [notify(Notify.COOKIE, bytes(8))],
      answer,
      'Asks for the request again with a cookie',
    ],
    [
      Exchange.IKE_SA_INIT,
      [notify(Notify.INVALID_KE_PAYLOAD, Uint8Array.of(0, 19))],
      answer,
      'Asks for another group: ECP-256',
    ],
    [Exchange.IKE_SA_INIT, [notify(Notify.NO_PROPOSAL_CHOSEN)], answer, 'Refusal: NO_PROPOSAL_CHOSEN'],
    [Exchange.IKE_AUTH, [idi, auth, sa(3)], {}, 'Identity, proof of identity, request for a Child SA'],
    [Exchange.IKE_AUTH, [idi, sa(3)], {}, 'Identity, request for a Child SA'],
    [Exchange.IKE_AUTH, [idr, auth, sa(3)], answer, 'Identity, proof of identity, Child SA agreed'],
    [
      Exchange.IKE_AUTH,
      [idr, auth, notify(Notify.TS_UNACCEPTABLE)],
      answer,
      'Identity, proof of identity, Refusal: TS_UNACCEPTABLE',
    ],
    [Exchange.IKE_AUTH, [notify(Notify.AUTHENTICATION_FAILED)], answer, 'Refusal: AUTHENTICATION_FAILED'],
    [
      Exchange.IKE_AUTH,
      [{ type: 'eap', data: Uint8Array.of(1, 1, 0, 5, 1) }],
      answer,
      'EAP Request, Identity',
    ],
    [Exchange.CREATE_CHILD_SA, [sa(1)], {}, 'Rekey IKE SA'],
    [
      Exchange.CREATE_CHILD_SA,
      [{ ...notify(Notify.REKEY_SA), spi: Uint8Array.of(0xc0, 0xff, 0xee, 1) }, sa(3)],
      {},
      'Rekey Child SA c0ffee01',
    ],
    [Exchange.CREATE_CHILD_SA, [sa(3)], {}, 'New Child SA'],
    [Exchange.CREATE_CHILD_SA, [sa(3)], answer, 'New Child SA agreed'],
    [Exchange.CREATE_CHILD_SA, [notify(Notify.TEMPORARY_FAILURE)], answer, 'Refusal: TEMPORARY_FAILURE'],
    [Exchange.INFORMATIONAL, [], {}, 'Liveness check'],
    [Exchange.INFORMATIONAL, [], answer, 'Acknowledgement'],
    [Exchange.INFORMATIONAL, [{ type: 'delete', protocol: 1, spis: [] }], {}, 'Delete IKE SA'],
    [
      Exchange.INFORMATIONAL,
      [{ type: 'delete', protocol: 3, spis: [Uint8Array.of(0, 0, 1, 2)] }],
      {},
      'Delete Child SA 00000102',
    ],
    [99, [], {}, 'exchange 99'],
  ] as const)('in one line: %#', (exchange, payloads, header, expected) => {
    expect(summaryOf(message(exchange, payloads, header))).toBe(expected)
  })
})

describe('what is secret', () => {
  it('a password in clear (Generic Token Card) is not even kept', () => {
    const password = utf8Bytes('open sesame')
    const packet: Payload = { type: 'eap', data: Uint8Array.of(2, 1, 0, 16, 6, ...password) }
    const kept = withoutEapData(packet)
    expect(kept).toEqual({ type: 'eap', data: Uint8Array.of(2, 1, 0, 16, 6) })
    // In memory of its own: the packet itself may be wiped.
    expect(kept.type === 'eap' && kept.data.buffer.byteLength).toBe(5)
    expect(shown(kept)).toEqual(shown(packet))
    expect(JSON.stringify(shown(packet))).not.toContain('open')
  })

  it('is in no description of any payload: AUTH, EAP, tickets, whatever they hold', () => {
    const secret = 'cafe0123456789abcdef'
    const data = Uint8Array.from(Buffer.from(secret, 'hex'))
    const holders: readonly Payload[] = [
      { type: 'authentication', method: 2, data },
      { type: 'eap', data: Uint8Array.of(2, 1, 0, 15, 26, 2, ...data) },
      { type: 'eap', data: Uint8Array.of(2, 1, 0, 15, 4, ...data) },
      notify(Notify.TICKET_OPAQUE, data),
      notify(Notify.PPK_IDENTITY, data),
      { type: 'unknown', number: 60, critical: false, data },
    ]
    for (const payload of holders) expect(JSON.stringify(shown(payload))).not.toMatch(/cafe|0123/)
  })
})

describe('any message', () => {
  it('can be described, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.array(anyPayload, { maxLength: 6 }),
        fc.constantFrom(34, 35, 36, 37, 43, 200),
        fc.boolean(),
        (payloads, exchange, response) => {
          const { summary, payloads: nodes } = describeMessage(
            message(exchange, payloads, { response }),
            plain,
          )
          expect(summary).not.toBe('')
          expect(nodes).toHaveLength(payloads.length)
          for (const line of nodes.flatMap(lines)) {
            expect(line.length).toBeLessThan(400)
            expect(line).not.toMatch(/\p{Cc}/u)
          }
        },
      ),
    )
  })

  it('has a certificate whose subject is looked for in any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (der) => {
        certificateSubject(der)
      }),
    )
    const der = authority('CN=a').der
    for (let length = 0; length < der.length; length += 1)
      expect(certificateSubject(der.subarray(0, length))).toBeUndefined()
  })
})
