/** Runs SAs and policies by hand over this machine: raw IP on one side, a TUN adapter on the other, RFC 4301 between them. */
import { networkInterfaces } from 'node:os'
import { VpnError } from '../../src-shared/errors.ts'
import type { ConnectionStatus } from '../../src-shared/status.ts'
import { createClock } from '../host/clock.ts'
import { createPacketCrypto } from '../host/crypto/packet-crypto.ts'
import { createHostNetwork } from '../host/helper-client.ts'
import { createRawPackets } from '../host/linux/raw-ip.ts'
import { createDatagrams } from '../host/udp.ts'
import { formatAddress, parseAddress } from '../ip/address.ts'
import type { IpAddress } from '../ip/address.ts'
import { entriesInOrder } from '../ipsec/policy/xfrm-policy.ts'
import { wipeKeys } from '../ipsec/policy/xfrm.ts'
import type { Association } from '../ipsec/processing/association.ts'
import { createPacketProcessor } from '../ipsec/processing/packet-processor.ts'
import type { PacketProcessor } from '../ipsec/processing/packet-processor.ts'
import type {
  Clock,
  Datagrams,
  HostNetwork,
  Log,
  PacketCrypto,
  RawPackets,
  RawPacketSocket,
} from '../ports.ts'
import { associationOf } from './manual-associations.ts'
import type { ManualFile } from './manual-file.ts'
import { adapterMtu, decisionsOf, inboundRulesOf, isChatter, routesOf } from './manual-policies.ts'
import { manualStatus } from './manual-status.ts'
import { ownAddresses } from './own-addresses.ts'

/** What our own packets carry, so that routing keeps them outside the adapter. Any number that nobody else uses. */
const OUTSIDE_MARK = 0x43_75_6c
const ESP = 50
const AH = 51

export type ManualEvent =
  | { readonly event: 'started'; readonly interfaceName: string; readonly mtu: number; readonly sas: number }
  | {
      readonly event: 'soft-expired' | 'hard-expired'
      readonly spi: number
      readonly protocol: 'esp' | 'ah'
      readonly cause: string
    }
  | { readonly event: 'stopped' }

export interface ManualRun {
  readonly file: ManualFile
  /** Of the path outside, in bytes. */
  readonly mtu: number
  readonly ports: ManualPorts
  /** Ends it: the machine is put back. */
  readonly stop: AbortSignal
  readonly onEvent: (event: ManualEvent) => void
  /** Once it works: whoever wants to look at it may ask for its status until it ends. */
  readonly onStarted?: (status: () => ConnectionStatus) => void | Promise<void>
}

/** Runs on this machine, with the ports of the world; the interface is the one that packets leave by. */
export type RunManualHere = (
  run: Omit<ManualRun, 'ports'>,
  log: Log,
  interfaceName: string | undefined,
) => Promise<void>

export interface ManualPorts {
  readonly clock: Clock
  readonly crypto: PacketCrypto
  readonly raw: RawPackets
  readonly datagrams: Datagrams
  readonly hostNetwork: HostNetwork
  /** Of this machine. */
  readonly addresses: readonly IpAddress[]
  readonly log: Log
}

/** The real machine's; `close` of `hostNetwork` is the caller's. */
export const manualPorts = (
  helperPath: string,
  log: Log,
  interfaceName: string | undefined,
): ManualPorts => ({
  clock: createClock(),
  crypto: createPacketCrypto(),
  raw: createRawPackets({
    mark: OUTSIDE_MARK,
    ...(interfaceName === undefined ? {} : { interfaceName }),
  }),
  datagrams: createDatagrams(),
  hostNetwork: createHostNetwork({ helperPath, log }),
  addresses: Object.values(networkInterfaces())
    .flat()
    .flatMap((found) => parseAddress(found?.address ?? '') ?? []),
  log,
})

/**
 * Runs until stopped. Rejects with VpnError ('profile-invalid', 'no-privilege', 'no-tun', 'port-busy', 'host-step-failed'), and
 * has put everything back then. The keys of the file are wiped once the SAs have them.
 */
