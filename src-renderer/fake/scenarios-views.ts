/** What the views besides Connect can be shown with: the ordinary days are in scenarios.ts, these are the crowded and the bad ones. */
import type { Slices } from '../../src-shared/contract.ts'
import type { ChildSaStatus, ConnectionStatus, IkeSaStatus } from '../../src-shared/status.ts'
import { connected } from './samples-connection.ts'
import { emptyImport, lockedImport, sampleImport } from './samples-import.ts'
import { someLibrary } from './samples-library.ts'

const minute = 60_000

const crowdedChild: ChildSaStatus = {
  inboundSpi: 0xca11ab1e,
  outboundSpi: 0xd00dfeed,
  suite: {
    encryption: 'aes-cbc',
    keyBits: 256,
    integrity: 'hmac-sha512-256',
    group: 'curve25519',
    extendedSequenceNumbers: false,
  },
  mode: 'transport',
  encapsulation: 'none',
  localSelectors: ['10.20.7.42/32', 'fd20:7:3a1f:9c4e:1::42/128'],
  remoteSelectors: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fd20:7:3a1f:9c4e::/64 tcp 443'],
  ageMs: 59 * minute,
  rekeyInMs: 0,
  expiresInMs: 4 * minute,
  inbound: { packets: 4_294_967_290, bytes: 5_812_446_113_902, highestSequence: 4_294_967_290 },
  outbound: { packets: 912_440_117, bytes: 88_120_340_551, highestSequence: 912_440_117 },
  replayWindow: {
    size: 4096,
    seen: Array.from({ length: 256 }, (_, index) =>
      index % 7 === 3 || (index > 60 && index < 75) ? '0' : '1',
    ).join(''),
  },
}

const young: IkeSaStatus = {
  initiatorSpi: '0102030405060708',
  responderSpi: 'f1e2d3c4b5a69788',
  suite: {
    encryption: 'aes-cbc',
    keyBits: 128,
    integrity: 'hmac-sha256-128',
    prf: 'hmac-sha256',
    group: 'modp2048',
  },
  localIdentity: 'CN=Erika Mustermann, OU=Field engineering, O=A rather long organisation name, C=DE',
  remoteIdentity: 'vpn-gateway-with-a-very-long-name.region-north.example.org',
  ageMs: 4000,
  childSas: [],
}

const crowded = (): readonly ConnectionStatus[] => {
  const first = connected()
  return [
    {
      ...first,
      killSwitch: 'armed',
      ikeSas: [...first.ikeSas.map((sa) => ({ ...sa, childSas: [...sa.childSas, crowdedChild] })), young],
      drops: {
        replay: 214,
        'no-sa': 12,
        integrity: 1,
        dummy: 90_412,
        'too-big': 33,
        'no-policy': 1502,
        'brand-new': 3,
      },
    },
    connected({ profileId: '00000000-0000-4000-8000-000000000002', profileName: 'Branch in Lübeck' }),
  ]
}

/** Of `culvert manual` in a terminal. */
const manual = (): ConnectionStatus => {
  const { policies, traffic, interfaceName, mtu } = connected()
  const sa = {
    protocol: 'esp',
    mode: 'tunnel',
    requestId: 1,
    algorithms: 'rfc4106(gcm(aes)) 128',
    encapsulation: 'none',
    extendedSequenceNumbers: true,
  } as const
  return {
    profileId: 'manual',
    profileName: 'site.xfrm',
    state: { kind: 'connected' },
    carriedBy: 'another',
    since: Date.now() - 12 * minute,
    virtualAddresses: [],
    dns: { servers: [], domains: [] },
    ...(interfaceName === undefined ? {} : { interfaceName }),
    ...(mtu === undefined ? {} : { mtu }),
    ikeSas: [],
    traffic,
    drops: { replay: 2 },
    ...(policies === undefined ? {} : { policies }),
    manualSas: [
      {
        ...sa,
        direction: 'outbound',
        spi: 0x1001,
        source: '198.51.100.2',
        destination: '203.0.113.7',
        flow: { packets: 8123, bytes: 1_204_551, highestSequence: 8123 },
        drops: {},
      },
      {
        ...sa,
        protocol: 'ah',
        algorithms: 'hmac(sha256) 256, 128 bits',
        direction: 'inbound',
        spi: 0x1002,
        source: '203.0.113.7',
        destination: '198.51.100.2',
        flow: { packets: 9930, bytes: 9_912_041, highestSequence: 9932 },
        replayWindow: { size: 32, seen: '11101111111111111111111111111111' },
        drops: { replay: 2 },
        stopped: 'sequence',
      },
    ],
  }
}

export const viewScenarios: Readonly<Record<string, () => Partial<Slices>>> = {
  crowded: () => ({ connections: crowded() }),
  'no-certificates': () => ({ certificates: [] }),
  'incoming-locked': () => ({ incomingImport: lockedImport }),
  manual: () => ({ connections: [manual()] }),
  'incoming-nothing': () => ({ incomingImport: emptyImport }),
  'no-keyring': () => ({
    incomingImport: sampleImport,
    library: { ...someLibrary, keepsSecrets: { yes: false, reason: 'This desktop has no keyring.' } },
  }),
  unreadable: () => ({
    library: {
      ...someLibrary,
      unreadable: [
        { file: 'old-office.json', problem: 'This is not JSON: it ends in the middle of line 12.' },
        { file: 'b7a1.json', problem: 'proposals.ike: This field is missing' },
      ],
    },
  }),
}
