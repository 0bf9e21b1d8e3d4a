/**
 * A rehearsal of connecting: our initiator and our responder make an IKE SA and a Child SA and pass a packet each way, with the
 * profile's own proposals. In memory it proves that codec, key derivation and ciphers of this very machine work together before
 * they are relied on; repeated over the loopback interface, while the helper starts, it leaves everything warm for the real one.
 */
import type { ErrorCode } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import type { Millis } from '../../src-shared/brands.ts'
import { millis } from '../../src-shared/brands.ts'
import { readIkeHeader } from '../ike/header.ts'
import { acceptSession } from '../ike/v2/accept.ts'
import { createCookies } from '../ike/v2/cookies.ts'
import { judgeIkeSaInit } from '../ike/v2/exchanges/init-responder.ts'
import { freshIkeSpi } from '../ike/v2/exchanges/rekey-ike.ts'
import type { AssignedConfiguration } from '../ike/child-sa.ts'
import { Session } from '../ike/v2/session.ts'
import type { ResponderConfiguration } from '../ike/v2/responder.ts'
import { selectorOfEverything } from '../ip/traffic-selector.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import { createPortableDataPlane } from '../ipsec/portable-data-plane.ts'
import { PACKET_HEADROOM, PACKET_TAILROOM } from '../ports.ts'
import type {
  Clock,
  Crypto,
  Datagrams,
  Log,
  PacketCrypto,
  PacketHandler,
  Random,
  Signal,
  Tun,
} from '../ports.ts'
import { ChildSas } from './child-sas.ts'
import { initiatorConfiguration, tunnelConfiguration } from './configuration.ts'
import type { Credentials } from './credentials.ts'
import type { RehearsalWire } from './rehearsal-wire.ts'
import { connectInMemory, connectOnLoopback } from './rehearsal-wire.ts'
import { connectionStatus } from './status.ts'
import { TrafficMeter } from './traffic.ts'
import { Tunnel } from './tunnel.ts'
import { pause, unlessCancelled } from './wait.ts'

export interface RehearsalPorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly packetCrypto: PacketCrypto
  readonly datagrams: Datagrams
  readonly log: Log
}

/** In all; a helper takes as long to start. */
const mostMs = 120
/** A rehearsal that takes this long does not come to an end. */
const longestMs = { inMemory: millis(2_000), onLoopback: millis(30) } as const

const inside = { client: '198.18.0.1', gateway: '198.18.0.2' } as const
const name = 'rehearsal.invalid'
const assigned: AssignedConfiguration = {
  addresses: [
    { address: inside.client, length: 32 },
    { address: 'fd00::2', length: 128 },
  ],
  dnsServers: [inside.gateway, 'fd00::1'],
  dnsDomains: [name],
  subnets: [],
}

/**
 * Rejects with VpnError 'internal' when what was sent in memory does not arrive. After that it goes on for a moment, until
 * `enough` fires, and minds no trouble. Leaves nothing behind.
 */
export async function rehearse(ports: RehearsalPorts, profile: Profile, enough: Signal): Promise<void> {
  const begun = ports.clock.monotonic()
  await rehearseOnce(ports, profile, connectInMemory(), longestMs.inMemory)
  const isOver = (): boolean => enough.aborted || ports.clock.monotonic() - begun >= mostMs
  try {
    while (!isOver()) {
      // Whoever waits for the event loop goes first.
      await pause(ports.clock, millis(0), [enough])
      await rehearseOnce(ports, profile, connectOnLoopback(ports.datagrams), longestMs.onLoopback)
    }
  } catch (error) {
    if (!(error instanceof VpnError)) throw error
    ports.log('debug', 'engine', 'no rehearsal on the loopback interface', { code: error.code })
  }
}

