/** The data plane in TypeScript: every suite, either family inside and outside, one thread. */
import { pathId, saId } from '../../src-shared/brands.ts'
import type { EspSpi, PathId, SaId } from '../../src-shared/brands.ts'
import { fail, ok } from '../../src-shared/result.ts'
import type { Clock, DatagramHandler, DatagramSocket, Endpoint, PacketCrypto, Tun } from '../ports.ts'
import { PACKET_HEADROOM, PACKET_TAILROOM } from '../ports.ts'
import { createArrival } from './arrival.ts'
import type { DataPlane, DataPlaneEvent, IkeFraming, OutboundSaParameters } from './data-plane.ts'
import { createDropCounters } from './drops.ts'
import { createEarlyPackets, EARLY_PACKETS_LENGTH } from './early.ts'
import { createInbound } from './inbound.ts'
import { createOutbound } from './outbound.ts'
import { innerMtu } from './overhead.ts'
import type { PacketRoom, PlaneState } from './plane-state.ts'
import { createInboundSa, createOutboundSa, saStatistics } from './sa.ts'
import type { OutboundSa, SaSurroundings } from './sa.ts'
import { createSad } from './sad.ts'
import { createSending } from './sending.ts'
import { createSpd } from './spd.ts'
import type { ExpiryReport } from './usage.ts'

export interface PortableDataPlaneParameters {
  readonly packetCrypto: PacketCrypto
  readonly clock: Pick<Clock, 'monotonic'>
  /** An IKE message without its marker, not authenticated, a copy that is the taker's; called as it arrives. */
  readonly onIke: (from: Endpoint, message: Uint8Array, socket: DatagramSocket) => void
  /** Called when the packet that caused it is done with: SAs may be changed within. */
  readonly onEvent: (event: DataPlaneEvent) => void
  /** Copy DSCP to the outer header (RFC 4301 section 5.1.2): keeps priorities on the path, shows them to it. Default true. */
  readonly copyDscp?: boolean
  /** Ids of paths and SAs are greater; default 0. For a plane that stands in for another. */
  readonly idsFrom?: number
  /** Clamp the MSS of TCP connections through the tunnel, both ways. Default true. */
  readonly clampMss?: boolean
}

