import type { ConnectionState } from '../../src-shared/connection-state.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import type { ExchangeMessage } from '../../src-shared/exchange-message.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Failure } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { ConnectionLike, EngineLike } from '../../src-main/app/app.ts'
import type { ProfileSecrets, SecretKind } from '../../src-main/app/secrets.ts'

export interface FakeConnection extends ConnectionLike {
  readonly profile: Profile
  readonly secrets: ProfileSecrets
  become(state: ConnectionState, more?: Partial<ConnectionStatus>): void
  end(failure?: Failure): void
}

export interface FakeEngine extends EngineLike {
  readonly connections: FakeConnection[]
  closed: boolean
  /** What it was told beside connections, in order. */
  readonly told: string[]
  /** Adds a message to what it has seen. */
  exchange(message: Partial<ExchangeMessage>): void
}

/** An engine whose connections do what the test says. `script` runs for each connection when it begins. */
export function fakeEngine(
  script: (connection: FakeConnection) => void | Promise<void> = () => undefined,
): FakeEngine {
  const connections: FakeConnection[] = []
  const told: string[] = []
  const messages: ExchangeMessage[] = []
  const listeners = new Set<() => void>()
  const tell = (words: string): Promise<void> => {
    told.push(words)
    return Promise.resolve()
  }
  const engine: FakeEngine = {
    connections,
    closed: false,
    told,
    exchange(message) {
      messages.push({ ...sampleMessage, number: messages.length + 1, ...message })
      for (const listener of listeners) listener()
    },
    exchanges: {
      messages: () => [...messages],
      onMessage(listener) {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      clear() {
        messages.splice(0)
        for (const listener of listeners) listener()
      },
    },
    setKeyExport: (directory) => void tell(`key export ${directory ?? 'off'}`),
    setKillSwitch: (on) => tell(`kill switch ${on ? 'on' : 'off'}`),
    releaseKillSwitch: () => tell('kill switch released'),
    woke: () => void tell('woke'),
    connect(profile, secrets) {
      const connection = fakeConnection(profile, secrets)
      connections.push(connection)
      void Promise.resolve()
        .then(() => script(connection))
        .catch((error: unknown) => {
          if (!(error instanceof VpnError)) throw error
          connection.end(error.failure)
        })
      return connection
    },
    close() {
      engine.closed = true
      return Promise.resolve()
    },
  }
  return engine
}

const sampleMessage: ExchangeMessage = {
  number: 1,
  profileId: '6f1b2c3d-0000-4000-8000-000000000001',
  at: 1000,
  direction: 'sent',
  version: 2,
  exchange: 'IKE_SA_INIT',
  kind: 'request',
  messageId: 0,
  initiatorSpi: '0011223344556677',
  responderSpi: '0000000000000000',
  length: 300,
  fragments: 1,
  encrypted: false,
  retransmissions: 0,
  summary: 'Offer of suites and key exchange',
  payloads: [{ name: 'SA', parts: [{ name: 'Proposal 1', value: 'AES-GCM-16 256' }] }],
}

function fakeConnection(profile: Profile, secrets: ProfileSecrets): FakeConnection {
  const listeners = new Set<() => void>()
  let current: ConnectionStatus = {
    profileId: profile.id,
    profileName: profile.name,
    state: { kind: 'disconnected' },
    virtualAddresses: [],
    dns: { servers: [], domains: [] },
    ikeSas: [],
    traffic: { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } },
    drops: {},
  }
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const become = (state: ConnectionState, more: Partial<ConnectionStatus> = {}) => {
    current = { ...current, ...more, state }
    for (const listener of listeners) listener()
  }
  const end = (failure?: Failure) => {
    become(failure === undefined ? { kind: 'disconnected' } : { kind: 'failed', failure })
    finish()
  }
  return {
    profile,
    secrets,
    status: () => current,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    disconnect() {
      become({ kind: 'disconnecting' })
      end()
      return finished
    },
    finished,
    become,
    end,
  }
}

const ike = {
  initiatorSpi: '0011223344556677',
  responderSpi: '8899aabbccddeeff',
  suite: { encryption: 'aes-gcm-16', keyBits: 256, prf: 'hmac-sha384', group: 'curve25519' },
  localIdentity: 'maria',
  remoteIdentity: 'vpn.example.org',
  ageMs: 61_000,
  rekeyInMs: 3_600_000,
  childSas: [
    {
      inboundSpi: 0xc0ffee01,
      outboundSpi: 0x0badcafe,
      suite: { encryption: 'aes-gcm-16', keyBits: 256, extendedSequenceNumbers: true },
      mode: 'tunnel',
      encapsulation: 'udp',
      localSelectors: ['10.9.0.2/32'],
      remoteSelectors: ['10.0.0.0/8'],
      ageMs: 61_000,
      rekeyInMs: 1_800_000,
      expiresInMs: 3_600_000,
      replayWindow: { size: 64, seen: '110111' },
      inbound: { packets: 12, bytes: 3456, highestSequence: 12 },
      outbound: { packets: 10, bytes: 2_345_678, highestSequence: 10 },
    },
  ],
} as const

export const connectedDetails: Partial<ConnectionStatus> = {
  gateway: { name: 'vpn.example.org', address: '203.0.113.1', port: 4500 },
  since: 1_700_000_000_000,
  virtualAddresses: ['10.9.0.2'],
  dns: { servers: ['10.0.0.53'], domains: ['corp.example'] },
  interfaceName: 'culvert0',
  mtu: 1400,
  dataPlane: 'portable',
  ikeSas: [ike],
  traffic: { inbound: { packets: 12, bytes: 3456 }, outbound: { packets: 10, bytes: 2_345_678 } },
  drops: { replayed: 3 },
  policies: [
    {
      direction: 'outbound',
      action: 'protect',
      local: '10.9.0.2/32',
      remote: '10.0.0.0/8',
      protocol: 'any',
      spi: 0x0badcafe,
      reason: 'the tunnel',
    },
  ],
  killSwitch: 'armed',
}

/** Goes through the phases, fetching the secret where a real connection would. */
export const connectAfterAsking =
  (kind: SecretKind, expected?: string) =>
  async (connection: FakeConnection): Promise<void> => {
    connection.become({ kind: 'connecting', phase: 'resolving' })
    connection.become({ kind: 'connecting', phase: 'negotiating' })
    connection.become({ kind: 'connecting', phase: 'authenticating' })
    const secret = await connection.secrets.fetch(kind)
    if (expected !== undefined && new TextDecoder().decode(secret) !== expected) {
      connection.end({ code: 'credentials-refused', details: { user: 'maria' } })
      return
    }
    connection.become({ kind: 'connecting', phase: 'configuring' })
    connection.become({ kind: 'connected' }, connectedDetails)
  }
