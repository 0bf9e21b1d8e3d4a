/** How a node of a box tree is parted in two: so that a point of it is held by few boxes' surroundings. */

/** Source, destination, protocol, source port, destination port, message type. */
export const AXES = 6
/** Lowest and highest of each axis. */
export const BOX_WORDS = AXES * 2

export interface Split {
  readonly axis: number
  /** By where the box's middle lies, or by its width: what spans nearly all must not blow up both halves. */
  readonly by: 'middle' | 'width'
  /** The first half has up to this. */
  readonly at: number
}

/** What a split compares of a box. */
export function measure(bounds: Int32Array, box: number, { axis, by }: Omit<Split, 'at'>): number {
  const low = bounds[box * BOX_WORDS + axis * 2] ?? 0
  const high = bounds[box * BOX_WORDS + axis * 2 + 1] ?? 0
  return by === 'middle' ? low + high : high - low
}

const ways = ['middle', 'width'] as const

/** The cheapest split of these boxes that was tried; undefined when they are all alike. */
export function chooseSplit(bounds: Int32Array, boxes: Int32Array): Split | undefined {
  const values = new Float64Array(boxes.length)
  let best: Split | undefined
  let bestCost = Number.POSITIVE_INFINITY
  for (let axis = 0; axis < AXES; axis += 1) {
    for (const by of ways) {
      let highest = -1
      let lowest = Number.POSITIVE_INFINITY
      for (let index = 0; index < boxes.length; index += 1) {
        const value = measure(bounds, boxes[index] ?? 0, { axis, by })
        values[index] = value
        highest = Math.max(highest, value)
        lowest = Math.min(lowest, value)
      }
      if (lowest === highest) continue
      for (let part = 0; part <= TRIES; part += 1) {
        // The boxes stand in no order, so these are values from all over; the lowest always leaves something on both sides.
        const at = part === TRIES ? lowest : (values[Math.floor((part * boxes.length) / TRIES)] ?? 0)
        if (at >= highest) continue
        const cost = costOf(bounds, boxes, values, at)
        if (cost >= bestCost) continue
        bestCost = cost
        best = { axis, by, at }
      }
    }
  }
  return best
}

/** Splits that are tried an axis and way. */
const TRIES = 4

const surroundings = new Float64Array(BOX_WORDS * 2)

/** How many boxes a random point near these has to be compared with, up to a factor. */
function costOf(bounds: Int32Array, boxes: Int32Array, values: Float64Array, at: number): number {
  for (let word = 0; word < BOX_WORDS * 2; word += 2) {
    surroundings[word] = Number.POSITIVE_INFINITY
    surroundings[word + 1] = -1
  }
  let below = 0
  for (let index = 0; index < boxes.length; index += 1) {
    const box = (boxes[index] ?? 0) * BOX_WORDS
    const isBelow = (values[index] ?? 0) <= at
    if (isBelow) below += 1
    const side = isBelow ? 0 : BOX_WORDS
    for (let word = 0; word < BOX_WORDS; word += 2) {
      const low = bounds[box + word] ?? 0
      const high = bounds[box + word + 1] ?? 0
      if (low < (surroundings[side + word] ?? 0)) surroundings[side + word] = low
      if (high > (surroundings[side + word + 1] ?? 0)) surroundings[side + word + 1] = high
    }
  }
  return below * volume(0) + (boxes.length - below) * volume(BOX_WORDS)
}

function volume(side: number): number {
  let product = 1
  for (let word = 0; word < BOX_WORDS; word += 2) {
    product *= (surroundings[side + word + 1] ?? 0) - (surroundings[side + word] ?? 0) + 1
  }
  return product
}
