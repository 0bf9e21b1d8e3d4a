import { describe, expect, it } from 'vitest'
import { feedMutated, fuzzInputs } from './mutator.ts'
import { targets } from './targets.ts'
import { v1Targets } from './v1-targets.ts'

describe('mutated input', () => {
  it.each([...targets, ...v1Targets])(
    'never breaks the parser: $name',
    (target) => {
      const total = Math.ceil(fuzzInputs * target.share)
      const understood = feedMutated(target, total)
      // Neither all refused nor all taken: the mutations reach both sides of the checks.
      expect(understood).toBeGreaterThan(total / 200)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
