import { describe, expect, it } from 'vitest'
import { createDice, mutate } from './mutator.ts'
import { profileTargets } from './profile-targets.ts'

/** As in wire.test.ts. */
const inputs = Number(process.env['CULVERT_FUZZ'] ?? 20_000)
const seed = Number(process.env['CULVERT_FUZZ_SEED'] ?? 1)
/** An import does far more than a payload's decoder: the same time for fewer inputs. */
const perInput = 10

describe('mutated profiles and messages between processes', () => {
  it.each(profileTargets)(
    'never break the parser: $name',
    ({ seeds, share, run }) => {
      const dice = createDice(seed)
      for (const input of seeds) run(input)
      const total = Math.ceil((inputs * share) / perInput)
      let understood = 0
      for (let count = 0; count < total; count += 1) {
        const input = mutate(seeds, dice)
        try {
          if (run(input)) understood += 1
        } catch (error) {
          const hex = Buffer.from(input).toString('hex')
          throw new Error(`input ${count} of seed ${seed}: ${hex}`, { cause: error })
        }
      }
      expect(understood).toBeGreaterThan(0)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