export function createPortableDataPlane(parameters: PortableDataPlaneParameters): DataPlane {
  const { packetCrypto: crypto, clock, onIke, onEvent } = parameters
  const drops = createDropCounters()
  const early = createEarlyPackets({ clock, drops }, new Uint8Array(EARLY_PACKETS_LENGTH), 0)
  const state: PlaneState = {
    clock,
    sad: createSad(),
    spd: createSpd(),
    paths: new Map(),
    drops,
    early,
    copyDscp: parameters.copyDscp ?? true,
    clampMss: parameters.clampMss ?? true,
    scratch: createScratch(),
    tun: undefined,
    keepalives: 0,
    tooBigAnswers: 0,
    events: [],
  }
  const framings = new Map<DatagramSocket, IkeFraming>()
  const outbound = createOutbound(state)
  const inbound = createInbound(state)
  const arrive = createArrival(state, inbound, onIke)
  const { sad, spd, paths } = state
  let attached: Tun | undefined
  let lastId = parameters.idsFrom ?? 0

  const tellEvents = (): void => {
    for (let event = state.events.shift(); event !== undefined; event = state.events.shift()) onEvent(event)
  }

  /** Whoever installs an SA is done with all that belongs to it first. */
  const deliverEarly = (spi: EspSpi): void =>
    void Promise.resolve().then(() => {
      early.deliver(spi, inbound)
      tellEvents()
    })

  const receiveFrom =
    (socket: DatagramSocket, framing: IkeFraming): DatagramHandler =>
    (from, buffer, offset, length, trafficClass) => {
      arrive(socket, framing, from, buffer, offset, length, trafficClass)
      tellEvents()
    }

  const surroundings = (path: PathId, spi: EspSpi): SaSurroundings => {
    const found = paths.get(path)
    if (found === undefined) throw new RangeError(`no path ${path}`)
    const id = saId((lastId += 1))
    const report: ExpiryReport = (kind, cause) => state.events.push({ kind, sa: id, spi, cause })
    return { id, path: found, crypto, report }
  }

  const addOutbound = (sa: OutboundSaParameters): OutboundSa => {
    const made = createOutboundSa(sa, surroundings(sa.path, sa.spi))
    sad.add(made)
    return made
  }

  const remove = (id: SaId): void => {
    const sa = sad.outbound(id)
    if (sa !== undefined) spd.remove(sa)
    sad.remove(id)
  }

  return {
    kind: 'portable',
    description: 'portable',

    listen(socket, framing) {
      framings.set(socket, framing)
      socket.onDatagram(receiveFrom(socket, framing))
    },
    unlisten(socket) {
      if (framings.delete(socket)) socket.onDatagram(undefined)
    },
    useTun(tun) {
      attached?.onPacket(undefined)
      attached = state.tun = tun
      tun?.onPacket((buffer, offset, length) => {
        outbound.packet(buffer, offset, length)
        tellEvents()
      })
    },

    addPath(path) {
      const id = pathId((lastId += 1))
      paths.set(id, { id, ...path, usable: true, tooNarrowToldAt: undefined })
      return id
    },
    setPath(id, change) {
      const path = paths.get(id)
      if (path === undefined) return
      path.socket = change.socket ?? path.socket
      path.endpoint = change.endpoint ?? path.endpoint
      path.mtu = change.mtu ?? path.mtu
      path.followPeer = change.followPeer ?? path.followPeer
      for (const sa of sad.all()) {
        if (sa.path === path) sa.mtu = innerMtu(path.mtu, path.socket.family, sa.suite)
      }
    },
    path(id) {
      const path = paths.get(id)
      if (path === undefined) return undefined
      const { socket, endpoint, mtu, followPeer } = path
      return { socket, endpoint, mtu, followPeer }
    },
    removePath(id) {
      const path = paths.get(id)
      if (path !== undefined) path.usable = false
      paths.delete(id)
    },

    spiInUse: (spi) => sad.inbound(spi) !== undefined,
    offerSpi(spi) {
      if (sad.inbound(spi) !== undefined) return false
      early.offer(spi)
      return true
    },
    installInbound(sa) {
      if (sad.inbound(sa.spi) !== undefined) return fail('spi-in-use')
      const made = createInboundSa(sa, surroundings(sa.path, sa.spi))
      sad.add(made)
      deliverEarly(sa.spi)
      return ok(made.id)
    },
    installOutbound(sa) {
      const made = addOutbound(sa)
      spd.add(made, sa.priority ?? 0)
      return made.id
    },
    replaceOutbound(old, sa) {
      const before = sad.outbound(old)
      const made = addOutbound(sa)
      if (before === undefined || !spd.replace(before, made)) spd.add(made, sa.priority ?? 0)
      remove(old)
      return made.id
    },
    remove,
    ...createSending(paths, framings),

    statistics: () => ({
      sas: Array.from(sad.all(), saStatistics),
      drops: state.drops.read(),
      keepalives: state.keepalives,
      tooBigAnswers: state.tooBigAnswers,
    }),

    close() {
      for (const { id } of [...sad.all()]) remove(id)
      for (const path of paths.values()) path.usable = false
      paths.clear()
      for (const socket of framings.keys()) socket.onDatagram(undefined)
      framings.clear()
      attached?.onPacket(undefined)
      attached = state.tun = undefined
    },
  }
}

function createScratch(): () => PacketRoom {
  let room: PacketRoom | undefined
  return () =>
    (room ??= {
      buffer: new Uint8Array(PACKET_HEADROOM + 65_535 + PACKET_TAILROOM),
      offset: PACKET_HEADROOM,
    })
}
