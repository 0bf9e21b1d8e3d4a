import { describe, expect, it } from 'vitest'
import { authTargets } from './auth-targets.ts'
import { feedMutated, fuzzInputs } from './mutator.ts'

describe('mutated proofs of identity', () => {
  it.each(authTargets)(
    'never break the parser: $name',
    (target) => {
      const total = Math.ceil(fuzzInputs * target.share)
      const understood = feedMutated(target, total)
      expect(understood).toBeGreaterThan(0)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
