/** Our gateway on a network in memory, and as many of our connections as a test wants, each on a machine of its own. */
import * as v from 'valibot'
import { Connection } from '../../src-main/engine/connection.ts'
import type { Credentials } from '../../src-main/engine/credentials.ts'
import { createEngineServices } from '../../src-main/engine/services.ts'
import { Gateway } from '../../src-main/gateway/gateway.ts'
import type { GatewayEvent } from '../../src-main/gateway/gateway-event.ts'
import { GatewayProfile } from '../../src-main/gateway/gateway-profile.ts'
import type { GatewayCredentials } from '../../src-main/gateway/settings.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'
import { createFakeHostNetwork } from '../fakes/fake-host-network.ts'
import { createFakeNetwork } from '../fakes/fake-network.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const gatewayAddress = '198.51.100.2'
export const office = '10.20.0.10'
const secret = 'open sesame'
export const userPassword = 'correct horse'

export const profileOf = (name: string): Profile =>
  sampleProfile({
    gateway: { address: 'vpn.example.test' },
    local: {
      identity: `${name}@example.test`,
      authentication: { method: 'psk', secret: { from: 'prompt' } },
    },
    remote: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
    traffic: { remote: ['10.20.0.0/24'], local: [] },
    virtualAddress: { ipv4: true, ipv6: false },
    reconnect: false,
  })

export async function openGateway(
  options: Readonly<Record<string, unknown>> = {},
  credentials: Partial<GatewayCredentials> = {},
) {
  const clock = createFakeClock()
  const crypto = createCrypto()
  const packetCrypto = createPacketCrypto()
  const network = createFakeNetwork()
  const host = createFakeHostNetwork()
  const events: GatewayEvent[] = []
  const gateway = new Gateway(
    {
      clock,
      random: createFakeRandom('gateway'),
      crypto,
      packetCrypto,
      datagrams: { open: (family, port, address = gatewayAddress) => network.open(family, address, port) },
      hostNetwork: host,
      log: () => undefined,
    },
    v.parse(GatewayProfile, {
      version: 1,
      listen: { addresses: [gatewayAddress] },
      identity: 'vpn.example.test',
      authentication: { method: 'psk' },
      clients: { psk: [{ identity: '%any', secretFile: 'x' }] },
      pools: { ipv4: '10.9.0.0/24' },
      networks: ['10.20.0.0/24'],
      ...options,
    }),
    {
      own: { method: 'psk' },
      users: {
        psk: () => utf8(secret),
        password: () => undefined,
        xauthPassword: (name) => (name === 'maria' ? utf8(userPassword) : undefined),
        close: () => undefined,
      },
      trust: undefined,
      ...credentials,
    },
    (event) => events.push(event),
  )
  await gateway.start()

  const settle = async (): Promise<void> => {
    for (let idle = 0; idle < 3;) {
      await new Promise((resolve) => setImmediate(resolve))
      idle = network.underWay === 0 ? idle + 1 : 0
      network.deliver(1)
    }
  }

  let nextPort = 40_000
  /** A connection from this machine. */
  const dial = (
    name: string,
    address: string,
    password = secret,
    other: { readonly profile?: Partial<Profile>; readonly credentials?: Partial<Credentials> } = {},
  ) => {
    const machine = createFakeHostNetwork()
    const port = (nextPort += 1)
    const answer = () => Promise.resolve(utf8(password))
    const connection = new Connection({
      services: createEngineServices({ clock, hostNetwork: machine, log: () => undefined }),
      ports: {
        clock,
        random: createFakeRandom(`${name} ${address} ${port}`),
        crypto,
        packetCrypto,
        datagrams: { open: (family) => network.open(family, address, port) },
        resolver: { resolve: () => Promise.resolve([{ address: gatewayAddress, family: 4 }]) },
        hostNetwork: machine,
        log: () => undefined,
      },
      profile: { ...profileOf(name), ...other.profile },
      loadCredentials: () =>
        Promise.resolve({
          local: { method: 'psk', secret: answer },
          localIdentity: undefined,
          remote: { method: 'psk', secret: answer },
          close: () => undefined,
          ...other.credentials,
        }),
      warmUp: () => Promise.resolve(),
    })
    return {
      connection,
      machine,
      state: () => connection.status().state.kind,
      address: () => connection.status().virtualAddresses[0] ?? '',
    }
  }

  return {
    clock,
    network,
    host,
    gateway,
    settle,
    dial,
    /** Dials and waits; throws when it does not connect. */
    async connect(name: string, address: string) {
      const client = dial(name, address)
      await settle()
      if (client.state() !== 'connected') throw new Error(`${name} is ${client.state()}`)
      return client
    },
    /** What the gateway told since the last call. */
    told: () => events.splice(0),
    pass: (delayMs: number) => clock.pass(delayMs, settle),
    async finish(task: Promise<unknown>) {
      await clock.pass(5_000, settle)
      await task
    },
  }
}

export type Many = Awaited<ReturnType<typeof openGateway>>
