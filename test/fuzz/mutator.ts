/** A deterministic mutator: from one seed always the same inputs, so that a failure can be had again. */

export interface Dice {
  /** A whole number from 0 to below `limit`. */
  below(limit: number): number
}

/** mulberry32: small, fast, and the same everywhere. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return { below: (limit) => next() % limit }
}

/** Values that formats stumble over: ends of ranges, sign bits, small lengths, the critical bit, payload numbers. */
const interesting = [0, 1, 2, 3, 4, 7, 8, 16, 32, 33, 46, 53, 0x7f, 0x80, 0xfe, 0xff]

type Mutation = (bytes: Uint8Array, dice: Dice, others: readonly Uint8Array[]) => Uint8Array

const setByte =
  (value: (dice: Dice, old: number) => number): Mutation =>
  (bytes, dice) => {
    if (bytes.length === 0) return bytes
    const at = dice.below(bytes.length)
    bytes[at] = value(dice, bytes[at] ?? 0)
    return bytes
  }

const mutations: readonly Mutation[] = [
  setByte((dice, old) => old ^ (1 << dice.below(8))),
  setByte((dice) => dice.below(256)),
  setByte((dice) => interesting[dice.below(interesting.length)] ?? 0),
  setByte((dice, old) => old + (dice.below(2) === 0 ? 1 : -1)),
  // A 16-bit length somewhere becomes an extreme one.
  (bytes, dice) => {
    if (bytes.length < 2) return bytes
    const at = dice.below(bytes.length - 1)
    bytes[at] = [0, 0, 0xff, 0x7f][dice.below(4)] ?? 0
    bytes[at + 1] = interesting[dice.below(interesting.length)] ?? 0
    return bytes
  },
  // Cut short.
  (bytes, dice) => bytes.subarray(0, dice.below(bytes.length + 1)),
  // Something more behind.
  (bytes, dice) =>
    Uint8Array.from([...bytes, ...Array.from({ length: 1 + dice.below(8) }, () => dice.below(256))]),
  // A piece twice.
  (bytes, dice) => {
    const from = dice.below(bytes.length + 1)
    const piece = bytes.subarray(from, from + 1 + dice.below(24))
    const at = dice.below(bytes.length + 1)
    return Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at)])
  },
  // A piece less.
  (bytes, dice) => {
    const at = dice.below(bytes.length + 1)
    return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1 + dice.below(8))])
  },
  // The head of one and the tail of another.
  (bytes, dice, others) => {
    const other = others[dice.below(others.length)] ?? bytes
    return Uint8Array.from([
      ...bytes.subarray(0, dice.below(bytes.length + 1)),
      ...other.subarray(dice.below(other.length + 1)),
    ])
  },
]

/** One to four changes to a copy of one of the seeds. */
export function mutate(seeds: readonly Uint8Array[], dice: Dice): Uint8Array {
  let bytes: Uint8Array = (seeds[dice.below(seeds.length)] ?? new Uint8Array(0)).slice()
  for (let left = 1 + dice.below(4); left > 0; left -= 1) {
    const mutation = mutations[dice.below(mutations.length)]
    if (mutation !== undefined) bytes = mutation(bytes, dice, seeds)
  }
  return bytes
}

/** Mutated messages in all, and half as many other inputs; CI asks for a million by CULVERT_FUZZ. */
export const fuzzInputs = Number(process.env['CULVERT_FUZZ'] ?? 20_000)
/** CULVERT_FUZZ_SEED has a failure again. */
const fuzzSeed = Number(process.env['CULVERT_FUZZ_SEED'] ?? 1)

/**
 * Runs each seed as it is, then so many mutations of them; gives how many of these were understood. Whatever the target throws is
 * thrown again with the input in hexadecimal.
 */
export function feedMutated(
  { seeds, run }: { readonly seeds: readonly Uint8Array[]; readonly run: (input: Uint8Array) => boolean },
  total: number,
): number {
  const dice = createDice(fuzzSeed)
  for (const input of seeds) run(input)
  let understood = 0
  for (let count = 0; count < total; count += 1) {
    const input = mutate(seeds, dice)
    try {
      if (run(input)) understood += 1
    } catch (error) {
      const hex = Buffer.from(input).toString('hex')
      throw new Error(`input ${count} of seed ${fuzzSeed}: ${hex}`, { cause: error })
    }
  }
  return understood
}
