/** What a worker knows of SAs, paths and sockets, and how commands change it. */
import type { EspSpi, PathId } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import type { IkeFraming, InboundSaParameters, OutboundSaParameters, SaKeys } from '../../ipsec/data-plane.ts'
import { createEarlyPackets } from '../../ipsec/early.ts'
import { innerMtu } from '../../ipsec/overhead.ts'
import type { PacketRoom, PlaneState } from '../../ipsec/plane-state.ts'
import { createInboundSa, createOutboundSa } from '../../ipsec/sa.ts'
import type { PathState, Sa, SaSurroundings } from '../../ipsec/sa.ts'
import { createSad } from '../../ipsec/sad.ts'
import { sequenceNumber } from '../../ipsec/sequence.ts'
import { createSpd } from '../../ipsec/spd.ts'
import type { ExpiryReport } from '../../ipsec/usage.ts'
import type { DatagramSocket, PacketCrypto } from '../../ports.ts'
import type { Board } from './board.ts'
import { publish, writeSaNumbers, writeWindow, writeWorkerNumbers } from './board.ts'
import type { Command, InstallCommand, PathCommand, SocketCommand, TakeCommand } from './commands.ts'
import { createDropNumbers } from './drop-numbers.ts'
import type { DropNumbers } from './drop-numbers.ts'

/** A socket that this worker made for itself over the engine's descriptor. */
export interface WorkerSocket extends DatagramSocket {
  readonly id: number
  framing: IkeFraming | undefined
}

export interface WorkerState extends PlaneState {
  readonly drops: DropNumbers
  readonly sockets: Map<number, WorkerSocket>
  readonly slots: Map<Sa, number>
  /** Time for what happens now; set once for each turn. */
  now: number
}

export interface WorkerStateOptions {
  readonly copyDscp: boolean
  readonly clampMss: boolean
  readonly scratch: () => PacketRoom
  /** EARLY_PACKETS_LENGTH bytes. */
  readonly early: PacketRoom
}

/** Monotonic, the same in all threads, in milliseconds. */
export const threadClock = (): number => Number(process.hrtime.bigint()) / 1e6

export function createWorkerState({ copyDscp, clampMss, scratch, early }: WorkerStateOptions): WorkerState {
  const clock = { monotonic: () => millis(state.now) }
  const drops = createDropNumbers()
  const state: WorkerState = {
    clock,
    sad: createSad(),
    spd: createSpd(),
    paths: new Map(),
    drops,
    early: createEarlyPackets({ clock, drops }, early.buffer, early.offset),
    copyDscp,
    clampMss,
    scratch,
    tun: undefined,
    keepalives: 0,
    tooBigAnswers: 0,
    events: [],
    sockets: new Map(),
    slots: new Map(),
    now: threadClock(),
  }
  return state
}

/** Copies all numbers to where the engine's thread reads them. */
/** `windows`: also what the anti-replay windows have seen, which costs more. */
export function publishNumbers(state: WorkerState, board: Board, windows: boolean): void {
  publish(board, (numbers) => {
    writeWorkerNumbers(numbers, {
      keepalives: state.keepalives,
      tooBigAnswers: state.tooBigAnswers,
      drops: state.drops.values,
    })
    for (const [sa, slot] of state.slots) {
      const { packets, bytes, lastAt = Number.NaN } = sa.usage
      const highestSequence = sequenceNumber(sa.direction === 'inbound' ? sa.window.highest() : sa.sequence)
      writeSaNumbers(numbers, slot, { packets, bytes, highestSequence, lastAt })
      if (windows && sa.direction === 'inbound')
        writeWindow(numbers, slot, { size: sa.window.size, seen: sa.window.seen(256) })
    }
  })
}

export interface CommandParts {
  readonly state: WorkerState
  readonly board: Board
  readonly crypto: Pick<PacketCrypto, 'cipher'>
  readonly openSocket: (socket: SocketCommand) => WorkerSocket
  readonly useTun: (descriptor: number, udpSegments: boolean) => void
  readonly leaveTun: () => void
  readonly take: (datagram: TakeCommand) => void
  /** An inbound SA is there. */
  readonly installed: (spi: EspSpi) => void
}

