/**
 * The memory that the engine's thread shares with one worker: commands are called and answered through it, the worker's
 * numbers are read from it without stopping anybody.
 *
 *   Int32:   called | answered | failed | version | IKE messages on their way | leave | …
 *   bytes:   the keys of the SA in the command at hand, wiped by whoever reads them
 *   Float64: keepalives | too-big answers | one for each drop reason | …
 *   Float64: for each SA's slot: packets | bytes | highest sequence number | last packet at | window's size | what it has seen, 8 words
 */
import type { ReplayWindowStatus } from '../../../src-shared/status.ts'
import { dropReasons } from '../../ipsec/drops.ts'

const CELL = { called: 0, answered: 1, failed: 2, version: 3, ikeWaiting: 4, leave: 5 } as const
const CELLS = 16
const KEY_BYTES = 256
const HEAD_NUMBERS = 2
const WINDOW_WORDS = 8
const SA_NUMBERS = 5 + WINDOW_WORDS
/** SAs of one direction at a time. */
export const MOST_SAS = 4096

const keysAt = CELLS * 4
const numbersAt = keysAt + KEY_BYTES
const sasAt = HEAD_NUMBERS + dropReasons.length

export interface Board {
  readonly memory: SharedArrayBuffer
  readonly cells: Int32Array
  readonly keys: Uint8Array
  readonly numbers: Float64Array
}

export const boardOver = (memory: SharedArrayBuffer): Board => ({
  memory,
  cells: new Int32Array(memory, 0, CELLS),
  keys: new Uint8Array(memory, keysAt, KEY_BYTES),
  numbers: new Float64Array(memory, numbersAt),
})

/** Most of it is never touched. */
export const createBoard = (): Board =>
  boardOver(new SharedArrayBuffer(numbersAt + (sasAt + MOST_SAS * SA_NUMBERS) * 8))

// ---------------------------------------------------------------- commands

/** Says that command number `serial` is there. */
export const call = ({ cells }: Board, serial: number): void => void Atomics.store(cells, CELL.called, serial)
export const calledSerial = ({ cells }: Board): number => Atomics.load(cells, CELL.called)

export const answer = ({ cells }: Board, serial: number, failed: boolean): void => {
  Atomics.store(cells, CELL.failed, failed ? 1 : 0)
  Atomics.store(cells, CELL.answered, serial)
  Atomics.notify(cells, CELL.answered)
}

/** The process ends: the worker is to stop at once, whatever is left. */
export const askToLeave = ({ cells }: Board): void => void Atomics.store(cells, CELL.leave, 1)
export const isAskedToLeave = ({ cells }: Board): boolean => Atomics.load(cells, CELL.leave) === 1

export const answeredSerial = ({ cells }: Board): number => Atomics.load(cells, CELL.answered)

/** The worker's last word: it does no more commands. */
const DEAD = -1
export const giveUp = (board: Board): void => answer(board, DEAD, true)

/** Waits until the worker has done the command. */
export const awaitAnswer = (
  { cells }: Board,
  serial: number,
  patienceMs: number,
): 'done' | 'failed' | 'late' | 'dead' => {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const answered = Atomics.load(cells, CELL.answered)
    if (answered === DEAD) return 'dead'
    if (answered === serial) return Atomics.load(cells, CELL.failed) === 0 ? 'done' : 'failed'
    const left = deadline - performance.now()
    if (left <= 0) return 'late'
    Atomics.wait(cells, CELL.answered, answered, left)
  }
}

// ---------------------------------------------------------------- IKE messages on their way to the engine

/** Counts one more, unless there are as many as may wait: what nobody has authenticated may not fill the memory. */
export const admitIke = ({ cells }: Board, most: number): boolean => {
  if (Atomics.load(cells, CELL.ikeWaiting) >= most) return false
  Atomics.add(cells, CELL.ikeWaiting, 1)
  return true
}
export const ikeTaken = ({ cells }: Board): void => void Atomics.sub(cells, CELL.ikeWaiting, 1)

