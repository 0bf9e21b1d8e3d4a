/** A connection's IKE messages as the main process tells them: made, proved, watched, rekeyed. */
import type { ExchangeMessage, MessageNode } from '../../src-shared/exchange-message.ts'
import { officeId } from './samples-library.ts'

const start = Date.parse('2026-11-23T09:41:07.112Z')
const initiatorSpi = '7d02c1f49be05a13'
const responderSpi = 'e1509a7730c2d84f'

type Given = Pick<ExchangeMessage, 'direction' | 'exchange' | 'kind' | 'messageId' | 'summary' | 'payloads'> &
  Partial<ExchangeMessage>

const notify = (name: string, value?: string): MessageNode => ({
  name: `N(${name})`,
  ...(value === undefined ? {} : { value }),
})
const natDetection = [
  notify('NAT_DETECTION_SOURCE_IP', '20 bytes'),
  notify('NAT_DETECTION_DESTINATION_IP', '20 bytes'),
]
const selector = (range: string): MessageNode => ({
  name: 'Traffic Selector',
  value: range,
  parts: [
    { name: 'TS Type', value: 'TS_IPV4_ADDR_RANGE' },
    { name: 'IP Protocol ID', value: '0 (any)' },
    { name: 'Port range', value: '0–65535' },
    { name: 'Address range', value: range },
  ],
})
const transform = (type: string, value: string): MessageNode => ({ name: `Transform ${type}`, value })
const espProposal = (number: number, spi: string, encryption: string): MessageNode => ({
  name: `Proposal ${number}`,
  value: `ESP · SPI ${spi} · ${encryption}`,
  parts: [transform('ENCR', encryption), transform('ESN', 'No Extended Sequence Numbers')],
})
const encrypted = (length: number, parts: readonly MessageNode[]): readonly MessageNode[] => [
  { name: 'SK', value: `${length} bytes, decrypted here`, parts },
]

