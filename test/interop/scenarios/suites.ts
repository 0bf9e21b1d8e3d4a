/**
 * Every cipher suite that goes beyond what most connections agree on, in IKE and in ESP, and the named suites of the RFCs. What
 * Debian's strongSwan cannot do is proven with our own gateway (`ownSuites`).
 */
import type { EspSuite, IkeSuite } from '../../../src-shared/algorithms.ts'
import { addresses } from '../lab/network.ts'
import type { Scenario } from '../lab/scenario.ts'

type Row = readonly [ike: string, esp: string, chosenIke: Partial<IkeSuite>, chosenEsp: Partial<EspSuite>]

const row = ([ike, esp, chosenIke, chosenEsp]: Row): Scenario => ({
  name: `suites ${ike} with ${esp}`,
  gateway: { ike: [ike], esp: [esp] },
  outcome: { kind: 'connected', ike: chosenIke, esp: chosenEsp },
  steps: ['small-transfer'],
})

/** IKEv1 has numbers for fewer of them (RFC 2407, RFC 2409 appendix A). */
const rowOfVersion1 = ([ike, esp, chosenIke, chosenEsp]: Row): Scenario => ({
  name: `suites ikev1: ${ike} with ${esp}`,
  gateway: {
    ike: [ike],
    esp: [esp],
    pools: ['ipv4'],
    networks: [addresses.officeNetwork.ipv4],
    connection: { version: 1 },
  },
  client: { profile: { ikeVersion: 1 }, connection: { version: 1 } },
  outcome: { kind: 'connected', families: ['ipv4'], ike: chosenIke, esp: chosenEsp },
})

const rows: readonly Row[] = [
  [
    'aes128ctr-sha256-ecp256',
    'aes128ctr-sha256',
    { encryption: 'aes-ctr', keyBits: 128, integrity: 'hmac-sha256-128' },
    { encryption: 'aes-ctr', keyBits: 128, integrity: 'hmac-sha256-128' },
  ],
  [
    'aes256ctr-aesxcbc-x448',
    'aes256ctr-aesxcbc',
    { encryption: 'aes-ctr', keyBits: 256, prf: 'aes-xcbc-128', group: 'curve448' },
    { encryption: 'aes-ctr', keyBits: 256, integrity: 'aes-xcbc-96' },
  ],
  [
    'aes128ccm8-prfsha256-ecp224',
    'aes128ccm8',
    { encryption: 'aes-ccm-8', keyBits: 128, group: 'ecp224' },
    { encryption: 'aes-ccm-8', keyBits: 128 },
  ],
  [
    'aes192ccm12-prfaesxcbc-ecp192',
    'aes192ccm12',
    { encryption: 'aes-ccm-12', keyBits: 192, prf: 'aes-xcbc-128', group: 'ecp192' },
    { encryption: 'aes-ccm-12', keyBits: 192 },
  ],
  [
    'aes256ccm16-prfaescmac-ecp384bp',
    'aes256ccm16',
    { encryption: 'aes-ccm-16', keyBits: 256, prf: 'aes-cmac-128', group: 'ecp384bp' },
    { encryption: 'aes-ccm-16', keyBits: 256 },
  ],
  [
    'aes128gcm8-prfsha256-ecp256bp',
    'aes128gcm8',
    { encryption: 'aes-gcm-8', keyBits: 128, group: 'ecp256bp' },
    { encryption: 'aes-gcm-8', keyBits: 128 },
  ],
  [
    'aes192gcm12-prfsha512-ecp512bp',
    'aes192gcm12',
    { encryption: 'aes-gcm-12', keyBits: 192, group: 'ecp512bp' },
    { encryption: 'aes-gcm-12', keyBits: 192 },
  ],
  [
    'aes256-aescmac-ecp224bp',
    'aes256-aescmac',
    { integrity: 'aes-cmac-96', prf: 'aes-cmac-128', group: 'ecp224bp' },
    { encryption: 'aes-cbc', keyBits: 256, integrity: 'aes-cmac-96' },
  ],
  [
    'camellia128-sha256-modp2048',
    'camellia128-sha256',
    { encryption: 'camellia-cbc', keyBits: 128 },
    { encryption: 'camellia-cbc', keyBits: 128, integrity: 'hmac-sha256-128' },
  ],
  [
    'camellia256-sha512-modp2048',
    'camellia256ctr-sha512',
    { encryption: 'camellia-cbc', keyBits: 256 },
    { encryption: 'camellia-ctr', keyBits: 256, integrity: 'hmac-sha512-256' },
  ],
  [
    'camellia192-aesxcbc-modp2048',
    'camellia192ccm16',
    { encryption: 'camellia-cbc', keyBits: 192, integrity: 'aes-xcbc-96' },
    { encryption: 'camellia-ccm-16', keyBits: 192 },
  ],
  ['aes128-sha256-ecp256', 'camellia128ccm8', {}, { encryption: 'camellia-ccm-8', keyBits: 128 }],
  ['aes128-sha256-ecp256', 'camellia256ccm12', {}, { encryption: 'camellia-ccm-12', keyBits: 256 }],
  ['aes128-sha256-ecp256', 'null-sha256', {}, { encryption: 'null', integrity: 'hmac-sha256-128' }],
  ['aes128-sha256-ecp256', 'null-aescmac', {}, { encryption: 'null', integrity: 'aes-cmac-96' }],
  [
    '3des-md5-modp1536',
    '3des-md5',
    { encryption: '3des-cbc', integrity: 'hmac-md5-96', prf: 'hmac-md5', group: 'modp1536' },
    { encryption: '3des-cbc', integrity: 'hmac-md5-96' },
  ],
  [
    'des-sha1-modp768',
    'des-sha1',
    { encryption: 'des-cbc', group: 'modp768' },
    { encryption: 'des-cbc', integrity: 'hmac-sha1-96' },
  ],
  [
    'blowfish128-sha1-modp1024',
    'blowfish256-sha1',
    { encryption: 'blowfish-cbc', keyBits: 128, group: 'modp1024' },
    { encryption: 'blowfish-cbc', keyBits: 256, integrity: 'hmac-sha1-96' },
  ],
  [
    'cast128-sha1-modp2048',
    'cast128-sha1',
    { encryption: 'cast-cbc', keyBits: 128 },
    { encryption: 'cast-cbc', keyBits: 128, integrity: 'hmac-sha1-96' },
  ],
]

