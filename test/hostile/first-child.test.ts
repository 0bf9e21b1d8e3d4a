/** A gateway that has proven itself and gives what was never offered: Child SAs, traffic, addresses, lifetimes. */
import { describe, expect, it } from 'vitest'
import {
  ConfigurationAttribute,
  ConfigurationKind,
  Notify,
  TransformType,
} from '../../src-main/ike/v2/code-points.ts'
import type { Payload } from '../../src-main/ike/v2/payloads.ts'
import { notify } from '../../src-main/ike/v2/refusal.ts'
import { proposal, selector, utf8 } from '../exchange/story.ts'
import { hostileGateway } from './hostile-gateway.ts'
import type { HostileOptions, Tamper } from './hostile-gateway.ts'
import type { Expected } from './outcome.ts'
import { expectOutcome } from './outcome.ts'
import type { Change } from './payload-changes.ts'
import { inProposals, inTransforms, otherTransform, plus, replace, without } from './payload-changes.ts'

interface Row extends Expected {
  readonly name: string
  readonly change: Change
}

const bytes = (length: number, value = 0): Uint8Array => new Uint8Array(length).fill(value)
const inAuth =
  (change: Change): Tamper =>
  ({ message, honest, write }) => [message.header.exchange === 35 ? write(change(message.payloads)) : honest]
const proposals = {
  ike: [proposal('ike', 'aes256-sha256-x25519')],
  esp: [proposal('esp', 'aes256-sha256-noesn')],
}
const offer: HostileOptions = {
  story: {
    client: { proposals, traffic: { local: [], remote: [selector('10.20.0.0/16')] } },
    gateway: { proposals },
  },
}
const violation = (reason?: string): Expected => ({
  ends: 'protocol-violation',
  ...(reason === undefined ? {} : { details: { reason } }),
  proven: true,
})
const neverOffered = violation('an algorithm chosen that was not offered')
const oneOfEach = violation('not exactly one algorithm of each kind chosen')
const withSpi = (spi: Uint8Array): Change => inProposals((all) => all.map((one) => ({ ...one, spi })))
const extra = (type: number, id: number): Change => inTransforms((all) => [...all, { type, id }])

const choices: readonly Row[] = [
  { name: 'another cipher', change: otherTransform(TransformType.ENCR, 20, 256), ...neverOffered },
  { name: 'NULL encryption', change: otherTransform(TransformType.ENCR, 11), ...neverOffered },
  { name: 'another key length', change: otherTransform(TransformType.ENCR, 12, 128), ...neverOffered },
  { name: 'no key length', change: otherTransform(TransformType.ENCR, 12), ...neverOffered },
  { name: 'integrity NONE', change: otherTransform(TransformType.INTEG, 0), ...neverOffered },
  {
    name: 'extended sequence numbers that were not offered',
    change: otherTransform(TransformType.SN, 1),
    ...neverOffered,
  },
  { name: 'a group, in IKE_AUTH', change: extra(TransformType.KE, 31), ...neverOffered },
  { name: 'a PRF', change: extra(TransformType.PRF, 5), ...neverOffered },
  { name: 'a kind of algorithm that nobody knows', change: extra(99, 1), ...neverOffered },
  {
    name: 'two ciphers',
    change: inTransforms((all) => [...all, ...all.filter(({ type }) => type === TransformType.ENCR)]),
    ...oneOfEach,
  },
  {
    name: 'no cipher',
    change: inTransforms((all) => all.filter(({ type }) => type !== TransformType.ENCR)),
    ...oneOfEach,
  },
  {
    name: 'no integrity',
    change: inTransforms((all) => all.filter(({ type }) => type !== TransformType.INTEG)),
    ...oneOfEach,
  },
  {
    name: 'no sequence numbers',
    change: inTransforms((all) => all.filter(({ type }) => type !== TransformType.SN)),
    ...oneOfEach,
  },
  {
    name: 'two proposals',
    change: inProposals((all) => [...all, ...all]),
    ...violation('not exactly one proposal chosen'),
  },
  {
    name: 'a proposal number that was not offered',
    change: inProposals((all) => all.map((one) => ({ ...one, number: 2 }))),
    ...violation('a proposal chosen that was not offered'),
  },
  {
    name: 'AH in place of ESP',
    change: inProposals((all) => all.map((one) => ({ ...one, protocol: 2 }))),
    ...violation('a proposal chosen that was not offered'),
  },
  { name: 'SPI 0', change: withSpi(bytes(4)), ...violation('ESP SPI') },
  {
    name: 'SPI 255, which is reserved',
    change: withSpi(Uint8Array.of(0, 0, 0, 255)),
    ...violation('ESP SPI'),
  },
  { name: 'an SPI of no bytes', change: withSpi(bytes(0)), ...violation('ESP SPI') },
  { name: 'an SPI of 8 bytes', change: withSpi(bytes(8, 7)), ...violation('ESP SPI') },
  {
    name: 'no SA',
    change: without('sa', 'ts-initiator', 'ts-responder'),
    ends: 'protocol-violation',
    details: { missing: 'sa' },
    proven: true,
  },
  { name: 'no TSi', change: without('ts-initiator'), ...violation('payload-counts') },
  { name: 'no TSr', change: without('ts-responder'), ...violation('payload-counts') },
]

