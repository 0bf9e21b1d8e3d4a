import { describe, expect, it } from 'vitest'
import { createDice, mutate } from './mutator.ts'
import { targets } from './targets.ts'
import { v1Targets } from './v1-targets.ts'

/** Mutated messages in all, and half as many other inputs; CI asks for a million by CULVERT_FUZZ. CULVERT_FUZZ_SEED has a failure again. */
const inputs = Number(process.env['CULVERT_FUZZ'] ?? 20_000)
const seed = Number(process.env['CULVERT_FUZZ_SEED'] ?? 1)

describe('mutated input', () => {
  it.each([...targets, ...v1Targets])(
    'never breaks the parser: $name',
    ({ seeds, share, run }) => {
      const dice = createDice(seed)
      let understood = 0
      for (const input of seeds) run(input)
      const total = Math.ceil(inputs * share)
      for (let count = 0; count < total; count += 1) {
        const input = mutate(seeds, dice)
        try {
          if (run(input)) understood += 1
        } catch (error) {
          const hex = Buffer.from(input).toString('hex')
          throw new Error(`input ${count} of seed ${seed}: ${hex}`, { cause: error })
        }
      }
      // Neither all refused nor all taken: the mutations reach both sides of the checks.
      expect(understood).toBeGreaterThan(total / 200)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
