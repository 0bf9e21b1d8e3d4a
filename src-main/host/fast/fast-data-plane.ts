/**
 * The fast data plane: two threads that pass packets, one each way, by batched system calls and native ciphers; what they do to
 * a packet is the portable plane's own code. Here is the engine's side of it: its calls become commands that both do in
 * their order, and its numbers are read where they publish them. Until the first SA IKE is read by the engine's own thread.
 */
import { millis, pathId, saId } from '../../../src-shared/brands.ts'
import type { EspSpi, PathId, SaId } from '../../../src-shared/brands.ts'
import { fail, ok } from '../../../src-shared/result.ts'
import type {
  DataPlane,
  DataPlaneEvent,
  IkeFraming,
  InboundSaParameters,
  OutboundSaParameters,
  Path,
  SaKeys,
  SaStatistics,
} from '../../ipsec/data-plane.ts'
import type { EspSuite } from '../../../src-shared/algorithms.ts'
import { createSending } from '../../ipsec/sending.ts'
import type { Clock, DatagramSocket, Endpoint, Log } from '../../ports.ts'
import { clearSaNumbers, ikeTaken, MOST_SAS, readSaNumbers, readWorkerNumbers } from './board.ts'
import type {
  Command,
  Direction,
  InstallCommand,
  ProviderReport,
  SocketCommand,
  Telling,
} from './commands.ts'
import { serves } from './crypto/provider.ts'
import type { ProviderName } from './crypto/provider.ts'
import { readDrops } from './drop-numbers.ts'
import { createFirstContact } from './first-contact.ts'
import { isDescribedSocket, isDescribedTun } from './descriptors.ts'
import type { DescribedTun } from './descriptors.ts'
import { warmUp } from './warm-up.ts'
import { openWorkerLink } from './worker-link.ts'
import { threadClock } from './worker-state.ts'

export interface FastDataPlaneOptions {
  /** The bundled worker's file. */
  readonly workerPath: string
  readonly providers: readonly ProviderName[]
  readonly clock: Pick<Clock, 'monotonic'>
  readonly log: Log
  readonly onIke: (from: Endpoint, message: Uint8Array, socket: DatagramSocket) => void
  readonly onEvent: (event: DataPlaneEvent) => void
  /** The plane has stopped for a fault: nothing passes any more. */
  readonly onStopped?: (problem: string) => void
  readonly copyDscp?: boolean
  readonly clampMss?: boolean
  readonly burst?: number
  readonly guarded?: boolean
}

interface Installed {
  readonly id: SaId
  readonly spi: EspSpi
  readonly direction: Direction
  readonly slot: number
  readonly suite: EspSuite
}

/** How many datagrams go out in one piece: more of them overrun the socket buffer of a small gateway (212 KB by default). */
const USUAL_BURST = 32