const remote = (...texts: readonly string[]): Change =>
  replace('ts-responder', (payload) => ({ ...payload, selectors: texts.map(selector) }))
const local = (...texts: readonly string[]): Change =>
  replace('ts-initiator', (payload) => ({ ...payload, selectors: texts.map(selector) }))
const raw = (number: number, ...data: readonly number[]): Payload => ({
  type: 'unknown',
  number,
  critical: false,
  data: Uint8Array.from(data),
})
/** One selector: type, protocol, length, ports, addresses. */
const range = (
  start: readonly number[],
  end: readonly number[],
  ports = [0, 0, 255, 255],
): readonly number[] => [1, 0, 0, 0, 7, 0, 0, 16, ...ports, ...start, ...end]
const never: Expected = { ends: 'protocol-violation', proven: true }

const traffic: readonly Row[] = [
  { name: 'less than was offered', change: remote('10.20.5.0/24'), ends: 'connected' },
  { name: 'all that was offered', change: remote('10.20.0.0/16'), ends: 'connected' },
  { name: 'two parts of it', change: remote('10.20.1.0/24', '10.20.9.0/24'), ends: 'connected' },
  { name: 'a wider network', change: remote('10.0.0.0/8'), ...never },
  { name: 'everything', change: remote('0.0.0.0/0'), ...never },
  { name: 'a part of it, and everything', change: remote('10.20.1.0/24', '0.0.0.0/0'), ...never },
  { name: 'another network', change: remote('192.168.0.0/24'), ...never },
  { name: 'the other family', change: remote('::/0'), ...never },
  {
    name: 'one address too many',
    change: replace('ts-responder', () => raw(45, ...range([10, 20, 0, 0], [10, 21, 0, 0]))),
    ...never,
  },
  {
    name: 'a range that ends before it begins',
    change: replace('ts-responder', () => raw(45, ...range([10, 20, 9, 0], [10, 20, 1, 0]))),
    ...never,
  },
  {
    name: 'ports that end before they begin',
    change: replace('ts-responder', () => raw(45, ...range([10, 20, 1, 0], [10, 20, 9, 0], [1, 0, 0, 5]))),
    ...never,
  },
  { name: 'no selector', change: replace('ts-responder', () => raw(45, 0, 0, 0, 0)), ...never },
  {
    name: 'a selector type that nobody knows',
    change: replace('ts-responder', () => raw(45, 1, 0, 0, 0, 99, 0, 0, 8, 1, 2, 3, 4)),
    ...never,
  },
  {
    name: 'more selectors than it says',
    change: replace('ts-responder', () => raw(45, 2, ...range([10, 20, 1, 0], [10, 20, 1, 9]).slice(1))),
    ...violation('malformed'),
  },
  { name: 'the other family for us', change: local('fd00::1/128'), ...never },
  {
    name: 'an address of ours that it never gave',
    change: local('10.9.0.99/32'),
    ends: 'no-common-traffic',
    proven: true,
  },
]

