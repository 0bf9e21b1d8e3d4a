/** What the exchange view says of version 1's messages: RFC terms, and nothing that proves who somebody is. */
import { describe, expect, it } from 'vitest'
import { ikeSpi, messageId } from '../../../src-shared/brands.ts'
import type { MessageNode } from '../../../src-shared/exchange-message.ts'
import { watchMessagesV1 } from '../../../src-main/engine/exchange-watch.ts'
import { ExchangeRecorder } from '../../../src-main/engine/exchange-log.ts'
import { basic, variable } from '../../../src-main/ike/v1/attributes.ts'
import {
  Exchange,
  Notification,
  TransactionAttribute as Transaction,
} from '../../../src-main/ike/v1/code-points.ts'
import { describePayload, withoutPasswords } from '../../../src-main/ike/v1/describe-payload.ts'
import { summaryOf } from '../../../src-main/ike/v1/describe.ts'
import type { Payload } from '../../../src-main/ike/v1/payloads.ts'
import { utf8Bytes } from '../../../src-main/wire/text.ts'
import { createFakeClock } from '../../fakes/fake-clock.ts'

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => index)
const none = new Uint8Array()

const lines = ({ name, value, parts = [] }: MessageNode): readonly string[] => [
  value === undefined ? name : `${name}: ${value}`,
  ...parts.flatMap(lines).map((line) => `  ${line}`),
]
const shown = (payload: Payload) => lines(describePayload(payload))

const sa: Payload = {
  type: 'sa',
  proposals: [
    {
      number: 1,
      protocol: 1,
      spi: none,
      transforms: [
        {
          number: 1,
          id: 1,
          attributes: [
            basic(1, 7),
            basic(14, 256),
            basic(2, 4),
            basic(4, 14),
            basic(3, 65001),
            basic(11, 1),
            basic(12, 28_800),
          ],
        },
      ],
    },
  ],
}