// ---------------------------------------------------------------- numbers

export interface WorkerNumbers {
  readonly keepalives: number
  readonly tooBigAnswers: number
  /** In the order of `dropReasons`. */
  readonly drops: readonly number[]
}

export interface SaNumbers {
  readonly packets: number
  readonly bytes: number
  readonly highestSequence: number
  /** On the clock that all threads share; NaN before the first packet. */
  readonly lastAt: number
  readonly window: ReplayWindowStatus
}

/** Changes numbers so that no reader sees half of a change: the version is odd meanwhile. One writer. */
export function publish(board: Board, write: (numbers: Float64Array) => void): void {
  Atomics.add(board.cells, CELL.version, 1)
  write(board.numbers)
  Atomics.add(board.cells, CELL.version, 1)
}

export function writeWorkerNumbers(numbers: Float64Array, values: WorkerNumbers): void {
  numbers[0] = values.keepalives
  numbers[1] = values.tooBigAnswers
  numbers.set(values.drops, HEAD_NUMBERS)
}

export function writeSaNumbers(numbers: Float64Array, slot: number, values: Omit<SaNumbers, 'window'>): void {
  const at = sasAt + slot * SA_NUMBERS
  numbers[at] = values.packets
  numbers[at + 1] = values.bytes
  numbers[at + 2] = values.highestSequence
  numbers[at + 3] = values.lastAt
}

/** Of a slot that no SA has: what the next one says until the worker has installed it. */
export function clearSaNumbers({ numbers }: Board, slot: number): void {
  const at = sasAt + slot * SA_NUMBERS
  numbers.fill(0, at, at + SA_NUMBERS)
  numbers[at + 3] = Number.NaN
}

/** The anti-replay window, newest first; longer ones are cut at 256. */
export function writeWindow(numbers: Float64Array, slot: number, { size, seen }: ReplayWindowStatus): void {
  const at = sasAt + slot * SA_NUMBERS + 4
  numbers[at] = size
  for (let word = 0; word < WINDOW_WORDS; word += 1)
    numbers[at + 1 + word] = Number.parseInt(seen.slice(word * 32, word * 32 + 32).padEnd(32, '0'), 2)
}

/** What `read` finds between two changes; after some tries, what there is. */
function readBetween<Value>({ cells, numbers }: Board, read: (numbers: Float64Array) => Value): Value {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const before = Atomics.load(cells, CELL.version)
    const value = read(numbers)
    if ((before & 1) === 0 && Atomics.load(cells, CELL.version) === before) return value
  }
  return read(numbers)
}

export const readWorkerNumbers = (board: Board): WorkerNumbers =>
  readBetween(board, (numbers) => ({
    keepalives: numbers[0] ?? 0,
    tooBigAnswers: numbers[1] ?? 0,
    drops: Array.from(numbers.subarray(HEAD_NUMBERS, sasAt)),
  }))

export const readSaNumbers = (board: Board, slot: number): SaNumbers =>
  readBetween(board, (numbers) => {
    const at = sasAt + slot * SA_NUMBERS
    return {
      packets: numbers[at] ?? 0,
      bytes: numbers[at + 1] ?? 0,
      highestSequence: numbers[at + 2] ?? 0,
      lastAt: numbers[at + 3] ?? Number.NaN,
      window: readWindow(numbers, at + 4),
    }
  })

/** As many characters as the window has numbers behind it, the first of the SA included. */
function readWindow(numbers: Float64Array, at: number): ReplayWindowStatus {
  const size = numbers[at] ?? 0
  const highest = numbers[at - 2] ?? 0
  const words = Array.from(numbers.subarray(at + 1, at + 1 + WINDOW_WORDS), (word) =>
    word.toString(2).padStart(32, '0'),
  )
  return { size, seen: words.join('').slice(0, Math.min(size, highest)) }
}
