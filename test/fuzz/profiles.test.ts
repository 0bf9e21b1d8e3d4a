import { describe, expect, it } from 'vitest'
import { feedMutated, fuzzInputs } from './mutator.ts'
import { profileTargets } from './profile-targets.ts'

/** An import does far more than a payload's decoder: the same time for fewer inputs. */
const perInput = 10

describe('mutated profiles and messages between processes', () => {
  it.each(profileTargets)(
    'never break the parser: $name',
    (target) => {
      const total = Math.ceil((fuzzInputs * target.share) / perInput)
      const understood = feedMutated(target, total)
      expect(understood).toBeGreaterThan(0)
      expect(understood).toBeLessThan(total)
    },
    120_000,
  )
})
