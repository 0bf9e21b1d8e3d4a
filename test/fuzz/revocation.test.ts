import { describe, expect, it } from 'vitest'
import { revocationTargets } from './revocation-targets.ts'
import { feedMutated, fuzzInputs } from './mutator.ts'

describe('mutated words on revocation', () => {
  it.each(revocationTargets)(
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