/** Starts the workers. Rejects with what stands in the way; nothing is left open then. */
export async function openFastDataPlane(options: FastDataPlaneOptions): Promise<DataPlane> {
  const settings = {
    workerPath: options.workerPath,
    providers: options.providers,
    copyDscp: options.copyDscp ?? true,
    clampMss: options.clampMss ?? true,
    burst: options.burst ?? USUAL_BURST,
    guarded: options.guarded ?? false,
    onTelling: (telling: Telling) => hear(telling),
  }
  const paths = new Map<PathId, Path>()
  const sas = new Map<SaId, Installed>()
  const inboundBySpi = new Map<EspSpi, SaId>()
  const sockets = new Map<DatagramSocket, SocketCommand>()
  const framings = new Map<DatagramSocket, IkeFraming>()
  /** Until the first SA sockets are read here and the workers know neither them nor the paths. */
  const firstContact = createFirstContact(options.onIke)
  let atFirst = true
  const freeSlots = { outbound: slotPool(), inbound: slotPool() }
  let tun: DescribedTun | undefined
  let lastId = 0
  let closed = false
  let broken = false

  const hear = (telling: Telling): void => {
    switch (telling.kind) {
      case 'ike': {
        ikeTaken(inbound.board)
        for (const [socket, { id }] of sockets)
          if (id === telling.socket && framings.has(socket))
            options.onIke(telling.from, telling.message, socket)
        return
      }
      case 'event':
        return hearEvent(telling.event)
      case 'command-failed':
        options.log('error', 'data-plane', 'a command failed', telling)
        // Nobody waits for an SA to be installed; without it the plane is none.
        if (telling.command === 'install-inbound' || telling.command === 'install-outbound')
          hear({ kind: 'broken', problem: telling.problem })
        return
      case 'broken':
        if (closed || broken) return
        options.log('error', 'data-plane', 'the fast data plane has stopped', { problem: telling.problem })
        broken = true
        return options.onStopped?.(telling.problem)
      case 'ready':
        return
    }
  }

  const hearEvent = (event: DataPlaneEvent): void => {
    if (closed) return
    if (event.kind === 'peer-moved') {
      const path = paths.get(event.path)
      if (path === undefined) return
      paths.set(event.path, { ...path, endpoint: event.to })
      outbound.command(pathCommand(event.path, { ...path, endpoint: event.to }))
    } else if (event.kind !== 'path-too-narrow' && !sas.has(event.sa)) return
    options.onEvent(event)
  }

  const [outbound, inbound] = await openBoth(settings)
  const links = [outbound, inbound]
  const both = (command: Command): void => links.forEach((link) => link.command(command))
  const postBoth = (command: Command): void => links.forEach((link) => link.post(command))

  const socketCommand = (socket: DatagramSocket): SocketCommand => {
    const known = sockets.get(socket)
    if (known !== undefined) return known
    if (!isDescribedSocket(socket)) throw new TypeError('the fast data plane needs sockets with a descriptor')
    const { descriptor, family, localPort } = socket
    const made = { id: (lastId += 1), descriptor, family, localPort }
    sockets.set(socket, made)
    return made
  }

  const pathCommand = (id: PathId, { socket, endpoint, mtu, followPeer }: Path): Command => ({
    kind: 'set-path',
    path: { id, socket: socketCommand(socket), endpoint, mtu, followPeer },
  })

  const listenByWorker = (socket: DatagramSocket, framing: IkeFraming): void => {
    if (isDescribedSocket(socket)) socket.setReceiveOffload(true)
    inbound.post({ kind: 'listen', socket: socketCommand(socket), framing })
    inbound.keepAlive(true)
  }

  /** The worker reads what is there when it knows the SA, not before. */
  const installWith = (post: () => void): void => {
    if (!atFirst) return post()
    atFirst = false
    firstContact.end()
    for (const [id, path] of paths) postBoth(pathCommand(id, path))
    for (const spi of firstContact.offers()) inbound.post({ kind: 'offer-spi', spi })
    post()
    for (const [socket, framing] of framings) listenByWorker(socket, framing)
  }

  /** The SA's keys pass through the board, the rest as it is. */
  const prepare = <Parameters extends InboundSaParameters | OutboundSaParameters>(
    direction: Direction,
    { keys, ...parameters }: Parameters,
  ): InstallCommand<Parameters> => {
    if (!paths.has(parameters.path)) throw new RangeError(`no path ${parameters.path}`)
    const slot = freeSlots[direction].pop()
    if (slot === undefined) throw new RangeError('too many SAs')
    const id = saId((lastId += 1))
    sas.set(id, { id, spi: parameters.spi, suite: parameters.suite, direction, slot })
    clearSaNumbers((direction === 'outbound' ? outbound : inbound).board, slot)
    return { id, slot, keyLengths: keyLengths(keys), parameters }
  }

  const forget = (id: SaId): Installed | undefined => {
    const sa = sas.get(id)
    if (sa === undefined) return undefined
    sas.delete(id)
    if (inboundBySpi.get(sa.spi) === id) inboundBySpi.delete(sa.spi)
    freeSlots[sa.direction].push(sa.slot)
    return sa
  }

  const remove = (id: SaId): void => {
    const sa = forget(id)
    if (sa !== undefined) (sa.direction === 'outbound' ? outbound : inbound).command({ kind: 'remove', id })
  }

  const installOutbound = (parameters: OutboundSaParameters, old?: SaId): SaId => {
    const sa = prepare('outbound', parameters)
    const replaced = old !== undefined && sas.get(old)?.direction === 'outbound' ? { old } : {}
    installWith(() => outbound.post({ kind: 'install-outbound', sa, ...replaced }, parameters.keys))
    // The adapter's next packet finds it; before there is one, commands keep their order. An inbound one's packets may wait.
    if (tun !== undefined) outbound.settle()
    if (old !== undefined) forget(old)
    return sa.id
  }

  const leaveTun = (): void => {
    if (tun === undefined) return
    both({ kind: 'leave-tun' })
    tun.setOffloads('none')
    tun = undefined
  }

  const unlisten = (socket: DatagramSocket): void => {
    const known = sockets.get(socket)
    if (known === undefined) return
    framings.delete(socket)
    sockets.delete(socket)
    // A plane that stopped has been relieved: another one reads by now.
    if (atFirst && !broken) socket.onDatagram(undefined)
    both({ kind: 'unlisten', socket: known.id })
    if (isDescribedSocket(socket)) socket.setReceiveOffload(false)
    inbound.keepAlive(framings.size > 0)
  }

  const statisticsOf = ({ id, spi, direction, slot }: Installed, skew: number): SaStatistics => {
    const board = (direction === 'outbound' ? outbound : inbound).board
    const { packets, bytes, highestSequence, lastAt, window } = readSaNumbers(board, slot)
    const at = Number.isNaN(lastAt) ? {} : { lastAt: millis(lastAt + skew) }
    const replayWindow = direction === 'inbound' ? { replayWindow: window } : {}
    return { id, spi, direction, packets, bytes, highestSequence, ...at, ...replayWindow }
  }

  warmUp(outbound, inbound, () => (lastId += 1))
  return {
    kind: 'fast',
    get description() {
      const suite = [...sas.values()].at(-1)?.suite
      return `fast, ${providerFor(outbound.providers(), suite)}`
    },

    listen(socket, framing) {
      socketCommand(socket)
      framings.set(socket, framing)
      if (atFirst) firstContact.read(socket, framing)
      else {
        socket.onDatagram(undefined)
        listenByWorker(socket, framing)
      }
    },
    unlisten,
    useTun(next) {
      leaveTun()
      if (next === undefined) return
      if (!isDescribedTun(next)) throw new TypeError('the fast data plane needs an adapter with offloads')
      next.onPacket(undefined)
      const udpSegments = next.setOffloads('all') === 'tcp-udp'
      tun = next
      both({ kind: 'use-tun', descriptor: next.descriptor, udpSegments })
    },

    addPath(path) {
      const id = pathId((lastId += 1))
      paths.set(id, path)
      if (!atFirst) both(pathCommand(id, path))
      return id
    },
    setPath(id, change) {
      const path = paths.get(id)
      if (path === undefined) return
      const changed = { ...path, ...change }
      paths.set(id, changed)
      if (!atFirst) both(pathCommand(id, changed))
    },
    path: (id) => paths.get(id),
    removePath(id) {
      if (paths.delete(id) && !atFirst) both({ kind: 'remove-path', id })
    },

    spiInUse: (spi) => inboundBySpi.has(spi),
    offerSpi(spi) {
      if (inboundBySpi.has(spi)) return false
      if (atFirst) firstContact.offer(spi)
      else inbound.command({ kind: 'offer-spi', spi })
      return true
    },
    installInbound(parameters) {
      if (inboundBySpi.has(parameters.spi)) return fail('spi-in-use')
      const sa = prepare('inbound', parameters)
      inboundBySpi.set(parameters.spi, sa.id)
      installWith(() => inbound.post({ kind: 'install-inbound', sa }, parameters.keys))
      firstContact.deliver(parameters.spi, (socket, from, buffer, offset, length, trafficClass) =>
        inbound.post({
          kind: 'take',
          socket: socketCommand(socket).id,
          from,
          datagram: buffer.slice(offset, offset + length),
          trafficClass,
        }),
      )
      return ok(sa.id)
    },
    installOutbound: (parameters) => installOutbound(parameters),
    replaceOutbound: (old, parameters) => installOutbound(parameters, old),
    remove,
    ...createSending(paths, framings),

    statistics() {
      const skew = options.clock.monotonic() - threadClock()
      const [out, into] = links.map(({ board }) => readWorkerNumbers(board))
      const first = firstContact.state
      const drops = (into?.drops ?? []).map(
        (count, index) => count + (out?.drops[index] ?? 0) + (first.drops.values[index] ?? 0),
      )
      return {
        sas: Array.from(sas.values(), (sa) => statisticsOf(sa, skew)),
        drops: readDrops(drops),
        keepalives: (into?.keepalives ?? 0) + first.keepalives,
        tooBigAnswers: out?.tooBigAnswers ?? 0,
      }
    },

    close() {
      if (closed) return
      for (const id of [...sas.keys()]) remove(id)
      leaveTun()
      for (const socket of [...sockets.keys()]) unlisten(socket)
      paths.clear()
      closed = true
      for (const link of links) link.close()
    },
  }
}

type LinkSettings = Parameters<typeof openWorkerLink>[1]

/** Both or none. */
async function openBoth(settings: LinkSettings) {
  const opening = [openWorkerLink('outbound', settings), openWorkerLink('inbound', settings)] as const
  try {
    return await Promise.all(opening)
  } catch (error) {
    for (const one of await Promise.allSettled(opening)) if (one.status === 'fulfilled') one.value.close()
    throw error
  }
}

const keyLengths = ({ encryptionKey, integrityKey }: SaKeys): readonly [number, number] => [
  encryptionKey.length,
  integrityKey?.length ?? 0,
]

/** The lowest first. */
const slotPool = (): number[] => Array.from({ length: MOST_SAS }, (_, index) => MOST_SAS - 1 - index)

/** Whose ciphers serve the suite, or would serve the one that is recommended. */
function providerFor(providers: readonly ProviderReport[], suite: EspSuite | undefined): string {
  const usual = suite ?? { encryption: 'aes-gcm-16', keyBits: 256 }
  const found = providers.find(({ name, refused }) => refused === undefined && serves(name, usual))
  return found?.description ?? 'no ciphers'
}
