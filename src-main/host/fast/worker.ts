/** The entry of a data plane's worker: a thread that does nothing but pass packets in one direction and do what it is told. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createWaiter } from 'tun-tap'
import { admitIke, answer, boardOver, calledSerial, giveUp, isAskedToLeave } from './board.ts'
import type { NumberedCommand, Telling, WorkerSettings } from './commands.ts'
import { chooseCrypto } from './crypto/choose.ts'
import { createInboundLoop } from './inbound-loop.ts'
import { createOutboundLoop } from './outbound-loop.ts'
import { createPacketMemory } from './packet-memory.ts'
import { perform, publishNumbers, threadClock } from './worker-state.ts'

/** Most of it is never touched, so that it costs nothing: room for the keys of 4,096 SAs. */
const ARENA_LENGTH = { outbound: 12 * 1024 * 1024, inbound: 32 * 1024 * 1024 } as const
/** Numbers are published at least this often while packets pass. */
const PUBLISH_INTERVAL_MS = 20
/** And what anti-replay windows have seen, at most this often. */
const WINDOWS_INTERVAL_MS = 200
/** For so long nothing is published again when it grows quiet. */
const SETTLE_MS = 2
/** Nothing needs waking up; a bound, in case a wake-up were lost. */
const LONGEST_WAIT_MS = 60_000
/** IKE messages that may wait for the engine. */
const MOST_IKE_WAITING = 256

const isSettings = (value: unknown): value is WorkerSettings =>
  typeof value === 'object' && value !== null && 'direction' in value && 'board' in value && 'port' in value

const isCommand = (value: unknown): value is NumberedCommand =>
  typeof value === 'object' && value !== null && 'serial' in value && 'command' in value

const problemOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function run(settings: WorkerSettings): void {
  const { direction, port, guarded } = settings
  const tell = (telling: Telling): void => port.postMessage(telling)
  const board = boardOver(settings.board)
  const arena = createPacketMemory(ARENA_LENGTH[direction], { guarded })
  const chosen = chooseCrypto(arena, settings.providers)
  const loop =
    direction === 'outbound'
      ? createOutboundLoop(arena, settings)
      : createInboundLoop(arena, settings, (from, message, socket) => {
          if (admitIke(board, MOST_IKE_WAITING)) tell({ kind: 'ike', socket: socket.id, from, message })
          else loop.state.drops.count('ike-backlog')
        })
  const parts = { ...loop, board, crypto: chosen.crypto }
  const wait = createWaiter(settings.bell)
  let publishedAt = 0
  let windowsAt = 0
  let handled = 0

  const performOne = ({ serial, command }: NumberedCommand): boolean => {
    let failed = false
    try {
      if (command.kind !== 'close') perform(parts, command)
      loop.changed()
    } catch (error) {
      failed = true
      tell({ kind: 'command-failed', command: command.kind, problem: problemOf(error) })
    }
    tellProviders()
    publishNumbers(loop.state, board, true)
    handled = serial
    answer(board, serial, failed)
    return command.kind !== 'close'
  }

  let told = 0
  const tellProviders = (): void => {
    const providers = chosen.reports()
    if (providers.length === told) return
    told = providers.length
    tell({ kind: 'ready', providers })
  }

  tellProviders()
  while (!isAskedToLeave(board)) {
    loop.state.now = threadClock()
    // All that were called before the packets of this turn: an SA that was asked for is there when they are looked at.
    for (const called = calledSerial(board); handled !== called;) {
      const command = nextCommand(settings)
      if (command !== undefined && !performOne(command)) return
      if (isAskedToLeave(board)) return
    }
    // No sleep before commands that came meanwhile.
    const more = loop.turn() || calledSerial(board) !== handled
    const { events } = loop.state
    for (let event = events.shift(); event !== undefined; event = events.shift())
      tell({ kind: 'event', event })
    if (guarded) arena.checkGuards()
    const age = loop.state.now - publishedAt
    if (more && age < PUBLISH_INTERVAL_MS) continue
    // Many short turns a second: their numbers are published together.
    if (!more && age < SETTLE_MS) {
      wait(loop.descriptors(), SETTLE_MS)
      continue
    }
    const windows = loop.state.now - windowsAt >= WINDOWS_INTERVAL_MS
    publishNumbers(loop.state, board, windows)
    publishedAt = loop.state.now
    if (windows) windowsAt = publishedAt
    if (!more) wait(loop.descriptors(), LONGEST_WAIT_MS)
  }
}

function nextCommand({ port }: WorkerSettings): NumberedCommand | undefined {
  const received: { readonly message: unknown } | undefined = receiveMessageOnPort(port)
  return isCommand(received?.message) ? received.message : undefined
}

const settings: unknown = workerData
if (isSettings(settings)) {
  try {
    run(settings)
  } catch (error) {
    settings.port.postMessage({ kind: 'broken', problem: problemOf(error) } satisfies Telling)
    giveUp(boardOver(settings.board))
  }
}
