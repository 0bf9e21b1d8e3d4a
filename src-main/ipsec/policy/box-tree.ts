/**
 * Which of many boxes holds a point and comes first: a tree of boxes around boxes. Each node knows the box around all that is
 * below it and the earliest place below; a search enters only boxes that hold the point, the earlier first, and none whose
 * earliest place lies behind what was found. Each box is stored once, so memory grows with the boxes and nothing else.
 */

/** Source, destination, protocol, source port, destination port, message type. */
export const AXES = 6
/** Lowest and highest of each axis. */
export const BOX_WORDS = AXES * 2

export interface BoxTree {
  /**
   * The smallest place of the boxes that hold the point and that `accepts` confirms; -1 when there is none. `accepts` is asked
   * for the box's number.
   */
  find(point: Int32Array, accepts: (box: number) => boolean): number
}

const LEAF = 4
/** Splits are chosen by a sample of a large node's boxes. */
const SAMPLE = 512
const BINS = 12

interface Split {
  readonly axis: number
  /** By where the box's middle lies, or by its width: what spans nearly all must not blow up both halves. */
  readonly by: 'middle' | 'width'
  readonly at: number
}

/** `bounds` holds BOX_WORDS numbers a box, `places` its place in the order. Both are kept and must not change. */
export function createBoxTree(bounds: Int32Array, places: Int32Array): BoxTree {
  const count = places.length
  const items = Int32Array.from({ length: count }, (_, index) => index)
  const nodes = growingNodes(count)
  if (count > 0) build(0, count)

  function build(from: number, to: number): number {
    const node = nodes.add(from, to)
    enclose(from, to, nodes.bounds, node * BOX_WORDS)
    nodes.places[node] = earliest(from, to)
    if (to - from <= LEAF) return node
    const split = chooseSplit(from, to)
    const middle = split === undefined ? (from + to) >>> 1 : partition(from, to, split)
    nodes.left[node] = build(from, middle)
    nodes.right[node] = build(middle, to)
    return node
  }

  function enclose(from: number, to: number, into: Int32Array, at: number): void {
    for (let axis = 0; axis < AXES; axis += 1) {
      let low = 0x7fff_ffff
      let high = -1
      for (let index = from; index < to; index += 1) {
        const box = (items[index] ?? 0) * BOX_WORDS + axis * 2
        low = Math.min(low, bounds[box] ?? 0)
        high = Math.max(high, bounds[box + 1] ?? 0)
      }
      into[at + axis * 2] = low
      into[at + axis * 2 + 1] = high
    }
  }

  function earliest(from: number, to: number): number {
    let place = 0x7fff_ffff
    for (let index = from; index < to; index += 1) place = Math.min(place, places[items[index] ?? 0] ?? 0)
    return place
  }

  const measure = (box: number, { axis, by }: Split): number => {
    const low = bounds[box * BOX_WORDS + axis * 2] ?? 0
    const high = bounds[box * BOX_WORDS + axis * 2 + 1] ?? 0
    return by === 'middle' ? low + high : high - low
  }

  /** The split after which a random point of the node is held by the fewest boxes' surroundings; undefined: all alike. */
  function chooseSplit(from: number, to: number): Split | undefined {
    const step = Math.max(1, Math.floor((to - from) / SAMPLE))
    const sample: number[] = []
    for (let index = from; index < to; index += step) sample.push(items[index] ?? 0)
    let best: Split | undefined
    let bestCost = Number.POSITIVE_INFINITY
    for (let axis = 0; axis < AXES; axis += 1) {
      for (const by of ['middle', 'width'] as const) {
        for (const at of thresholds(sample, { axis, by, at: 0 })) {
          const cost = costOf(sample, { axis, by, at })
          if (cost < bestCost) {
            bestCost = cost
            best = { axis, by, at }
          }
        }
      }
    }
    return best
  }

  /** Up to BINS values that leave something on both sides. */
  function thresholds(sample: readonly number[], split: Split): readonly number[] {
    const values = sample.map((box) => measure(box, split)).sort((a, b) => a - b)
    const last = values.at(-1) ?? 0
    const found = new Set<number>()
    for (let bin = 1; bin < BINS; bin += 1) {
      const value = values[Math.floor((bin * values.length) / BINS)] ?? 0
      if (value < last) found.add(value)
    }
    const first = values[0] ?? 0
    if (first < last) found.add(first)
    return [...found]
  }

  const scratch = new Float64Array(BOX_WORDS * 2)

  function costOf(sample: readonly number[], split: Split): number {
    for (let axis = 0; axis < AXES * 2; axis += 1) {
      scratch[axis * 2] = Number.POSITIVE_INFINITY
      scratch[axis * 2 + 1] = -1
    }
    let below = 0
    for (const box of sample) {
      const isBelow = measure(box, split) <= split.at
      if (isBelow) below += 1
      const side = isBelow ? 0 : BOX_WORDS
      for (let word = 0; word < BOX_WORDS; word += 2) {
        const low = bounds[box * BOX_WORDS + word] ?? 0
        const high = bounds[box * BOX_WORDS + word + 1] ?? 0
        if (low < (scratch[side + word] ?? 0)) scratch[side + word] = low
        if (high > (scratch[side + word + 1] ?? 0)) scratch[side + word + 1] = high
      }
    }
    return below * volume(0) + (sample.length - below) * volume(BOX_WORDS)
  }

  const volume = (side: number): number => {
    let product = 1
    for (let word = 0; word < BOX_WORDS; word += 2) {
      product *= (scratch[side + word + 1] ?? 0) - (scratch[side + word] ?? 0) + 1
    }
    return product
  }

  function partition(from: number, to: number, split: Split): number {
    let low = from
    let high = to - 1
    while (low <= high) {
      const item = items[low] ?? 0
      if (measure(item, split) <= split.at) {
        low += 1
        continue
      }
      items[low] = items[high] ?? 0
      items[high] = item
      high -= 1
    }
    return low
  }

  const holds = (table: Int32Array, at: number, point: Int32Array): boolean => {
    for (let axis = 0; axis < AXES; axis += 1) {
      const value = point[axis] ?? 0
      if (value < (table[at + axis * 2] ?? 0) || value > (table[at + axis * 2 + 1] ?? 0)) return false
    }
    return true
  }

  return {
    find(point, accepts) {
      if (count === 0) return -1
      let best = 0x7fff_ffff
      const descend = (node: number): void => {
        if ((nodes.places[node] ?? 0) >= best || !holds(nodes.bounds, node * BOX_WORDS, point)) return
        const left = nodes.left[node] ?? 0
        if (left === 0) {
          for (let index = nodes.from[node] ?? 0; index < (nodes.to[node] ?? 0); index += 1) {
            const box = items[index] ?? 0
            const place = places[box] ?? 0
            if (place < best && holds(bounds, box * BOX_WORDS, point) && accepts(box)) best = place
          }
          return
        }
        const right = nodes.right[node] ?? 0
        const leftFirst = (nodes.places[left] ?? 0) <= (nodes.places[right] ?? 0)
        descend(leftFirst ? left : right)
        descend(leftFirst ? right : left)
      }
      descend(0)
      return best === 0x7fff_ffff ? -1 : best
    },
  }
}

interface Nodes {
  /** The new node's number. 0 is the root, so that 0 as a child means a leaf. */
  add(from: number, to: number): number
  readonly bounds: Int32Array
  readonly places: Int32Array
  readonly left: Int32Array
  readonly right: Int32Array
  readonly from: Int32Array
  readonly to: Int32Array
}

/** A binary tree whose leaves hold at least one box has fewer than two nodes a box. */
function growingNodes(boxes: number): Nodes {
  const most = Math.max(1, boxes * 2)
  const nodes = {
    bounds: new Int32Array(most * BOX_WORDS),
    places: new Int32Array(most),
    left: new Int32Array(most),
    right: new Int32Array(most),
    from: new Int32Array(most),
    to: new Int32Array(most),
  }
  let used = 0
  return {
    ...nodes,
    add(from, to) {
      nodes.from[used] = from
      nodes.to[used] = to
      used += 1
      return used - 1
    },
  }
}
