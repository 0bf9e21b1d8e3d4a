/** Where the window was, so that it opens there again. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as v from 'valibot'

export interface Bounds {
  readonly x?: number
  readonly y?: number
  readonly width: number
  readonly height: number
}
export interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export const LEAST = { width: 360, height: 560 } as const
const USUAL: Bounds = { width: 420, height: 680 }

const whole = v.pipe(v.number(), v.safeInteger())
const schema = v.object({ x: whole, y: whole, width: whole, height: whole })

/** Fitted to the screens that are there now: a window on a screen that was unplugged comes back to one that is seen. */
export function fitted(kept: unknown, areas: readonly Area[]): Bounds {
  const parsed = v.safeParse(schema, kept)
  if (!parsed.success) return USUAL
  const { x, y } = parsed.output
  const size = {
    width: Math.max(LEAST.width, parsed.output.width),
    height: Math.max(LEAST.height, parsed.output.height),
  }
  const on = areas.find((area) => overlap(x, size.width, area.x, area.width) >= 80 && isTitleIn(y, area))
  if (on === undefined) return USUAL
  return { x, y, width: Math.min(size.width, on.width), height: Math.min(size.height, on.height) }
}

const overlap = (a: number, aLength: number, b: number, bLength: number): number =>
  Math.min(a + aLength, b + bLength) - Math.max(a, b)
const isTitleIn = (y: number, area: Area): boolean => y >= area.y - 8 && y <= area.y + area.height - 40

export function readBounds(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Never written yet, or damaged: the usual size.
    return undefined
  }
}

/** A whole file or none. */
export function writeBounds(file: string, bounds: Area): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  writeFileSync(`${file}.new`, JSON.stringify(bounds))
  renameSync(`${file}.new`, file)
}
