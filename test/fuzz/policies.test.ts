import { describe, expect, it } from 'vitest'
import { feedMutated, fuzzInputs } from './mutator.ts'
import { policyTargets } from './policy-targets.ts'

describe('mutated policies', () => {
  it.each(policyTargets)(
    'never break the parser, and what is understood can be written: $name',
    (target) => {
      const total = Math.ceil((fuzzInputs * target.share) / 4)
      const understood = feedMutated(target, total)
      expect(understood).toBeGreaterThan(total / 200)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
