/**
 * A rehearsal of connecting: our initiator and our responder make an IKE SA and a Child SA in memory and pass a packet each way,
 * with the profile's own proposals. It proves that codec, key derivation and ciphers of this very machine work together before
 * they are relied on, and it is done while the helper starts, so that the real handshake finds everything warm.
 */
import type { ErrorCode } from '../../src-shared/errors.ts'
import { VpnError } from '../../src-shared/errors.ts'
import type { Profile } from '../../src-shared/profile.ts'
import { millis } from '../../src-shared/brands.ts'
import { readIkeHeader } from '../ike/header.ts'
import { acceptSession } from '../ike/v2/accept.ts'
import { createCookies } from '../ike/v2/cookies.ts'
import { judgeIkeSaInit } from '../ike/v2/exchanges/init-responder.ts'
import { freshIkeSpi } from '../ike/v2/exchanges/rekey-ike.ts'
import { Session } from '../ike/v2/session.ts'
import type { ResponderConfiguration } from '../ike/v2/responder.ts'
import { selectorOfEverything } from '../ip/traffic-selector.ts'
import type { DataPlane } from '../ipsec/data-plane.ts'
import { createPortableDataPlane } from '../ipsec/portable-data-plane.ts'
import { PACKET_HEADROOM, PACKET_TAILROOM } from '../ports.ts'
import type { Clock, Crypto, PacketCrypto, PacketHandler, Random, Tun } from '../ports.ts'
import { ChildSas } from './child-sas.ts'
import { initiatorConfiguration } from './configuration.ts'
import type { Credentials } from './credentials.ts'
import { connectInMemory } from './memory-sockets.ts'
import { Tunnel } from './tunnel.ts'
import { pause } from './wait.ts'

export interface RehearsalPorts {
  readonly clock: Clock
  readonly random: Random
  readonly crypto: Crypto
  readonly packetCrypto: PacketCrypto
}

/** In all; a helper takes longer to start. */
const mostMs = 60
const mostRounds = 8
/** One that takes this long does not come to an end. */
const longestMs = millis(2_000)

/** RFC 5737 and RFC 2544: nobody's addresses. */
const ends = { client: '192.0.2.1', gateway: '192.0.2.2' } as const
const inside = { client: '198.18.0.1', gateway: '198.18.0.2' } as const
const name = 'rehearsal.invalid'

/** Rejects with VpnError 'internal' when what was sent does not arrive. Leaves nothing behind. */
export async function rehearse(ports: RehearsalPorts, profile: Profile): Promise<void> {
  const begun = ports.clock.monotonic()
  for (let round = 0; round < mostRounds; round += 1) {
    await rehearseOnce(ports, profile)
    // Whoever waits for the event loop goes first.
    await pause(ports.clock, millis(0), [])
    if (ports.clock.monotonic() - begun >= mostMs) return
  }
}

async function rehearseOnce(realPorts: RehearsalPorts, realProfile: Profile): Promise<void> {
  const ports = {
    ...realPorts,
    // Nothing takes time here, so nothing is waited for.
    clock: { ...realPorts.clock, after: () => () => undefined },
    log: () => undefined,
  }
  const profile: Profile = {
    ...realProfile,
    gateway: { address: ends.gateway, port: 500 },
    local: { identity: name, authentication: { method: 'psk', secret: { from: 'prompt' } } },
    remote: { identity: name, authentication: { method: 'psk', secret: { from: 'prompt' } } },
    traffic: { remote: ['0.0.0.0/0'], local: [] },
    virtualAddress: { ipv4: true, ipv6: false },
  }
  const secret = ports.random.bytes(32)
  const credentials: Credentials = {
    local: { method: 'psk', secret: () => Promise.resolve(secret) },
    localIdentity: undefined,
    remote: { method: 'psk', secret: () => Promise.resolve(secret) },
    close: () => undefined,
  }
  const over = new AbortController()
  // A message that is not understood is the end: nobody repeats it here.
  const giveUp = (): void => over.abort()
  void pause(realPorts.clock, longestMs, [over.signal]).then(giveUp)
  const { client: socket, gateway: sockets } = connectInMemory(ends)
  const configuration = responder(profile, credentials, secret)
  const gateway = createRehearsalGateway(ports, configuration, sockets, giveUp)

  const plane = createPortableDataPlane({
    ...ports,
    onIke: (_from, message) => tunnel.session.receive(message),
    onEvent: () => undefined,
  })
  plane.listen(socket, 'by-peer-port')
  const tun = createRehearsalTun()
  plane.useTun(tun)
  const nothing = (): void => undefined
  const tunnel: Tunnel = new Tunnel(
    ports,
    { plane, socket, gateway: { address: ends.gateway, port: 500 }, localAddress: ends.client },
    profile,
    { onPhase: nothing, onDrop: giveUp, onMessage: nothing, onRetired: nothing },
  )
  try {
    await tunnel.dial(credentials, true, over.signal)
    tun.inject(packetTo(inside.client, inside.gateway))
    await turn()
    gateway.tun.inject(packetTo(inside.gateway, inside.client))
    await turn()
    if (gateway.tun.received !== 1 || tun.received !== 1) throw failed('no packet came through')
  } catch (error) {
    throw error instanceof VpnError && error.code !== 'internal' ? failed(error.code, error) : error
  } finally {
    over.abort()
    tunnel.abandon()
    gateway.close()
    plane.close()
    secret.fill(0)
  }
}

