/**
 * Which of many boxes holds a point and comes first: a tree of boxes around boxes. Each node knows the box around all that is
 * below it and the earliest place below; a search enters only boxes that hold the point, the earlier first, and none whose
 * earliest place lies behind what was found. Each box is stored once, so memory grows with the boxes and nothing else.
 */
import { AXES, BOX_WORDS, chooseSplit, measure } from './box-split.ts'
import type { Split } from './box-split.ts'

export interface BoxTree {
  /** The smallest place of the boxes that hold the point and that `accepts`, asked for the box's number, confirms; -1: none. */
  find(point: Int32Array, accepts: (box: number) => boolean): number
}

/** Boxes that are compared one by one. */
const LEAF = 12
/** Splits are chosen by so many of a node's boxes. */
const SAMPLE = 32

const NOWHERE = 0x7fff_ffff

/** `bounds` holds BOX_WORDS numbers a box, `places` its place in the order. Both are kept and must not change. */
export function createBoxTree(bounds: Int32Array, places: Int32Array): BoxTree {
  const tree = buildTree(bounds, places)
  const { boxes, nodeBounds, nodePlaces, left, right, from, to } = tree
  return {
    find(point, accepts) {
      if (places.length === 0) return -1
      let best = NOWHERE
      const descend = (node: number): void => {
        if ((nodePlaces[node] ?? 0) >= best || !holds(nodeBounds, node, point)) return
        const first = left[node] ?? 0
        if (first === 0) {
          for (let index = from[node] ?? 0; index < (to[node] ?? 0); index += 1) {
            const box = boxes[index] ?? 0
            const place = places[box] ?? 0
            if (place < best && holds(bounds, box, point) && accepts(box)) best = place
          }
          return
        }
        const second = right[node] ?? 0
        const inOrder = (nodePlaces[first] ?? 0) <= (nodePlaces[second] ?? 0)
        descend(inOrder ? first : second)
        descend(inOrder ? second : first)
      }
      descend(0)
      return best === NOWHERE ? -1 : best
    },
  }
}

function holds(table: Int32Array, box: number, point: Int32Array): boolean {
  const at = box * BOX_WORDS
  for (let axis = 0; axis < AXES; axis += 1) {
    const value = point[axis] ?? 0
    if (value < (table[at + axis * 2] ?? 0) || value > (table[at + axis * 2 + 1] ?? 0)) return false
  }
  return true
}

interface Tree {
  /** Boxes in the order in which leaves hold them. */
  readonly boxes: Int32Array
  readonly nodeBounds: Int32Array
  readonly nodePlaces: Int32Array
  /** 0, the root, is nobody's child: there it means a leaf. */
  readonly left: Int32Array
  readonly right: Int32Array
  readonly from: Int32Array
  readonly to: Int32Array
}

function buildTree(bounds: Int32Array, places: Int32Array): Tree {
  const count = places.length
  const boxes = Int32Array.from({ length: count }, (_, index) => index)
  // A binary tree whose leaves hold at least one box has fewer than two nodes a box.
  const most = Math.max(1, count * 2)
  const nodeBounds = new Int32Array(most * BOX_WORDS)
  const nodePlaces = new Int32Array(most)
  const left = new Int32Array(most)
  const right = new Int32Array(most)
  const from = new Int32Array(most)
  const to = new Int32Array(most)
  let used = 0

  const build = (begin: number, end: number): number => {
    const node = used
    used += 1
    from[node] = begin
    to[node] = end
    enclose(node, begin, end)
    if (end - begin <= LEAF) return node
    const split = chooseSplit(bounds, sampleOf(boxes, begin, end))
    const middle = split === undefined ? (begin + end) >>> 1 : partition(bounds, boxes, begin, end, split)
    left[node] = build(begin, middle)
    right[node] = build(middle, end)
    return node
  }

  const enclose = (node: number, begin: number, end: number): void => {
    const at = node * BOX_WORDS
    let earliest = NOWHERE
    for (let word = 0; word < BOX_WORDS; word += 2) {
      nodeBounds[at + word] = NOWHERE
      nodeBounds[at + word + 1] = -1
    }
    for (let index = begin; index < end; index += 1) {
      const box = boxes[index] ?? 0
      earliest = Math.min(earliest, places[box] ?? 0)
      for (let word = 0; word < BOX_WORDS; word += 2) {
        const low = bounds[box * BOX_WORDS + word] ?? 0
        const high = bounds[box * BOX_WORDS + word + 1] ?? 0
        if (low < (nodeBounds[at + word] ?? 0)) nodeBounds[at + word] = low
        if (high > (nodeBounds[at + word + 1] ?? 0)) nodeBounds[at + word + 1] = high
      }
    }
    nodePlaces[node] = earliest
  }

  if (count > 0) build(0, count)
  return { boxes, nodeBounds, nodePlaces, left, right, from, to }
}

function sampleOf(boxes: Int32Array, begin: number, end: number): Int32Array {
  const size = end - begin
  if (size <= SAMPLE) return boxes.subarray(begin, end)
  return Int32Array.from(
    { length: SAMPLE },
    (_, index) => boxes[begin + Math.floor((index * size) / SAMPLE)] ?? 0,
  )
}

/** Puts what the first half has in front; gives where the second begins. The split leaves something in both. */
function partition(bounds: Int32Array, boxes: Int32Array, begin: number, end: number, split: Split): number {
  let low = begin
  let high = end - 1
  while (low <= high) {
    const box = boxes[low] ?? 0
    if (measure(bounds, box, split) <= split.at) {
      low += 1
      continue
    }
    boxes[low] = boxes[high] ?? 0
    boxes[high] = box
    high -= 1
  }
  return low
}
