/** One worker as the engine's thread sees it: commands that are done when the call returns, and what it tells. */
import { MessageChannel, Worker } from 'node:worker_threads'
import { createBell } from 'tun-tap'
import type { Bell } from 'tun-tap'
import type { SaKeys } from '../../ipsec/data-plane.ts'
import { answeredSerial, askToLeave, awaitAnswer, call, createBoard } from './board.ts'
import type { Board } from './board.ts'
import type { Command, Direction, ProviderReport, Telling, WorkerSettings } from './commands.ts'

/** A worker answers between two batches, in less than a millisecond; with the machine's processors all busy, later. */
const PATIENCE_MS = 5000

export interface WorkerLink {
  readonly board: Board
  providers(): readonly ProviderReport[]
  /** Does it now. Throws when the worker cannot; does nothing when it is no more, which is told. */
  command(command: Command): void
  /** Has it done, after what came before and before what comes after; that it could not be done is told. Copies the keys. */
  post(command: Command, keys?: SaKeys): void
  /** Waits until all is done. */
  settle(): void
  /** Whether the process stays alive for what the worker may tell. */
  keepAlive(wanted: boolean): void
  close(): void
}

export interface WorkerLinkOptions extends Omit<WorkerSettings, 'direction' | 'board' | 'bell' | 'port'> {
  /** The bundled worker's file. */
  readonly workerPath: string
  readonly onTelling: (telling: Telling) => void
}

const words = { failed: 'refused', late: 'does not answer' } as const

/** A process that ends waits for its workers, and they for their bells. */
const living = new Map<Bell, Board>()
const endAll = (): void => {
  for (const [bell, board] of living) {
    askToLeave(board)
    bell.ring()
  }
}

const isTelling = (value: unknown): value is Telling =>
  typeof value === 'object' && value !== null && 'kind' in value

/** Starts a worker and waits until it is ready. Rejects with what it says instead. */
export async function openWorkerLink(direction: Direction, options: WorkerLinkOptions): Promise<WorkerLink> {
  const { workerPath, onTelling, ...rest } = options
  const board = createBoard()
  const bell = createBell()
  const { port1: ours, port2: theirs } = new MessageChannel()
  const settings: WorkerSettings = {
    ...rest,
    direction,
    board: board.memory,
    bell: bell.descriptor,
    port: theirs,
  }
  const worker = new Worker(workerPath, {
    workerData: settings,
    transferList: [theirs],
    name: `culvert-${direction}`,
    // Its packets lie outside the heap; what is inside is small.
    resourceLimits: { maxYoungGenerationSizeMb: 4 },
  })
  let over: string | undefined
  let serial = 0
  /** The last command with keys. */
  let keyed = 0
  /** The bell is to wake the worker for what was called since: once for many. */
  let isToRing = false

  const post = (what: Command, keys?: SaKeys): void => {
    if (over !== undefined) return
    if (keys !== undefined) {
      // The place for keys is free once those before have been taken.
      if (answeredSerial(board) < keyed) settle()
      keyed = serial + 1
      board.keys.set(keys.encryptionKey)
      if (keys.integrityKey !== undefined) board.keys.set(keys.integrityKey, keys.encryptionKey.length)
    }
    serial += 1
    ours.postMessage({ serial, command: what })
    call(board, serial)
    if (isToRing) return
    isToRing = true
    queueMicrotask(wake)
  }

  const wake = (): void => {
    if (!isToRing) return
    isToRing = false
    bell.ring()
  }

  const settle = () => {
    if (over !== undefined || serial === 0) return 'done'
    wake()
    return awaitAnswer(board, serial, PATIENCE_MS)
  }

  const command = (what: Command): void => {
    if (over !== undefined) return
    post(what)
    const outcome = settle()
    // What it died of is on its way.
    if (outcome === 'done' || outcome === 'dead') return
    throw new Error(`the data plane's ${direction} worker ${words[outcome]}: ${what.kind}`)
  }

  let providers: readonly ProviderReport[] = []
  const ready = new Promise<void>((resolve, reject) => {
    const end = (problem: string): void => {
      if (over !== undefined) return
      over = problem
      reject(new Error(problem))
      onTelling({ kind: 'broken', problem })
    }
    ours.on('message', (telling: unknown) => {
      if (!isTelling(telling)) return
      if (telling.kind === 'ready') {
        providers = telling.providers
        resolve()
      } else if (telling.kind === 'broken') end(telling.problem)
      else onTelling(telling)
    })
    worker.once('error', (error) => end(error instanceof Error ? error.message : String(error)))
    worker.once('exit', () => {
      if (over === undefined) end('it ended')
      living.delete(bell)
      if (living.size === 0) process.off('exit', endAll)
      ours.close()
      bell.close()
    })
  })
  living.set(bell, board)
  if (living.size === 1) process.on('exit', endAll)

  await ready
  worker.unref()
  ours.unref()
  return {
    board,
    providers: () => providers,
    command,
    post,
    settle,
    keepAlive(wanted) {
      if (wanted) ours.ref()
      else ours.unref()
    },
    close() {
      if (over !== undefined) return
      command({ kind: 'close' })
      over = 'closed'
    },
  }
}
