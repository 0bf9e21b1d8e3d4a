/**
 * A whole world in memory: our connection on a machine that is a fake, our own gateway at the other end of a network that is a
 * fake, one fake clock for both, real cryptography. Tests let time pass, cut wires, and look what is left behind.
 */
import * as v from 'valibot'
import { Connection } from '../../src-main/engine/connection.ts'
import type { Credentials } from '../../src-main/engine/credentials.ts'
import type { EnginePorts } from '../../src-main/engine/engine-ports.ts'
import { createEngineServices } from '../../src-main/engine/services.ts'
import { Gateway } from '../../src-main/gateway/gateway.ts'
import type { GatewayEvent } from '../../src-main/gateway/gateway-event.ts'
import { GatewayProfile } from '../../src-main/gateway/gateway-profile.ts'
import { createCrypto } from '../../src-main/host/crypto/node-crypto.ts'
import { createPacketCrypto } from '../../src-main/host/crypto/packet-crypto.ts'
import type { DatagramHandler, DatagramSocket, Resolver } from '../../src-main/ports.ts'
import { epochMillis } from '../../src-shared/brands.ts'
import type { ConnectionState } from '../../src-shared/connection-state.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { FakeClock } from '../fakes/fake-clock.ts'
import { createFakeClock } from '../fakes/fake-clock.ts'
import { createFakeHostNetwork } from '../fakes/fake-host-network.ts'
import type { Datagram, FakeSocket } from '../fakes/fake-network.ts'
import { createFakeNetwork } from '../fakes/fake-network.ts'
import { createFakeRandom } from '../fakes/fake-random.ts'
import { createFakePki } from '../fakes/fake-trust.ts'
import { sampleProfile } from '../profiles/sample-profile.ts'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

export const places = {
  client: '192.0.2.10',
  gateway: '198.51.100.2',
  office: '10.20.0.10',
} as const

export const pskProfile = (changes: Readonly<Record<string, unknown>> = {}): Profile =>
  sampleProfile({
    gateway: { address: 'vpn.example.test' },
    local: {
      identity: 'maria@example.test',
      authentication: { method: 'psk', secret: { from: 'prompt' } },
    },
    remote: { authentication: { method: 'psk', secret: { from: 'prompt' } } },
    traffic: { remote: ['10.20.0.0/24'], local: [] },
    virtualAddress: { ipv4: true, ipv6: false },
    ...changes,
  })

export const eapProfile = (changes: Readonly<Record<string, unknown>> = {}): Profile =>
  pskProfile({
    local: { authentication: { method: 'eap', username: 'maria', password: { from: 'prompt' } } },
    remote: { authentication: { method: 'certificate', authorities: [] } },
    ...changes,
  })

export interface WorldOptions {
  readonly profile?: Profile
  /** Of the gateway's file. */
  readonly gateway?: Readonly<Record<string, unknown>>
  /** What answers a question to the person: psk or password. Default: the right one. */
  readonly secret?: () => Promise<Uint8Array>
  /** What the resolver says. Default: the gateway. */
  readonly resolve?: Resolver['resolve']
  readonly warmUp?: (profile: Profile) => Promise<void>
}

export const rightSecret = 'open sesame'