const failed = (problem: ErrorCode | 'no packet came through', cause?: unknown): VpnError =>
  new VpnError('internal', { step: 'rehearsal', problem }, cause)

/** Lets what is on its way arrive: nothing here takes more than a few turns of the microtask queue. */
async function turn(): Promise<void> {
  for (let count = 0; count < 8; count += 1) await Promise.resolve()
}

// ---------------------------------------------------------------- the other end

function responder(profile: Profile, credentials: Credentials, secret: Uint8Array): ResponderConfiguration {
  const mirrored = initiatorConfiguration(profile, credentials, {
    localAddress: ends.gateway,
    gatewayAddress: ends.client,
  })
  return {
    proposals: mirrored.proposals,
    localIdentity: mirrored.localIdentity,
    local: { method: 'psk' },
    clients: { psk: () => secret },
    networks: [selectorOfEverything(4)],
    fragmentation: profile.fragmentation,
    forceEncapsulation: true,
    authLifetime: undefined,
  }
}

function createRehearsalGateway(
  ports: RehearsalPorts & { readonly log: () => void },
  configuration: ResponderConfiguration,
  sockets: ReturnType<typeof connectInMemory>['gateway'],
  giveUp: () => void,
): { readonly tun: ReturnType<typeof createRehearsalTun>; close(): void } {
  const tun = createRehearsalTun()
  const cookies = createCookies(ports)
  const plane: DataPlane = createPortableDataPlane({
    ...ports,
    onIke: (from, message, socket) => {
      plane.setPath(path, { socket, endpoint: from })
      if (readIkeHeader(message)?.responderSpi !== 0n) return session.receive(message)
      const way = { local: { address: ends.gateway, port: socket.localPort }, remote: from }
      const judged = judgeIkeSaInit(configuration, way, message, { cookies, cookieDemanded: false })
      if (judged.kind !== 'agreed') return giveUp()
      const accepting = acceptSession(
        {
          ports,
          configuration,
          session,
          spiInUse: (spi) => plane.spiInUse(spi),
          onAuthenticated: () => undefined,
          assign: () => ({
            addresses: [{ address: inside.client, length: 32 }],
            dnsServers: [],
            dnsDomains: [],
            subnets: [],
          }),
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
    socket: sockets.plain,
    endpoint: { address: ends.client, port: 0 },
    mtu: 1500,
    followPeer: true,
  })
  plane.listen(sockets.plain, 'plain')
  plane.listen(sockets.marked, 'marked')
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
      spiInUse: (spi) => plane.spiInUse(spi),
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

function createRehearsalTun(): Tun & { readonly received: number; inject(packet: Uint8Array): void } {
  let handler: PacketHandler | undefined
  let received = 0
  return {
    name: 'rehearsal',
    get received() {
      return received
    },
    onPacket(next) {
      handler = next
    },
    inject(packet) {
      const slot = new Uint8Array(PACKET_HEADROOM + packet.length + PACKET_TAILROOM)
      slot.set(packet, PACKET_HEADROOM)
      handler?.(slot, PACKET_HEADROOM, packet.length)
    },
    write() {
      received += 1
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