const given: readonly (Given & { readonly after: number })[] = [
  {
    after: 0,
    direction: 'sent',
    exchange: 'IKE_SA_INIT',
    kind: 'request',
    messageId: 0,
    responderSpi: '0000000000000000',
    encrypted: false,
    length: 464,
    summary: 'Offer of suites and key exchange',
    payloads: [
      {
        name: 'SA',
        value: '2 proposals',
        parts: [
          {
            name: 'Proposal 1',
            value: 'IKE · AES-GCM-16 256 · PRF-HMAC-SHA2-384 · Curve25519',
            parts: [
              transform('ENCR', 'ENCR_AES_GCM_16 (256)'),
              transform('ENCR', 'ENCR_CHACHA20_POLY1305'),
              transform('PRF', 'PRF_HMAC_SHA2_384'),
              transform('PRF', 'PRF_HMAC_SHA2_256'),
              transform('KE', 'Curve25519'),
              transform('KE', '384-bit random ECP group'),
            ],
          },
          { name: 'Proposal 2', value: 'IKE · AES-CBC 256 · HMAC-SHA2-384-192 · MODP-3072' },
        ],
      },
      {
        name: 'KE',
        value: 'Curve25519 · 32 bytes',
        parts: [{ name: 'Diffie-Hellman Group Num', value: '31' }],
      },
      { name: 'Nonce', value: '32 bytes' },
      ...natDetection,
      notify('IKEV2_FRAGMENTATION_SUPPORTED'),
      notify('SIGNATURE_HASH_ALGORITHMS', 'SHA2-256, SHA2-384, SHA2-512'),
    ],
  },
  {
    after: 31,
    direction: 'received',
    exchange: 'IKE_SA_INIT',
    kind: 'response',
    messageId: 0,
    encrypted: false,
    length: 256,
    summary: 'Chosen: AES-256-GCM · HMAC-SHA2-384 · Curve25519',
    payloads: [
      {
        name: 'SA',
        value: '1 proposal',
        parts: [
          {
            name: 'Proposal 1',
            value: 'IKE · AES-GCM-16 256 · PRF-HMAC-SHA2-384 · Curve25519',
            parts: [
              transform('ENCR', 'ENCR_AES_GCM_16 (256)'),
              transform('PRF', 'PRF_HMAC_SHA2_384'),
              transform('KE', 'Curve25519'),
            ],
          },
        ],
      },
      { name: 'KE', value: 'Curve25519 · 32 bytes' },
      { name: 'Nonce', value: '32 bytes' },
      ...natDetection,
      { name: 'CERTREQ', value: '1 authority' },
    ],
  },
  {
    after: 44,
    direction: 'sent',
    exchange: 'IKE_AUTH',
    kind: 'request',
    messageId: 1,
    length: 2210,
    fragments: 2,
    retransmissions: 1,
    summary: 'Identity, request for an address and a Child SA; asks for EAP',
    payloads: encrypted(2120, [
      { name: 'IDi', value: 'ID_RFC822_ADDR maria@example.org' },
      {
        name: 'CP',
        value: 'CFG_REQUEST',
        parts: [{ name: 'INTERNAL_IP4_ADDRESS' }, { name: 'INTERNAL_IP4_DNS' }],
      },
      { name: 'SA', value: '1 proposal', parts: [espProposal(1, 'c0ffee01', 'ENCR_AES_GCM_16 (256)')] },
      { name: 'TSi', parts: [selector('0.0.0.0–255.255.255.255')] },
      { name: 'TSr', parts: [selector('0.0.0.0–255.255.255.255')] },
      notify('MOBIKE_SUPPORTED'),
    ]),
  },
  {
    after: 2190,
    direction: 'received',
    exchange: 'IKE_AUTH',
    kind: 'response',
    messageId: 1,
    length: 1893,
    fragments: 2,
    summary: 'The gateway proves who it is and starts EAP',
    payloads: encrypted(1802, [
      { name: 'IDr', value: 'ID_FQDN vpn.example.org' },
      { name: 'CERT', value: 'X.509 Certificate - Signature · CN=vpn.example.org' },
      { name: 'AUTH', value: 'Digital Signature · RSA-PSS SHA2-256 · 256 bytes' },
      { name: 'EAP', value: 'Request · Identity' },
    ]),
  },
  {
    after: 2204,
    direction: 'sent',
    exchange: 'IKE_AUTH',
    kind: 'request',
    messageId: 2,
    length: 112,
    summary: 'EAP: user name',
    payloads: encrypted(48, [{ name: 'EAP', value: 'Response · Identity · 21 bytes' }]),
  },
  {
    after: 2230,
    direction: 'received',
    exchange: 'IKE_AUTH',
    kind: 'response',
    messageId: 2,
    length: 128,
    summary: 'EAP-MSCHAPv2: challenge',
    payloads: encrypted(64, [{ name: 'EAP', value: 'Request · MSCHAP-V2 · 34 bytes' }]),
  },
  {
    after: 2246,
    direction: 'sent',
    exchange: 'IKE_AUTH',
    kind: 'request',
    messageId: 3,
    length: 160,
    summary: 'EAP-MSCHAPv2: answer to the challenge',
    payloads: encrypted(96, [{ name: 'EAP', value: 'Response · MSCHAP-V2 · 75 bytes' }]),
  },
  {
    after: 2275,
    direction: 'received',
    exchange: 'IKE_AUTH',
    kind: 'response',
    messageId: 3,
    length: 304,
    summary: 'Authenticated; address 10.20.0.7, Child SA c0ffee01',
    payloads: encrypted(240, [
      { name: 'EAP', value: 'Success' },
      { name: 'AUTH', value: 'Shared Key MIC · 48 bytes' },
      {
        name: 'CP',
        value: 'CFG_REPLY',
        parts: [
          { name: 'INTERNAL_IP4_ADDRESS', value: '10.20.0.7' },
          { name: 'INTERNAL_IP4_DNS', value: '10.20.0.1' },
        ],
      },
      { name: 'SA', value: '1 proposal', parts: [espProposal(1, 'd00dfeed', 'ENCR_AES_GCM_16 (256)')] },
      { name: 'TSi', parts: [selector('10.20.0.7')] },
      { name: 'TSr', parts: [selector('0.0.0.0–255.255.255.255')] },
    ]),
  },
  ...[30_000, 60_000].flatMap((at, index): (Given & { after: number })[] => [
    {
      after: at,
      direction: 'sent',
      exchange: 'INFORMATIONAL',
      kind: 'request',
      messageId: 4 + index,
      length: 57,
      summary: 'Liveness check',
      payloads: encrypted(0, []),
    },
    {
      after: at + 24,
      direction: 'received',
      exchange: 'INFORMATIONAL',
      kind: 'response',
      messageId: 4 + index,
      length: 57,
      summary: 'Liveness check answered',
      payloads: encrypted(0, []),
    },
  ]),
  {
    after: 91_500,
    direction: 'received',
    exchange: 'CREATE_CHILD_SA',
    kind: 'request',
    messageId: 0,
    length: 304,
    summary: 'Rekey Child SA d00dfeed',
    payloads: encrypted(240, [
      notify('REKEY_SA', 'ESP d00dfeed'),
      { name: 'SA', value: '1 proposal', parts: [espProposal(1, 'ca11ab1e', 'ENCR_AES_GCM_16 (256)')] },
      { name: 'Nonce', value: '32 bytes' },
      { name: 'KE', value: 'Curve25519 · 32 bytes' },
      { name: 'TSi', parts: [selector('0.0.0.0–255.255.255.255')] },
      { name: 'TSr', parts: [selector('10.20.0.7')] },
    ]),
  },
  {
    after: 91_509,
    direction: 'sent',
    exchange: 'CREATE_CHILD_SA',
    kind: 'response',
    messageId: 0,
    length: 272,
    summary: 'New Child SA c0ffee02',
    payloads: encrypted(208, [
      { name: 'SA', value: '1 proposal', parts: [espProposal(1, 'c0ffee02', 'ENCR_AES_GCM_16 (256)')] },
      { name: 'Nonce', value: '32 bytes' },
      { name: 'KE', value: 'Curve25519 · 32 bytes' },
      { name: 'TSi', parts: [selector('0.0.0.0–255.255.255.255')] },
      { name: 'TSr', parts: [selector('10.20.0.7')] },
    ]),
  },
  {
    after: 91_540,
    direction: 'received',
    exchange: 'INFORMATIONAL',
    kind: 'request',
    messageId: 1,
    length: 69,
    summary: 'Delete Child SA d00dfeed',
    payloads: encrypted(12, [
      { name: 'D', value: 'ESP · 1 SPI', parts: [{ name: 'SPI', value: 'd00dfeed' }] },
    ]),
  },
  {
    after: 91_546,
    direction: 'sent',
    exchange: 'INFORMATIONAL',
    kind: 'response',
    messageId: 1,
    length: 69,
    summary: 'Deleted Child SA c0ffee01',
    payloads: encrypted(12, [
      { name: 'D', value: 'ESP · 1 SPI', parts: [{ name: 'SPI', value: 'c0ffee01' }] },
    ]),
  },
]

export const sampleExchanges: readonly ExchangeMessage[] = given.map(({ after, ...message }, index) => ({
  number: index + 1,
  profileId: officeId,
  at: start + after,
  version: 2,
  initiatorSpi,
  responderSpi,
  length: 100,
  fragments: 1,
  encrypted: true,
  retransmissions: 0,
  ...message,
}))