export function createWorld(options: WorldOptions = {}) {
  const profile = options.profile ?? pskProfile()
  const ticking = createFakeClock()
  let slept = 0
  const clock: FakeClock = {
    ...ticking,
    wall: () => epochMillis(ticking.wall() + slept),
    get pending() {
      return ticking.pending
    },
  }
  const crypto = createCrypto()
  const packetCrypto = createPacketCrypto()
  const network = createFakeNetwork()
  const pki = createFakePki()
  const host = createFakeHostNetwork()
  const logged: string[] = []
  const keyLines: string[] = []
  const log = (level: string, area: string, message: string, fields: object = {}) =>
    void logged.push(`${level} ${area} ${message} ${JSON.stringify(fields)}`)

  // -------------------------------------------------------------- the client's machine

  const machine = {
    /** Undefined: no route to anywhere. */
    address: places.client as string | undefined,
    sockets: new Set<{ move: () => void }>(),
    move(address: string | undefined) {
      this.address = address
      for (const socket of this.sockets) socket.move()
      host.change()
    },
  }
  let nextPort = 40_000
  const openClientSocket = (family: 4 | 6): DatagramSocket => {
    const port = nextPort++
    let handler: DatagramHandler | undefined
    let inner: FakeSocket | undefined
    const entry = {
      move() {
        inner?.close()
        inner = machine.address === undefined ? undefined : network.open(family, machine.address, port)
        if (handler !== undefined) inner?.onDatagram(handler)
      },
    }
    entry.move()
    machine.sockets.add(entry)
    return {
      family,
      localPort: port,
      send: (to, buffer, offset, length, trafficClass) =>
        inner?.send(to, buffer, offset, length, trafficClass) ?? 'unreachable',
      onDatagram(next) {
        handler = next
        inner?.onDatagram(next)
      },
      localAddressTowards: () => machine.address,
      close() {
        inner?.close()
        machine.sockets.delete(entry)
      },
    }
  }

  // -------------------------------------------------------------- the gateway

  const events: GatewayEvent[] = []
  const gatewayHost = createFakeHostNetwork()
  const certificate = pki.issue('vpn.example.test')
  const startGateway = async (): Promise<Gateway> => {
    const gateway = new Gateway(
      {
        clock,
        random: createFakeRandom(`gateway ${events.length}`),
        crypto,
        packetCrypto,
        datagrams: { open: (family, port, address = places.gateway) => network.open(family, address, port) },
        hostNetwork: gatewayHost,
        log,
      },
      v.parse(GatewayProfile, {
        version: 1,
        listen: { addresses: [places.gateway] },
        identity: 'vpn.example.test',
        authentication:
          profile.remote.authentication.method === 'psk'
            ? { method: 'psk' }
            : { method: 'certificate', certificateFile: 'x', keyFile: 'x' },
        clients: {
          psk: [{ identity: '%any', secretFile: 'x' }],
          ...(profile.remote.authentication.method === 'psk'
            ? {}
            : { eap: { users: [{ name: 'maria', passwordFile: 'x' }] } }),
        },
        pools: { ipv4: '10.9.0.0/24' },
        networks: ['10.20.0.0/24'],
        dns: { servers: ['10.20.0.10'], domains: ['office.test'] },
        ...options.gateway,
      }),
      {
        own:
          profile.remote.authentication.method === 'psk'
            ? { method: 'psk' }
            : { method: 'signature', key: certificate.key, certificates: [certificate.certificate] },
        users: {
          psk: () => utf8(rightSecret),
          password: (name) => (name === 'maria' ? utf8(rightSecret) : undefined),
          xauthPassword: () => undefined,
          close: () => undefined,
        },
        trust: undefined,
      },
      (event) => events.push(event),
    )
    await gateway.start()
    return gateway
  }

  // -------------------------------------------------------------- the wire

  const wire = {
    /** What is lost: by default nothing. */
    loses: (_datagram: Datagram): boolean => false,
    cut() {
      this.loses = () => true
    },
    mend() {
      this.loses = () => false
    },
  }
  network.meddle = (datagram) => (wire.loses(datagram) ? [] : [datagram])

  /** Lets everything that is on its way arrive, one after the other, and everything that follows from it. */
  const settle = async (): Promise<void> => {
    for (let idle = 0; idle < 3;) {
      await new Promise((resolve) => setImmediate(resolve))
      idle = network.underWay === 0 ? idle + 1 : 0
      network.deliver(1)
    }
  }

  // -------------------------------------------------------------- the connection

  const asked = { count: 0, secret: options.secret ?? (() => Promise.resolve(utf8(rightSecret))) }
  const secret = () => {
    asked.count += 1
    return asked.secret()
  }
  const closedCredentials = { count: 0 }
  const credentials: Credentials = {
    local:
      profile.local.authentication.method === 'eap'
        ? { method: 'eap', username: 'maria', password: secret, allow: ['mschapv2'] }
        : { method: 'psk', secret },
    localIdentity:
      profile.local.authentication.method === 'eap'
        ? { kind: 'email', name: 'maria@example.test' }
        : undefined,
    remote:
      profile.remote.authentication.method === 'psk'
        ? { method: 'psk', secret }
        : { method: 'signature', trust: pki.trust },
    close: () => void (closedCredentials.count += 1),
  }
  const ports: EnginePorts = {
    clock,
    random: createFakeRandom('client'),
    crypto,
    packetCrypto,
    datagrams: { open: (family) => openClientSocket(family) },
    resolver: {
      resolve:
        options.resolve ??
        ((name) =>
          name === 'vpn.example.test'
            ? Promise.resolve([{ address: places.gateway, family: 4 as const }])
            : Promise.reject(new VpnError('gateway-not-found', { host: name }))),
    },
    hostNetwork: host,
    log,
    openKeyFiles: (directory) => ({
      append(name, line) {
        if (directory === '/full') throw new Error('no space left on device')
        keyLines.push(`${directory}/${name}: ${line}`)
      },
    }),
  }
  const services = createEngineServices(ports)
  const connectionPorts = { ...ports, resolver: services.killSwitch.resolver(ports.resolver) }
  const states: string[] = []
  const connect = (loadCredentials: () => Promise<Credentials> = () => Promise.resolve(credentials)) => {
    const connection = new Connection({
      ports: connectionPorts,
      profile,
      loadCredentials,
      warmUp: options.warmUp ?? (() => Promise.resolve()),
      services,
    })
    connection.onChange(() => states.push(stateText(connection.status().state)))
    return connection
  }

  return {
    clock,
    network,
    wire,
    machine,
    host,
    gatewayHost,
    events,
    logged,
    ports,
    services,
    /** What was written for Wireshark. */
    keyLines,
    profile,
    credentials,
    closedCredentials,
    /** How often the person was asked, and what answers. */
    asked,
    startGateway,
    connect,
    settle,
    /** The states since the last call. */
    told: () => states.splice(0),
    pass: (delayMs: number) => clock.pass(delayMs, settle),
    /** The machine sleeps: the wall clock goes on, nothing else does. */
    sleep: (delayMs: number) => void (slept += delayMs),
    /** Disconnects, with the network still at work. */
    async end(connection: Connection) {
      const done = connection.disconnect()
      await settle()
      await done
    },
    async stop(gateway: Gateway) {
      const done = gateway.stop()
      await clock.pass(5_000, settle)
      await done
    },
    /** What a connection that has ended may not leave behind. */
    leftovers: () => ({
      sockets: machine.sockets.size,
      adapter: host.configuration !== undefined,
      listeners: host.listeners,
      timers: clock.pending,
    }),
  }
}

export const nothingLeft = { sockets: 0, adapter: false, listeners: 0, timers: 0 }

export type World = ReturnType<typeof createWorld>

export function stateText(state: ConnectionState): string {
  switch (state.kind) {
    case 'connecting':
      return state.phase
    case 'reconnecting':
      return `reconnecting ${state.cause} ${state.attempt}${state.phase === undefined ? '' : ` ${state.phase}`}`
    case 'failed':
      return `failed ${state.failure.code}`
    case 'disconnected':
    case 'connected':
    case 'disconnecting':
      return state.kind
  }
}