const attribute = (type: number, value: Uint8Array) => ({ attribute: type, value })
const configuration = (...attributes: readonly ReturnType<typeof attribute>[]): Change =>
  replace('configuration', (payload) => ({ ...payload, attributes }))
const address4 = (...value: readonly number[]) =>
  attribute(ConfigurationAttribute.INTERNAL_IP4_ADDRESS, Uint8Array.from(value))
const noAddress: Expected = { ends: 'no-address', proven: true }

const addresses: readonly Row[] = [
  { name: 'no configuration', change: without('configuration'), ...noAddress },
  { name: 'an empty configuration', change: configuration(), ...noAddress },
  { name: 'an address of 3 bytes', change: configuration(address4(10, 9, 0)), ...noAddress },
  { name: 'an address of no bytes', change: configuration(address4()), ...noAddress },
  { name: 'the address 0.0.0.0', change: configuration(address4(0, 0, 0, 0)), ...noAddress },
  { name: 'the address 127.0.0.1', change: configuration(address4(127, 0, 0, 1)), ...noAddress },
  { name: 'the address 224.0.0.1', change: configuration(address4(224, 0, 0, 1)), ...noAddress },
  { name: 'the address 255.255.255.255', change: configuration(address4(255, 255, 255, 255)), ...noAddress },
  {
    name: 'the address ::1',
    change: configuration(
      attribute(ConfigurationAttribute.INTERNAL_IP6_ADDRESS, Uint8Array.of(...bytes(15), 1, 128)),
    ),
    ...noAddress,
  },
  {
    name: 'an IPv6 address with a prefix of 129',
    change: configuration(
      attribute(ConfigurationAttribute.INTERNAL_IP6_ADDRESS, Uint8Array.of(0xfd, ...bytes(15, 1), 129)),
    ),
    ...noAddress,
  },
  {
    name: 'the question sent back',
    change: replace('configuration', (payload) => ({ ...payload, kind: ConfigurationKind.CFG_REQUEST })),
    ...noAddress,
  },
  {
    name: 'a kind of configuration that nobody knows',
    change: replace('configuration', (payload) => ({ ...payload, kind: 200 })),
    ...noAddress,
  },
  {
    name: '257 attributes',
    change: replace('configuration', () => raw(47, 2, 0, 0, 0, ...bytes(4 * 257))),
    ...violation('malformed'),
  },
  {
    name: 'a refusal in place of the Child SA',
    change: (all) => [
      ...without('sa', 'ts-initiator', 'ts-responder', 'configuration')(all),
      notify(Notify.INTERNAL_ADDRESS_FAILURE),
    ],
    ...noAddress,
  },
  {
    name: 'TS_UNACCEPTABLE in place of the Child SA',
    change: (all) => [
      ...without('sa', 'ts-initiator', 'ts-responder', 'configuration')(all),
      notify(Notify.TS_UNACCEPTABLE),
    ],
    ends: 'no-common-traffic',
    proven: true,
  },
  {
    name: 'a refusal beside the Child SA',
    change: plus(notify(Notify.NO_PROPOSAL_CHOSEN)),
    ends: 'no-common-proposal',
    proven: true,
  },
]

describe('a gateway that chooses a Child SA that was never offered', () => {
  it.each(choices)('$name → $ends', ({ change, ...expected }) =>
    expectOutcome({ ...offer, tamper: inAuth(change) }, expected),
  )
})

describe('a gateway that widens the traffic', () => {
  it.each(traffic)('$name → $ends', ({ change, ...expected }) =>
    expectOutcome({ ...offer, tamper: inAuth(change) }, expected),
  )
})