async function rehearseOnce(
  realPorts: RehearsalPorts,
  realProfile: Profile,
  wire: RehearsalWire,
  longest: Millis,
): Promise<void> {
  const ports = {
    ...realPorts,
    // Nothing is waited for.
    clock: { ...realPorts.clock, after: () => () => undefined },
    log: () => undefined,
  }
  const profile: Profile = {
    ...realProfile,
    // Version 1's exchanges are few; what they share with version 2 is what costs time when it is new.
    ikeVersion: 2,
    gateway: { address: wire.address, port: wire.port },
    local: { identity: name, authentication: { method: 'psk', secret: { from: 'prompt' } } },
    remote: { identity: name, authentication: { method: 'psk', secret: { from: 'prompt' } } },
    traffic: { remote: ['0.0.0.0/0', '::/0'], local: [] },
    virtualAddress: { ipv4: true, ipv6: true },
  }
  const secret = ports.random.bytes(32)
  const credentials: Credentials = {
    local: { method: 'psk', secret: () => Promise.resolve(secret.slice()) },
    localIdentity: undefined,
    remote: { method: 'psk', secret: () => Promise.resolve(secret.slice()) },
    close: () => undefined,
  }
  const over = new AbortController()
  // A message that is not understood is the end: nobody repeats it here.
  const giveUp = (): void => over.abort()
  void pause(realPorts.clock, longest, [over.signal]).then(giveUp)
  const configuration = responder(profile, credentials, secret)
  const gateway = createRehearsalGateway(ports, configuration, wire, giveUp)

  const plane = createPortableDataPlane({
    ...ports,
    onIke: (_from, message) => tunnel.session.receive(message),
    onEvent: () => undefined,
  })
  plane.listen(wire.client, 'by-peer-port')
  const tun = createRehearsalTun()
  plane.useTun(tun)
  const nothing = (): void => undefined
  const { address, port } = wire
  const tunnel: Tunnel = new Tunnel(
    ports,
    { plane, socket: wire.client, gateway: { address, port }, localAddress: address },
    profile,
    { onPhase: nothing, onDrop: giveUp, onMessage: nothing, onRetired: nothing },
  )
  try {
    const { child, assigned: got } = await tunnel.dial(credentials, true, over.signal)
    const outside = { gateway: address, localPort: port }
    const machine = tunnelConfiguration(
      profile,
      child,
      got,
      outside,
      plane.innerMtu(tunnel.path, child.suite),
    )
    if (machine.routes.length !== 2) throw new Error('two families were asked for and are not routed')
    tun.inject(packetTo(inside.client, inside.gateway))
    await unlessCancelled(gateway.tun.arrived, over.signal)
    gateway.tun.inject(packetTo(inside.gateway, inside.client))
    await unlessCancelled(tun.arrived, over.signal)
    const status = connectionStatus({
      profile,
      state: { kind: 'connected' },
      since: undefined,
      tunnels: [tunnel],
      current: tunnel,
      plane,
      interfaceName: tun.name,
      mtu: undefined,
      ikeDrops: new Map(),
      traffic: new TrafficMeter(),
      now: ports.clock.monotonic(),
    })
    if (status.traffic.inbound.packets !== 1) throw new Error('one packet came in and is not counted')
  } catch (error) {
    throw error instanceof VpnError ? failed(error.code, error) : error
  } finally {
    over.abort()
    tunnel.abandon()
    gateway.close()
    plane.close()
    wire.close()
    secret.fill(0)
  }
}

const failed = (problem: ErrorCode, cause: unknown): VpnError =>
  new VpnError('internal', { step: 'rehearsal', problem }, cause)

// ---------------------------------------------------------------- the other end

function responder(profile: Profile, credentials: Credentials, secret: Uint8Array): ResponderConfiguration {
  const mirrored = initiatorConfiguration(profile, credentials, {
    localAddress: profile.gateway.address,
    gatewayAddress: profile.gateway.address,
  })
  return {
    proposals: mirrored.proposals,
    localIdentity: mirrored.localIdentity,
    local: { method: 'psk' },
    clients: { psk: () => secret },
    networks: [selectorOfEverything(4), selectorOfEverything(6)],
    fragmentation: profile.fragmentation,
    forceEncapsulation: true,
    authLifetime: undefined,
  }
}

