/** Remembers which policy a flow found: a fixed table, two slots a hash, so that a packet costs no scan and memory cannot grow. */
import type { PacketView } from '../ip/packet.ts'

const SLOTS = 1024
const WORDS = 10

export interface FlowCache<Value> {
  get(view: PacketView): Value | undefined
  put(view: PacketView, value: Value): void
  clear(): void
}

export function createFlowCache<Value>(): FlowCache<Value> {
  const keys = new Uint32Array(SLOTS * WORDS)
  const values = new Array<Value | undefined>(SLOTS).fill(undefined)
  return {
    get(view) {
      const slot = slotOf(view)
      const value = values[slot]
      if (value !== undefined && isSameFlow(keys, slot * WORDS, view)) return value
      const other = values[slot ^ 1]
      return other !== undefined && isSameFlow(keys, (slot ^ 1) * WORDS, view) ? other : undefined
    },
    put(view, value) {
      const slot = slotOf(view)
      // What stands there goes next door: two flows of one slot do not drive each other out.
      if (values[slot] !== undefined) {
        values[slot ^ 1] = values[slot]
        keys.copyWithin((slot ^ 1) * WORDS, slot * WORDS, (slot + 1) * WORDS)
      }
      writeFlow(keys, slot * WORDS, view)
      values[slot] = value
    },
    clear() {
      values.fill(undefined)
    },
  }
}

/** Multiplicative mixing; whoever makes flows collide costs scans, nothing else. */
function slotOf(view: PacketView): number {
  let hash = Math.imul(view.source0 ^ view.source1 ^ view.source2 ^ view.source3, 0x9e3779b1)
  hash = Math.imul(
    hash ^ view.destination0 ^ view.destination1 ^ view.destination2 ^ view.destination3,
    0x85ebca6b,
  )
  hash = Math.imul(hash ^ portWord(view), 0xc2b2ae35)
  return (hash ^ protocolWord(view)) >>> 22
}

const portWord = (view: PacketView): number => ((view.sourcePort << 16) | view.destinationPort) >>> 0

const protocolWord = (view: PacketView): number =>
  (view.version << 16) | (view.protocol << 8) | (view.hasPorts ? 1 : 0)

function isSameFlow(keys: Uint32Array, at: number, view: PacketView): boolean {
  return (
    keys[at] === view.source0 &&
    keys[at + 1] === view.source1 &&
    keys[at + 2] === view.source2 &&
    keys[at + 3] === view.source3 &&
    keys[at + 4] === view.destination0 &&
    keys[at + 5] === view.destination1 &&
    keys[at + 6] === view.destination2 &&
    keys[at + 7] === view.destination3 &&
    keys[at + 8] === portWord(view) &&
    keys[at + 9] === protocolWord(view)
  )
}

function writeFlow(keys: Uint32Array, at: number, view: PacketView): void {
  keys[at] = view.source0
  keys[at + 1] = view.source1
  keys[at + 2] = view.source2
  keys[at + 3] = view.source3
  keys[at + 4] = view.destination0
  keys[at + 5] = view.destination1
  keys[at + 6] = view.destination2
  keys[at + 7] = view.destination3
  keys[at + 8] = portWord(view)
  keys[at + 9] = protocolWord(view)
}
