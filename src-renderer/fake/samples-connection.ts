import type { ConnectionState } from '../../src-shared/connection-state.ts'
import type { ConnectionStatus, IkeSaStatus } from '../../src-shared/status.ts'
import { officeId } from './samples-library.ts'

const hour = 3_600_000
const minute = 60_000

/** 2 h 13 min ago. */
const since = () => Date.now() - (2 * hour + 13 * minute + 20_000)

const sa = (): IkeSaStatus => ({
  initiatorSpi: '5f1d9c3a77e0b412',
  responderSpi: 'c2b7f0139d4e6a58',
  suite: {
    encryption: 'aes-gcm-16',
    keyBits: 256,
    prf: 'hmac-sha384',
    group: 'curve25519',
  },
  localIdentity: 'erika@example.org',
  remoteIdentity: 'vpn.example.org',
  ageMs: 2 * hour + 13 * minute,
  rekeyInMs: hour + 38 * minute,
  childSas: [
    {
      inboundSpi: 0xc0ffee01,
      outboundSpi: 0x1badb002,
      suite: { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: true },
      mode: 'tunnel',
      encapsulation: 'udp',
      localSelectors: ['10.20.7.42/32'],
      remoteSelectors: ['0.0.0.0/0', '::/0'],
      ageMs: 3 * minute,
      rekeyInMs: 54 * minute,
      expiresInMs: 63 * minute,
      inbound: { packets: 48_211, bytes: 61_230_114, highestSequence: 48_219 },
      outbound: { packets: 21_940, bytes: 2_914_022, highestSequence: 21_940 },
      replayWindow: { size: 64, seen: '1'.repeat(37) + '0' + '1'.repeat(20) + '00' + '1111' },
    },
  ],
})

export const connectionIn = (
  state: ConnectionState,
  more: Partial<ConnectionStatus> = {},
): ConnectionStatus => ({
  profileId: officeId,
  profileName: 'Head office',
  state,
  carriedBy: 'this',
  gateway: { name: 'vpn.example.org', address: '203.0.113.7', port: 4500 },
  virtualAddresses: [],
  dns: { servers: [], domains: [] },
  ikeSas: [],
  traffic: { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } },
  drops: {},
  ...more,
})

export const connected = (more: Partial<ConnectionStatus> = {}): ConnectionStatus =>
  connectionIn(
    { kind: 'connected' },
    {
      since: since(),
      virtualAddresses: ['10.20.7.42', 'fd20:7::42'],
      dns: { servers: ['10.20.0.53'], domains: ['corp.example.org'] },
      interfaceName: 'culvert0',
      mtu: 1400,
      dataPlane: 'portable: TypeScript',
      ikeSas: [sa()],
      traffic: {
        inbound: { packets: 412_806, bytes: 498_214_300 },
        outbound: { packets: 188_412, bytes: 31_022_970 },
      },
      drops: { replay: 2, 'no-sa': 1 },
      policies: [
        {
          direction: 'outbound',
          action: 'bypass',
          local: '0.0.0.0/0',
          remote: '203.0.113.7/32',
          protocol: 'udp 4500',
          reason: 'IKE, and ESP in UDP, to the gateway',
        },
        {
          direction: 'outbound',
          action: 'protect',
          local: '10.20.7.42/32',
          remote: '0.0.0.0/0',
          protocol: 'any',
          spi: 0x1badb002,
          reason: 'agreed with the gateway',
        },
        {
          direction: 'inbound',
          action: 'protect',
          local: '10.20.7.42/32',
          remote: '0.0.0.0/0',
          protocol: 'any',
          spi: 0xc0ffee01,
          reason: 'agreed with the gateway',
        },
        {
          direction: 'inbound',
          action: 'discard',
          local: '0.0.0.0/0',
          remote: '0.0.0.0/0',
          protocol: 'any',
          reason: 'comes through the tunnel, and no Child SA allows it',
        },
      ],
      ...more,
    },
  )

/** A second of traffic more: calm, with a download now and then. */
export function carryOn(status: ConnectionStatus, second: number): ConnectionStatus {
  const wave = Math.sin(second / 3) + Math.sin(second / 7.3) + 2
  const down = Math.round(180_000 * wave + (second % 23 < 9 ? 1_450_000 : 0))
  const up = Math.round(42_000 * (Math.cos(second / 4) + 1.4))
  const { inbound, outbound } = status.traffic
  return {
    ...status,
    traffic: {
      inbound: { packets: inbound.packets + Math.round(down / 1200), bytes: inbound.bytes + down },
      outbound: { packets: outbound.packets + Math.round(up / 400), bytes: outbound.bytes + up },
    },
    ikeSas: status.ikeSas.map((ike) => ({
      ...ike,
      ageMs: ike.ageMs + 1000,
      childSas: ike.childSas.map((child) => ({
        ...child,
        ageMs: child.ageMs + 1000,
        rekeyInMs: Math.max(0, (child.rekeyInMs ?? 0) - 1000),
        expiresInMs: Math.max(0, (child.expiresInMs ?? 0) - 1000),
        inbound: {
          packets: child.inbound.packets + Math.round(down / 1200),
          bytes: child.inbound.bytes + down,
          highestSequence: child.inbound.highestSequence + Math.round(down / 1200),
        },
        outbound: {
          packets: child.outbound.packets + Math.round(up / 400),
          bytes: child.outbound.bytes + up,
          highestSequence: child.outbound.highestSequence + Math.round(up / 400),
        },
      })),
    })),
  }
}
