/** Dead peer detection (RFC 3706): a silent peer is asked, a few times, whether it is there. */
import type { Millis } from '../../../src-shared/brands.ts'
import { millis } from '../../../src-shared/brands.ts'
import type { Timers } from '../timers.ts'
import type { ExchangePorts } from './configuration.ts'

/** RFC 3706 section 6.4 leaves both to us. */
const MOST_UNANSWERED = 4
const answerWithin = millis(5_000)

export interface DeadPeerDetectionParts {
  /** How long the peer may be silent before it is asked; 0 never asks. */
  readonly every: Millis
  /** When the last authentic ESP packet came in: who sends is alive (section 5.5). */
  readonly lastInboundAt: () => Millis | undefined
  /** Sends R-U-THERE; false when the peer does not know it. */
  readonly send: (sequence: number) => boolean
  readonly onSilent: () => void
}

export class DeadPeerDetection {
  readonly #ports: ExchangePorts
  readonly #timers: Timers
  readonly #parts: DeadPeerDetectionParts
  #lastAliveAt: Millis
  #waiting: number | undefined

  constructor(ports: ExchangePorts, timers: Timers, parts: DeadPeerDetectionParts) {
    this.#ports = ports
    this.#timers = timers
    this.#parts = parts
    this.#lastAliveAt = ports.clock.monotonic()
  }

  /** Something authentic came from the peer. */
  alive(): void {
    this.#lastAliveAt = this.#ports.clock.monotonic()
  }

  /** Watches from now on. */
  start(): void {
    const { every, lastInboundAt } = this.#parts
    if (every === 0) return
    const heard = Math.max(this.#lastAliveAt, lastInboundAt() ?? 0)
    const left = every - (this.#ports.clock.monotonic() - heard)
    this.#timers.after(millis(left > 0 ? left : every), () => {
      if (left <= 0) this.ask()
      this.start()
    })
  }

  /** Asks now, unless a question is open. */
  ask(): void {
    if (this.#waiting !== undefined) return
    const bytes = this.#ports.random.bytes(4)
    // Section 5.4: the first number is random, and its highest bit clear.
    this.#askOnce(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) >>> 1, 1)
  }

  /** The peer has answered this question. */
  answered(sequence: number): void {
    if (this.#waiting === sequence) this.#waiting = undefined
  }

  #askOnce(sequence: number, count: number): void {
    if (!this.#parts.send(sequence)) return
    this.#waiting = sequence
    this.#timers.after(answerWithin, () => {
      if (this.#waiting !== sequence) return
      this.#waiting = undefined
      if (count >= MOST_UNANSWERED) this.#parts.onSilent()
      else this.#askOnce(sequence + 1, count + 1)
    })
  }
}
