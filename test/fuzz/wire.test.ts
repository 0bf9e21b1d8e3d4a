import { describe, expect, it } from 'vitest'
import { createDice, mutate } from './mutator.ts'
import { targets } from './targets.ts'

/** Inputs in all; CI asks for a million by CULVERT_FUZZ. CULVERT_FUZZ_SEED has a failure again. */
const inputs = Number(process.env['CULVERT_FUZZ'] ?? 20_000)
const seed = Number(process.env['CULVERT_FUZZ_SEED'] ?? 1)

describe('mutated input', () => {
  it.each(targets)(
    'never breaks the parser: $name',
    ({ seeds, run }) => {
      const dice = createDice(seed)
      let understood = 0
      for (const input of seeds) run(input)
      const share = Math.ceil(inputs / targets.length)
      for (let count = 0; count < share; count += 1) {
        const input = mutate(seeds, dice)
        try {
          if (run(input)) understood += 1
        } catch (error) {
          const hex = Buffer.from(input).toString('hex')
          throw new Error(`input ${count} of seed ${seed}: ${hex}`, { cause: error })
        }
      }
      // Neither all refused nor all taken: the mutations reach both sides of the checks.
      expect(understood).toBeGreaterThan(share / 200)
      expect(understood).toBeLessThan(share)
    },
    120_000,
  )
})