const largeGroups: readonly Row[] = [
  ['aes256gcm16-prfsha512-modp6144', 'aes256gcm16', { group: 'modp6144' }, {}],
  ['aes256gcm16-prfsha512-modp8192', 'aes256gcm16', { group: 'modp8192' }, {}],
]

const version1: readonly Row[] = [
  [
    'camellia256-sha256-ecp256bp',
    'camellia256-sha256',
    { encryption: 'camellia-cbc', keyBits: 256, group: 'ecp256bp' },
    { encryption: 'camellia-cbc', keyBits: 256, integrity: 'hmac-sha256-128' },
  ],
  [
    'blowfish128-sha1-modp1024',
    'blowfish128-sha1',
    { encryption: 'blowfish-cbc', keyBits: 128 },
    { encryption: 'blowfish-cbc', keyBits: 128 },
  ],
  ['aes128-sha256-ecp224', 'aes192ctr-aesxcbc', { group: 'ecp224' }, { encryption: 'aes-ctr', keyBits: 192 }],
  ['aes128-sha256-ecp256', 'aes256ccm12', {}, { encryption: 'aes-ccm-12', keyBits: 256 }],
  ['aes128-sha256-ecp256', 'aes128gcm8', {}, { encryption: 'aes-gcm-8', keyBits: 128 }],
  ['aes128-sha256-ecp256', 'null-sha1', {}, { encryption: 'null', integrity: 'hmac-sha1-96' }],
  ['des-md5-modp768', 'des-md5', { encryption: 'des-cbc' }, { encryption: 'des-cbc' }],
]

/** As src-main/app/suite-catalogue.ts has them. */
const named: readonly (readonly [string, string, string])[] = [
  ['VPN-A (RFC 4308)', '3des-sha1-modp1024', '3des-sha1'],
  ['VPN-B (RFC 4308)', 'aes128-aesxcbc-modp2048', 'aes128-aesxcbc'],
  ['Suite-B-GCM-128 (RFC 4869)', 'aes128-sha256-ecp256', 'aes128gcm16'],
  ['Suite-B-GCM-256 (RFC 4869)', 'aes256-sha384-ecp384', 'aes256gcm16'],
  ['CNSA 1.0 (RFC 9206)', 'aes256gcm16-prfsha384-ecp384', 'aes256gcm16'],
]

const groups = ['ecp192', 'ecp224', 'ecp224bp', 'ecp256bp', 'ecp384bp', 'ecp512bp', 'x448'] as const

export const suites: readonly Scenario[] = [
  ...[...rows, ...largeGroups].map(row),
  ...version1.map(rowOfVersion1),
  ...named.map(([name, ike, esp]): Scenario => ({
    name: `suites ${name}`,
    gateway: { ike: [ike], esp: [esp] },
    outcome: { kind: 'connected' },
  })),
  ...groups.map((word): Scenario => ({
    name: `perfect forward secrecy ${word}`,
    gateway: { esp: [`aes128gcm16-${word}`] },
    outcome: { kind: 'connected', espAfterSteps: { group: word === 'x448' ? 'curve448' : word } },
    steps: ['gateway-rekeys-child'],
  })),
]

const notInStrongswan = { notWithStrongswan: 'Debian’s strongSwan does not have it in user space' }

/** Both ends Culvert. */
export const ownSuites: readonly Scenario[] = [
  ...(
    [
      ['aes128-sha256-ecp256', 'aes128gmac', {}, { encryption: 'null-aes-gmac', keyBits: 128 }],
      ['aes256-sha384-ecp384', 'aes256gmac', {}, { encryption: 'null-aes-gmac', keyBits: 256 }],
      [
        'idea-sha1-modp2048',
        'idea-sha1',
        { encryption: 'idea-cbc' },
        { encryption: 'idea-cbc', integrity: 'hmac-sha1-96' },
      ],
      [
        'rc5-sha256-modp2048',
        'rc5-sha256',
        { encryption: 'rc5-cbc' },
        { encryption: 'rc5-cbc', integrity: 'hmac-sha256-128' },
      ],
    ] satisfies readonly Row[]
  ).map((given): Scenario => ({ ...row(given), ...notInStrongswan })),
]