describe('each kind of payload', () => {
  it('SA of phase 1', () => {
    expect(shown(sa)).toEqual([
      'SA: AES-CBC · 256 bits · SHA2-256 · group 14 · XAUTH-INIT-PSK',
      '  Proposal 1: ISAKMP',
      '    Transform 1: AES-CBC · 256 bits · SHA2-256 · group 14 · XAUTH-INIT-PSK',
      '      Encryption Algorithm: AES_CBC',
      '      Key Length: 256 bits',
      '      Hash Algorithm: SHA2_256',
      '      Group Description: group 14',
      '      Authentication Method: XAUTH_INIT_PSK',
      '      Life Type: SECONDS',
      '      Life Duration: 28800',
    ])
  })

  it('SA of phase 2', () => {
    expect(
      shown({
        type: 'sa',
        proposals: [
          {
            number: 1,
            protocol: 3,
            spi: Uint8Array.of(1, 2, 3, 4),
            transforms: [
              {
                number: 1,
                id: 12,
                attributes: [basic(6, 128), basic(5, 2), basic(4, 3), variable(2, bytes(9))],
              },
              { number: 2, id: 99, attributes: [basic(77, 1)] },
            ],
          },
        ],
      }),
    ).toEqual([
      'SA: 2 transforms',
      '  Proposal 1: ESP',
      '    SPI: 01020304',
      '    Transform 1: AES-CBC · 128 bits · HMAC-SHA1',
      '      Key Length: 128 bits',
      '      Authentication Algorithm: HMAC_SHA1',
      '      Encapsulation Mode: UDP_TUNNEL',
      '      Life Duration: a number too long',
      '    Transform 2: transform 99 · 1',
      '      attribute 77: 1',
    ])
  })

  it.each([
    [{ type: 'ke', data: bytes(96) }, 'KE: 96 bytes, 0001020304050607…'],
    [{ type: 'nonce', data: bytes(16) }, 'NONCE: 16 bytes, 0001020304050607…'],
    [{ type: 'id', kind: 1, protocol: 17, port: 500, data: Uint8Array.of(192, 0, 2, 1) }, 'ID: 192.0.2.1'],
    [
      { type: 'id', kind: 4, protocol: 0, port: 0, data: Uint8Array.of(10, 0, 0, 0, 255, 0, 0, 0) },
      'ID: 10.0.0.0/255.0.0.0',
    ],
    [{ type: 'id', kind: 11, protocol: 0, port: 0, data: utf8Bytes('staff') }, 'ID: keyid:7374616666'],
    [{ type: 'hash', data: bytes(32) }, 'HASH: 32 bytes'],
    [{ type: 'signature', data: bytes(256) }, 'SIG: 256 bytes'],
    [{ type: 'certificate', encoding: 4, data: bytes(7) }, 'CERT: 7 bytes'],
    [{ type: 'certificate-request', encoding: 4, data: none }, 'CR: any authority'],
    [{ type: 'vendor-id', data: bytes(16) }, 'VID: 16 bytes, 0001020304050607…'],
    [{ type: 'nat-d', data: bytes(20) }, 'NAT-D: 20 bytes, 0001020304050607…'],
    [{ type: 'nat-oa', kind: 1, data: Uint8Array.of(192, 0, 2, 9) }, 'NAT-OA: 192.0.2.9'],
    [
      {
        type: 'notification',
        doi: 1,
        protocol: 1,
        notification: Notification.NO_PROPOSAL_CHOSEN,
        spi: none,
        data: none,
      },
      'N(NO_PROPOSAL_CHOSEN)',
    ],
    [{ type: 'delete', doi: 1, protocol: 3, spis: [Uint8Array.of(0, 0, 1, 2)] }, 'D: ESP 00000102'],
    [{ type: 'fragment', id: 1, number: 2, flags: 1, data: bytes(500) }, 'FRAG: number 2, 500 bytes'],
    [{ type: 'unknown', number: 200, data: bytes(3) }, 'payload 200: 3 bytes'],
  ] as const satisfies readonly (readonly [Payload, string])[])('%#', (payload, expected) => {
    expect(shown(payload)[0]).toBe(expected)
  })

  it('transactions, without passwords', () => {
    const login: Payload = {
      type: 'attributes',
      kind: 2,
      identifier: 7,
      attributes: [
        variable(Transaction.XAUTH_USER_NAME, utf8Bytes('maria')),
        variable(Transaction.XAUTH_USER_PASSWORD, utf8Bytes('open sesame')),
        variable(Transaction.XAUTH_PASSCODE, utf8Bytes('123456')),
        variable(Transaction.INTERNAL_IP4_ADDRESS, Uint8Array.of(10, 9, 0, 2)),
        variable(Transaction.INTERNAL_IP4_DNS, none),
        basic(Transaction.XAUTH_STATUS, 1),
      ],
    }
    expect(shown(login)).toEqual([
      'ATTR: REPLY',
      '  Identifier: 7',
      '  XAUTH_USER_NAME: maria',
      '  XAUTH_USER_PASSWORD: not shown',
      '  XAUTH_PASSCODE: not shown',
      '  INTERNAL_IP4_ADDRESS: 10.9.0.2',
      '  INTERNAL_IP4_DNS: any',
      '  XAUTH_STATUS: 1',
    ])
    const kept = withoutPasswords(login)
    expect(Buffer.from(JSON.stringify(kept)).toString()).not.toContain(
      JSON.stringify([...utf8Bytes('open')]).slice(1, -1),
    )
    expect(kept.type === 'attributes' && kept.attributes[1]).toEqual({
      form: 'variable',
      type: Transaction.XAUTH_USER_PASSWORD,
      data: none,
    })
    expect(shown(kept)).toEqual(shown(login))
  })
})

