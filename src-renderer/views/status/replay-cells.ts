/** The anti-replay window (RFC 4303 section 3.4.3) as a grid to draw: the newest packet top left. */
import type { ReplayWindowStatus } from '../../../src-shared/status.ts'

export interface ReplayCell {
  readonly sequence: number
  readonly seen: boolean
}

export interface ReplayDrawing {
  readonly columns: number
  readonly cells: readonly ReplayCell[]
  /** The right edge: the highest number that was authenticated. */
  readonly newest: number
  /** The lowest number still accepted. */
  readonly oldest: number
  readonly seen: number
  /** Not yet seen among those drawn; late or lost. */
  readonly missing: number
  /** Packets of the window that are not drawn. */
  readonly hidden: number
}

/** Numbers below 1 do not exist: a young SA's window is shorter than its size. */
export function replayDrawing(window: ReplayWindowStatus, highestSequence: number): ReplayDrawing {
  const reach = Math.min(window.size, highestSequence)
  const cells = Array.from(window.seen.slice(0, reach), (mark, index) => ({
    sequence: highestSequence - index,
    seen: mark === '1',
  }))
  const seen = cells.filter((cell) => cell.seen).length
  return {
    columns: 32,
    cells,
    newest: highestSequence,
    oldest: Math.max(1, highestSequence - window.size + 1),
    seen,
    missing: cells.length - seen,
    hidden: Math.max(0, reach - cells.length),
  }
}