describe('a gateway that gives addresses', () => {
  it.each(addresses)('$name → $ends', ({ change, ...expected }) =>
    expectOutcome({ ...offer, tamper: inAuth(change) }, expected),
  )

  it('more than is believed, and texts that could steer a terminal, are left out', async () => {
    const dns = Array.from({ length: 100 }, (_, index) =>
      attribute(ConfigurationAttribute.INTERNAL_IP4_DNS, Uint8Array.of(10, 20, 0, index)),
    )
    const domains = [
      'a b',
      '$(reboot)',
      'x;y',
      '../..',
      'office\u0000',
      '-\n',
      '-x.test',
      'x.-y',
      'y'.repeat(64),
      'ok.test',
      '',
    ].map((text) => attribute(ConfigurationAttribute.INTERNAL_DNS_DOMAIN, utf8(text)))
    const change = configuration(
      address4(10, 9, 0, 2),
      attribute(ConfigurationAttribute.INTERNAL_IP4_DNS, Uint8Array.of(127, 0, 0, 53)),
      attribute(ConfigurationAttribute.APPLICATION_VERSION, utf8('\u001b[2J')),
      ...dns,
      ...domains,
    )
    const { connected } = await hostileGateway({ ...offer, tamper: inAuth(change) }).dial()
    expect(connected?.assigned.dnsServers).toHaveLength(15)
    expect(connected?.assigned.dnsDomains).toEqual(['ok.test'])
    expect(connected?.assigned.applicationVersion).toBeUndefined()
  })

  it.each([
    ['everything', ['0.0.0.0/0']],
    ['its network', ['10.9.0.0/24']],
    ['another of our addresses besides', ['10.9.0.2/32', '192.168.1.5/32']],
  ])(
    'reaches the address it gave us, and no other one of this machine, when it names %s',
    async (_name, texts) => {
      const on = hostileGateway({ ...offer, tamper: inAuth(local(...texts)) })
      const { connected } = await on.dial()
      expect(connected?.child.local).toEqual([selector('10.9.0.2/32')])
    },
  )

  it('addresses that nobody asked for are not taken (RFC 7296 section 2.19)', async () => {
    const { connected } = await hostileGateway({
      story: {
        client: {
          virtualAddress: { ipv4: false, ipv6: false },
          traffic: { local: [selector('10.9.0.2/32')], remote: [selector('10.20.0.0/24')] },
        },
      },
      tamper: ({ message, honest, write }) => {
        if (message.header.exchange !== 35) return [honest]
        const childless = without('notify')(message.payloads)
        return [
          write([
            ...childless,
            { type: 'configuration', kind: ConfigurationKind.CFG_REPLY, attributes: [address4(10, 9, 0, 2)] },
            {
              type: 'sa',
              proposals: [
                {
                  number: 1,
                  protocol: 3,
                  spi: bytes(4, 9),
                  transforms: [
                    { type: 1, id: 20, keyBits: 256 },
                    { type: 5, id: 1 },
                  ],
                },
              ],
            },
            { type: 'ts-initiator', selectors: [selector('10.9.0.2/32')] },
            { type: 'ts-responder', selectors: [selector('10.20.0.0/24')] },
          ]),
        ]
      },
    }).dial()
    expect(connected?.assigned).toEqual({ addresses: [], dnsServers: [], dnsDomains: [], subnets: [] })
  })

  it.each([
    ['of 0 seconds', Uint8Array.of(0, 0, 0, 0)],
    ['of 3 bytes', bytes(3, 9)],
  ])('an AUTH_LIFETIME %s asks for nothing', async (_name, data) => {
    const { connected } = await hostileGateway({
      ...offer,
      tamper: inAuth(plus(notify(Notify.AUTH_LIFETIME, data))),
    }).dial()
    expect(connected?.authLifetime).toBeUndefined()
  })
  it('an AUTH_LIFETIME of a second does not make us authenticate without a pause', async () => {
    const change = plus(notify(Notify.AUTH_LIFETIME, Uint8Array.of(0, 0, 0, 1)))
    const { connected } = await hostileGateway({ ...offer, tamper: inAuth(change) }).dial()
    expect(connected?.authLifetime).toBe(10_000)
  })
})