export async function runManual(run: ManualRun): Promise<void> {
  const { file, ports, stop, onEvent } = run
  const { clock, hostNetwork } = ports
  const { sas, policies } = file.configuration
  const entries = entriesInOrder(policies)
  const opened: { close(): void }[] = []
  try {
    const sockets = openSockets(run, opened)
    const traffic = { inbound: { packets: 0, bytes: 0 }, outbound: { packets: 0, bytes: 0 } }
    const processor = createPacketProcessor({
      clock,
      policies: decisionsOf(entries),
      send: (buffer, offset, length) =>
        sockets
          .get(buffer[offset] !== undefined && buffer[offset] >>> 4 === 6 ? 6 : 4)
          ?.send(buffer, offset, length) ?? 'unreachable',
      isOurs: ownAddresses(ports.addresses),
      mtu: run.mtu,
      onExpiry: ({ spi, protocol }, event, cause) => onEvent({ event, spi, protocol, cause }),
    })
    opened.push(processor)
    install(run, processor)
    const udpPorts = listenInUdp(run, processor, opened)
    const mtu = adapterMtu(entries, processor.associations(), run.mtu)
    const forward = entries.some(({ directions }) => directions.includes('forward'))
    const tunnel = await hostNetwork.open({
      mtu,
      addresses: [],
      routes: routesOf(entries, ports.addresses),
      outsideMark: OUTSIDE_MARK,
      outsidePeers: peersOf(processor.associations()),
      inbound: inboundRulesOf(entries, udpPorts),
      ...(forward ? { forward } : {}),
    })
    try {
      const { tun } = tunnel
      processor.useSink({
        write(buffer, offset, length) {
          traffic.inbound.packets += 1
          traffic.inbound.bytes += length
          return tun.write(buffer, offset, length)
        },
      })
      const ignored = isChatter(entries)
      tun.onPacket((buffer, offset, length) => {
        if (ignored(buffer, offset, length)) return
        traffic.outbound.packets += 1
        traffic.outbound.bytes += length
        processor.outbound(buffer, offset, length)
      })
      for (const socket of sockets.values())
        socket.onPacket((buffer, offset, length) => processor.inbound(buffer, offset, length))
      onEvent({ event: 'started', interfaceName: tun.name, mtu, sas: sas.length })
      const since = clock.wall()
      await run.onStarted?.(() =>
        manualStatus({
          name: file.name,
          processor,
          sas,
          entries,
          interfaceName: tun.name,
          mtu,
          since,
          traffic,
        }),
      )
      await aborted(stop)
    } finally {
      for (const socket of sockets.values()) socket.onPacket(undefined)
      await tunnel.close()
    }
    onEvent({ event: 'stopped' })
  } finally {
    wipeKeys(file.configuration)
    for (const one of opened.toReversed()) one.close()
  }
}

/** One socket a family that the file speaks of: inside or outside. */
function openSockets(
  { file, ports }: ManualRun,
  opened: { close(): void }[],
): ReadonlyMap<4 | 6, RawPacketSocket> {
  const { sas, policies } = file.configuration
  const families = new Set<4 | 6>(sas.map(({ destination }) => destination.family))
  for (const { entry } of policies) {
    const { remote } = entry.selector
    if (remote !== 'any') for (const { start } of remote) families.add(start.family)
  }
  const sockets = new Map<4 | 6, RawPacketSocket>()
  for (const family of families) {
    const socket = ports.raw.open(family, [ESP, AH])
    opened.push(socket)
    sockets.set(family, socket)
  }
  return sockets
}

function install({ file, ports }: ManualRun, processor: PacketProcessor): void {
  for (const sa of file.configuration.sas) {
    const installed: Association | undefined = processor.install(associationOf(sa, ports))
    if (installed === undefined)
      throw new VpnError('profile-invalid', {
        file: file.name,
        problem: `line ${sa.line ?? 0}: another state has its SPI, destination and protocol`,
      })
  }
  wipeKeys(file.configuration)
}

/** ESP in UDP comes to a port of ours (RFC 3948). Gives the ports. */
function listenInUdp(
  { ports }: ManualRun,
  processor: PacketProcessor,
  opened: { close(): void }[],
): readonly UdpPort[] {
  const wanted = new Map<string, UdpPort>()
  for (const { transform, direction, destination } of processor.associations()) {
    if (transform.kind !== 'esp' || transform.encapsulation === undefined || direction !== 'inbound') continue
    const { family } = destination
    const port = transform.encapsulation.destinationPort
    wanted.set(`${family} ${port}`, { family, port })
  }
  for (const { family, port } of wanted.values()) {
    const socket = ports.datagrams.open(family, port)
    opened.push(socket)
    socket.onDatagram((_from, buffer, offset, length, trafficClass) =>
      processor.inboundFromUdp(buffer, offset, length, trafficClass),
    )
  }
  return [...wanted.values()]
}

interface UdpPort {
  readonly family: 4 | 6
  readonly port: number
}

/** Who sends to us. */
const peersOf = (associations: readonly Association[]): readonly string[] => [
  ...new Set(
    associations
      .filter(({ direction }) => direction === 'inbound')
      .map(({ source }) => formatAddress(source)),
  ),
]

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