/** Does what the engine's thread asks. Throws what tells why it cannot. */
export function perform(parts: CommandParts, command: Exclude<Command, { kind: 'close' }>): void {
  const { state } = parts
  switch (command.kind) {
    case 'use-tun':
      return parts.useTun(command.descriptor, command.udpSegments)
    case 'leave-tun':
      return parts.leaveTun()
    case 'listen':
      socketOf(parts, command.socket).framing = command.framing
      return
    case 'unlisten':
      return unlisten(state, command.socket)
    case 'set-path':
      return setPath(parts, command.path)
    case 'remove-path': {
      const path = state.paths.get(command.id)
      if (path !== undefined) path.usable = false
      state.paths.delete(command.id)
      return
    }
    case 'offer-spi':
      state.early.offer(command.spi)
      return
    case 'take':
      return parts.take(command)
    case 'install-inbound':
      installInbound(parts, command.sa)
      parts.installed(command.sa.parameters.spi)
      return
    case 'install-outbound':
      return installOutbound(parts, command)
    case 'remove':
      return remove(state, command)
    case 'publish':
      return publishNumbers(state, parts.board, true)
  }
}

function socketOf({ state, openSocket }: CommandParts, command: SocketCommand): WorkerSocket {
  const known = state.sockets.get(command.id)
  if (known !== undefined) return known
  const socket = openSocket(command)
  state.sockets.set(command.id, socket)
  return socket
}

function unlisten(state: WorkerState, id: number): void {
  const socket = state.sockets.get(id)
  socket?.close()
  state.sockets.delete(id)
}

function setPath(parts: CommandParts, { id, socket, endpoint, mtu, followPeer }: PathCommand): void {
  const { state } = parts
  const known = state.paths.get(id)
  const used = socketOf(parts, socket)
  if (known === undefined) {
    state.paths.set(id, {
      id,
      socket: used,
      endpoint,
      mtu,
      followPeer,
      usable: true,
      tooNarrowToldAt: undefined,
    })
    return
  }
  known.socket = used
  known.endpoint = endpoint
  known.mtu = mtu
  known.followPeer = followPeer
  for (const sa of state.sad.all()) if (sa.path === known) sa.mtu = innerMtu(mtu, used.family, sa.suite)
}

function pathOf(state: WorkerState, id: PathId): PathState {
  const path = state.paths.get(id)
  if (path === undefined) throw new RangeError(`no path ${id}`)
  return path
}

function surroundings(
  { state, crypto }: CommandParts,
  { id, parameters: { spi, path } }: InstallCommand<InboundSaParameters | OutboundSaParameters>,
): SaSurroundings {
  const report: ExpiryReport = (kind, cause) => state.events.push({ kind, sa: id, spi, cause })
  return { id, path: pathOf(state, path), crypto, report }
}

/** The keys that lie on the board, which are wiped there. The caller wipes the copy. */
function takeKeys({ keys }: Board, [encryption, integrity]: readonly [number, number]): SaKeys {
  const encryptionKey = keys.slice(0, encryption)
  const integrityKey = keys.slice(encryption, encryption + integrity)
  keys.fill(0)
  return integrity === 0 ? { encryptionKey } : { encryptionKey, integrityKey }
}

function wipe({ encryptionKey, integrityKey }: SaKeys): void {
  encryptionKey.fill(0)
  integrityKey?.fill(0)
}

function installInbound(parts: CommandParts, sa: InstallCommand<InboundSaParameters>): void {
  const { state, board } = parts
  const keys = takeKeys(board, sa.keyLengths)
  const made = createInboundSa({ ...sa.parameters, keys }, surroundings(parts, sa))
  wipe(keys)
  state.sad.add(made)
  state.slots.set(made, sa.slot)
}

function installOutbound(
  parts: CommandParts,
  { sa, old }: Extract<Command, { kind: 'install-outbound' }>,
): void {
  const { state, board } = parts
  const keys = takeKeys(board, sa.keyLengths)
  const made = createOutboundSa({ ...sa.parameters, keys }, surroundings(parts, sa))
  wipe(keys)
  state.sad.add(made)
  state.slots.set(made, sa.slot)
  const before = old === undefined ? undefined : state.sad.outbound(old)
  if (before === undefined || !state.spd.replace(before, made))
    state.spd.add(made, sa.parameters.priority ?? 0)
  if (before !== undefined) remove(state, before)
}

function remove(state: WorkerState, { id }: Pick<Sa, 'id'>): void {
  for (const sa of state.sad.all()) {
    if (sa.id !== id) continue
    if (sa.direction === 'outbound') state.spd.remove(sa)
    state.slots.delete(sa)
  }
  state.sad.remove(id)
}