function createRehearsalGateway(
  ports: RehearsalPorts,
  configuration: ResponderConfiguration,
  { address, gateway }: RehearsalWire,
  giveUp: () => void,
): { readonly tun: RehearsalTun; close(): void } {
  const tun = createRehearsalTun()
  const cookies = createCookies(ports)
  const plane: DataPlane = createPortableDataPlane({
    ...ports,
    onIke: (from, message, socket) => {
      plane.setPath(path, { socket, endpoint: from })
      if (readIkeHeader(message)?.responderSpi !== 0n) return session.receive(message)
      const way = { local: { address, port: socket.localPort }, remote: from }
      const judged = judgeIkeSaInit(configuration, way, message, { cookies, cookieDemanded: false })
      if (judged.kind !== 'agreed') return giveUp()
      const accepting = acceptSession(
        {
          ports,
          configuration,
          session,
          spiInUse: (spi) => !plane.offerSpi(spi),
          onAuthenticated: () => undefined,
          assign: () => assigned,
        },
        way,
        judged.agreement,
        freshIkeSpi(ports.random),
      )
      if (accepting === 'invalid-public-value') return giveUp()
      accepting.outcome.catch(giveUp)
      plane.sendIke(socket, from, accepting.init.initResponse)
    },
    onEvent: () => undefined,
  })
  const path = plane.addPath({
    socket: gateway.marked,
    endpoint: { address, port: 0 },
    mtu: 1500,
    followPeer: true,
  })
  if (gateway.plain !== undefined) plane.listen(gateway.plain, 'plain')
  plane.listen(gateway.marked, 'marked')
  plane.useTun(tun)
  const childSas = new ChildSas(plane, { replayWindow: 64, lifetime: {} }, () => path)
  const session = new Session(
    {
      ports,
      send: (datagrams) => {
        const way = plane.path(path)
        if (way !== undefined)
          for (const datagram of datagrams) plane.sendIke(way.socket, way.endpoint, datagram)
      },
      perform: (effect) => childSas.perform(effect),
      spiInUse: (spi) => !plane.offerSpi(spi),
      lastInboundAt: () => undefined,
      onClosed: () => undefined,
      onDrop: giveUp,
    },
    { ikeRekey: millis(0), childRekey: millis(0), liveness: millis(0) },
  )
  return {
    tun,
    close() {
      session.abandon()
      plane.close()
    },
  }
}

// ---------------------------------------------------------------- packets

interface RehearsalTun extends Tun {
  /** Settles with the first packet. */
  readonly arrived: Promise<void>
  inject(packet: Uint8Array): void
}

function createRehearsalTun(): RehearsalTun {
  let handler: PacketHandler | undefined
  let arrive: () => void = () => undefined
  const arrived = new Promise<void>((resolve) => (arrive = resolve))
  return {
    name: 'rehearsal',
    arrived,
    onPacket(next) {
      handler = next
    },
    inject(packet) {
      const slot = new Uint8Array(PACKET_HEADROOM + packet.length + PACKET_TAILROOM)
      slot.set(packet, PACKET_HEADROOM)
      handler?.(slot, PACKET_HEADROOM, packet.length)
    },
    write() {
      arrive()
      return true
    },
    close: () => undefined,
  }
}

/** An IPv4 header and eight bytes of an experimental protocol (RFC 3692). */
function packetTo(from: string, to: string): Uint8Array {
  const octets = (address: string): readonly number[] => address.split('.').map(Number)
  return Uint8Array.of(
    ...[0x45, 0, 0, 28, 0, 0, 0, 0, 64, 253, 0, 0],
    ...octets(from),
    ...octets(to),
    ...[1, 2, 3, 4, 5, 6, 7, 8],
  )
}