describe('a message in one line', () => {
  const ke: Payload = { type: 'ke', data: bytes(96) }
  const id: Payload = { type: 'id', kind: 1, protocol: 0, port: 0, data: bytes(4) }
  const hash: Payload = { type: 'hash', data: bytes(20) }
  const told = (notification: number): Payload => ({
    type: 'notification',
    doi: 1,
    protocol: 1,
    notification,
    spi: none,
    data: none,
  })
  const transaction = (kind: number, type: number): Payload => ({
    type: 'attributes',
    kind,
    identifier: 0,
    attributes: [variable(type, none)],
  })
  it.each([
    [Exchange.MAIN, true, [sa], 'Offer of suites'],
    [Exchange.MAIN, false, [sa], 'Choice of suite'],
    [Exchange.MAIN, true, [ke], 'Key exchange'],
    [Exchange.MAIN, true, [id, hash], 'Identity, proof of identity'],
    [Exchange.AGGRESSIVE, true, [sa, ke, id], 'Offer of suites, key exchange, identity'],
    [Exchange.AGGRESSIVE, true, [hash], 'Proof of identity'],
    [Exchange.QUICK, true, [hash, sa], 'New Child SA'],
    [Exchange.QUICK, false, [hash, sa], 'New Child SA agreed'],
    [Exchange.QUICK, true, [hash], 'Confirmation'],
    [Exchange.INFORMATIONAL, true, [hash, told(Notification.R_U_THERE)], 'Liveness check'],
    [Exchange.INFORMATIONAL, true, [hash, told(Notification.R_U_THERE_ACK)], 'Acknowledgement'],
    [
      Exchange.INFORMATIONAL,
      true,
      [hash, told(Notification.AUTHENTICATION_FAILED)],
      'Refusal: AUTHENTICATION_FAILED',
    ],
    [Exchange.INFORMATIONAL, true, [hash, told(Notification.INITIAL_CONTACT)], 'INITIAL_CONTACT'],
    [
      Exchange.INFORMATIONAL,
      true,
      [{ type: 'delete', doi: 1, protocol: 1, spis: [bytes(16)] }],
      'Delete IKE SA',
    ],
    [
      Exchange.TRANSACTION,
      true,
      [hash, transaction(1, Transaction.XAUTH_USER_NAME)],
      'XAUTH: asks for user and password',
    ],
    [
      Exchange.TRANSACTION,
      false,
      [hash, transaction(2, Transaction.XAUTH_USER_NAME)],
      'XAUTH: user and password',
    ],
    [Exchange.TRANSACTION, true, [hash, transaction(3, Transaction.XAUTH_STATUS)], 'XAUTH: outcome'],
    [
      Exchange.TRANSACTION,
      false,
      [hash, transaction(2, Transaction.INTERNAL_IP4_ADDRESS)],
      'Address and what goes with it',
    ],
  ] as const satisfies readonly (readonly [number, boolean, readonly Payload[], string])[])(
    '%#',
    (exchange, isRequest, payloads, expected) => {
      expect(summaryOf({ exchange, isRequest, payloads })).toBe(expected)
    },
  )
})

describe('a conversation in the exchange view', () => {
  it('whoever sends first asks; repetitions count at what was repeated', () => {
    const recorder = new ExchangeRecorder(createFakeClock())
    const watch = watchMessagesV1(recorder, 'a', () => undefined)
    const header = (exchange: number, id: number) => ({
      initiatorSpi: ikeSpi(1n),
      responderSpi: ikeSpi(2n),
      exchange,
      messageId: messageId(id),
      commit: false,
    })
    const message = (exchange: number, id: number) => ({
      header: header(exchange, id),
      encrypted: true,
      payloads: [{ payload: { type: 'hash', data: bytes(20) } as const, body: none }],
      chain: none,
    })
    watch.onMessage('sent', message(Exchange.QUICK, 5), 200)
    watch.onMessage('received', message(Exchange.QUICK, 5), 180)
    watch.onMessage('received', message(Exchange.INFORMATIONAL, 9), 84)
    watch.onMessage('sent', message(Exchange.INFORMATIONAL, 9), 84)
    watch.onRepeated('sent', header(Exchange.QUICK, 5))
    expect(
      recorder
        .messages()
        .map(
          (one) =>
            `${one.version} ${one.direction} ${one.exchange} ${one.kind} ${one.messageId} ${one.length} ${one.retransmissions}`,
        ),
    ).toEqual([
      '1 sent QUICK request 5 200 1',
      '1 received QUICK response 5 180 0',
      '1 received INFORMATIONAL request 9 84 0',
      '1 sent INFORMATIONAL response 9 84 0',
    ])
  })
})
